//! How long calls take, and which of them are too many.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::World;
use serde_json::Value;

use super::{ALLOCATE, measured, order, told};

#[tokio::test(start_paused = true)]
async fn each_call_is_timed_where_it_is_made_however_often_the_sdk_makes_it() {
    let world = World::with(|cloud| cloud.latency(Duration::from_millis(20)), &[]).measured();
    world.invoke(&order("k", 101)).await;
    let document = world.take_metrics().remove(0);
    let of_20 = |calls| Value::from(vec![20.0; calls]);
    assert_eq!(document["DirectConnectLatency"], of_20(1));
    assert_eq!(document["EventBridgeLatency"], of_20(1));
    // The claim, the record and the mark.
    assert_eq!(document["DynamoDBLatency"], of_20(3));
    assert_eq!(document["DynamoDBThrottles"], Value::Null);
    for n in [1, 2] {
        world
            .cloud
            .inject(Fault::on_nth(FaultKind::Throttle, "TransactWriteItems", n));
    }
    world.invoke(&order("again", 102)).await;
    let document = world.take_metrics().remove(0);
    assert_eq!(document["DynamoDBThrottles"], 2);
    assert_eq!(document["DynamoDBLatency"].as_array().unwrap().len(), 5);
    assert_eq!(document["AllocatedOrders"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_any_more_is_timed_too() {
    let world = measured();
    world
        .cloud
        .inject(Fault::on(FaultKind::HangBefore, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    let document = world.take_metrics().remove(0);
    // The longest wait for AllocateHostedConnection, and the look that follows.
    let latencies = document["DirectConnectLatency"].as_array().unwrap();
    assert_eq!(latencies.len(), 2, "{document}");
    assert_eq!(latencies[0], 15_000.0);
}

#[tokio::test(start_paused = true)]
async fn each_service_that_asks_for_less_is_counted_as_often_as_it_does() {
    for (kind, operation, name, times) in [
        (FaultKind::Throttle, "PutEvents", "EventBridgeThrottles", 3),
        (
            FaultKind::PartialPutEvents(vec![0]),
            "PutEvents",
            "EventBridgeThrottles",
            3,
        ),
        (
            FaultKind::Throttle,
            "TransactWriteItems",
            "DynamoDBThrottles",
            4,
        ),
        (FaultKind::Throttle, ALLOCATE, "DirectConnectThrottles", 1),
    ] {
        let world = measured();
        let story = format!("{kind:?} on {operation}");
        world.cloud.inject(Fault::on(kind, operation).always());
        world.invoke(&order("k", 101)).await;
        assert_eq!(told(&world).get(name), Some(&times), "{story}");
    }
}
