//! How much one run does, and with how few calls.

use std::time::Duration;

use ledger::ClaimAnswer;
use local_cloud::{Fault, FaultKind, Parent};
use proof::{OWNER, PARENT, World, schedule};

use crate::partner::{pass, place, run, small};

const DESCRIBE: &str = "DescribeHostedConnections";

/// As many orders as `vlans`, each claimed by somebody who died right then.
async fn claim_and_die(world: &World, vlans: std::ops::Range<u16>) {
    let aws = world.aws("dead");
    for vlan in vlans {
        let order = proof::order(&format!("k-{vlan}"), small(Some(vlan)));
        let claimed = world.claim(&aws.ledger, &order).await;
        assert!(matches!(claimed, ClaimAnswer::Won(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_unfinished_orders_share_one_look_at_their_parent() {
    let parent = Parent::interconnect(PARENT, "100Gbps").unlimited();
    let world = World::with(|builder| builder.parents([parent]), &[]);
    claim_and_die(&world, 1..1001).await;
    // Every other call had landed before its caller died.
    let landed = (1..1001).step_by(2);
    let name = small(None)["connectionName"].as_str().unwrap().to_owned();
    world
        .cloud
        .insert_connections(PARENT, landed, OWNER, "50Mbps", &name)
        .unwrap();
    pass(60).await;
    world.cloud.forget_requests();
    let numbers = run(&world).await;
    assert_eq!(numbers["finished"], 1000, "{numbers}");
    assert_eq!(
        world.cloud.count(DESCRIBE),
        10,
        "500 connections are five pages, and what five pages do not show is absent only if a second look agrees"
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 500);
    assert_eq!(world.cloud.connections().len(), 1000);
    assert_eq!(world.cloud.count("PutEvents"), 100, "ten events to a call");
}

#[tokio::test(start_paused = true)]
async fn a_run_ends_before_its_deadline_and_the_next_one_goes_on() {
    let parent = Parent::interconnect(PARENT, "100Gbps").unlimited();
    let world = World::with(|builder| builder.parents([parent]), &[]);
    claim_and_die(&world, 1..301).await;
    pass(60).await;
    world
        .cloud
        .set_latency_of("AllocateHostedConnection", Duration::from_secs(3));
    let mut finished = Vec::new();
    for _ in 0..8 {
        // A run that does not end in time is killed, and has no answer.
        let numbers = run(&world).await;
        assert_eq!(
            numbers["parents"], 1,
            "a flood of orders leaves time for the states: {numbers}"
        );
        finished.push(numbers["finished"].as_u64().unwrap());
        pass(60).await;
    }
    assert!(finished[0] > 0 && finished[0] < 300, "{finished:?}");
    assert_eq!(finished.iter().sum::<u64>(), 300, "{finished:?}");
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 300);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_throttled_stops_asking_and_the_next_begins_with_another_parent() {
    let world = World::new();
    let mut asked_first = Vec::new();
    for _ in 0..3 {
        world.cloud.forget_requests();
        world.cloud.clear_faults();
        world
            .cloud
            .inject(Fault::on(FaultKind::Throttle, DESCRIBE).always());
        let numbers = run(&world).await;
        assert_eq!(
            (&numbers["parents"], &numbers["parentsLeftOut"]),
            (&0.into(), &3.into())
        );
        let requests = world.cloud.requests();
        let looks = requests
            .iter()
            .filter(|request| request.operation == DESCRIBE);
        let parents: std::collections::BTreeSet<_> = looks
            .map(|look| look.body["connectionId"].to_string())
            .collect();
        assert_eq!(
            parents.len(),
            1,
            "no other parent is asked once we are throttled"
        );
        asked_first.extend(parents);
        pass(60).await;
    }
    asked_first.sort();
    asked_first.dedup();
    assert_eq!(asked_first.len(), 3, "parents take turns");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_cannot_be_read_does_not_keep_the_others_from_being_followed() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.confirm(&id).unwrap();
    let mut changes = 0;
    for _ in 0..3 {
        // Whichever parent comes first.
        world.cloud.clear_faults();
        let broken = FaultKind::Error {
            status: 400,
            code: "DirectConnectClientException".into(),
        };
        world.cloud.inject(Fault::on_nth(broken, DESCRIBE, 1));
        changes += run(&world).await["stateChanges"].as_u64().unwrap();
        pass(60).await;
    }
    assert_eq!(changes, 1);
}

#[tokio::test(start_paused = true)]
async fn only_a_schedule_or_a_persons_empty_event_starts_a_run() {
    let world = World::new();
    let track = proof::Program::Track;
    for event in [schedule(), serde_json::json!({})] {
        let answer = world.invoke_program(track, &event).await.answer();
        assert_eq!(answer["parents"], 3);
    }
    world.cloud.forget_requests();
    let order = crate::partner::order("k", Some(101));
    for event in [
        order,
        serde_json::json!([]),
        serde_json::json!({"detail-type": "Other"}),
    ] {
        let proof::Invocation::Failed { error_type, .. } =
            world.invoke_program(track, &event).await
        else {
            panic!("{event} started a run")
        };
        assert_eq!(error_type, "UnknownEvent");
    }
    assert_eq!(world.cloud.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_may_not_do_its_work_fails_so_that_lambda_counts_it() {
    for operation in ["Query", DESCRIBE, "DescribeLags"] {
        let world = World::new();
        let denied = FaultKind::Error {
            status: 400,
            code: "AccessDeniedException".into(),
        };
        world.cloud.inject(Fault::on(denied, operation).always());
        let proof::Invocation::Failed { error_type, .. } = world.track().await else {
            panic!("{operation} is denied, and nobody is told")
        };
        assert_eq!(error_type, "Internal");
    }
}
