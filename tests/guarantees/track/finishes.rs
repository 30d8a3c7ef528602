//! Orders whose caller never came back.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{Invocation, PARENT, TIMEOUT, World};

use crate::answers::operations;
use crate::meddler::Meddler;
use crate::partner::{
    is_unfinished, order, order_http, pass, record_of, run, small, status_and_code, story,
};

const ALLOCATE: &str = "AllocateHostedConnection";
const DESCRIBE: &str = "DescribeHostedConnections";

/// Ways for a caller to vanish, from the first request of an order to its last.
fn ways_to_vanish(vlan: Option<u16>) -> Vec<(&'static str, Vec<Fault>)> {
    let nth = |kind, operation: &str, n| Fault::on_nth(kind, operation, n).for_worker("caller");
    let on = |kind, operation: &str| nth(kind, operation, 1);
    // Whoever leaves the VLAN to us is looked after once before the call.
    let look_after_call = 1 + u64::from(vlan.is_none());
    vec![
        (
            "killed after the claim",
            vec![on(FaultKind::ApplyThenKill, "TransactWriteItems")],
        ),
        (
            "killed before the call",
            vec![on(FaultKind::KillBefore, ALLOCATE)],
        ),
        (
            "killed after the call",
            vec![on(FaultKind::ApplyThenKill, ALLOCATE)],
        ),
        (
            "the answer is lost and so is the look",
            vec![
                on(FaultKind::ApplyThenReset, ALLOCATE),
                nth(FaultKind::Throttle, DESCRIBE, look_after_call).always(),
            ],
        ),
        (
            "the request is lost, and nobody knows",
            vec![on(FaultKind::ResetBefore, ALLOCATE)],
        ),
        ("throttled", vec![on(FaultKind::Throttle, ALLOCATE)]),
        (
            "killed before the record",
            vec![on(FaultKind::KillBefore, "UpdateItem")],
        ),
        (
            "killed after the record",
            vec![on(FaultKind::ApplyThenKill, "UpdateItem")],
        ),
        (
            "killed before the publication",
            vec![on(FaultKind::KillBefore, "PutEvents")],
        ),
        (
            "the bus takes nothing",
            vec![on(FaultKind::ServerErrorBefore, "PutEvents").always()],
        ),
        (
            "killed after the publication",
            vec![on(FaultKind::ApplyThenKill, "PutEvents")],
        ),
        (
            "killed before the mark",
            vec![nth(FaultKind::KillBefore, "UpdateItem", 2)],
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_caller_vanished_is_finished_within_two_runs() {
    // Runs come every minute; the order may come at any time between two.
    for first_run_s in [1, 15, 31, 33, 59] {
        for vlan in [Some(101), None] {
            for (way, faults) in ways_to_vanish(vlan) {
                let story_name = format!("{way}, first run after {first_run_s} s, VLAN {vlan:?}");
                let world = World::new();
                faults
                    .into_iter()
                    .for_each(|fault| world.cloud.inject(fault));
                let begun = tokio::time::Instant::now();
                let vanished = world.invoke_as("caller", &order("k", vlan), TIMEOUT).await;
                assert!(!vanished.is_final(), "{story_name}: {vanished:?}");
                assert!(is_unfinished(&world, "k"), "{story_name}");
                let runs = [first_run_s, first_run_s + 60].map(Duration::from_secs);
                let mut finished = 0;
                for at in runs {
                    tokio::time::sleep_until(begun + at).await;
                    finished += run(&world).await["finished"].as_u64().unwrap();
                }
                assert_eq!(finished, 1, "{story_name}");
                assert_eq!(world.cloud.connections().len(), 1, "{story_name}");
                assert_eq!(story(&world, "k"), ["allocated"], "{story_name}");
                assert!(!is_unfinished(&world, "k"), "{story_name}");
                world.cloud.forget_requests();
                let replay = world.invoke(&order_http("k", vlan)).await.answer();
                assert_eq!(replay["statusCode"], 201, "{story_name}: {replay}");
                assert_eq!(
                    replay["headers"]["Idempotent-Replayed"], "true",
                    "{story_name}"
                );
                assert_eq!(world.cloud.count(ALLOCATE), 0, "{story_name}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_no_that_nobody_heard_is_told() {
    let world = World::new();
    let fault = Fault::on(FaultKind::KillBefore, "PutEvents").for_worker("caller");
    world.cloud.inject(fault);
    world
        .cloud
        .insert_connection(PARENT, 101, "999988887777", "50Mbps", "by hand")
        .unwrap();
    let event = order("k", Some(101));
    assert_eq!(
        world.invoke_as("caller", &event, TIMEOUT).await,
        Invocation::Killed
    );
    assert_eq!(run(&world).await["finished"], 1);
    assert_eq!(story(&world, "k"), ["rejected, VlanInUse"]);
    assert!(
        record_of(&world, "k").get("expiresAt").is_some(),
        "its retention has started"
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_someone_is_still_at_is_left_alone() {
    let world = World::new();
    world
        .cloud
        .set_latency_of(ALLOCATE, Duration::from_secs(10));
    let event = order_http("k", Some(101));
    let (answer, numbers) = tokio::join!(world.invoke_as("caller", &event, TIMEOUT), async {
        pass(5).await;
        world.cloud.forget_requests();
        let numbers = run(&world).await;
        let asked = operations(&world);
        assert!(
            !asked
                .iter()
                .any(|asked| asked.contains("Write") || asked.contains("Update")),
            "{asked:?}"
        );
        numbers
    });
    assert_eq!(
        (&numbers["finished"], &numbers["unfinished"]),
        (&0.into(), &0.into())
    );
    assert_eq!(numbers["orphans"], 0);
    assert_eq!(status_and_code(&answer.answer()).0, 201);
    assert_eq!(
        world.cloud.count(ALLOCATE),
        0,
        "it was sent before, and only then"
    );
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_landed_while_its_order_is_open_is_no_orphan() {
    let world = World::new();
    let fault = Fault::on(FaultKind::ApplyThenKill, ALLOCATE).for_worker("caller");
    world.cloud.inject(fault);
    world
        .invoke_as("caller", &order("k", Some(101)), TIMEOUT)
        .await;
    pass(5).await;
    let numbers = run(&world).await;
    assert_eq!(
        (&numbers["orphans"], &numbers["connections"]),
        (&0.into(), &1.into())
    );
}

#[tokio::test(start_paused = true)]
async fn the_settle_time_is_kept_whoever_goes_on_with_the_order() {
    let world = World::with(|builder| builder, &[("SETTLE_SECONDS", "150")]);
    let fault = Fault::on(FaultKind::HangBefore, ALLOCATE).for_worker("caller");
    world.cloud.inject(fault);
    world
        .invoke_as("caller", &order("k", Some(101)), TIMEOUT)
        .await;
    let calls = |world: &World| -> Vec<std::time::SystemTime> {
        let requests = world.cloud.requests().into_iter();
        requests
            .filter(|request| request.operation == ALLOCATE)
            .map(|request| request.time)
            .collect()
    };
    for _ in 0..2 {
        pass(60).await;
        assert_eq!(run(&world).await["unfinished"], 1);
        assert_eq!(calls(&world).len(), 1, "it may still land");
    }
    pass(60).await;
    assert_eq!(run(&world).await["finished"], 1);
    let calls = calls(&world);
    assert!(calls[1].duration_since(calls[0]).unwrap() >= Duration::from_secs(150));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_lands_late_is_adopted_and_not_made_again() {
    let world = World::with(
        |builder| builder.vlan_uniqueness(false),
        &[("SETTLE_SECONDS", "120")],
    );
    let fault = Fault::on(FaultKind::LandLate(Duration::from_secs(100)), ALLOCATE);
    world.cloud.inject(fault);
    world
        .invoke_as("caller", &order("k", Some(101)), TIMEOUT)
        .await;
    for _ in 0..4 {
        pass(40).await;
        run(&world).await;
    }
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(story(&world, "k"), ["allocated"]);
}

#[tokio::test(start_paused = true)]
async fn a_quarantined_order_is_counted_in_every_run_and_never_called_again() {
    let world = World::new();
    let meddler = Meddler::rewrites(ALLOCATE, r#""vlan":101"#, r#""vlan":999"#);
    let http = meddler.between(world.cloud.http_client_as("caller"));
    let answer = world
        .invoke_through(http, &order_http("k", Some(101)))
        .await;
    assert_eq!(status_and_code(&answer.answer()), (500, "Internal".into()));
    for _ in 0..3 {
        pass(60).await;
        let numbers = run(&world).await;
        assert_eq!(
            (
                &numbers["quarantined"],
                &numbers["unfinished"],
                &numbers["stuck"]
            ),
            (&1.into(), &0.into(), &0.into())
        );
    }
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(story(&world, "k"), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_stays_unfinished_too_long_is_stuck() {
    let world = World::with(|builder| builder, &[("STUCK_AFTER_SECONDS", "600")]);
    let denied = FaultKind::Error {
        status: 403,
        code: "AccessDeniedException".into(),
    };
    world.cloud.inject(Fault::on(denied, ALLOCATE).always());
    world.invoke(&order("k", Some(101))).await;
    for minute in 1..=12 {
        pass(60).await;
        let numbers = run(&world).await;
        let stuck = u64::from(minute >= 10);
        assert_eq!(
            (&numbers["unfinished"], &numbers["stuck"]),
            (&1.into(), &stuck.into()),
            "minute {minute}"
        );
    }
    world.cloud.clear_faults();
    // Two minutes: an order of twelve is not tried each minute any more.
    pass(120).await;
    let numbers = run(&world).await;
    assert_eq!(
        (&numbers["finished"], &numbers["stuck"]),
        (&1.into(), &0.into())
    );
    assert_eq!(small(Some(101))["vlan"], world.cloud.connections()[0].vlan);
}
