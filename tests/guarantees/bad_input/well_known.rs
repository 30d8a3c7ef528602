//! Mistakes that many senders make: each gets its own words, or is no mistake at all.

use proof::{World, http, record, request, returned, sqs, with_key};
use serde_json::{Value, json};

use super::{KEY, between_two_good_orders, body, with_body};
use crate::answers::{Http, invoke_text, operations, violations, wrong};

fn literal(text: &str) -> String {
    Value::from(text).to_string()
}

/// The one thing that is wrong with a message's body as a whole, in words.
async fn told(text: &str) -> String {
    let bad = with_body(record("bad", "PLACEHOLDER"), &literal(text));
    let rejection = between_two_good_orders(text, &bad).await;
    assert_eq!(rejection["code"], "InvalidRequest", "{text}");
    assert_eq!(
        violations(&rejection),
        wrong(&[("", "WrongType")]),
        "{text}"
    );
    rejection["message"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_pointer_of_the_sqs_extended_client_is_called_by_its_name() {
    for class in [
        "software.amazon.payloadoffloading.PayloadS3Pointer",
        "com.amazon.sqs.javamessaging.MessageS3Pointer",
    ] {
        let pointer = json!([class, {"s3BucketName": "orders", "s3Key": "c71cce9f"}]);
        let words = told(&pointer.to_string()).await;
        assert!(
            words.contains("S3") && words.contains("in the message"),
            "{words}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_encoded_twice_is_called_that() {
    let words = told(&literal(&body(None, &[]))).await;
    assert!(words.contains("encoded twice"), "{words}");
    let world = World::new();
    let event = http(KEY, &literal(&body(None, &[])));
    let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("encoded twice")
    );
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_key_attribute_of_another_type_is_refused_and_numbers_are_text() {
    for (attribute, allocated) in [
        (
            json!({"stringValue": "1001", "dataType": "Number.int"}),
            true,
        ),
        (json!({"stringValue": "1001", "dataType": "Number"}), true),
        (
            json!({"stringValue": "1001", "dataType": "String.uuid"}),
            true,
        ),
        (
            json!({"binaryValue": "MTAwMQ==", "dataType": "Binary"}),
            false,
        ),
        (
            json!({"binaryValue": "MTAwMQ==", "dataType": "Binary.gif"}),
            false,
        ),
        (
            json!({"stringValue": "[\"1001\"]", "dataType": "String.Array"}),
            false,
        ),
    ] {
        let world = World::new();
        let mut sent = record("m-1", &body(None, &[]));
        sent["messageAttributes"] = json!({"IDEMPOTENCY-KEY": attribute});
        let answer = world.invoke(&sqs([sent])).await.answer();
        assert_eq!(returned(&answer), [""; 0]);
        let detail = world.details().remove(0);
        if allocated {
            assert_eq!(detail["idempotencyKey"], "1001", "{attribute}");
            assert_eq!(world.cloud.connections().len(), 1);
            continue;
        }
        assert_eq!(operations(&world), ["PutEvents"]);
        let rejection = &detail["rejection"];
        assert_eq!(rejection["code"], "InvalidIdempotencyKey", "{attribute}");
        assert_eq!(
            violations(rejection),
            wrong(&[("/idempotencyKey", "WrongType")])
        );
        let message = rejection["message"].as_str().unwrap();
        assert!(message.contains("type String or Number"), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_attributes_that_differ_in_more_than_case_are_no_key() {
    let attribute = |key: &str| json!({"stringValue": key, "dataType": "String"});
    for (second, codes) in [("order-1", 1), ("order-2", 0)] {
        let world = World::new();
        let mut sent = record("m-1", &body(None, &[]));
        sent["messageAttributes"] =
            json!({"Idempotency-Key": attribute("order-1"), "idempotency-key": attribute(second)});
        world.invoke(&sqs([sent])).await.answer();
        assert_eq!(world.cloud.connections().len(), codes, "{second}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bare_key_with_a_comma_is_refused_with_the_advice_to_quote_it() {
    let world = World::new();
    for joined in ["order-1,order-1", "order-1, order-1", "a,b"] {
        let event = http(joined, &body(None, &[]));
        let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidIdempotencyKey");
        assert!(
            problem["detail"].as_str().unwrap().contains("quoted"),
            "{problem}"
        );
    }
    let twice = http(r#""a", "a""#, &body(None, &[]));
    let problem = Http::of(world.invoke(&twice).await).problem(400, "InvalidIdempotencyKey");
    assert_eq!(
        violations(&problem),
        wrong(&[("/idempotencyKey", "Duplicate")])
    );
    assert_eq!(operations(&world), [""; 0]);
    for (quoted, key) in [(r#""a,b""#, "a,b"), (r#""a,b";v=1;w="x,y""#, "a,b")] {
        let answer = Http::of(world.invoke(&http(quoted, &body(None, &[]))).await);
        assert_eq!(answer.receipt()["idempotencyKey"], key);
    }
}

/// A request as API Gateway's REST API hands it over, with members replaced.
fn v1(replaced: &Value) -> Value {
    let mut event = json!({
        "path": "/allocations",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "Idempotency-Key": KEY},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Idempotency-Key": [KEY]},
        "requestContext": {"requestId": "request-1", "stage": "prod"},
        "body": body(None, &[]),
        "isBase64Encoded": false,
    });
    for (name, value) in replaced.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

#[tokio::test(start_paused = true)]
async fn headers_may_be_null_beside_their_lists_and_lists_beside_their_headers() {
    let world = World::new();
    for event in [
        v1(&json!({"headers": null})),
        v1(&json!({"multiValueHeaders": null})),
    ] {
        Http::of(world.invoke(&event).await).receipt();
    }
    assert_eq!(world.cloud.connections().len(), 1);
    let neither = v1(&json!({"headers": null, "multiValueHeaders": null}));
    Http::of(world.invoke(&neither).await).problem(400, "MissingIdempotencyKey");
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_body_is_told_that_it_is_empty() {
    let world = World::new();
    let absent = |mut event: Value| {
        event.as_object_mut().unwrap().remove("body");
        event
    };
    let null = |mut event: Value| {
        event["body"] = Value::Null;
        event
    };
    for event in [
        absent(http(KEY, "")),
        null(http(KEY, "")),
        http(KEY, ""),
        http(KEY, " \n"),
        absent(v1(&json!({}))),
        null(v1(&json!({}))),
    ] {
        let problem = Http::of(world.invoke(&event).await).problem(400, "InvalidRequest");
        assert_eq!(violations(&problem), wrong(&[("", "Malformed")]));
        assert_eq!(problem["detail"], "the body is empty");
    }
    assert_eq!(operations(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_request_of_a_load_balancer_is_answered_as_one_of_a_rest_api() {
    let world = World::new();
    let balanced = v1(&json!({
        "requestContext": {"elb": {"targetGroupArn":
            "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/6d0ecf831eec9f09"}},
        "headers": {"content-type": "application/json", "idempotency-key": KEY, "x-amzn-trace-id": "Root=1-5c536348-3d683b8b"},
        "multiValueHeaders": null,
        "queryStringParameters": {},
    }));
    let first = Http::of(world.invoke(&balanced).await);
    assert_eq!(first.receipt()["idempotencyKey"], KEY);
    let again = Http::of(world.invoke(&balanced).await);
    assert_eq!(again.header("Idempotent-Replayed"), Some("true"));
    let mut health = balanced;
    health["httpMethod"] = "GET".into();
    health["path"] = "/".into();
    Http::of(world.invoke(&health).await).problem(404, "NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_in_a_batch_twice_is_one_message() {
    let world = World::new();
    let order = record("m-1", &with_key(KEY, request(Some(101))).to_string());
    let bad = record("bad", "nonsense");
    let event = sqs([order.clone(), bad.clone(), order, bad]);
    assert_eq!(returned(&world.invoke(&event).await.answer()), [""; 0]);
    assert_eq!(world.cloud.connections().len(), 1);
    let details = world.details();
    let facts: std::collections::BTreeSet<_> = details
        .iter()
        .map(|detail| detail["eventId"].to_string())
        .collect();
    assert_eq!(facts.len(), 2, "{details:?}");

    let throttled = World::new();
    let fault = local_cloud::Fault::on(local_cloud::FaultKind::Throttle, "TransactWriteItems");
    throttled.cloud.inject(fault.always());
    assert_eq!(returned(&throttled.invoke(&event).await.answer()), ["m-1"]);
}

#[tokio::test(start_paused = true)]
async fn one_byte_order_mark_in_front_of_an_order_is_skipped() {
    let world = World::new();
    let marked = format!("\u{feff}{}", body(None, &[]));
    Http::of(world.invoke(&http(KEY, &marked)).await).receipt();
    let keyed = format!("\u{feff}{}", body(Some(KEY), &[]));
    let event = sqs([record("m-1", &keyed)]);
    assert_eq!(returned(&world.invoke(&event).await.answer()), [""; 0]);
    assert_eq!(world.cloud.connections().len(), 1);
    let twice = format!(
        "{{\"Records\": [{}]}}",
        record("m-2", &format!("\u{feff}{keyed}"))
    );
    invoke_text(&world, twice).await.answer();
    assert_eq!(world.details()[1]["rejection"]["code"], "InvalidRequest");
}
