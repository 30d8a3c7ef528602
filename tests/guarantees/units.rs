//! What DynamoDB bills for each step of an order's life. The connections have all 29 members of the API.

use local_cloud::{Fault, FaultKind, Units};
use proof::{World, record, request, sqs, with_key};
use serde_json::Value;

use crate::partner::{pass, record_of, run};

/// A step, what it may be billed at the most in write units, and how many orders share it.
const BARS: [(&str, u32, u32); 8] = [
    ("a fresh order alone", 13, 1),
    ("ten fresh orders in a batch", 150, 10),
    ("a replay", 6, 1),
    ("tracking's first look", 1, 1),
    ("a change of state, told", 22, 1),
    ("a replay after it", 10, 1),
    ("a release, told", 34, 1),
    ("a rejection by Direct Connect", 15, 1),
];

/// As long as they are on AWS.
const MESSAGE: &str = "059f36b4-87a3-44ab-83d2-661975830a7d";

fn order(key: &str, vlan: u16) -> Value {
    sqs([message(key, vlan)])
}

fn message(key: &str, vlan: u16) -> Value {
    let body = with_key(key, request(Some(vlan)));
    record(MESSAGE, &body.to_string())
}

/// Units of the requests since this was last asked.
fn billed(world: &World) -> Units {
    let mut sum = Units::default();
    for request in world.cloud.requests() {
        sum.writes += request.units.writes;
        sum.half_reads += request.units.half_reads;
    }
    world.cloud.forget_requests();
    sum
}

/// Each step, and what it was billed.
async fn measured() -> Vec<(&'static str, Units)> {
    let world = World::new();
    // What a process or a parent needs once is not the order's.
    world.invoke(&order("first", 99)).await.answer();
    pass(60).await;
    run(&world).await;
    billed(&world);
    let mut steps = Vec::new();
    world.invoke(&order("order-1001", 101)).await.answer();
    steps.push(("a fresh order alone", billed(&world)));
    world.invoke(&order("order-1001", 101)).await.answer();
    steps.push(("a replay", billed(&world)));
    pass(60).await;
    run(&world).await;
    steps.push(("tracking's first look", billed(&world)));
    let connections = world.cloud.connections();
    let ours = connections.iter().find(|one| one.vlan == 101).unwrap();
    world.cloud.confirm(&ours.id).unwrap();
    pass(60).await;
    run(&world).await;
    steps.push(("a change of state, told", billed(&world)));
    world.invoke(&order("order-1001", 101)).await.answer();
    steps.push(("a replay after it", billed(&world)));
    world.release("order-1001").await.answer();
    steps.push(("a release, told", billed(&world)));
    let ten = sqs((0..10).map(|n| message(&format!("order-200{n}"), 200 + n)));
    world.invoke(&ten).await.answer();
    steps.push(("ten fresh orders in a batch", billed(&world)));
    let refused = Fault::on(
        FaultKind::Error {
            status: 400,
            code: "DirectConnectClientException".into(),
        },
        "AllocateHostedConnection",
    );
    world.cloud.inject(refused);
    world.deliver_until_final(&order("order-3001", 301)).await;
    let rejected = record_of(&world, "order-3001");
    assert_eq!(rejected["allocationState"]["S"], "rejected");
    steps.push(("a rejection by Direct Connect", billed(&world)));
    steps
}

#[tokio::test(start_paused = true)]
async fn no_step_is_billed_more_than_it_may_be() {
    let steps = measured().await;
    for (what, bar, _) in BARS {
        let (_, units) = steps.iter().find(|(step, _)| *step == what).unwrap();
        assert!(units.writes <= bar, "{what}: {units:?}, at most {bar}");
    }
    assert_eq!(steps.len(), BARS.len());
}
