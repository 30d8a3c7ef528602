//! Each door by itself: what it takes, what it answers, and that asking again gives the same answer.

mod direct;
pub(crate) mod envelopes;
mod http;
mod not_now;
mod queues;
mod refused;

use proof::{Invocation, World, http, record, request, sqs, with_key};
use serde_json::{Value, json};

use crate::answers::{HTTP_REQUEST, Http, invoke_text, operations};

const KEY: &str = "order-1001";

fn nothing_returned() -> Value {
    json!({"batchItemFailures": []})
}

/// The record with the key as message attribute.
fn with_attribute(mut record: Value, key: &str) -> Value {
    record["messageAttributes"]["Idempotency-Key"] = json!({
        "stringValue": key, "stringListValues": [], "binaryListValues": [], "dataType": "String",
    });
    record
}

/// `POST /allocations` through a REST API (payload version 1.0).
fn http_v1(key: &str, body: &str) -> Value {
    json!({
        "resource": "/allocations",
        "path": "/allocations",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "Idempotency-Key": key},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Idempotency-Key": [key]},
        "queryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {"requestId": HTTP_REQUEST, "stage": "prod", "path": "/prod/allocations", "httpMethod": "POST"},
        "body": body,
        "isBase64Encoded": false,
    })
}

/// `POST /allocations` through a function URL.
fn function_url(key: &str, body: &str) -> Value {
    let mut event = http(key, body);
    event["routeKey"] = "$default".into();
    event["requestContext"]["routeKey"] = "$default".into();
    event["requestContext"]["domainName"] = "abc.lambda-url.eu-central-1.on.aws".into();
    event
}

fn order() -> String {
    request(Some(101)).to_string()
}

#[tokio::test(start_paused = true)]
async fn one_key_is_one_order_whichever_door_and_place_it_comes_through() {
    let world = World::new();
    let keyed = with_key(KEY, request(Some(101)));
    let by_body = sqs([record("m-1", &keyed.to_string())]);
    let by_attribute = sqs([with_attribute(record("m-2", &order()), KEY)]);
    assert_eq!(world.invoke(&by_body).await.answer(), nothing_returned());
    assert_eq!(
        world.invoke(&by_attribute).await.answer(),
        nothing_returned()
    );
    let http = Http::of(world.invoke(&http(KEY, &order())).await);
    let bodies = [
        Http::of(world.invoke(&http_v1(KEY, &order())).await).body,
        Http::of(world.invoke(&function_url(KEY, &order())).await).body,
    ];
    assert_eq!(http.header("Idempotent-Replayed"), Some("true"));
    assert_eq!(bodies, [http.body.clone(), http.body.clone()]);
    assert_eq!(world.invoke(&keyed).await.answer(), http.receipt());
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_nobody_knows_fails_the_invocation_and_says_what_was_expected() {
    let world = World::new();
    for event in [
        "null",
        "[]",
        "1",
        "\"order\"",
        "{}",
        r#"{"Records": [], "more": 1}"#,
        r#"{"Records": [{"eventSource": "aws:s3", "s3": {}}]}"#,
        r#"{"Records": [{"EventSource": "aws:sns", "Sns": {}}, {"eventSource": "aws:sqs"}]}"#,
        r#"{"source": "aws.events", "detail-type": "Scheduled Event"}"#,
        r#"{"source": "aws.events", "detail-type": "Scheduled Event", "detail": "{}"}"#,
        r#"{"version": "2.0", "type": "REQUEST", "requestContext": {}}"#,
        r#"{"requestContext": {"elb": {}}, "path": "/allocations"}"#,
    ] {
        let Invocation::Failed { error_message, .. } = invoke_text(&world, event).await else {
            panic!("{event} was taken for one of ours");
        };
        for expected in ["SQS", "API Gateway", "EventBridge", "SNS", "connectionId"] {
            assert!(
                error_message.contains(expected),
                "{event}: {error_message} names no {expected}"
            );
        }
    }
    assert_eq!(operations(&world), [""; 0]);
}
