//! Nothing is thrown away: what came instead of an order is in its rejection.

use proof::{World, http, record, request, returned, sqs, with_key};
use serde_json::{Value, json};

use super::{KEY, body, with_body};
use crate::answers::{invoke_text, operations};

/// The rejection's detail of a message with this body, as JSON text.
async fn refused(literal: &str) -> Value {
    let world = World::new();
    let bad = with_body(record("bad", "PLACEHOLDER"), literal);
    let answer = invoke_text(&world, format!(r#"{{"Records": [{bad}]}}"#)).await;
    assert_eq!(returned(&answer.answer()), [""; 0]);
    assert_eq!(operations(&world), ["PutEvents"]);
    world.details().remove(0)
}

#[tokio::test(start_paused = true)]
async fn what_a_message_said_is_in_its_rejection_as_far_as_it_fits() {
    let literal = |text: &str| Value::from(text).to_string();
    let invalid = body(Some(KEY), &[("vlanId", Some("1"))]);
    let long = format!("a{}", "ä".repeat(200_000));
    for (sent, received, truncated) in [
        (literal("nonsense"), "nonsense", None),
        (literal(&invalid), invalid.as_str(), None),
        (literal(""), "", None),
        ("null".into(), "", None),
        (r#"{"a":1}"#.into(), r#"{"a":1}"#, None),
        (r#""a\ud800""#.into(), "a\u{fffd}\u{fffd}\u{fffd}", None),
        (literal(&"x".repeat(8_192)), &"x".repeat(8_192), None),
        (literal(&"x".repeat(8_193)), &"x".repeat(8_192), Some(true)),
        (literal(&long), &long[..8_191], Some(true)),
    ] {
        let detail = refused(&sent).await;
        let story: String = sent.chars().take(40).collect();
        assert_eq!(detail["received"], received, "{story}");
        let told = detail.get("receivedTruncated").cloned();
        assert_eq!(told, truncated.map(Value::from), "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_without_a_body_says_so() {
    let mut missing = record("bad", "");
    missing.as_object_mut().unwrap().remove("body");
    for bad in [missing, record("bad", ""), record("bad", "\u{feff} \n")] {
        let world = World::new();
        let answer = world.invoke(&sqs([bad])).await.answer();
        assert_eq!(returned(&answer), [""; 0]);
        let rejection = &world.details()[0]["rejection"];
        assert_eq!(rejection["message"], "the body is empty");
    }
}

#[tokio::test(start_paused = true)]
async fn what_became_an_order_is_told_as_that_and_what_someone_waits_for_is_not_published() {
    let world = World::new();
    let first = with_key("first", request(Some(101)));
    let taken = with_key("second", request(Some(101)));
    for order in [first, taken] {
        let message = sqs([record("m", &order.to_string())]);
        assert_eq!(returned(&world.invoke(&message).await.answer()), [""; 0]);
    }
    let details = world.details();
    assert_eq!(details[1]["rejection"]["code"], "VlanInUse");
    assert_eq!(details[1].get("received"), None);
    let before = details.len();
    world.invoke(&http(KEY, "nonsense")).await;
    world.invoke(&json!({"connectionId": "nonsense"})).await;
    assert_eq!(world.details().len(), before);
}
