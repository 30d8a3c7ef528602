//! API Gateway's two payload versions and function URLs.

use std::time::Duration;

use proof::{PARENT, World, http};
use serde_json::{Value, json};

use super::{KEY, function_url, http_v1, order};
use crate::answers::{HTTP_REQUEST, Http, allocation, operations};

#[tokio::test(start_paused = true)]
async fn an_http_order_of_any_payload_version_is_201_and_replays_byte_for_byte() {
    for event in [http, http_v1, function_url].map(|door| door(KEY, &order())) {
        let world = World::new();
        let first = Http::of(world.invoke(&event).await);
        let receipt = first.receipt();
        assert_eq!(receipt["idempotencyKey"], KEY);
        assert_eq!(receipt["parentConnectionId"], PARENT);
        let connections = world.cloud.connections();
        assert_eq!(
            receipt["connection"]["connectionId"],
            connections[0].id.as_str()
        );
        assert_eq!(receipt["connection"]["vlan"], 101);
        assert_eq!(first.header("Location"), Some("/allocations/order-1001"));
        assert_eq!(first.header("Idempotent-Replayed"), None);
        let events = world.cloud.events();
        let origin = json!({"door": "http", "requestId": HTTP_REQUEST});
        let told = allocation(&world, &events[0], KEY, &origin);
        assert_eq!(told, receipt["connection"]);

        // A month later, when the connection has long been confirmed, the answer is still the first one.
        world.cloud.confirm(&connections[0].id).unwrap();
        tokio::time::sleep(Duration::from_secs(30 * 24 * 3600)).await;
        let again = Http::of(world.invoke(&event).await);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
        assert_eq!(again.header("Location"), first.header("Location"));
        assert_eq!(again.status, 201);
        assert_eq!(world.cloud.connections().len(), 1);
        assert_eq!(world.cloud.events(), events);
    }
}

#[tokio::test(start_paused = true)]
async fn every_character_a_key_can_have_comes_back_percent_encoded_in_the_location() {
    let key: String = ('!'..='~').collect();
    let world = World::new();
    // A bare key that begins with a quotation mark would be a structured-field string.
    let quoted = format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
    let answer = Http::of(world.invoke(&http(&quoted, &order())).await);
    assert_eq!(answer.receipt()["idempotencyKey"], key.as_str());
    let location = answer.header("Location").unwrap();
    let encoded = location.strip_prefix("/allocations/").unwrap();
    // RFC 3986, section 2.3: everything but these is to be encoded.
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let expected: String = key
        .bytes()
        .map(|byte| match unreserved(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect();
    assert_eq!(encoded, expected);
}

#[tokio::test(start_paused = true)]
async fn the_key_header_is_the_same_quoted_or_bare_and_in_any_case() {
    let world = World::new();
    let first = Http::of(world.invoke(&http(KEY, &order())).await);
    for (name, value) in [
        ("idempotency-key", r#""order-1001""#),
        ("Idempotency-Key", KEY),
        ("IDEMPOTENCY-KEY", KEY),
    ] {
        let mut event = http(KEY, &order());
        event["headers"] = json!({"content-type": "application/json", name: value});
        let again = Http::of(world.invoke(&event).await);
        assert_eq!(
            again.header("Idempotent-Replayed"),
            Some("true"),
            "{name}: {value}"
        );
        assert_eq!(again.body, first.body);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_or_with_a_bad_key_header_is_400_and_aws_hears_nothing() {
    let world = World::new();
    for (headers, code) in [
        (json!({}), "MissingIdempotencyKey"),
        (json!({"idempotency-key": ""}), "InvalidIdempotencyKey"),
        (json!({"idempotency-key": "a b"}), "InvalidIdempotencyKey"),
        (json!({"idempotency-key": "é"}), "InvalidIdempotencyKey"),
        (
            json!({"idempotency-key": "\"open"}),
            "InvalidIdempotencyKey",
        ),
        (
            json!({"idempotency-key": "k".repeat(256)}),
            "InvalidIdempotencyKey",
        ),
    ] {
        let mut event = http(KEY, &order());
        event["headers"] = headers;
        Http::of(world.invoke(&event).await).problem(400, code);
    }
    assert_eq!(operations(&world), [""; 0]);
    let mut longest = http(KEY, &order());
    longest["headers"]["idempotency-key"] = "k".repeat(255).into();
    Http::of(world.invoke(&longest).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn another_route_method_size_or_media_type_is_refused_and_aws_hears_nothing() {
    let world = World::new();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut event = http(KEY, &order());
        change(&mut event);
        event
    };
    let cases = [
        (
            404,
            "NotFound",
            changed(&|event| event["rawPath"] = "/orders".into()),
        ),
        (
            404,
            "NotFound",
            changed(&|event| event["rawPath"] = "/".into()),
        ),
        (
            405,
            "MethodNotAllowed",
            changed(&|event| event["requestContext"]["http"]["method"] = "PUT".into()),
        ),
        (
            405,
            "MethodNotAllowed",
            changed(&|event| event["requestContext"]["http"]["method"] = "GET".into()),
        ),
        (
            413,
            "PayloadTooLarge",
            changed(&|event| event["body"] = " ".repeat(256 * 1024 + 1).into()),
        ),
        (
            415,
            "UnsupportedMediaType",
            changed(&|event| event["headers"]["content-type"] = "text/csv".into()),
        ),
        (
            415,
            "UnsupportedMediaType",
            changed(&|event| {
                event["headers"]["content-type"] = "application/x-www-form-urlencoded".into()
            }),
        ),
    ];
    for (status, code, event) in cases {
        let answer = Http::of(world.invoke(&event).await);
        let problem = answer.problem(status, code);
        assert_eq!(problem["instance"], HTTP_REQUEST);
        if status == 405 {
            assert_eq!(answer.header("Allow"), Some("POST"));
        }
        let mut v1 = http_v1(KEY, event["body"].as_str().unwrap());
        v1["path"] = event["rawPath"].clone();
        v1["httpMethod"] = event["requestContext"]["http"]["method"].clone();
        v1["multiValueHeaders"]["Content-Type"] = json!([event["headers"]["content-type"]]);
        v1["headers"]["Content-Type"] = event["headers"]["content-type"].clone();
        assert_eq!(
            Http::of(world.invoke(&v1).await),
            answer,
            "v1 answers as v2"
        );
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn json_may_be_said_in_several_ways_and_the_stage_is_no_part_of_the_route() {
    let world = World::new();
    let first = Http::of(world.invoke(&http(KEY, &order())).await);
    let mut variants = Vec::new();
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let mut event = http(KEY, &order());
        event["headers"]["content-type"] = content_type.into();
        variants.push(event);
    }
    let mut untyped = http(KEY, &order());
    untyped["headers"] = json!({"idempotency-key": KEY});
    variants.push(untyped);
    let mut staged = http(KEY, &order());
    staged["rawPath"] = "/prod/allocations".into();
    staged["requestContext"]["stage"] = "prod".into();
    variants.push(staged);
    for event in variants {
        let again = Http::of(world.invoke(&event).await);
        assert_eq!((again.status, &again.body), (201, &first.body), "{event}");
    }
}
