//! Any JSON as an event, and any other bytes as a body at the queue's door and at HTTP's: through the real function and the
//! real SDKs, on a local cloud that is well.
//!
//! A panic counts even where the function would have caught it: libFuzzer's hook ends the process first.
#![no_main]

mod mutate;

use std::collections::BTreeSet;
use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use proof::{TIMEOUT, World};
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// Codes of 4xx in the contract that a caller can bring about while AWS is well, with their statuses.
const REFUSALS: [(u64, &str); 12] = [
    (400, "InvalidRequest"),
    (400, "MissingIdempotencyKey"),
    (400, "InvalidIdempotencyKey"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (413, "PayloadTooLarge"),
    (415, "UnsupportedMediaType"),
    (422, "IdempotencyKeyReused"),
    (422, "VlanInUse"),
    (422, "NoVlanAvailable"),
    (422, "CapacityExceeded"),
    (422, "RefusedByDirectConnect"),
];
/// Lambda takes no larger answer.
const MOST_BYTES: usize = 6 * 1024 * 1024;

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate::mutate(data, size, max_size, seed)
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = serde_json::from_slice::<Box<RawValue>>(bytes) {
        return judge(event);
    }
    let message = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m-1",
        "body": String::from_utf8_lossy(bytes)}]});
    let request = json!({"version": "2.0", "rawPath": "/allocations",
        "requestContext": {"http": {"method": "POST"}}, "headers": {"idempotency-key": "k"},
        "body": BASE64_STANDARD.encode(bytes), "isBase64Encoded": true});
    for event in [message, request] {
        judge(serde_json::value::to_raw_value(&event).expect("JSON"));
    }
});

fn judge(event: Box<RawValue>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let text = event.get().to_owned();
    match runtime.block_on(answer(event)) {
        Ok(answer) => {
            assert!(answer.get().len() < MOST_BYTES);
            judge_answer(&text, &serde_json::from_str(answer.get()).expect("JSON"));
        }
        Err(failure) => judge_failure(&text, &failure),
    }
}

async fn answer(event: Box<RawValue>) -> Result<Box<RawValue>, Diagnostic> {
    let world = World::new();
    let now = world.cloud.clock().now().duration_since(UNIX_EPOCH);
    let deadline = now.expect("after 1970") + TIMEOUT;
    let mut context = Context::default();
    context.request_id = "invocation".into();
    context.deadline = u64::try_from(deadline.as_millis()).expect("before the year 500,000,000");
    let function = world.function("fuzzed");
    function.handle(LambdaEvent::new(event, context)).await
}

fn judge_answer(event: &str, answer: &Value) {
    if let Some(Value::Array(outcomes)) = answer.get("outcomes") {
        return judge_outcomes(outcomes);
    }
    match (answer.get("batchItemFailures"), answer.get("statusCode")) {
        (Some(Value::Array(failures)), None) => judge_returned(event, failures),
        (None, Some(status)) => judge_response(status.as_u64().expect("a number"), answer),
        (None, None) => judge_receipt(answer),
        (Some(_), _) => panic!("no answer of any door: {answer}"),
    }
}

/// Of an event or of notifications.
fn judge_outcomes(outcomes: &[Value]) {
    assert!(!outcomes.is_empty());
    for outcome in outcomes {
        match outcome["status"].as_str() {
            Some("allocated") => assert!(outcome["connectionId"].is_string(), "{outcome}"),
            Some("rejected") => assert!(outcome["code"].is_string(), "{outcome}"),
            Some("ignored") => {}
            _ => panic!("no outcome: {outcome}"),
        }
    }
}

/// Nothing goes back but what came; and as AWS is well, nothing goes back.
fn judge_returned(event: &str, failures: &[Value]) {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    let records = event["Records"].as_array().into_iter().flatten();
    let known: BTreeSet<_> = records
        .filter_map(|record| record["messageId"].as_str())
        .collect();
    for failure in failures {
        let id = failure["itemIdentifier"].as_str().expect("an id");
        assert!(known.contains(id), "nobody sent {id}");
    }
    assert!(failures.is_empty(), "all of it is final: {failures:?}");
}

fn judge_response(status: u64, answer: &Value) {
    let headers = answer["headers"].as_object().expect("headers");
    for (name, value) in headers {
        let value = value.as_str().expect("a header is text");
        let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        assert!(is_plain && !value.is_empty(), "{name}: {value:?}");
    }
    let body = answer["body"].as_str().expect("a body");
    let body: Value = serde_json::from_str(body).expect("a body of JSON");
    assert_eq!(answer["isBase64Encoded"], false);
    assert_eq!(headers.contains_key("Allow"), status == 405);
    assert_eq!(headers.contains_key("Location"), status == 201);
    assert!(!headers.contains_key("Retry-After"));
    if status == 201 {
        assert_eq!(headers["content-type"], "application/json");
        judge_receipt(&body);
    } else {
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(judge_problem(&body), status);
    }
}

fn judge_receipt(receipt: &Value) {
    assert_eq!(receipt["status"], "allocated", "{receipt}");
    for text in [
        "/idempotencyKey",
        "/parentConnectionId",
        "/connection/connectionId",
    ] {
        assert!(
            receipt.pointer(text).is_some_and(Value::is_string),
            "{receipt}"
        );
    }
}

/// Returns the status.
fn judge_problem(problem: &Value) -> u64 {
    let status = problem["status"].as_u64().expect("a status");
    let code = problem["code"].as_str().expect("a code");
    assert!(REFUSALS.contains(&(status, code)), "{problem}");
    for text in ["type", "title", "detail", "instance"] {
        let text = problem[text].as_str();
        assert!(text.is_some_and(|text| !text.is_empty()), "{problem}");
    }
    if status == 400 {
        assert!(
            problem["violations"]
                .as_array()
                .is_some_and(|all| !all.is_empty()),
            "{problem}"
        );
    }
    status
}

fn judge_failure(event: &str, failure: &Diagnostic) {
    let Diagnostic {
        error_type,
        error_message,
    } = failure;
    if error_type == "UnknownEvent" {
        // Names of members are shown, so many and so much of each.
        assert!(error_message.len() < 4096, "{error_message}");
        return;
    }
    if error_type == "Internal" {
        // The only reason while AWS is well: a message that could not be handed back.
        assert!(error_message.contains("messageId"), "{error_message}");
        assert!(event.contains("aws:sqs"), "{event}");
        return;
    }
    let problem: Value = serde_json::from_str(error_message)
        .unwrap_or_else(|_| panic!("{error_type}: {error_message} for {event}"));
    judge_problem(&problem);
    assert_eq!(problem["code"], error_type.as_str());
}
