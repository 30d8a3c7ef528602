use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use doors::event::{Event, recognise};
use hosted_connection::{
    Connection, IdempotencyKey, ParentConnection, Receipt, ReceiptStatus, Rejection,
};
use serde_json::json;

use super::*;

const BODY: &str = r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"111122223333","bandwidth":"100Mbps","connectionName":"Example"}"#;

fn read(json: &str) -> Request<'_> {
    match recognise(serde_json::from_str(json).unwrap(), "").unwrap() {
        Event::Http(request) => request,
        other => panic!("no request: {other:?}"),
    }
}

/// A good version 2.0 request, with some members replaced.
fn v2_event(replaced: serde_json::Value) -> String {
    let mut event = json!({
        "version": "2.0",
        "rawPath": "/allocations",
        "headers": {"content-type": "application/json", "idempotency-key": "order-1"},
        "requestContext": {"http": {"method": "POST"}, "requestId": "r-1", "stage": "$default"},
        "body": BODY,
        "isBase64Encoded": false,
    });
    for (name, value) in replaced.as_object().unwrap() {
        event[name] = value.clone();
    }
    event.to_string()
}

fn order(request: &Request<'_>) -> Result<Order, InvalidRequest> {
    permitted(&Permit::Everything, request)
}

fn admitted(event: &str) -> Result<(), Code> {
    match admit(&read(event)) {
        Ok(_) => Ok(()),
        Err(refusal) => Err(refusal.code()),
    }
}

fn with_method(method: &str) -> serde_json::Value {
    json!({"http": {"method": method}, "requestId": "r-1", "stage": "$default"})
}

#[test]
fn a_good_request_of_either_version_is_an_order() {
    let v2 = v2_event(json!({}));
    assert_eq!(order(&read(&v2)).unwrap().key.as_str(), "order-1");
    let v1 = json!({
        "httpMethod": "POST",
        "path": "/allocations",
        "requestContext": {"requestId": "r-1", "path": "/prod/allocations"},
        "headers": {"IDEMPOTENCY-KEY": "order-1"},
        "body": BODY,
    })
    .to_string();
    assert_eq!(admitted(&v1), Ok(()));
    assert_eq!(order(&read(&v1)).unwrap().key.as_str(), "order-1");
    assert_eq!(read(&v1).request_id.as_deref(), Some("r-1"));
}

#[test]
fn route_hides_method_hides_media_type_hides_size() {
    let mut replaced = json!({
        "rawPath": "/elsewhere",
        "requestContext": with_method("GET"),
        "headers": {"content-type": "text/plain"},
        "body": " ".repeat(MAX_BODY_BYTES + 1),
    });
    assert_eq!(admitted(&v2_event(replaced.clone())), Err(Code::NotFound));
    replaced["rawPath"] = json!("/allocations");
    assert_eq!(
        admitted(&v2_event(replaced.clone())),
        Err(Code::MethodNotAllowed)
    );
    replaced["requestContext"] = with_method("POST");
    assert_eq!(
        admitted(&v2_event(replaced.clone())),
        Err(Code::UnsupportedMediaType)
    );
    replaced["headers"] = json!({});
    assert_eq!(
        admitted(&v2_event(replaced.clone())),
        Err(Code::PayloadTooLarge)
    );
    replaced["body"] = json!(" ".repeat(MAX_BODY_BYTES));
    assert_eq!(admitted(&v2_event(replaced)), Ok(()));
}

#[test]
fn only_this_path_and_this_method_are_the_route() {
    for path in [
        "",
        "/",
        "/allocations/",
        "/Allocations",
        "/allocations/order-1",
        "//allocations",
        "/prod/allocations",
    ] {
        assert_eq!(
            admitted(&v2_event(json!({ "rawPath": path }))),
            Err(Code::NotFound),
            "{path}"
        );
    }
    for method in ["", "post", "GET", "PUT", "OPTIONS"] {
        let event = v2_event(json!({ "requestContext": with_method(method) }));
        assert_eq!(admitted(&event), Err(Code::MethodNotAllowed), "{method}");
    }
}

