//! More to do than one run has time for: each run gets somewhere, and nothing keeps everything else from its turn.

use std::time::Duration;

use local_cloud::{Fault, FaultKind, Parent, Progress};
use proof::{PARENT, World, record, sqs};
use serde_json::json;

use crate::partner::{is_unfinished, order_http, pass, place, run, story};

fn roomy(progress: Progress) -> World {
    let parent = Parent::interconnect(PARENT, "100Gbps").unlimited();
    World::with(|builder| builder.parents([parent]).progress(progress), &[])
}

/// Places an order on each of `vlans`, and asks for all of them to be released.
async fn release_all(world: &World, vlans: std::ops::Range<u16>) {
    for vlan in vlans.clone() {
        place(world, &format!("k-{vlan}"), vlan).await;
    }
    for vlan in vlans {
        let wish = json!({"action": "release", "idempotencyKey": format!("k-{vlan}")});
        let event = sqs([record("m", &wish.to_string())]);
        world.invoke_program(proof::Program::Release, &event).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_bus_gets_every_change_in_the_end_and_none_again_and_again() {
    let world = roomy(Progress::default());
    for vlan in 1..201 {
        let id = place(&world, &format!("k-{vlan}"), vlan).await;
        world.cloud.confirm(&id).unwrap();
    }
    // Twenty calls, of which a run has time for a few.
    world
        .cloud
        .set_latency_of("PutEvents", Duration::from_secs(2));
    world.cloud.forget_requests();
    for _ in 0..4 {
        // A run that does not end in time is killed, and has no answer.
        run(&world).await;
        pass(60).await;
    }
    for vlan in 1..201 {
        let key = format!("k-{vlan}");
        assert_eq!(story(&world, &key), ["allocated", "ordering → pending"]);
        assert!(!is_unfinished(&world, &key));
    }
    assert!(
        world.cloud.count("PutEvents") <= 40,
        "{}",
        world.cloud.count("PutEvents")
    );
}

#[tokio::test(start_paused = true)]
async fn many_releases_that_take_long_share_one_look() {
    let world = roomy(Progress {
        deleted_after: Some(Duration::from_secs(90)),
        ..Progress::default()
    });
    release_all(&world, 1..151).await;
    pass(30).await;
    world.cloud.forget_requests();
    let numbers = run(&world).await;
    assert_eq!(numbers["unfinished"], 150, "{numbers}");
    let looks = world.cloud.count("DescribeHostedConnections");
    assert!(looks <= 4, "two looks of two pages: {looks}");
    pass(90).await;
    world.cloud.forget_requests();
    let numbers = run(&world).await;
    assert_eq!(numbers["finished"], 150, "{numbers}");
    let looks = world.cloud.count("DescribeHostedConnections");
    assert!(looks <= 4, "two looks of two pages: {looks}");
}

#[tokio::test(start_paused = true)]
async fn releases_that_hang_keep_nobody_else_from_their_turn() {
    let world = roomy(Progress::default());
    world
        .cloud
        .inject(Fault::on(FaultKind::HangBefore, "DeleteConnection").always());
    release_all(&world, 1..31).await;
    let id = place(&world, "followed", 100).await;
    world.cloud.confirm(&id).unwrap();
    let fault = Fault::on(FaultKind::Throttle, "AllocateHostedConnection");
    world.cloud.inject(fault);
    world.invoke(&order_http("waiting", Some(101))).await;
    pass(60).await;
    let numbers = run(&world).await;
    assert_eq!(
        story(&world, "followed"),
        ["allocated", "ordering → pending"],
        "{numbers}"
    );
    assert_eq!(story(&world, "waiting"), ["allocated"], "{numbers}");
    assert_eq!(numbers["unfinished"], 30);
    world.cloud.clear_faults();
    pass(60).await;
    assert_eq!(run(&world).await["finished"], 30);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn orders_that_take_long_keep_no_event_and_no_release_waiting() {
    let world = roomy(Progress::default());
    place(&world, "released", 200).await;
    let id = place(&world, "changed", 201).await;
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "PutEvents").always());
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection").always());
    world.cloud.confirm(&id).unwrap();
    run(&world).await;
    for vlan in 1..81 {
        world
            .invoke(&order_http(&format!("k-{vlan}"), Some(vlan)))
            .await;
    }
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "DeleteConnection").always());
    world.release("released").await;
    world.cloud.clear_faults();
    // Eighty orders of ten seconds each are more than a run has time for.
    world
        .cloud
        .set_latency_of("AllocateHostedConnection", Duration::from_secs(10));
    pass(60).await;
    let numbers = run(&world).await;
    assert!(numbers["unfinished"].as_u64().unwrap() > 0, "{numbers}");
    assert_eq!(
        story(&world, "changed"),
        ["allocated", "ordering → pending"]
    );
    assert_eq!(
        story(&world, "released").last().unwrap(),
        "released, deleted"
    );
    for _ in 0..12 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 2 + 80 + 80);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 81);
}
