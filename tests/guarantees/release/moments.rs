//! Releases that die, meet others, or are overtaken.

use std::time::Duration;

use local_cloud::{Fault, FaultKind, Progress};
use proof::{PARENT, Program, World, delete};

use crate::partner::{
    is_unfinished, order_http, pass, place, run, status_and_code, story, taken_vlans,
};

/// All that may happen to one request of a release.
fn blows() -> Vec<FaultKind> {
    vec![
        FaultKind::KillBefore,
        FaultKind::ApplyThenKill,
        FaultKind::Throttle,
        FaultKind::ResetBefore,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThen500,
        FaultKind::ApplyThenCutBody,
        FaultKind::HangBefore,
        FaultKind::ApplyThenHang,
        FaultKind::Delay(Duration::from_secs(20)),
        FaultKind::LandLate(Duration::from_secs(45)),
    ]
}

/// How the story goes on after the release was struck.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    /// The caller asks again.
    AskedAgain,
    /// Nobody asks again; the schedule runs.
    Tracked,
}

fn world(deleted_after_s: u64) -> World {
    let progress = Progress {
        deleted_after: (deleted_after_s > 0).then(|| Duration::from_secs(deleted_after_s)),
        ..Progress::default()
    };
    World::with(|builder| builder.progress(progress), &[])
}

