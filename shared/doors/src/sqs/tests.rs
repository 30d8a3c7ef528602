use hosted_connection::{ReleaseRequest, ViolationCode};
use serde_json::json;

use super::*;
use crate::envelope::Members;
use crate::example;

fn message(json: &str) -> Message<'_> {
    Message::of(serde_json::from_str(json).unwrap()).unwrap()
}

/// A record as SQS sends it, with some members replaced.
fn record(replaced: serde_json::Value) -> String {
    let record = json!({
        "messageId": "m-1",
        "body": r#"{"action": "release"}"#,
        "attributes": {"MessageGroupId": "g-1"},
        "messageAttributes": {"Idempotency-Key": {"stringValue": "order-1", "dataType": "String"}},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
    });
    example::with(&record.to_string(), &replaced)
}

/// The key that an order would have, and the origin; the codes of what is wrong with the key instead.
fn read(record: &str) -> (Result<String, Vec<ViolationCode>>, Origin) {
    let parse = |body: &[u8], source: KeySource<'_>| ReleaseRequest::parse(body, source);
    let Content::Request { request, origin } = message(record).content(parse) else {
        panic!("an event of our own: {record}");
    };
    let codes = |invalid: InvalidRequest| {
        let violations = invalid.violations.into_iter();
        violations.map(|violation| violation.code).collect()
    };
    let key = request.map(|release| release.key.to_string());
    (key.map_err(codes), origin)
}

#[test]
fn the_key_comes_from_the_attribute_whose_name_may_be_in_any_case() {
    for name in ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"] {
        let sent = record(
            json!({"messageAttributes": {name: {"stringValue": "order-1", "dataType": "String"}}}),
        );
        assert_eq!(read(&sent).0.as_deref(), Ok("order-1"), "{name}");
    }
    let two = |second: &str| {
        record(json!({"messageAttributes": {
            "Idempotency-Key": {"stringValue": "order-1", "dataType": "String"},
            "idempotency-key": {"stringValue": second, "dataType": "String"},
        }}))
    };
    assert_eq!(read(&two("order-1")).0.as_deref(), Ok("order-1"));
    assert_eq!(read(&two("order-2")).0, Err(vec![ViolationCode::Duplicate]));
    for wrong in [
        json!({"binaryValue": "b3JkZXItMQ==", "dataType": "Binary"}),
        json!({"binaryValue": "b3JkZXItMQ=="}),
        json!("order-1"),
        json!(null),
    ] {
        let sent = record(json!({"messageAttributes": {"Idempotency-Key": wrong}}));
        assert_eq!(read(&sent).0, Err(vec![ViolationCode::WrongType]), "{sent}");
    }
}

