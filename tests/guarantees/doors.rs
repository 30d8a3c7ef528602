//! Each door by itself: what it takes, what it answers, and that asking again gives the same answer.

use std::time::Duration;

use local_cloud::{Fault, FaultKind, Parent};
use serde_json::{Value, json};

use crate::answers::{
    HTTP_REQUEST, Http, INVOCATION, allocation, assert_receipt, direct_problem, invoke_text,
    operations, rejection, sqs_origin,
};
use crate::orders::{
    FIFO_ARN, OWNER, PARENT, QUEUE_ARN, fifo_record, http, record, request, sqs, with_key,
};
use crate::world::{Invocation, World};

const KEY: &str = "order-1001";

fn nothing_returned() -> Value {
    json!({"batchItemFailures": []})
}

/// The record with the key as message attribute.
fn with_attribute(mut record: Value, key: &str) -> Value {
    record["messageAttributes"]["Idempotency-Key"] = json!({
        "stringValue": key, "stringListValues": [], "binaryListValues": [], "dataType": "String",
    });
    record
}

/// `POST /allocations` through a REST API (payload version 1.0).
fn http_v1(key: &str, body: &str) -> Value {
    json!({
        "resource": "/allocations",
        "path": "/allocations",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json", "Idempotency-Key": key},
        "multiValueHeaders": {"Content-Type": ["application/json"], "Idempotency-Key": [key]},
        "queryStringParameters": null,
        "pathParameters": null,
        "stageVariables": null,
        "requestContext": {"requestId": HTTP_REQUEST, "stage": "prod", "path": "/prod/allocations", "httpMethod": "POST"},
        "body": body,
        "isBase64Encoded": false,
    })
}

/// `POST /allocations` through a function URL.
fn function_url(key: &str, body: &str) -> Value {
    let mut event = http(key, body);
    event["routeKey"] = "$default".into();
    event["requestContext"]["routeKey"] = "$default".into();
    event["requestContext"]["domainName"] = "abc.lambda-url.eu-central-1.on.aws".into();
    event
}

fn order() -> String {
    request(Some(101)).to_string()
}

// ---------------------------------------------------------------- queues

async fn an_order_from_a_queue(event: &Value, origin: &Value) {
    let world = World::new();
    assert_eq!(world.invoke(event).await.answer(), nothing_returned());
    let connections = world.cloud.connections();
    assert_eq!(connections.len(), 1);
    assert_eq!(
        (connections[0].parent.as_str(), connections[0].vlan),
        (PARENT, 101)
    );
    let events = world.cloud.events();
    assert_eq!(events.len(), 1);
    let connection = allocation(&world, &events[0], KEY, origin);
    assert_eq!(connection["connectionId"], connections[0].id.as_str());
    assert_eq!(connection["ownerAccount"], OWNER);
    assert_eq!(events[0].detail["request"], request(Some(101)));
    assert_eq!(events[0].detail.as_object().unwrap().len(), 7);

    world.cloud.forget_requests();
    assert_eq!(world.invoke(event).await.answer(), nothing_returned());
    assert_eq!(world.cloud.requests().len(), 1, "a replay is one call");
    assert_eq!(world.cloud.connections(), connections);
    assert_eq!(world.cloud.events(), events);
}

