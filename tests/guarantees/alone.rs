//! What a function answers on its own, without a word to AWS: nothing listens where these clients would send to.

use allocate::Orders;
use aws::config::Config;
use aws::{Clock, HttpClients};
use hosted_connection::Code;
use inspect::Questions;
use lambda::{Function, Handler};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use ledger::Services;
use serde_json::value::RawValue;
use serde_json::{Value, json};

async fn alone<H: Handler>(event: &str) -> Result<Value, Diagnostic> {
    let config = Config::from_lookup(|name| match name {
        "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:1".into()),
        "AWS_REGION" => Some("us-east-1".into()),
        "ALLOCATIONS_TABLE_NAME"
        | "EVENT_BUS_NAME"
        | "AWS_ACCESS_KEY_ID"
        | "AWS_SECRET_ACCESS_KEY" => Some("x".into()),
        _ => None,
    });
    let config = config.unwrap();
    let services = Services::new(&config, HttpClients::new(&config), Clock::system());
    let function = Function::<H>::new(services, &config);
    let mut context = Context::default();
    context.request_id = "lambda-1".into();
    let payload = RawValue::from_string(event.into()).unwrap();
    let answer = function.handle(LambdaEvent::new(payload, context)).await?;
    Ok(serde_json::from_str(answer.get()).unwrap())
}

