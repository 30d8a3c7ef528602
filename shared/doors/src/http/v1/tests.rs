use aws_lambda_events::http::Method;
use serde_json::{Value, json};

use super::*;
use crate::example;

/// A request as a REST API sends it, with some members replaced.
fn event(replaced: Value) -> String {
    let sent = include_str!("../../../../../tests/events/http-v1-order.json");
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
        request.query.sort();
    }
    both
}

#[test]
fn the_example_requests_are_taken_by_the_published_types_and_read_the_same_by_both() {
    for json in [
        include_str!("../../../../../tests/events/http-v1-order.json"),
        include_str!("../../../../../tests/events/http-v1-headers-null.json"),
        include_str!("../../../../../tests/events/alb-order.json"),
        &event(json!({
            "multiValueHeaders": {"Idempotency-Key": ["order-1", "order-2"]},
            "headers": {"Idempotency-Key": "order-2", "Accept": "*/*"},
            "multiValueQueryStringParameters": {"state": ["1", "2"], "a": [""]},
            "queryStringParameters": {"state": "2", "b": "x,y"},
            "body": null,
            "isBase64Encoded": null,
        })),
        &event(json!({"body": "e30=", "isBase64Encoded": true})),
        &event(json!({"body": "{", "isBase64Encoded": true})),
        &event(json!({"headers": {"X-Name": "Zoë"}})),
    ] {
        let [published, leniently] = both(json);
        assert!(published.is_some(), "{json}");
        assert_eq!(format!("{published:?}"), format!("{leniently:?}"));
    }
}

/// Each is why there is a lenient reader.
#[test]
fn a_request_that_the_published_types_refuse_is_read_all_the_same() {
    let context = json!({"requestId": "r-1"});
    for refused in [
        event(json!({"multiValueHeaders": {"accept": null}})),
        event(json!({"multiValueHeaders": {"a b": ["x"]}})),
        event(json!({"headers": {"x": "\u{7f}"}, "multiValueHeaders": {}})),
        event(json!({"headers": {"x": 1}, "multiValueHeaders": {}})),
        event(json!({"queryStringParameters": {"a": 1}})),
        event(json!({"body": {"a": 1}})),
        event(json!({"body": "SURROGATE"})).replace("SURROGATE", r"\ud800"),
        event(json!({"isBase64Encoded": "no"})),
        event(json!({"requestContext": context})),
        event(json!({"httpMethod": "P O S T"})),
    ] {
        let [published, leniently] = both(&refused);
        assert!(published.is_none(), "needs no reader of ours: {refused}");
        assert_eq!(leniently.unwrap().path, "/allocations");
    }
}

#[test]
fn what_the_published_type_would_read_otherwise_than_it_was_sent_is_read_as_it_was_sent() {
    let nameless = event(json!({"httpMethod": ""}));
    let published: ApiGatewayProxyRequest = serde_json::from_str(&nameless).unwrap();
    assert_eq!(published.http_method, Method::GET);
    let twice = event(json!({"multiValueHeaders": null,
        "headers": {"Idempotency-Key": "order-1", "idempotency-key": "order-2"}}));
    let published: ApiGatewayProxyRequest = serde_json::from_str(&twice).unwrap();
    assert_eq!(published.headers.len(), 1);
    for (event, method, keys) in [(nameless, "", 1), (twice, "POST", 2)] {
        let event = serde_json::from_str(&event).unwrap();
        let request = read(event, &Members::of(event).unwrap()).unwrap();
        assert_eq!(request.method, method);
        assert_eq!(request.idempotency_keys().len(), keys);
    }
}