#[test]
fn the_key_may_be_a_quoted_string() {
    let event = v2_event(json!({"headers": {"Idempotency-Key": r#""order-1""#}}));
    assert_eq!(order(&read(&event)).unwrap().key.as_str(), "order-1");
}

#[test]
fn several_keys_are_seen_as_several() {
    let event = json!({
        "httpMethod": "POST",
        "requestContext": {},
        "headers": {"Idempotency-Key": "order-2", "Accept": "*/*"},
        "multiValueHeaders": {"Idempotency-Key": ["order-1", "order-2"], "accept": null},
    })
    .to_string();
    let request = read(&event);
    assert!(order(&request).is_err());
}

#[test]
fn a_base64_body_is_decoded_before_it_is_measured_and_parsed() {
    let encoded = v2_event(json!({"body": BASE64_STANDARD.encode(BODY), "isBase64Encoded": true}));
    assert!(order(&read(&encoded)).is_ok());
    let largest = BASE64_STANDARD.encode(" ".repeat(MAX_BODY_BYTES));
    assert_eq!(
        admitted(&v2_event(json!({"body": largest, "isBase64Encoded": true}))),
        Ok(())
    );
    let too_large = BASE64_STANDARD.encode(" ".repeat(MAX_BODY_BYTES + 1));
    let event = v2_event(json!({"body": too_large, "isBase64Encoded": true}));
    assert_eq!(admitted(&event), Err(Code::PayloadTooLarge));
}

#[test]
fn a_body_that_is_not_the_base64_it_claims_is_malformed_beside_a_bad_key() {
    let event = v2_event(
        json!({"body": "{not base64}", "isBase64Encoded": true, "headers": {"idempotency-key": "\u{7f}"}}),
    );
    assert_eq!(admitted(&event), Ok(()));
    let violations = order(&read(&event)).unwrap_err().violations;
    let malformed = violations
        .iter()
        .find(|violation| violation.field.is_empty())
        .unwrap();
    assert_eq!(malformed.code, ViolationCode::Malformed);
    assert!(
        malformed.message.contains("base64"),
        "{}",
        malformed.message
    );
    assert_eq!(violations.len(), 2);
}

#[test]
fn missing_binary_and_broken_bodies_are_malformed() {
    let invalid_utf8 = BASE64_STANDARD.encode([0xff, 0xfe]);
    let events = [
        v2_event(json!({"body": null})),
        v2_event(json!({"body": {"connectionId": "dxcon-ffabc123"}})),
        v2_event(json!({"body": invalid_utf8, "isBase64Encoded": true})),
        v2_event(json!({"body": "SURROGATE"})).replace("SURROGATE", r"\udc00"),
        v2_event(json!({"body": "[".repeat(100_000)})),
    ];
    for event in events {
        let violations = order(&read(&event)).unwrap_err().violations;
        assert_eq!(
            (violations[0].field.as_str(), violations[0].code),
            ("", ViolationCode::Malformed)
        );
    }
}

fn receipt() -> Receipt {
    Receipt {
        idempotency_key: IdempotencyKey::parse("a/b?~100%").unwrap(),
        status: ReceiptStatus::Allocated,
        parent_connection_id: ParentConnection::parse("dxcon-ffabc123").unwrap(),
        connection: Connection {
            connection_id: Some("dxcon-fgh01abc".into()),
            vlan: Some(101),
            ..Connection::default()
        },
    }
}

fn written(response: &Response) -> serde_json::Value {
    let json = serde_json::to_value(response).unwrap();
    assert!(serde_json::from_value::<ApiGatewayProxyResponse>(json.clone()).is_ok());
    json
}

#[test]
fn a_new_receipt_is_201_with_its_location() {
    let expected = json!({
        "statusCode": 201,
        "headers": {"content-type": "application/json", "Location": "/allocations/a%2Fb%3F~100%25"},
        "body": receipt().to_json(),
        "isBase64Encoded": false,
    });
    assert_eq!(written(&allocated(&receipt(), false)), expected);
}

#[test]
fn a_replayed_receipt_says_so() {
    let headers = &written(&allocated(&receipt(), true))["headers"];
    assert_eq!(headers["Idempotent-Replayed"], "true");
    assert_eq!(headers["Location"], "/allocations/a%2Fb%3F~100%25");
}

#[test]
fn a_rejection_is_a_problem_with_its_violations_and_the_request_id() {
    let mut rejection = Rejection::new(Code::InvalidRequest, "2 rules are broken");
    rejection.violations = order(&read(&v2_event(json!({"body": "{"}))))
        .unwrap_err()
        .violations;
    let violations = json!(rejection.violations);
    let response = written(&Response::refused(Refusal::from(rejection), "r-1"));
    assert_eq!(response["statusCode"], 400);
    assert_eq!(
        response["headers"],
        json!({"content-type": "application/problem+json"})
    );
    let problem: serde_json::Value =
        serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    let expected = json!({
        "type": "urn:hosted-connections:problem:invalid-request",
        "title": Code::InvalidRequest.title(),
        "status": 400,
        "detail": "2 rules are broken",
        "instance": "r-1",
        "code": "InvalidRequest",
        "violations": violations,
    });
    assert_eq!(problem, expected);
}

#[test]
fn a_wrong_method_is_told_the_right_one() {
    let refusal = admit(&read(&v2_event(
        json!({"requestContext": with_method("PUT")}),
    )))
    .unwrap_err();
    let response = written(&Response::refused(refusal, "r-1"));
    assert_eq!(response["statusCode"], 405);
    assert_eq!(
        response["headers"],
        json!({"content-type": "application/problem+json", "Allow": "POST"})
    );
}