/// As long as the connection lives its VLAN is leased.
fn assert_leased_while_living(world: &World, name: &str) {
    let living = world.cloud.living_connections(PARENT).len();
    let leased = taken_vlans(world).len();
    assert!(living <= leased, "{name}: freed while it lives");
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_a_release_ends_once() {
    for deleted_after_s in [0, 40] {
        let probe = world(deleted_after_s);
        place(&probe, "k", 101).await;
        probe.cloud.forget_requests();
        probe.release("k").await;
        let requests = u64::try_from(probe.cloud.requests().len()).unwrap();
        assert!(requests >= 6, "{requests}");
        for k in 1..=requests {
            for blow in blows() {
                for then in [Then::AskedAgain, Then::Tracked] {
                    struck(deleted_after_s, k, &blow, then).await;
                }
            }
        }
    }
}

async fn struck(deleted_after_s: u64, k: u64, blow: &FaultKind, then: Then) {
    let name = format!("{blow} at request {k}, {deleted_after_s} s, {then:?}");
    let world = world(deleted_after_s);
    place(&world, "k", 101).await;
    world
        .cloud
        .inject(Fault::on_request(blow.clone(), k).for_worker("struck"));
    let event = delete("k");
    let first = world
        .invoke_program_as("struck", Program::Release, &event)
        .await;
    assert_leased_while_living(&world, &name);
    for _ in 0..4 {
        pass(30).await;
        match then {
            Then::AskedAgain => drop(world.release("k").await),
            Then::Tracked => drop(run(&world).await),
        }
        assert_leased_while_living(&world, &name);
    }
    // Who died before the wish was written has asked for nothing.
    if then == Then::Tracked && world.cloud.connections()[0].is_living() {
        assert!(!first.is_final(), "{name}: {first:?}");
        assert_eq!(story(&world, "k"), ["allocated"], "{name}");
        for _ in 0..2 {
            world.release("k").await;
            pass(60).await;
        }
    }
    let told = story(&world, "k");
    let step_by_step = [
        "allocated",
        "ordering → deleting",
        "deleting → deleted",
        "released, deleted",
    ];
    assert!(
        told == ["allocated", "ordering → deleted", "released, deleted"] || told == step_by_step,
        "{name}: {told:?}"
    );
    assert_eq!(taken_vlans(&world), [0; 0], "{name}");
    assert!(!is_unfinished(&world, "k"), "{name}");
    let again = world.release("k").await.answer();
    assert_eq!(
        again["headers"]["Idempotent-Replayed"], "true",
        "{name}: {again}"
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1, "{name}");
}

#[tokio::test(start_paused = true)]
async fn a_refused_release_that_died_is_withdrawn_by_the_schedule() {
    for k in 1..=6 {
        for kind in [FaultKind::KillBefore, FaultKind::ApplyThenKill] {
            let name = format!("{kind} at request {k}");
            let world = World::new();
            let id = place(&world, "k", 101).await;
            world.cloud.set_state(&id, "available").unwrap();
            world.cloud.attach_interface(&id).unwrap();
            run(&world).await;
            world
                .cloud
                .inject(Fault::on_request(kind, k).for_worker("struck"));
            let event = delete("k");
            world
                .invoke_program_as("struck", Program::Release, &event)
                .await;
            // One run asks, and the next one sees that it was the last word.
            for _ in 0..2 {
                pass(60).await;
                run(&world).await;
            }
            assert!(!is_unfinished(&world, "k"), "{name}");
            assert_eq!(
                story(&world, "k"),
                ["allocated", "ordering → available"],
                "{name}"
            );
            assert_eq!(taken_vlans(&world), [101], "{name}");
            // Whoever asks next is told: at once, where the schedule has found it out.
            let mut again = world.release("k").await.answer();
            if status_and_code(&again).0 == 503 {
                pass(31).await;
                again = world.release("k").await.answer();
            }
            assert_eq!(
                status_and_code(&again),
                (422, "RefusedByDirectConnect".into()),
                "{name}"
            );
            let replay = world.invoke(&order_http("k", Some(101))).await.answer();
            assert_eq!(
                crate::partner::body(&replay)["status"],
                "allocated",
                "{name}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_releases_and_a_run_at_once_end_as_one() {
    for latency_ms in [1, 20, 300] {
        for deleted_after_s in [0, 3] {
            for state in ["ordering", "available"] {
                let world = world(deleted_after_s);
                let id = place(&world, "k", 101).await;
                world.cloud.set_state(&id, state).unwrap();
                world.cloud.set_latency(Duration::from_millis(latency_ms));
                tokio::join!(
                    world.release("k"),
                    run(&world),
                    world.release("k"),
                    run(&world)
                );
                world.cloud.set_latency(Duration::ZERO);
                pass(60).await;
                run(&world).await;
                let told = story(&world, "k");
                let name = format!("{latency_ms} ms, {deleted_after_s} s, {state}: {told:?}");
                let released = told
                    .iter()
                    .filter(|line| line.starts_with("released"))
                    .count();
                assert_eq!(released, 1, "{name}");
                assert_eq!(told.last().unwrap(), "released, deleted", "{name}");
                // Each change goes on from where the one before ended.
                let changes: Vec<_> = told
                    .iter()
                    .filter_map(|line| line.split_once(" → "))
                    .collect();
                assert_eq!(changes[0].0, "ordering", "{name}");
                assert!(
                    changes.windows(2).all(|pair| pair[0].1 == pair[1].0),
                    "{name}"
                );
                assert_eq!(taken_vlans(&world), [0; 0], "{name}");
                assert_eq!(run(&world).await["orphans"], 0, "{name}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_and_its_release_racing_come_to_one_definite_end() {
    for ms in (0..260).step_by(10) {
        let world = World::new();
        world.cloud.set_latency(Duration::from_millis(40));
        let event = order_http("k", Some(101));
        let (ordered, released) = tokio::join!(world.invoke(&event), async {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            world.release("k").await.answer()
        });
        let ordered = ordered.answer();
        assert_eq!(ordered["statusCode"], 201, "{ms} ms: {ordered}");
        let released = released["statusCode"].as_u64().unwrap();
        run(&world).await;
        let living = world.cloud.living_connections(PARENT).len();
        match released {
            // Too early: there was no order, or it was not final.
            404 | 409 => {
                assert_eq!((living, taken_vlans(&world).len()), (1, 1), "{ms} ms");
                assert_eq!(story(&world, "k"), ["allocated"], "{ms} ms");
            }
            200 => {
                assert_eq!((living, taken_vlans(&world).len()), (0, 0), "{ms} ms");
                let expected = ["allocated", "ordering → deleted", "released, deleted"];
                assert_eq!(story(&world, "k"), expected, "{ms} ms");
            }
            other => panic!("{ms} ms: {other}"),
        }
    }
}
