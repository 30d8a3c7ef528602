//! Releases, questions, and what tracking finds.

use std::collections::BTreeMap;
use std::time::Duration;

use local_cloud::{Fault, FaultKind, Progress};
use proof::{Invocation, PARENT, Program, World, get, record, sqs};
use serde_json::json;

use super::{ALLOCATE, denied, forget, measured, only, order, told};
use crate::meddler::Meddler;
use crate::partner::{FOREIGN, order_http, pass, place, run};

#[tokio::test(start_paused = true)]
async fn releases_are_counted_by_what_became_of_them() {
    let slow = Progress {
        deleted_after: Some(Duration::from_secs(90)),
        ..Progress::default()
    };
    let world = World::with(|cloud| cloud.progress(slow), &[]).measured();
    let releases = |key: &'static str| {
        let world = &world;
        async move {
            world.release(key).await;
            told(world)
        }
    };
    assert_eq!(releases("nobodys").await, only([("RejectedReleases", 1)]));
    world
        .cloud
        .inject(Fault::on(FaultKind::KillBefore, ALLOCATE));
    world.invoke(&order("open", 102)).await;
    place(&world, "k", 101).await;
    forget(&world);
    assert_eq!(releases("open").await, only([("ReturnedReleases", 1)]));
    assert_eq!(releases("k").await, only([("PendingReleases", 1)]));
    pass(100).await;
    assert_eq!(releases("k").await, only([("CompletedReleases", 1)]));
    world.cloud.inject(Fault::on(denied(), "GetItem"));
    assert_eq!(releases("k").await, only([("Defects", 1)]));
    let wish = json!({"action": "release", "idempotencyKey": "nobodys"});
    let wishes = sqs([record("m-1", &wish.to_string()), record("m-2", "{}")]);
    world.invoke_program(Program::Release, &wishes).await;
    assert_eq!(told(&world), only([("RejectedReleases", 2)]));
}

#[tokio::test(start_paused = true)]
async fn a_question_is_counted_when_we_are_the_reason_that_it_has_no_answer() {
    let world = measured();
    let question = get("/allocations/k");
    world.invoke_program(Program::Inspect, &question).await;
    assert_eq!(told(&world), only([]));
    world.cloud.inject(Fault::on(denied(), "GetItem"));
    world.invoke_program(Program::Inspect, &question).await;
    assert_eq!(told(&world), only([("Defects", 1)]));
}

/// What a run of tracking tells when it finds nothing at all.
fn quiet() -> BTreeMap<String, u64> {
    only([
        ("TrackRuns", 1),
        ("FinishedAllocations", 0),
        ("UnfinishedAllocations", 0),
        ("OldestUnfinishedSeconds", 0),
        ("StuckAllocations", 0),
        ("QuarantinedAllocations", 0),
        ("StateChanges", 0),
        ("OrphanConnections", 0),
        ("GhostConnections", 0),
        ("ParentsLeftOut", 0),
    ])
}

fn quiet_but<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    let mut figures = quiet();
    figures.extend(only(expected));
    figures
}

#[tokio::test(start_paused = true)]
async fn a_run_of_tracking_tells_what_it_found_and_that_there_was_nothing() {
    let world = measured();
    run(&world).await;
    assert_eq!(told(&world), quiet());
    let id = place(&world, "k", 101).await;
    place(&world, "gone", 102).await;
    world
        .cloud
        .insert_connection(PARENT, 200, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    world.invoke(&order_http("killed", Some(103))).await;
    forget(&world);
    world.cloud.confirm(&id).unwrap();
    pass(60).await;
    run(&world).await;
    let expected = [
        ("FinishedAllocations", 1),
        ("OrphanConnections", 1),
        ("StateChanges", 1),
        ("Takeovers", 1),
        ("ReconciledAdopted", 1),
    ];
    assert_eq!(told(&world), quiet_but(expected));
    let gone = world.cloud.connections();
    let gone = gone.iter().find(|one| one.vlan == 102).unwrap();
    world.cloud.delete(&gone.id).unwrap();
    world.cloud.purge().unwrap();
    pass(60).await;
    run(&world).await;
    let ghost = [("GhostConnections", 1), ("OrphanConnections", 1)];
    let told = told(&world);
    for (name, count) in ghost {
        assert_eq!(told[name], count, "{told:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_of_tracking_tells_how_long_the_oldest_order_has_been_unfinished() {
    let world = measured();
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, ALLOCATE).always());
    world.invoke(&order("old", 101)).await;
    pass(1_000).await;
    world.invoke(&order("young", 102)).await;
    pass(50).await;
    forget(&world);
    run(&world).await;
    let told = told(&world);
    // Nothing more is started once Direct Connect asks for fewer requests.
    let throttles = told["DirectConnectThrottles"];
    assert!((1..=2).contains(&throttles), "{told:?}");
    let expected = [
        ("UnfinishedAllocations", 2),
        ("StuckAllocations", 1),
        ("OldestUnfinishedSeconds", 1_050),
        ("Takeovers", told["Takeovers"]),
        ("DirectConnectThrottles", throttles),
    ];
    assert_eq!(told, quiet_but(expected));
}

#[tokio::test(start_paused = true)]
async fn what_tracking_cannot_do_through_our_fault_is_counted() {
    let world = measured();
    world.cloud.inject(Fault::on(FaultKind::Throttle, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    pass(60).await;
    forget(&world);
    world.cloud.inject(Fault::on(denied(), ALLOCATE));
    run(&world).await;
    let told_of_order = told(&world);
    assert_eq!(told_of_order["Defects"], 1);
    world
        .cloud
        .inject(Fault::on(denied(), "DescribeInterconnects").always());
    let failed = world.track().await;
    assert!(matches!(failed, Invocation::Failed { .. }), "{failed:?}");
    let told = told(&world);
    // The order, which finishes now, is none of them.
    assert_eq!((told["Defects"], told["TrackRuns"]), (1, 1), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_cannot_list_the_parents_tells_that_some_were_left_out() {
    let world = measured();
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "DescribeLags").always());
    run(&world).await;
    let told = told(&world);
    assert_eq!((told["ParentsLeftOut"], told["TrackRuns"]), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_read_is_a_defect_and_the_run_goes_on() {
    let world = measured();
    world.cloud.inject(Fault::on(FaultKind::Throttle, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    pass(60).await;
    forget(&world);
    let (from, to) = (r#"{"S":"waiting"}"#, r#"{"S":"asleep"}"#);
    let meddler = Meddler::rewrites("BatchGetItem", from, to);
    let http = meddler.between(world.cloud.http_client_as("through"));
    let ran = world
        .invoke_program_through(http, Program::Track, &json!({}))
        .await;
    assert!(matches!(ran, Invocation::Answered(_)), "{ran:?}");
    let told = told(&world);
    // Met twice: among what is unfinished, and among what is on the parent.
    assert_eq!((told["Defects"], told["TrackRuns"]), (2, 1), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_got_something_else_is_a_defect_and_then_in_quarantine() {
    let world = measured();
    let other = Meddler::rewrites(ALLOCATE, "\"vlan\":101", "\"vlan\":102");
    let http = other.between(world.cloud.http_client_as("through"));
    world.invoke_through(http, &order("k", 101)).await;
    assert_eq!(told(&world), only([("Defects", 1)]));
    run(&world).await;
    assert_eq!(told(&world)["QuarantinedAllocations"], 1);
}
