//! Bodies that are no order at all, through each door: a clear refusal, and not a neighbour lost.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proof::{World, http, record};

use super::extremes::extremes;
use super::{KEY, MAX_BODY, between_two_good_orders, body, with_body};
use crate::answers::{Http, direct_problem, invoke_text, operations, violations, wrong};

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_order_is_refused_between_two_good_orders() {
    for (story, literal, code) in extremes() {
        let bad = with_body(record("bad", "PLACEHOLDER"), &literal);
        let rejection = between_two_good_orders(story, &bad).await;
        assert_eq!(rejection["code"], code, "{story}");
        let violations = violations(&rejection);
        assert_eq!(violations.len(), 1, "{story}: {violations:?}");
        assert_eq!(
            violations[0].0, "",
            "{story}: it is wrong as a whole: {violations:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_no_order_is_refused_over_http_and_aws_hears_nothing() {
    let world = World::new();
    for (story, literal, code) in extremes() {
        let status = if code == "PayloadTooLarge" { 413 } else { 400 };
        // The body of an HTTP order has no key in it; as everything else is wrong too, that does not matter.
        let event = with_body(http(KEY, "PLACEHOLDER"), &literal);
        let answer = Http::of(invoke_text(&world, event).await);
        let problem = answer.problem(status, code);
        if status == 400 {
            let violations = violations(&problem);
            assert_eq!(violations.len(), 1, "{story}: {violations:?}");
            assert_eq!(violations[0].0, "", "{story}: {violations:?}");
        }
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_base64_body_is_measured_and_judged_by_what_it_decodes_to() {
    let order = body(None, &[]);
    let mut not_utf8 = order.clone().into_bytes();
    let name = order.find("customer-42").unwrap();
    not_utf8[name] = 0xff;
    let padded = |bytes: usize| [order.as_bytes(), &b" ".repeat(bytes - order.len())].concat();
    let encode = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let cases = [
        ("bytes that are no UTF-8", encode(&not_utf8), 400),
        ("two bytes that are no UTF-8", encode(&[0xff, 0xfe]), 400),
        ("a surrogate in UTF-8", encode(b"\"\xed\xa0\x80\""), 400),
        ("nothing", String::new(), 400),
        ("JSON that is not encoded at all", order.clone(), 400),
        ("other characters", "!!!!".to_owned(), 400),
        (
            "one character missing",
            encode(order.as_bytes())[1..].to_owned(),
            400,
        ),
        ("one byte too many", encode(&padded(MAX_BODY + 1)), 413),
    ];
    let world = World::new();
    for (story, encoded, status) in cases {
        let mut event = http(KEY, &encoded);
        event["isBase64Encoded"] = true.into();
        let answer = Http::of(world.invoke(&event).await);
        let code = if status == 413 {
            "PayloadTooLarge"
        } else {
            "InvalidRequest"
        };
        let problem = answer.problem(status, code);
        if status == 400 {
            assert_eq!(violations(&problem), wrong(&[("", "Malformed")]), "{story}");
        }
    }
    assert_eq!(operations(&world), [""; 0]);
    let mut largest = http(KEY, &encode(&padded(MAX_BODY)));
    largest["isBase64Encoded"] = true.into();
    Http::of(world.invoke(&largest).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn a_direct_order_that_is_too_large_too_deep_or_no_text_is_refused_and_aws_hears_nothing() {
    let world = World::new();
    let order = body(Some(KEY), &[]);
    let padded = format!(
        "{{{}{}",
        " ".repeat(MAX_BODY + 1 - order.len()),
        &order[1..]
    );
    assert_eq!(padded.len(), MAX_BODY + 1);
    direct_problem(invoke_text(&world, padded).await, 413, "PayloadTooLarge");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (field, json) in [
        ("tags", deep.as_str()),
        ("connectionId", &deep),
        ("idempotencyKey", &deep),
        ("connectionName", r#""\ud800""#),
        ("idempotencyKey", r#""\udc00""#),
        (r"\udc00", "1"),
    ] {
        let text = body(Some(KEY), &[(field, Some(json))]);
        direct_problem(invoke_text(&world, text).await, 400, "InvalidRequest");
    }
    assert_eq!(operations(&world), [""; 0]);
    let largest = format!("{{{}{}", " ".repeat(MAX_BODY - order.len()), &order[1..]);
    invoke_text(&world, largest).await.answer();
    assert_eq!(world.cloud.connections().len(), 1);
}
