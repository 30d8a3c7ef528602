use aws_lambda_events::alb::AlbTargetGroupResponse;
use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayV2httpResponse};
use hosted_connection::Code;
use serde_json::{Value, json};

use super::*;
use crate::Refusal;
use crate::envelope::Members;
use crate::example;

fn read(json: &str) -> Request<'_> {
    let event = serde_json::from_str(json).unwrap();
    super::read(event, &Members::of(event).unwrap()).unwrap()
}

/// A version 2.0 request, with some members replaced.
fn v2_event(replaced: Value) -> String {
    let event = json!({
        "version": "2.0",
        "rawPath": "/allocations",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST"}, "requestId": "r-1", "stage": "$default"},
    });
    example::with(&event.to_string(), &replaced)
}

/// A version 1.0 request with some members more.
fn v1_event(more: Value) -> String {
    let event = json!({"httpMethod": "GET", "requestContext": {}});
    example::with(&event.to_string(), &more)
}

#[test]
fn json_has_one_media_type_in_any_case_with_any_parameters() {
    for json in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        " application/json ;x",
    ] {
        let event = v2_event(json!({"headers": {"Content-Type": json}}));
        assert!(read(&event).is_json(), "{json}");
    }
    assert!(read(&v2_event(json!({"headers": {}}))).is_json());
    for other in [
        "",
        "text/json",
        "application/json5",
        "application/problem+json",
        "application/x-www-form-urlencoded",
    ] {
        let event = v2_event(json!({"headers": {"content-type": other}}));
        assert!(!read(&event).is_json(), "{other}");
    }
}

#[test]
fn several_values_of_a_header_are_seen_as_several() {
    let event = v1_event(json!({
        "headers": {"Idempotency-Key": "order-2", "Accept": "*/*"},
        "multiValueHeaders": {"Idempotency-Key": ["order-1", "order-2"], "accept": null},
    }));
    let request = read(&event);
    assert_eq!(request.idempotency_keys(), ["order-1", "order-2"]);
    assert_eq!(request.headers("accept"), ["*/*"]);
    let spelt_twice =
        v2_event(json!({"headers": {"Idempotency-Key": "order-1", "idempotency-key": "order-2"}}));
    assert_eq!(read(&spelt_twice).idempotency_keys().len(), 2);
}

#[test]
fn a_query_reads_the_same_in_both_versions() {
    let expected = [("parent", "dxcon-a b"), ("state", "1"), ("state", "2")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let v2 = v2_event(
        json!({"rawQueryString": "parent=dxcon-a%20b&state=1&state=2",
        "queryStringParameters": {"parent": "dxcon-a b", "state": "1,2"}}),
    );
    assert_eq!(read(&v2).query, expected);
    let v1 = v1_event(json!({
        "queryStringParameters": {"parent": "dxcon-a b", "state": "2"},
        "multiValueQueryStringParameters": {"parent": ["dxcon-a b"], "state": ["1", "2"]},
    }));
    assert_eq!(read(&v1).query, expected);
    let last_only = v1_event(json!({"queryStringParameters": {"Parent": "x"}}));
    assert_eq!(read(&last_only).query, [("Parent".into(), "x".into())]);
    assert_eq!(read(&v1_event(json!({}))).query, []);
}

#[test]
fn a_name_in_the_path_is_decoded_once_whoever_decodes_it() {
    let key = "a/b?~100%25";
    let sent = format!("/allocations/{}", segment(key));
    let decoded = format!("/allocations/{key}");
    let domain = |name: &str| json!({"http": {"method": "GET"}, "domainName": name});
    for event in [
        v1_event(json!({"path": sent})),
        v1_event(json!({"path": decoded, "version": "1.0"})),
        v2_event(json!({"rawPath": decoded})),
        v2_event(
            json!({"rawPath": sent, "requestContext": domain("x.lambda-url.eu-central-1.on.aws")}),
        ),
    ] {
        let request = read(&event);
        assert_eq!(request.below("/allocations/").as_deref(), Some(key));
    }
    for elsewhere in ["/allocations", "/allocations/", "/parents/x"] {
        let event = v2_event(json!({ "rawPath": elsewhere }));
        assert_eq!(read(&event).below("/allocations/"), None);
    }
}

/// As it is sent; each of the published types reads it.
fn written(response: &Response) -> Value {
    let json = serde_json::to_value(response).unwrap();
    assert!(serde_json::from_value::<ApiGatewayProxyResponse>(json.clone()).is_ok());
    assert!(serde_json::from_value::<AlbTargetGroupResponse>(json.clone()).is_ok());
    let mut with_cookies = json.clone();
    with_cookies["cookies"] = json!([]);
    assert!(serde_json::from_value::<ApiGatewayV2httpResponse>(with_cookies).is_ok());
    json
}

/// Why there is a type of our own: these say more than we do, and spell the headers otherwise.
#[test]
fn the_published_types_do_not_write_the_answer_that_the_contract_has() {
    let answer = Response::json(201, "{}".into()).at("/allocations/k".into());
    let answer = written(&answer);
    let published: ApiGatewayProxyResponse = serde_json::from_value(answer.clone()).unwrap();
    let published = serde_json::to_value(published).unwrap();
    assert_eq!(answer["headers"]["Location"], "/allocations/k");
    assert_eq!(published["headers"]["location"], "/allocations/k");
    assert_eq!(published["headers"].get("Location"), None);
    assert_eq!(published["multiValueHeaders"], json!({}));
    // One answer for both payload versions; this one also wants cookies.
    assert!(serde_json::from_value::<ApiGatewayV2httpResponse>(answer).is_err());
}

#[test]
fn a_response_has_the_headers_it_was_given_and_no_others() {
    assert_eq!(
        written(&Response::json(200, "{}".into())),
        json!({"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "{}",
            "isBase64Encoded": false})
    );
    let all = Response::json(202, "{}".into())
        .at(format!("/allocations/{}", segment("a/b?~100%")))
        .replayed(true)
        .retry_after(7)
        .with_etag("\"x\"".into())
        .not_to_be_stored();
    assert_eq!(
        written(&all)["headers"],
        json!({"content-type": "application/json", "Location": "/allocations/a%2Fb%3F~100%25",
            "Idempotent-Replayed": "true", "Retry-After": "7", "ETag": "\"x\"", "Cache-Control": "no-store"})
    );
    let unchanged = written(&Response::not_modified("\"x\"".into()));
    assert_eq!(
        (&unchanged["statusCode"], &unchanged["body"]),
        (&json!(304), &json!(""))
    );
    assert_eq!(unchanged["headers"], json!({"ETag": "\"x\""}));
}

#[test]
fn a_refusal_is_a_problem_with_what_its_caller_can_do() {
    let wrong_method = Refusal::method("/allocations/{key}", "GET, DELETE");
    let response = written(&Response::refused(wrong_method, "r-1"));
    assert_eq!(response["statusCode"], 405);
    assert_eq!(
        response["headers"],
        json!({"content-type": "application/problem+json", "Allow": "GET, DELETE"})
    );
    let later = Refusal::for_now(Code::Throttled, "later", 5);
    let response = written(&Response::refused(later, "r-1"));
    assert_eq!(response["headers"]["Retry-After"], "5");
    let problem: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&problem["code"], &problem["instance"]),
        (&json!("Throttled"), &json!("r-1"))
    );
}
