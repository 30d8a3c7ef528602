use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use hosted_connection::{Code, Rejection, ViolationCode};
use serde_json::json;
use serde_json::value::RawValue;

use super::*;

const BODY: &str = r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"111122223333","bandwidth":"100Mbps","connectionName":"Example"}"#;

fn members(json: &str) -> Members<'_> {
    Members::of(serde_json::from_str::<&RawValue>(json).unwrap()).unwrap()
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

fn transient() -> Answer {
    Answer::Transient {
        code: Code::Throttled,
        detail: "later".into(),
        retry_after_s: 1,
    }
}

fn rejected() -> Answer {
    Answer::Rejected(Rejection::new(Code::VlanInUse, "taken"))
}

#[test]
fn the_key_comes_from_the_attribute_of_exactly_that_name() {
    let sent = record(json!({}));
    assert_eq!(
        delivery(&members(&sent)).order.unwrap().key.as_str(),
        "order-1"
    );
    let misspelt =
        record(json!({"messageAttributes": {"idempotency-key": {"stringValue": "order-1"}}}));
    assert_eq!(
        delivery(&members(&misspelt)).order.unwrap_err().code,
        Code::MissingIdempotencyKey
    );
}

#[test]
fn a_key_attribute_without_text_is_refused_rather_than_overlooked() {
    let binary = record(json!({
        "body": BODY.replacen('{', r#"{"idempotencyKey":"order-1","#, 1),
        "messageAttributes": {"Idempotency-Key": {"binaryValue": "b3JkZXItMQ==", "dataType": "Binary"}},
    }));
    assert!(delivery(&members(&binary)).order.is_err());
}

#[test]
fn a_lone_surrogate_makes_the_body_malformed_and_keeps_the_key() {
    let sent = record(json!({"body": "SURROGATE"})).replace("SURROGATE", r"\ud800");
    let invalid = delivery(&members(&sent)).order.unwrap_err();
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
fn a_body_that_is_no_string_is_malformed() {
    for body in [
        json!(null),
        json!({"connectionId": "dxcon-ffabc123"}),
        json!(1),
    ] {
        let sent = record(json!({ "body": body }));
        let invalid = delivery(&members(&sent)).order.unwrap_err();
        assert_eq!(
            (
                invalid.violations[0].field.as_str(),
                invalid.violations[0].code
            ),
            ("", ViolationCode::Malformed)
        );
    }
}

#[test]
fn only_a_fifo_queue_has_groups() {
    let standard = record(json!({}));
    assert_eq!(delivery(&members(&standard)).group, None);
    let fifo = record(json!({"eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders.fifo"}));
    assert_eq!(delivery(&members(&fifo)).group.as_deref(), Some("g-1"));
}

#[test]
fn oddities_that_nobody_reads_do_not_matter() {
    let odd = record(json!({
        "receiptHandle": 1,
        "awsRegion": null,
        "messageAttributes": {
            "Idempotency-Key": {"stringValue": "order-1"},
            "trace": {"binaryValue": "not base64", "stringListValues": null},
        },
    }));
    assert!(delivery(&members(&odd)).order.is_ok());
}

#[test]
fn what_may_still_change_goes_back_and_what_is_final_does_not() {
    let sent: Vec<String> = (0..5)
        .map(|n| record(json!({"messageId": format!("m-{n}")})))
        .collect();
    let records: Vec<_> = sent.iter().map(|record| members(record)).collect();
    let answers = [
        rejected(),
        transient(),
        Answer::Ambiguous {
            detail: String::new(),
            retry_after_s: 30,
        },
        rejected(),
        Answer::Defect {
            detail: String::new(),
        },
    ];
    let response = serde_json::to_string(&answer(&records, &answers).unwrap()).unwrap();
    assert_eq!(
        response,
        r#"{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-2"},{"itemIdentifier":"m-4"}]}"#
    );
    let as_read_by_lambda: SqsBatchResponse = serde_json::from_str(&response).unwrap();
    assert_eq!(as_read_by_lambda.batch_item_failures.len(), 3);
}

#[test]
fn a_batch_without_failures_names_none() {
    let sent = record(json!({}));
    let response = answer(&[members(&sent)], &[rejected()]).unwrap();
    assert_eq!(
        serde_json::to_string(&response).unwrap(),
        r#"{"batchItemFailures":[]}"#
    );
}

#[test]
fn a_message_without_an_id_fails_the_invocation_only_when_it_has_to_go_back() {
    for message_id in [json!(""), json!(null), json!(7)] {
        let sent = record(json!({ "messageId": message_id }));
        let records = [members(&sent)];
        assert!(answer(&records, &[rejected()]).is_ok());
        assert_eq!(
            answer(&records, &[transient()]).unwrap_err().error_type,
            "Internal"
        );
    }
}

#[test]
fn a_missing_answer_is_never_taken_for_a_final_one() {
    let sent = record(json!({}));
    assert!(answer(&[members(&sent)], &[]).is_err());
}

#[test]
fn the_example_batch_is_read_as_the_published_event_type_reads_it() {
    let json = include_str!("../../../../tests/events/sqs-fifo-batch.json");
    let records = members(json).array("Records").unwrap();
    let published: SqsEvent = serde_json::from_str(json).unwrap();
    assert_eq!(records.len(), published.records.len());
    for (record, published) in records.into_iter().zip(published.records) {
        let delivery = delivery(&Members::of(record).unwrap());
        let origin = Origin::Sqs {
            message_id: published.message_id.unwrap(),
            queue_arn: published.event_source_arn.unwrap(),
        };
        assert_eq!(delivery.origin, origin);
        assert_eq!(
            delivery.group.as_ref(),
            published.attributes.get("MessageGroupId")
        );
    }
}
