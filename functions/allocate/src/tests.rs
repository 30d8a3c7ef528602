//! What the function answers on its own, without a word to AWS: nothing listens where these clients would send to.

use hosted_connection::Code;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::*;

async fn invoke(event: &str) -> Result<Value, Diagnostic> {
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
    let function = Function::new(
        Services::new(
            &config,
            aws::HttpClients::new(&config),
            aws::Clock::system(),
        ),
        &config,
    );
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
    let event = include_str!("../../../tests/events/unknown-event.json");
    assert_eq!(invoke(event).await.unwrap_err().error_type, "UnknownEvent");
}

#[tokio::test]
async fn a_refused_request_is_answered_with_the_id_that_its_caller_knows() {
    let event = include_str!("../../../tests/events/http-v2-wrong-method.json");
    let response = invoke(event).await.unwrap();
    let from_gateway =
        serde_json::from_str::<Value>(event).unwrap()["requestContext"]["requestId"].clone();
    assert_eq!(problem(&response)["instance"], from_gateway);
    for nameless in [
        r#"{"httpMethod": "POST", "requestContext": {}}"#,
        r#"{"httpMethod": "POST", "requestContext": {"requestId": ""}}"#,
    ] {
        let response = invoke(nameless).await.unwrap();
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
            include_str!("../../../tests/events/http-v2-invalid-four-faults.json"),
            400,
            Code::InvalidRequest,
        ),
        (
            include_str!("../../../tests/events/http-v2-missing-key.json"),
            400,
            Code::MissingIdempotencyKey,
        ),
        (
            include_str!("../../../tests/events/http-v2-wrong-method.json"),
            405,
            Code::MethodNotAllowed,
        ),
        (
            include_str!("../../../tests/events/http-v2-wrong-content-type.json"),
            415,
            Code::UnsupportedMediaType,
        ),
    ] {
        let response = invoke(event).await.unwrap();
        assert_eq!(
            (&response["statusCode"], &problem(&response)["code"]),
            (&json!(status), &json!(code))
        );
    }
}

#[tokio::test]
async fn an_invalid_direct_order_fails_the_invocation_with_the_problem_as_its_error() {
    let diagnostic = invoke(include_str!("../../../tests/events/direct-invalid.json"))
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
