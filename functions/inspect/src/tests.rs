//! What the function answers on its own, without a word to AWS: nothing listens where these clients would send to.

use hosted_connection::Code;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};

use super::*;

async fn invoke(event: &Value) -> Result<Value, Diagnostic> {
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
    let aws = Services::new(
        &config,
        aws::HttpClients::new(&config),
        aws::Clock::system(),
    );
    let function = Function::new(aws, &config);
    let mut context = Context::default();
    context.request_id = "lambda-1".into();
    let payload = RawValue::from_string(event.to_string()).unwrap();
    let answer = function.handle(LambdaEvent::new(payload, context)).await?;
    Ok(serde_json::from_str(answer.get()).unwrap())
}

fn request(method: &str, path: &str) -> Value {
    json!({"version": "2.0", "rawPath": path, "requestContext": {"http": {"method": method}, "requestId": "r-1"}})
}

#[tokio::test]
async fn what_is_no_request_fails_the_invocation_and_says_what_was_expected() {
    for event in [
        json!({"connectionId": "dxcon-ffabc123"}),
        json!({"Records": [{"eventSource": "aws:sqs"}]}),
        json!([]),
    ] {
        let failure = invoke(&event).await.unwrap_err();
        assert_eq!(failure.error_type, "UnknownEvent");
        let message = failure.error_message;
        assert!(message.contains("API Gateway REST"), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_is_a_problem_with_the_id_that_its_caller_knows_and_never_stored() {
    let cases = [
        (request("GET", "/orders"), 404, Code::NotFound),
        (request("POST", "/allocations"), 405, Code::MethodNotAllowed),
        (request("GET", "/parents/x"), 400, Code::InvalidRequest),
        (
            request("GET", "/allocations/a b"),
            400,
            Code::InvalidIdempotencyKey,
        ),
    ];
    for (event, status, code) in cases {
        let response = invoke(&event).await.unwrap();
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
    let response = invoke(&request("GET", "/allocations/order-1"))
        .await
        .unwrap();
    assert_eq!(response["statusCode"], 503, "{response}");
    assert_eq!(response["headers"]["Retry-After"], "1");
}