#[tokio::test(start_paused = true)]
async fn an_order_from_a_standard_queue_is_allocated_published_and_consumed_once() {
    let keyed = with_key(KEY, request(Some(101))).to_string();
    let origin = sqs_origin("m-1", QUEUE_ARN);
    an_order_from_a_queue(&sqs([record("m-1", &keyed)]), &origin).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_from_a_fifo_queue_is_allocated_published_and_consumed_once() {
    let keyed = with_key(KEY, request(Some(101))).to_string();
    let origin = sqs_origin("m-1", FIFO_ARN);
    an_order_from_a_queue(&sqs([fifo_record("m-1", "group", &keyed)]), &origin).await;
}

#[tokio::test(start_paused = true)]
async fn the_key_of_a_message_may_be_an_attribute_or_both_when_they_agree() {
    let origin = sqs_origin("m-1", QUEUE_ARN);
    let in_attribute = with_attribute(record("m-1", &order()), KEY);
    an_order_from_a_queue(&sqs([in_attribute]), &origin).await;
    let keyed = with_key(KEY, request(Some(101))).to_string();
    let in_both = with_attribute(record("m-1", &keyed), KEY);
    an_order_from_a_queue(&sqs([in_both]), &origin).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_attribute_and_body_name_different_keys_is_refused_without_a_key() {
    let world = World::new();
    let keyed = with_key("order-2", request(Some(101))).to_string();
    let event = sqs([with_attribute(record("m-1", &keyed), KEY)]);
    assert_eq!(world.invoke(&event).await.answer(), nothing_returned());
    assert_eq!(operations(&world), ["PutEvents"]);
    let origin = sqs_origin("m-1", QUEUE_ARN);
    rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
}

#[tokio::test(start_paused = true)]
async fn one_key_is_one_order_whichever_door_and_place_it_comes_through() {
    let world = World::new();
    let keyed = with_key(KEY, request(Some(101)));
    let by_body = sqs([record("m-1", &keyed.to_string())]);
    let by_attribute = sqs([with_attribute(record("m-2", &order()), KEY)]);
    assert_eq!(world.invoke(&by_body).await.answer(), nothing_returned());
    assert_eq!(
        world.invoke(&by_attribute).await.answer(),
        nothing_returned()
    );
    let http = Http::of(world.invoke(&http(KEY, &order())).await);
    let bodies = [
        Http::of(world.invoke(&http_v1(KEY, &order())).await).body,
        Http::of(world.invoke(&function_url(KEY, &order())).await).body,
    ];
    assert_eq!(http.header("Idempotent-Replayed"), Some("true"));
    assert_eq!(bodies, [http.body.clone(), http.body.clone()]);
    assert_eq!(world.invoke(&keyed).await.answer(), http.receipt());
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.events().len(), 1);
}

// ---------------------------------------------------------------- HTTP

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

#[tokio::test(start_paused = true)]
async fn while_another_worker_has_the_key_the_answer_is_409_until_it_is_done() {
    let world = World::new();
    world
        .cloud
        .set_latency_of("AllocateHostedConnection", Duration::from_secs(5));
    let keyed = with_key(KEY, request(Some(101)));
    let event = http(KEY, &order());
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let second = Http::of(world.invoke(&event).await);
        let direct = world.invoke(&keyed).await;
        let queued = world
            .invoke(&sqs([record("m-1", &keyed.to_string())]))
            .await;
        (second, direct, queued)
    };
    let (first, (second, direct, queued)) = tokio::join!(world.invoke(&event), second);
    second.problem(409, "InProgress");
    direct_problem(direct, 409, "InProgress");
    assert_eq!(
        queued.answer(),
        json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]})
    );
    let first = Http::of(first);
    assert_eq!(first.header("Idempotent-Replayed"), None);
    let third = Http::of(world.invoke(&event).await);
    assert_eq!((third.status, third.body), (201, first.body));
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

