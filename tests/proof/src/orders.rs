//! Orders and the envelopes they come in.

use serde_json::{Value, json};

/// The name of every connection that is somebody else's.
pub(crate) const BY_HAND: &str = "by hand";

/// An interconnect of the local cloud.
pub const PARENT: &str = "dxcon-ffabc123";
/// The customer's account.
pub const OWNER: &str = "111122223333";
/// A standard queue.
pub const QUEUE_ARN: &str = "arn:aws:sqs:eu-central-1:123456789012:orders";
/// A FIFO queue.
pub const FIFO_ARN: &str = "arn:aws:sqs:eu-central-1:123456789012:orders.fifo";

/// A valid request for `vlan`, or for any VLAN.
pub fn request(vlan: Option<u16>) -> Value {
    let mut request = json!({
        "connectionId": PARENT,
        "ownerAccount": OWNER,
        "bandwidth": "500Mbps",
        "connectionName": "customer-42-frankfurt",
        "tags": [{"key": "order", "value": "42"}, {"key": "site"}],
    });
    if let Some(vlan) = vlan {
        request["vlan"] = vlan.into();
    }
    request
}

/// The request with the key in its body, as an SQS message or a direct invocation has it.
pub fn with_key(key: &str, mut request: Value) -> Value {
    request["idempotencyKey"] = key.into();
    request
}

/// One SQS record with `body` as it is.
pub fn record(message_id: &str, body: &str) -> Value {
    json!({
        "messageId": message_id,
        "receiptHandle": format!("handle-{message_id}"),
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1767323045000",
            "SenderId": "AIDAEXAMPLE", "ApproximateFirstReceiveTimestamp": "1767323045001"},
        "messageAttributes": {},
        "md5OfBody": "00000000000000000000000000000000",
        "eventSource": "aws:sqs",
        "eventSourceARN": QUEUE_ARN,
        "awsRegion": "eu-central-1",
    })
}

/// One FIFO record of `group`.
pub fn fifo_record(message_id: &str, group: &str, body: &str) -> Value {
    let mut record = record(message_id, body);
    record["eventSourceARN"] = FIFO_ARN.into();
    record["attributes"]["MessageGroupId"] = group.into();
    record
}

/// `event` as its queue delivers it for the `count`th time; other doors do not count.
#[must_use]
pub fn delivered(event: &Value, count: u32) -> Value {
    let mut event = event.clone();
    let records = event.get_mut("Records").and_then(Value::as_array_mut);
    for record in records.into_iter().flatten() {
        if record["eventSource"] == "aws:sqs" {
            record["attributes"]["ApproximateReceiveCount"] = count.to_string().into();
        }
    }
    event
}

/// An SQS batch.
pub fn sqs(records: impl IntoIterator<Item = Value>) -> Value {
    json!({"Records": records.into_iter().collect::<Vec<_>>()})
}

/// `POST /allocations` through an HTTP API (payload version 2.0).
pub fn http(key: &str, body: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "POST /allocations",
        "rawPath": "/allocations",
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "idempotency-key": key},
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "api.example", "requestId": "request-1",
            "routeKey": "POST /allocations", "stage": "$default", "time": "02/Jan/2026:03:04:05 +0000",
            "timeEpoch": 1_767_323_045_000_u64,
            "http": {"method": "POST", "path": "/allocations", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "test"},
        },
        "body": body,
        "isBase64Encoded": false,
    })
}

/// `GET` of a path and its query through an HTTP API.
pub fn get(path_and_query: &str) -> Value {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    bodiless("GET", path, query)
}

/// `DELETE /allocations/{key}` through an HTTP API; the key needs no escaping.
pub fn delete(key: &str) -> Value {
    bodiless("DELETE", &format!("/allocations/{key}"), "")
}

fn bodiless(method: &str, path: &str, query: &str) -> Value {
    let mut event = http("unused", "");
    event["routeKey"] = format!("{method} {path}").into();
    event["rawPath"] = path.into();
    event["rawQueryString"] = query.into();
    event["requestContext"]["http"]["method"] = method.into();
    event["requestContext"]["http"]["path"] = path.into();
    event["headers"] = json!({"accept": "application/json"});
    event
}

/// What EventBridge invokes a scheduled function with.
pub fn schedule() -> Value {
    json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/track"],
        "detail": {},
    })
}

/// Message ids that an SQS answer hands back.
///
/// # Panics
/// When `answer` is no partial batch response, which Lambda would take for "nothing failed".
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "for tests, where panicking is how they fail"
)]
pub fn returned(answer: &Value) -> Vec<String> {
    let failures = answer["batchItemFailures"].as_array();
    let failures = failures.expect("a partial batch response");
    let id = |failure: &Value| failure["itemIdentifier"].as_str().map(str::to_owned);
    failures
        .iter()
        .map(|failure| id(failure).expect("a message id"))
        .collect()
}
