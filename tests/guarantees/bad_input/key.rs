//! Keys that are missing, unusable, in the wrong place or ambiguous.

use std::collections::BTreeSet;

use proof::{QUEUE_ARN, World, http, record, returned, sqs};
use serde_json::Value;

use super::{KEY, body};
use crate::answers::{
    Http, direct_problem, invoke_text, operations, rejection, sqs_origin, violations, wrong,
};

#[tokio::test(start_paused = true)]
async fn a_missing_or_bad_key_in_a_body_has_a_code_of_its_own_and_the_event_has_no_key() {
    let too_long = format!("\"{}\"", "k".repeat(256));
    let cases = [
        (None, "Missing", "MissingIdempotencyKey"),
        (Some("null"), "WrongType", "InvalidIdempotencyKey"),
        (Some("1001"), "WrongType", "InvalidIdempotencyKey"),
        (Some(r#""""#), "OutOfRange", "InvalidIdempotencyKey"),
        (
            Some(too_long.as_str()),
            "OutOfRange",
            "InvalidIdempotencyKey",
        ),
        (Some(r#""a b""#), "Malformed", "InvalidIdempotencyKey"),
        (Some(r#""ä""#), "Malformed", "InvalidIdempotencyKey"),
        (Some(r#""a\u0000""#), "Malformed", "InvalidIdempotencyKey"),
    ];
    for (json, code, expected) in cases {
        let world = World::new();
        let text = body(None, &[("idempotencyKey", json)]);
        // An event without key or parent would be no order; this one has a parent.
        let problem = direct_problem(invoke_text(&world, text.clone()).await, 400, expected);
        let about_key = wrong(&[("/idempotencyKey", code)]);
        assert_eq!(violations(&problem), about_key, "{json:?}");
        assert_eq!(operations(&world), [""; 0]);

        let event = sqs([record("m-1", &text)]);
        assert_eq!(returned(&world.invoke(&event).await.answer()), [""; 0]);
        let origin = sqs_origin("m-1", QUEUE_ARN);
        let rejection = rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
        assert_eq!(rejection["code"], expected, "{json:?}");
        assert_eq!(violations(&rejection), about_key, "{json:?}");
        assert_eq!(operations(&world), ["PutEvents"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_there_twice_is_no_key() {
    let world = World::new();
    let twice = body(Some("order-1"), &[("+idempotencyKey", Some("\"order-2\""))]);
    let event = sqs([record("m-1", &twice)]);
    assert_eq!(returned(&world.invoke(&event).await.answer()), [""; 0]);
    let origin = sqs_origin("m-1", QUEUE_ARN);
    let rejection = rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
    assert_eq!(
        violations(&rejection),
        wrong(&[("/idempotencyKey", "Duplicate")])
    );
}

#[tokio::test(start_paused = true)]
async fn over_http_the_key_does_not_belong_into_the_body() {
    let world = World::new();
    let answer = Http::of(world.invoke(&http(KEY, &body(Some(KEY), &[]))).await);
    let problem = answer.problem(400, "InvalidRequest");
    assert_eq!(
        violations(&problem),
        wrong(&[("/idempotencyKey", "UnknownField")])
    );
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn messages_without_a_usable_key_are_told_apart_by_their_ids_and_by_nothing_else() {
    let world = World::new();
    let event = sqs([record("m-1", "nonsense"), record("m-2", "nonsense")]);
    for _ in 0..2 {
        world.invoke(&event).await.answer();
    }
    let ids: BTreeSet<_> = world
        .details()
        .iter()
        .map(|detail| {
            (
                detail["origin"]["messageId"].to_string(),
                detail["eventId"].to_string(),
            )
        })
        .collect();
    assert_eq!(ids.len(), 2, "{ids:?}");
    let event_ids: BTreeSet<_> = ids.iter().map(|(_, event_id)| event_id).collect();
    assert_eq!(event_ids.len(), 2, "two facts: {ids:?}");
}