#[tokio::test(start_paused = true)]
async fn throttling_is_429_for_now_and_the_order_goes_through_later() {
    for operation in ["AllocateHostedConnection", "TransactWriteItems"] {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(FaultKind::Throttle, operation).always());
        let event = http(KEY, &order());
        Http::of(world.invoke(&event).await).problem(429, "Throttled");
        let keyed = with_key(KEY, request(Some(101)));
        direct_problem(world.invoke(&keyed).await, 429, "Throttled");
        assert!(world.cloud.events().is_empty(), "nothing is final yet");
        world.cloud.clear_faults();
        Http::of(world.invoke(&event).await).receipt();
        assert_eq!(world.cloud.connections().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_503_until_it_is_known() {
    let world = World::new();
    world.cloud.inject(Fault::on(
        FaultKind::LandLate(Duration::from_secs(10)),
        "AllocateHostedConnection",
    ));
    let event = http(KEY, &order());
    Http::of(world.invoke(&event).await).problem(503, "OutcomeUnknown");
    let keyed = with_key(KEY, request(Some(101)));
    direct_problem(world.invoke(&keyed).await, 503, "OutcomeUnknown");
    assert!(world.cloud.events().is_empty(), "nothing is final yet");
    tokio::time::sleep(Duration::from_secs(15)).await;
    Http::of(world.invoke(&event).await).receipt();
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_a_dependency_is_down_the_answer_is_503_and_nothing_final_is_said() {
    for operation in ["PutEvents", "TransactWriteItems"] {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(FaultKind::ServerErrorBefore, operation).always());
        let event = http(KEY, &order());
        Http::of(world.invoke(&event).await).problem(503, "Unavailable");
        world.cloud.clear_faults();
        let receipt = Http::of(world.invoke(&event).await).receipt();
        assert_eq!(world.cloud.connections().len(), 1);
        assert_eq!(world.details()[0]["connection"], receipt["connection"]);
    }
}

#[tokio::test(start_paused = true)]
async fn our_own_fault_is_500_without_internals() {
    let world = World::new();
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    world
        .cloud
        .inject(Fault::on(denied, "AllocateHostedConnection").always());
    let answer = Http::of(world.invoke(&http(KEY, &order())).await);
    answer.problem(500, "Internal");
    let keyed = with_key(KEY, request(Some(101)));
    let direct = direct_problem(world.invoke(&keyed).await, 500, "Internal").to_string();
    for text in [&answer.body, &direct] {
        for internal in [
            "AccessDenied",
            "AllocateHosted",
            "allocations",
            "arn:",
            "injected",
        ] {
            assert!(!text.contains(internal), "{internal} in {text}");
        }
    }
    assert!(
        world.cloud.events().is_empty(),
        "we failed, the order did not"
    );
}

// ---------------------------------------------------------------- 422

/// Asks twice, a month apart and after `cure`, and expects the same final no both times, published once.
async fn refused_for_ever(
    world: &World,
    event: &Value,
    code: &str,
    cure: impl FnOnce(&World),
) -> Value {
    let events = world.cloud.events().len();
    let first = Http::of(world.invoke(event).await);
    let problem = first.problem(422, code);
    assert_eq!(
        problem.get("violations"),
        None,
        "the request itself is fine"
    );
    cure(world);
    tokio::time::sleep(Duration::from_secs(30 * 24 * 3600)).await;
    let again = Http::of(world.invoke(event).await);
    assert_eq!(again, first, "the same for ever after");
    let told = &world.cloud.events()[events..];
    let ids: std::collections::BTreeSet<_> = told
        .iter()
        .map(|event| event.detail["eventId"].to_string())
        .collect();
    assert_eq!(ids.len(), 1, "one fact: {told:#?}");
    let origin = json!({"door": "http", "requestId": HTTP_REQUEST});
    let key = event["headers"]["idempotency-key"].clone();
    let rejection = rejection(world, &told[0], &key, &origin);
    assert_eq!(rejection["code"], code);
    let body: Value = serde_json::from_str(event["body"].as_str().unwrap()).unwrap();
    assert_eq!(told[0].detail["request"], body);
    problem
}

#[tokio::test(start_paused = true)]
async fn a_key_with_another_request_is_422_and_the_first_order_stays_as_it_is() {
    let world = World::new();
    let first = Http::of(world.invoke(&http(KEY, &order())).await);
    let mut other = request(Some(101));
    other["bandwidth"] = "1Gbps".into();
    refused_for_ever(
        &world,
        &http(KEY, &other.to_string()),
        "IdempotencyKeyReused",
        |_| {},
    )
    .await;
    let problem = direct_problem(
        world.invoke(&with_key(KEY, other)).await,
        422,
        "IdempotencyKeyReused",
    );
    assert_eq!(problem.get("violations"), None);
    assert_eq!(
        Http::of(world.invoke(&http(KEY, &order())).await).body,
        first.body
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_taken_vlan_is_422_even_after_it_has_become_free() {
    let world = World::new();
    let foreign = world
        .cloud
        .insert_connection(PARENT, 101, "999988887777", "50Mbps", "theirs")
        .unwrap();
    refused_for_ever(&world, &http(KEY, &order()), "VlanInUse", |world| {
        world.cloud.delete(&foreign.id).unwrap()
    })
    .await;
    // Another key may have it now.
    Http::of(world.invoke(&http("order-2", &order())).await).receipt();
}

#[tokio::test(start_paused = true)]
async fn what_direct_connect_refuses_is_422_even_after_it_would_not_any_more() {
    let world = World::with(
        |builder| builder.parents([Parent::interconnect(PARENT, "10Gbps").closed()]),
        &[],
    );
    let open = |world: &World| {
        world
            .cloud
            .add_parent(Parent::interconnect(PARENT, "10Gbps"))
            .unwrap();
    };
    refused_for_ever(&world, &http(KEY, &order()), "RefusedByDirectConnect", open).await;
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    assert!(world.cloud.connections().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_parent_without_a_free_vlan_is_422() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "101-101")]);
    Http::of(world.invoke(&http(KEY, &order())).await).receipt();
    let any = http("order-2", &request(None).to_string());
    refused_for_ever(&world, &any, "NoVlanAvailable", |_| {}).await;
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

// ---------------------------------------------------------------- direct

#[tokio::test(start_paused = true)]
async fn a_direct_invocation_answers_with_the_receipt_and_replays_it() {
    let world = World::new();
    let event = with_key(KEY, request(Some(101)));
    let first = world.invoke(&event).await.answer();
    assert_receipt(&first);
    assert_eq!(
        (&first["idempotencyKey"], &first["parentConnectionId"]),
        (&json!(KEY), &json!(PARENT))
    );
    let origin = json!({"door": "direct", "requestId": "request-of-worker-0"});
    let told = allocation(&world, &world.cloud.events()[0], KEY, &origin);
    assert_eq!(told, first["connection"]);
    assert_eq!(world.invoke(&event).await.answer(), first);
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.events().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_direct_invocation_without_a_receipt_fails_with_the_problem() {
    let world = World::new();
    let invalid = direct_problem(
        invoke_text(&world, r#"{"connectionId": "dxcon-ffabc123"}"#).await,
        400,
        "InvalidRequest",
    );
    assert_eq!(invalid["instance"], INVOCATION);
    assert_eq!(operations(&world), [""; 0]);
    let keyless = world.invoke(&request(Some(101))).await;
    direct_problem(keyless, 400, "MissingIdempotencyKey");
    world.invoke(&with_key(KEY, request(Some(101)))).await;
    let taken = with_key("order-2", request(Some(101)));
    let first = direct_problem(world.invoke(&taken).await, 422, "VlanInUse");
    let again = direct_problem(world.invoke(&taken).await, 422, "VlanInUse");
    assert_eq!(first["detail"], again["detail"]);
}

// ---------------------------------------------------------------- events

#[tokio::test(start_paused = true)]
async fn an_event_that_nobody_knows_fails_the_invocation_and_says_what_was_expected() {
    let world = World::new();
    for event in [
        "null",
        "[]",
        "1",
        "\"order\"",
        "{}",
        r#"{"Records": []}"#,
        r#"{"Records": [{"eventSource": "aws:s3", "s3": {}}]}"#,
        r#"{"Records": [{"EventSource": "aws:sns", "Sns": {}}]}"#,
        r#"{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}"#,
        r#"{"version": "2.0", "type": "REQUEST", "requestContext": {}}"#,
        r#"{"requestContext": {"elb": {}}, "path": "/allocations"}"#,
    ] {
        let Invocation::Failed { error_message, .. } = invoke_text(&world, event).await else {
            panic!("{event} was taken for one of ours");
        };
        for expected in ["SQS", "API Gateway", "connectionId"] {
            assert!(
                error_message.contains(expected),
                "{event}: {error_message} names no {expected}"
            );
        }
    }
    assert_eq!(operations(&world), [""; 0]);
}