#[test]
fn a_body_that_is_no_text_is_told_apart_from_none() {
    let invalid = |body: serde_json::Value| {
        let sent = record(json!({ "body": body }));
        let parse = |body: &[u8], source: KeySource<'_>| ReleaseRequest::parse(body, source);
        let Content::Request { request, .. } = message(&sent).content(parse) else {
            panic!("an event of our own: {sent}");
        };
        let invalid = request.unwrap_err();
        let received = invalid.received.clone().unwrap();
        (invalid.rejection().message, received.text().to_owned())
    };
    let empty = ("the body is empty".to_owned(), String::new());
    assert_eq!(
        [json!(null), json!("")].map(invalid),
        [empty.clone(), empty]
    );
    let no_text = "body must be a string".to_owned();
    assert_eq!(invalid(json!({"a": 1})), (no_text, r#"{"a":1}"#.into()));
}

#[test]
fn a_correlation_id_and_a_trace_come_with_the_message_or_not_at_all() {
    let none = record(json!({}));
    assert_eq!(read(&none).1.correlation_id(), None);
    assert_eq!(message(&none).trace_header(), None);
    let trace = "Root=1-6957-1;Sampled=1";
    let sent = record(json!({
        "attributes": {"AWSTraceHeader": trace},
        "messageAttributes": {"Correlation-Id": {"stringValue": "ticket-1", "dataType": "String"}},
    }));
    let origin = read(&sent).1;
    assert_eq!(
        origin.correlation_id(),
        CorrelationId::parse("ticket-1").as_ref()
    );
    assert_eq!(message(&sent).trace_header(), Some(trace));
    let unusable =
        record(json!({"messageAttributes": {"Correlation-Id": {"stringValue": "a ticket"}}}));
    assert_eq!(read(&unusable).1.correlation_id(), None);
}

#[test]
fn only_a_fifo_queue_has_groups() {
    assert_eq!(message(&record(json!({}))).group(), None);
    let fifo = record(json!({"eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders.fifo"}));
    assert_eq!(message(&fifo).group().as_deref(), Some("g-1"));
}

#[test]
fn what_is_not_final_goes_back_in_order() {
    let sent: Vec<String> = (0..4)
        .map(|n| record(json!({"messageId": format!("m-{n}")})))
        .collect();
    let messages: Vec<_> = sent.iter().map(|record| message(record)).collect();
    let response = batch_response(&messages, &[true, false, true, false]).unwrap();
    let response = serde_json::to_string(&response).unwrap();
    assert_eq!(
        response,
        r#"{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-3"}]}"#
    );
    let as_read_by_lambda: SqsBatchResponse = serde_json::from_str(&response).unwrap();
    assert_eq!(as_read_by_lambda.batch_item_failures.len(), 2);
    let none = batch_response(&messages, &[true; 4]).unwrap();
    assert_eq!(
        serde_json::to_string(&none).unwrap(),
        r#"{"batchItemFailures":[]}"#
    );
}

#[test]
fn a_message_without_an_id_fails_the_invocation_only_when_it_has_to_go_back() {
    for message_id in [json!(""), json!(null), json!(7)] {
        let sent = record(json!({ "messageId": message_id }));
        let messages = [message(&sent)];
        assert!(batch_response(&messages, &[true]).is_ok());
        let failure = batch_response(&messages, &[false]).unwrap_err();
        assert_eq!(failure.error_type, "Internal");
    }
}

#[test]
fn a_message_that_is_there_twice_goes_back_once() {
    let sent = record(json!({}));
    let twice = [message(&sent), message(&sent)];
    let response = batch_response(&twice, &[false, false]).unwrap();
    assert_eq!(response.batch_item_failures.len(), 1);
    let one_of_them = batch_response(&twice, &[true, false]).unwrap();
    assert_eq!(one_of_them, response, "the queue knows only one of it");
}

#[test]
fn a_missing_answer_is_never_taken_for_a_final_one() {
    let sent = record(json!({}));
    assert!(batch_response(&[message(&sent)], &[]).is_err());
}

/// Each is why there is a lenient reader.
#[test]
fn of_a_record_that_the_published_type_refuses_all_that_is_well_is_read() {
    let attributes = |odd: serde_json::Value| json!({"messageAttributes": {"Idempotency-Key": {"stringValue": "order-1", "dataType": "String"}, "odd": odd}});
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let surrogate = |record: String| record.replace("SURROGATE", r"\ud800");
    for refused in [
        record(json!({"receiptHandle": 1})),
        record(json!({"body": {"action": "release"}})),
        surrogate(record(json!({"body": "SURROGATE"}))),
        surrogate(record(json!({"awsRegion": "SURROGATE"}))),
        record(json!({"attributes": {"MessageGroupId": "g-1", "ApproximateReceiveCount": 1}})),
        record(attributes(json!({"binaryValue": "not base64"}))),
        record(attributes(json!({"stringListValues": null}))),
        record(attributes(json!({"dataType": ["String"]}))),
        record(attributes(json!("a text"))),
        surrogate(record(attributes(json!({"stringValue": "SURROGATE"})))),
        record(json!({"deep": "DEEP", "awsRegion": 1}))
            .replace("\"DEEP\"", &format!("{open}{close}")),
        record(json!({})).replacen('{', r#"{"messageId": "another", "#, 1),
    ] {
        let published = serde_json::from_str::<SqsMessage>(&refused);
        assert!(
            published.is_err(),
            "needs no reader of ours: {refused:.200}"
        );
        let message = message(&refused);
        assert_eq!(message.id(), Some("m-1"));
        assert_eq!(message.sent.attributes["MessageGroupId"], "g-1");
        assert_eq!(message.attributes.keys().len(), 1);
        assert!(message.queue_arn().ends_with(":orders"));
    }
    let nameless = record(json!({"messageId": 7}));
    assert!(serde_json::from_str::<SqsMessage>(&nameless).is_err());
    assert_eq!(message(&nameless).id(), None);
}

#[test]
fn the_example_records_are_taken_by_the_published_type_and_read_the_same_by_both() {
    for json in [
        include_str!("../../../../tests/events/sqs-fifo-batch.json"),
        include_str!("../../../../tests/events/sqs-batch-mixed.json"),
        include_str!("../../../../tests/events/sqs-key-conflict.json"),
        include_str!("../../../../tests/events/sqs-sns-notification.json"),
    ] {
        let event = Members::of(serde_json::from_str(json).unwrap()).unwrap();
        for record in event.array("Records").unwrap() {
            let published = Message::as_published(serde_json::from_str(record.get()).unwrap());
            let (sent, body, attributes) = lenient::read(record).unwrap();
            assert_eq!(published.sent.attributes, sent.attributes);
            assert_eq!(published.attributes, attributes);
            assert_eq!(format!("{:?}", published.body), format!("{body:?}"));
            let leniently = Message {
                sent,
                body,
                attributes,
            };
            assert_eq!(published.origin(None, None), leniently.origin(None, None));
        }
    }
}
