use allocation::{Delivery, Failure};
use hosted_connection::{Code, Rejection, ViolationCode};
use serde_json::json;

use super::*;

const BODY: &str = r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"111122223333","bandwidth":"100Mbps","connectionName":"Example"}"#;

fn message(json: &str) -> Message<'_> {
    Message::of(serde_json::from_str(json).unwrap()).unwrap()
}

/// A record as SQS sends it, with some members replaced.
fn record(replaced: serde_json::Value) -> String {
    let mut record = json!({
        "messageId": "m-1",
        "body": BODY,
        "attributes": {"MessageGroupId": "g-1"},
        "messageAttributes": {"Idempotency-Key": {"stringValue": "order-1", "dataType": "String"}},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
    });
    for (name, value) in replaced.as_object().unwrap() {
        record[name] = value.clone();
    }
    record.to_string()
}

/// The order in a message, or what should have been one.
fn delivery(message: &Message<'_>) -> Delivery {
    match incoming(&Admitted::everybody(), message) {
        Incoming::Order(delivery) => *delivery,
        Incoming::OwnEvent(origin) => panic!("an event of our own: {origin:?}"),
    }
}

fn transient() -> Answer {
    Answer::Failed(Failure::Transient {
        code: Code::Throttled,
        detail: "later".into(),
        retry_after_s: 1,
    })
}

fn rejected() -> Answer {
    Answer::Rejected(Rejection::new(Code::VlanInUse, "taken"))
}

#[test]
fn the_key_comes_from_the_attribute_or_is_missing() {
    let sent = record(json!({}));
    assert_eq!(
        delivery(&message(&sent)).order.unwrap().key.as_str(),
        "order-1"
    );
    let lower = record(
        json!({"messageAttributes": {"idempotency-key": {"stringValue": "k", "dataType": "String"}}}),
    );
    assert_eq!(delivery(&message(&lower)).order.unwrap().key.as_str(), "k");
    let misspelt =
        record(json!({"messageAttributes": {"IdempotencyKey": {"stringValue": "order-1"}}}));
    assert_eq!(
        delivery(&message(&misspelt)).order.unwrap_err().code,
        Code::MissingIdempotencyKey
    );
}

#[test]
fn a_key_attribute_without_text_is_refused_rather_than_overlooked() {
    let binary = record(json!({
        "body": BODY.replacen('{', r#"{"idempotencyKey":"order-1","#, 1),
        "messageAttributes": {"Idempotency-Key": {"binaryValue": "b3JkZXItMQ==", "dataType": "Binary"}},
    }));
    assert!(delivery(&message(&binary)).order.is_err());
}

#[test]
fn a_lone_surrogate_makes_the_body_malformed_and_keeps_the_key() {
    let sent = record(json!({"body": "SURROGATE"})).replace("SURROGATE", r"\ud800");
    let invalid = delivery(&message(&sent)).order.unwrap_err();
    assert_eq!(invalid.key.unwrap().as_str(), "order-1");
    assert_eq!(
        (
            invalid.violations[0].field.as_str(),
            invalid.violations[0].code
        ),
        ("", ViolationCode::Malformed)
    );
}

#[test]
fn a_body_that_is_no_string_is_told_apart_from_none() {
    for (body, code, message) in [
        (json!(null), ViolationCode::Malformed, "the body is empty"),
        (
            json!({"connectionId": "dxcon-ffabc123"}),
            ViolationCode::WrongType,
            "body must be a string",
        ),
        (json!(1), ViolationCode::WrongType, "body must be a string"),
    ] {
        let sent = record(json!({ "body": body }));
        let invalid = delivery(&self::message(&sent)).order.unwrap_err();
        assert_eq!(invalid.violations[0].field, "");
        assert_eq!(invalid.violations[0].code, code);
        assert_eq!(invalid.rejection().message, message);
    }
}

#[test]
fn oddities_that_nobody_reads_do_not_matter() {
    let odd = record(json!({
        "receiptHandle": 1,
        "awsRegion": null,
        "messageAttributes": {
            "Idempotency-Key": {"stringValue": "order-1", "dataType": "String"},
            "trace": {"binaryValue": "not base64", "stringListValues": null},
        },
    }));
    assert!(delivery(&message(&odd)).order.is_ok());
}

#[test]
fn what_may_still_change_goes_back_and_what_is_final_does_not() {
    let sent: Vec<String> = (0..5)
        .map(|n| record(json!({"messageId": format!("m-{n}")})))
        .collect();
    let messages: Vec<_> = sent.iter().map(|record| message(record)).collect();
    let answers = [
        rejected(),
        transient(),
        Answer::Failed(Failure::Ambiguous {
            detail: String::new(),
            retry_after_s: 30,
        }),
        rejected(),
        Answer::Failed(Failure::Defect {
            detail: String::new(),
        }),
    ];
    let answers = answers.map(Some);
    let response = serde_json::to_string(&answer(&messages, &answers).unwrap()).unwrap();
    assert_eq!(
        response,
        r#"{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-2"},{"itemIdentifier":"m-4"}]}"#
    );
}

#[test]
fn an_event_of_our_own_does_not_go_back_and_leaves_its_neighbours_their_answers() {
    let sent: Vec<String> = (0..3)
        .map(|n| record(json!({"messageId": format!("m-{n}")})))
        .collect();
    let messages: Vec<_> = sent.iter().map(|record| message(record)).collect();
    let answers = [Some(transient()), None, Some(transient())];
    let response = serde_json::to_string(&answer(&messages, &answers).unwrap()).unwrap();
    assert_eq!(
        response,
        r#"{"batchItemFailures":[{"itemIdentifier":"m-0"},{"itemIdentifier":"m-2"}]}"#
    );
}