fn problem(response: &Value) -> Value {
    serde_json::from_str(response["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_unknown_event_fails_the_invocation() {
    for event in [
        include_str!("../events/unknown-event.json"),
        "null",
        "[]",
        "\"connectionId\"",
        "{}",
        r#"{"Records": [], "more": 1}"#,
        r#"{"Records": [{"eventSource": "aws:sqs"}, 1]}"#,
        r#"{"version": "2.0", "requestContext": {}}"#,
        r#"{"detail": {"connectionId": "dxcon-ffabc123"}}"#,
    ] {
        let failure = alone::<Orders>(event).await.unwrap_err();
        assert_eq!(failure.error_type, "UnknownEvent", "{event}");
    }
}

#[tokio::test]
async fn a_refused_event_is_told_what_was_expected_and_what_was_seen_but_no_values() {
    let event = r#"{"source": "secret", "detail-type": 1}"#;
    let message = alone::<Orders>(event).await.unwrap_err().error_message;
    assert!(
        message.contains("its members are `source`, `detail-type`; expected an SQS batch"),
        "{message}"
    );
    assert!(
        message.ends_with(
            "or an order (an object with `connectionId`, `placement` or `idempotencyKey`)"
        ),
        "{message}"
    );
    assert!(!message.contains("secret"));
}

#[tokio::test]
async fn an_object_with_a_member_of_an_order_is_an_order_however_deep_it_is() {
    let (open, close) = ("{\"a\":[".repeat(50_000), "]}".repeat(50_000));
    for order in [
        r#"{"connectionId": null}"#,
        r#"{"placement": null}"#,
        r#"{"idempotencyKey": 1, "Records": []}"#,
        &format!(r#"{{"connectionId": {open}{close}}}"#),
    ] {
        let failure = alone::<Orders>(order).await.unwrap_err();
        assert_ne!(failure.error_type, "UnknownEvent");
    }
    let deep = alone::<Orders>(&format!("{open}{close}"))
        .await
        .unwrap_err();
    assert_eq!(deep.error_type, "UnknownEvent");
}

#[tokio::test]
async fn a_refused_request_is_answered_with_the_id_that_its_caller_knows() {
    let event = include_str!("../events/http-v2-wrong-method.json");
    let response = alone::<Orders>(event).await.unwrap();
    let from_gateway =
        serde_json::from_str::<Value>(event).unwrap()["requestContext"]["requestId"].clone();
    assert_eq!(problem(&response)["instance"], from_gateway);
    for nameless in [
        r#"{"httpMethod": "POST", "requestContext": {}}"#,
        r#"{"httpMethod": "POST", "requestContext": {"requestId": ""}}"#,
    ] {
        let response = alone::<Orders>(nameless).await.unwrap();
        assert_eq!(
            (&response["statusCode"], &problem(&response)["instance"]),
            (&json!(404), &json!("lambda-1"))
        );
    }
}

#[tokio::test]
async fn the_example_requests_that_are_wrong_get_their_status_and_code() {
    for (event, status, code) in [
        (
            include_str!("../events/http-v2-invalid-four-faults.json"),
            400,
            Code::InvalidRequest,
        ),
        (
            include_str!("../events/http-v2-missing-key.json"),
            400,
            Code::MissingIdempotencyKey,
        ),
        (
            include_str!("../events/http-v2-wrong-method.json"),
            405,
            Code::MethodNotAllowed,
        ),
        (
            include_str!("../events/http-v2-wrong-content-type.json"),
            415,
            Code::UnsupportedMediaType,
        ),
    ] {
        let response = alone::<Orders>(event).await.unwrap();
        assert_eq!(
            (&response["statusCode"], &problem(&response)["code"]),
            (&json!(status), &json!(code))
        );
    }
}

#[tokio::test]
async fn an_invalid_direct_order_fails_the_invocation_with_the_problem_as_its_error() {
    let diagnostic = alone::<Orders>(include_str!("../events/direct-invalid.json"))
        .await
        .unwrap_err();
    assert_eq!(diagnostic.error_type, "InvalidRequest");
    let problem: Value = serde_json::from_str(&diagnostic.error_message).unwrap();
    assert_eq!(
        (&problem["status"], &problem["instance"]),
        (&json!(400), &json!("lambda-1"))
    );
    assert!(problem["violations"].as_array().unwrap().len() > 3);
}

fn question(method: &str, path: &str) -> Value {
    json!({"version": "2.0", "rawPath": path, "requestContext": {"http": {"method": method}, "requestId": "r-1"}})
}

#[tokio::test]
async fn what_is_no_request_fails_the_invocation_and_says_what_was_expected() {
    for event in [
        json!({"connectionId": "dxcon-ffabc123"}),
        json!({"Records": [{"eventSource": "aws:sqs"}]}),
        json!([]),
    ] {
        let failure = alone::<Questions>(&event.to_string()).await.unwrap_err();
        assert_eq!(failure.error_type, "UnknownEvent");
        let message = failure.error_message;
        assert!(message.contains("API Gateway REST"), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_the_id_that_its_caller_knows_and_never_stored() {
    let cases = [
        (question("GET", "/orders"), 404, Code::NotFound),
        (
            question("POST", "/allocations"),
            405,
            Code::MethodNotAllowed,
        ),
        (question("GET", "/parents/x"), 400, Code::InvalidRequest),
        (
            question("GET", "/allocations/a b"),
            400,
            Code::InvalidIdempotencyKey,
        ),
    ];
    for (event, status, code) in cases {
        let response = alone::<Questions>(&event.to_string()).await.unwrap();
        assert_eq!(response["statusCode"], status, "{response}");
        let headers = &response["headers"];
        assert_eq!(headers["content-type"], "application/problem+json");
        assert_eq!(headers["Cache-Control"], "no-store");
        assert_eq!(
            headers.get("Allow"),
            (status == 405).then(|| json!("GET, HEAD, POST")).as_ref()
        );
        let problem: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&problem["code"], &problem["instance"]),
            (&json!(code), &json!("r-1"))
        );
    }
}

#[tokio::test]
async fn without_time_nothing_is_begun_and_the_caller_is_asked_to_come_again() {
    let response = alone::<Questions>(&question("GET", "/allocations/order-1").to_string())
        .await
        .unwrap();
    assert_eq!(response["statusCode"], 503, "{response}");
    assert_eq!(response["headers"]["Retry-After"], "1");
}
