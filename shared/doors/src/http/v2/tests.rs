use aws_lambda_events::http::Method;
use serde_json::{Value, json};

use super::*;
use crate::example;

/// A request as an HTTP API sends it, with some members replaced.
fn event(replaced: Value) -> String {
    let sent = include_str!("../../../../../tests/events/http-v2-order.json");
    example::with(sent, &replaced)
}

fn both(json: &str) -> [Option<Request<'_>>; 2] {
    let event = serde_json::from_str(json).unwrap();
    let members = Members::of(event).unwrap();
    let context = members.get("requestContext").unwrap();
    let mut both = [
        as_published(event, &members, context),
        leniently(&members, context),
    ];
    for request in both.iter_mut().flatten() {
        request.headers.sort();
    }
    both
}

#[test]
fn the_example_requests_are_taken_by_the_published_type_and_read_the_same_by_both() {
    for json in [
        include_str!("../../../../../tests/events/http-v2-order.json"),
        include_str!("../../../../../tests/events/http-v2-base64-body.json"),
        include_str!("../../../../../tests/events/http-v2-dry-run.json"),
        include_str!("../../../../../tests/events/http-v2-joined-keys.json"),
        include_str!("../../../../../tests/events/http-v2-stage-prefix.json"),
        include_str!("../../../../../tests/events/http-v2-wrong-method.json"),
        include_str!("../../../../../tests/events/function-url-order.json"),
        &event(json!({"body": null})),
        &event(json!({"headers": null})),
    ] {
        let [published, leniently] = both(json);
        assert!(published.is_some(), "{json}");
        assert_eq!(format!("{published:?}"), format!("{leniently:?}"));
    }
}

/// Each is why there is a lenient reader.
#[test]
fn a_request_that_the_published_type_refuses_is_read_all_the_same() {
    for refused in [
        event(json!({"headers": {"a b": "x"}})),
        event(json!({"headers": {"x": "\u{7f}"}})),
        event(json!({"headers": {"x": null}})),
        event(json!({"cookies": "a=b"})),
        event(json!({"body": {"a": 1}})),
        event(json!({"body": "SURROGATE"})).replace("SURROGATE", r"\ud800"),
        event(json!({"isBase64Encoded": null})),
        event(json!({"requestContext": {"http": {}}})),
        event(json!({"requestContext": {"http": {"method": "P O S T"}}})),
        event(json!({"requestContext": {"http": {"method": "POST"}, "timeEpoch": "now"}})),
        event(json!({"requestContext": {"http": {"method": "POST"},
            "authorizer": {"jwt": {"claims": {"roles": ["a"]}}}}})),
    ] {
        let published = serde_json::from_str::<ApiGatewayV2httpRequest>(&refused);
        assert!(published.is_err(), "needs no reader of ours: {refused}");
        let [_, leniently] = both(&refused);
        assert_eq!(leniently.unwrap().path, "/allocations");
    }
}

#[test]
fn what_the_published_type_would_read_otherwise_than_it_was_sent_is_read_as_it_was_sent() {
    let nameless = event(json!({"requestContext": {"http": {"method": ""}}}));
    let published: ApiGatewayV2httpRequest = serde_json::from_str(&nameless).unwrap();
    assert_eq!(published.request_context.http.method, Method::GET);
    let twice =
        event(json!({"headers": {"Idempotency-Key": "order-1", "idempotency-key": "order-2"}}));
    let published: ApiGatewayV2httpRequest = serde_json::from_str(&twice).unwrap();
    assert_eq!(published.headers.len(), 1);
    let mut elsewhere: Value =
        serde_json::from_str(&event(json!({"path": "/allocations"}))).unwrap();
    elsewhere.as_object_mut().unwrap().remove("rawPath");
    let elsewhere = elsewhere.to_string();
    let published: ApiGatewayV2httpRequest = serde_json::from_str(&elsewhere).unwrap();
    assert_eq!(published.raw_path.as_deref(), Some("/allocations"));
    for (event, method, path, keys) in [
        (nameless, "", "/allocations", 1),
        (twice, "POST", "/allocations", 2),
        (elsewhere, "POST", "", 1),
    ] {
        let event = serde_json::from_str(&event).unwrap();
        let request = read(event, &Members::of(event).unwrap()).unwrap();
        assert_eq!((&*request.method, &*request.path), (method, path));
        assert_eq!(request.idempotency_keys().len(), keys);
    }
}

#[test]
fn a_stage_in_front_of_the_route_is_not_part_of_it() {
    for (path, stage, route) in [
        ("/prod/allocations", "prod", "/allocations"),
        ("/allocations", "$default", "/allocations"),
        ("/$default/allocations", "$default", "/$default/allocations"),
        ("/allocations", "prod", "/allocations"),
        ("/production/allocations", "prod", "/production/allocations"),
        ("/allocations", "allocations", "/allocations"),
        ("/allocations/allocations", "allocations", "/allocations"),
        ("/prod/prod/allocations", "prod", "/prod/allocations"),
        ("/prod", "prod", "/prod"),
        ("//allocations", "", "//allocations"),
    ] {
        assert_eq!(without_stage(path, stage), route, "{path} at {stage}");
    }
}
