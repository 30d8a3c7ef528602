//! Envelopes around an order that hold what no envelope should.

use proof::{World, http, record, returned};
use serde_json::json;

use super::{KEY, between_two_good_orders, body, with_body};
use crate::answers::{Http, invoke_text, operations};

#[tokio::test(start_paused = true)]
async fn oddities_of_an_envelope_harm_its_own_order_at_most() {
    let deep = format!("{}{}", "{\"a\":[".repeat(50_000), "]}".repeat(50_000));
    let keyed = |attribute: &str| {
        let mut odd = record("bad", &body(None, &[]));
        odd["messageAttributes"] = json!({"Idempotency-Key": "PLACEHOLDER"});
        with_body(odd, attribute)
    };
    // A key that nobody can read is no key.
    for attribute in [
        r#"{"dataType": "String", "stringValue": "\ud800"}"#,
        r#"{"dataType": "String", "stringValue": ""}"#,
        r#"{"dataType": "String", "stringValue": "a b"}"#,
        r#"{"dataType": "Binary", "binaryValue": "b3JkZXI="}"#,
    ] {
        let rejection = between_two_good_orders(attribute, &keyed(attribute)).await;
        assert_eq!(rejection["code"], "InvalidIdempotencyKey", "{attribute}");
    }
    // What nobody reads may be anything.
    for (member, literal) in [
        ("attributes", deep.as_str()),
        ("messageAttributes", &deep),
        (
            "messageAttributes",
            r#"{"trace": {"dataType": "String", "stringValue": "\ud800"}}"#,
        ),
        ("receiptHandle", r#""\udfff""#),
        ("awsRegion", "null"),
        (r"\ud800", "0"),
    ] {
        let world = World::new();
        let mut odd = record("m-1", &body(Some(KEY), &[]));
        odd[member.trim_start_matches('\\')] = "PLACEHOLDER".into();
        let odd = with_body(odd, literal).replace("\"ud800\"", r#""\ud800""#);
        let event = format!(r#"{{"Records": [{odd}]}}"#);
        let answer = invoke_text(&world, event).await.answer();
        assert_eq!(returned(&answer), [""; 0], "{member}");
        assert_eq!(world.cloud.connections().len(), 1, "{member}");
    }
    for (member, literal) in [
        ("stageVariables", deep.as_str()),
        ("cookies", r#"["\ud800"]"#),
        ("rawQueryString", r#""\ud800""#),
    ] {
        let world = World::new();
        let mut odd = http(KEY, &body(None, &[]));
        odd[member] = "PLACEHOLDER".into();
        Http::of(invoke_text(&world, with_body(odd, literal)).await).receipt();
    }
    let world = World::new();
    let mut odd = http(KEY, &body(None, &[]));
    odd["headers"]["idempotency-key"] = "PLACEHOLDER".into();
    let event = with_body(odd, r#""order-\ud800""#);
    Http::of(invoke_text(&world, event).await).problem(400, "InvalidIdempotencyKey");
    assert_eq!(operations(&world), [""; 0]);
}
