//! What a policy costs those who have one, and that it costs the others next to nothing.

use std::time::Duration;

use lambda_runtime::{Context, LambdaEvent};
use proof::{TIMEOUT, World};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use super::{enforced, set, sold};
use crate::answers::operations;
use crate::meddler::Meddler;
use crate::partner::{order_http, pass, run, status_and_code};

/// Operations of one more invocation of a process that goes on living.
async fn asked(world: &World, function: &allocate::Function, event: &Value) -> Vec<String> {
    let mut context = Context::default();
    let now = world.cloud.clock().now();
    let deadline = now.duration_since(std::time::UNIX_EPOCH).unwrap() + TIMEOUT;
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    world.cloud.forget_requests();
    let event = LambdaEvent::new(to_raw_value(event).unwrap(), context);
    let answer = function.handle(event).await.unwrap();
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    operations(world)
}

const FRESH_ORDER: [&str; 5] = [
    "TransactWriteItems",
    "AllocateHostedConnection",
    "UpdateItem",
    "PutEvents",
    "UpdateItem",
];

/// How many actions each transaction has had.
fn actions(world: &World) -> Vec<usize> {
    let requests = world.cloud.requests().into_iter();
    requests
        .filter(|request| request.operation == "TransactWriteItems")
        .map(|request| request.body["TransactItems"].as_array().unwrap().len())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn where_policies_are_ignored_nothing_is_added_to_an_order() {
    let world = World::new();
    let process = world.function("process");
    for vlan in [101, 102] {
        let event = order_http(&format!("k-{vlan}"), Some(vlan));
        assert_eq!(asked(&world, &process, &event).await, FRESH_ORDER);
        assert_eq!(actions(&world), [2]);
    }
}

#[tokio::test(start_paused = true)]
async fn that_a_parent_has_no_policy_is_asked_once_in_a_while() {
    let world = enforced();
    let process = world.function("process");
    let with_a_look: Vec<_> = ["Query"].into_iter().chain(FRESH_ORDER).collect();
    let event = |vlan: u16| order_http(&format!("k-{vlan}"), Some(vlan));
    assert_eq!(asked(&world, &process, &event(101)).await, with_a_look);
    assert_eq!(
        actions(&world),
        [2],
        "without a policy nothing is added to the claim"
    );
    pass(20).await;
    assert_eq!(asked(&world, &process, &event(102)).await, FRESH_ORDER);
    pass(20).await;
    assert_eq!(asked(&world, &process, &event(103)).await, with_a_look);
    let mut elsewhere = crate::partner::small(Some(104));
    elsewhere["connectionId"] = "dxcon-ffabc456".into();
    let event = proof::http("elsewhere", &elsewhere.to_string());
    assert_eq!(
        asked(&world, &process, &event).await,
        with_a_look,
        "another parent"
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_asks_once_whether_its_parent_has_a_policy() {
    let world = enforced();
    let records = (0..10).map(|i| {
        let body = proof::with_key(&format!("k-{i}"), crate::partner::small(Some(101 + i)));
        proof::record(&format!("m-{i}"), &body.to_string())
    });
    let answer = world.invoke(&proof::sqs(records)).await.answer();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    assert_eq!(world.cloud.count("Query"), 1);
    assert_eq!(world.cloud.connections().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_leaves_the_vlan_to_us_has_read_the_policy_with_the_leases() {
    let world = enforced();
    let process = world.function("process");
    let operations = asked(&world, &process, &order_http("k", None)).await;
    let mut expected = vec!["GetItem", "Query", "DescribeHostedConnections"];
    expected.extend(FRESH_ORDER);
    let mut sorted = operations[..3].to_vec();
    sorted.sort_by_key(|operation| expected.iter().position(|known| known == operation));
    assert_eq!(
        [&sorted, &operations[3..]].concat(),
        expected,
        "one GetItem is the order's own"
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_is_one_more_action_of_the_claim() {
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 1000})).await;
    let process = world.function("process");
    let event = |vlan: u16| order_http(&format!("k-{vlan}"), Some(vlan));
    asked(&world, &process, &event(101)).await;
    assert_eq!(asked(&world, &process, &event(102)).await, FRESH_ORDER);
    assert_eq!(actions(&world), [3]);
    assert_eq!(sold(&world), 100);
}

#[tokio::test(start_paused = true)]
async fn a_new_policy_is_kept_to_by_every_process_within_half_a_minute() {
    let world = enforced();
    let process = world.function("process");
    let event = |vlan: u16| order_http(&format!("k-{vlan}"), Some(vlan));
    asked(&world, &process, &event(101)).await;
    set(&world, &json!({"bandwidthLimitMbps": 50})).await;
    // It does not know yet; tracking counts what it sells meanwhile.
    asked(&world, &process, &event(102)).await;
    assert_eq!(sold(&world), 50);
    run(&world).await;
    assert_eq!(sold(&world), 100);
    pass(31).await;
    let mut context = Context::default();
    context.deadline = u64::MAX / 2;
    let late = LambdaEvent::new(to_raw_value(&event(103)).unwrap(), context);
    let answer = process.handle(late).await.unwrap();
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    assert_eq!(status_and_code(&answer), (422, "CapacityExceeded".into()));
}

#[tokio::test(start_paused = true)]
async fn others_in_the_way_are_waited_for_inside_the_deadline() {
    // Many more conflicts than a write is otherwise tried again for.
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 1000})).await;
    let meddler = Meddler::conflicts(30);
    let http = meddler.between(world.cloud.http_client_as("crowd"));
    let begun = tokio::time::Instant::now();
    let answer = world
        .invoke_through(http, &order_http("k", Some(101)))
        .await;
    assert_eq!(answer.answer()["statusCode"], 201);
    assert_eq!(sold(&world), 50);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_others_never_let_through_is_returned_before_the_deadline() {
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 1000})).await;
    let meddler = Meddler::conflicts(u32::MAX);
    let http = meddler.between(world.cloud.http_client_as("crowd"));
    let answer = world
        .invoke_through(http, &order_http("k", Some(101)))
        .await;
    assert_eq!(
        status_and_code(&answer.answer()),
        (503, "Unavailable".into())
    );
    assert_eq!(world.items("allocation#").len(), 0);
    assert_eq!(sold(&world), 0);
}
