//! Runs that die, meet each other, or are overtaken.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, Program, World, schedule};

use crate::partner::{
    is_unfinished, order_http, pass, place, run, story, taken_vlans, until_looked_at,
};

const TRACK: Program = Program::Track;

/// All that may happen to one request of a run.
fn blows() -> Vec<FaultKind> {
    vec![
        FaultKind::KillBefore,
        FaultKind::ApplyThenKill,
        FaultKind::Throttle,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThenHang,
    ]
}

/// One connection that was confirmed, one that was declined, and an order whose caller died.
async fn eventful() -> World {
    let world = World::new();
    let confirmed = place(&world, "confirmed", 101).await;
    let declined = place(&world, "declined", 102).await;
    world.cloud.confirm(&confirmed).unwrap();
    world.cloud.decline(&declined).unwrap();
    let fault = Fault::on(FaultKind::ApplyThenKill, "AllocateHostedConnection");
    world.cloud.inject(fault);
    world.invoke(&order_http("vanished", Some(103))).await;
    pass(60).await;
    world
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_of_a_run_everything_is_told_once_and_in_order() {
    let world = eventful().await;
    world.cloud.forget_requests();
    run(&world).await;
    let requests = u64::try_from(world.cloud.requests().len()).unwrap();
    assert!(requests > 20, "{requests}");
    for k in 1..=requests {
        for blow in blows() {
            let name = format!("{blow} at request {k}");
            let world = eventful().await;
            let fault = Fault::on_request(blow, k).for_worker("struck");
            world.cloud.inject(fault);
            world.invoke_program_as("struck", TRACK, &schedule()).await;
            let confirmed = world.cloud.connections()[0].id.clone();
            world.cloud.set_state(&confirmed, "available").unwrap();
            for _ in 0..2 {
                pass(60).await;
                run(&world).await;
            }
            let told = story(&world, "confirmed");
            assert!(
                told == ["allocated", "ordering → pending", "pending → available"]
                    // The struck run did not get to see it.
                    || told == ["allocated", "ordering → available"],
                "{name}: {told:?}"
            );
            assert_eq!(
                story(&world, "declined"),
                ["allocated", "ordering → rejected"],
                "{name}"
            );
            assert_eq!(story(&world, "vanished"), ["allocated"], "{name}");
            for key in ["confirmed", "declined", "vanished"] {
                assert!(!is_unfinished(&world, key), "{name}: {key}");
            }
            assert_eq!(taken_vlans(&world), [101, 103], "{name}");
            assert_eq!(world.cloud.connections().len(), 3, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_runs_at_once_tell_each_change_once() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.set_latency(Duration::from_millis(20));
    for state in ["pending", "available", "down", "rejected"] {
        world.cloud.set_state(&id, state).unwrap();
        tokio::join!(run(&world), run(&world));
    }
    let expected = [
        "allocated",
        "ordering → pending",
        "pending → available",
        "available → down",
        "down → rejected",
    ];
    assert_eq!(story(&world, "k"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_looked_before_another_one_does_not_turn_the_clock_back() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    // What the slow run sees of the parent it writes down only when the other one is done.
    let slow = Fault::on(FaultKind::Delay(Duration::from_millis(1200)), "Query").for_worker("slow");
    world.cloud.inject(slow.always());
    let event = schedule();
    world.cloud.confirm(&id).unwrap();
    tokio::join!(world.invoke_program_as("slow", TRACK, &event), async {
        until_looked_at(&world, PARENT).await;
        world.cloud.set_state(&id, "available").unwrap();
        run(&world).await;
    });
    run(&world).await;
    let told = story(&world, "k");
    assert!(
        told == ["allocated", "ordering → available"]
            || told == ["allocated", "ordering → pending", "pending → available"],
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_released_while_a_run_looks_is_no_orphan() {
    let world = World::new();
    place(&world, "k", 101).await;
    let slow = Fault::on(FaultKind::Delay(Duration::from_millis(1200)), "Query").for_worker("slow");
    world.cloud.inject(slow.always());
    let event = schedule();
    let (numbers, ()) = tokio::join!(world.invoke_program_as("slow", TRACK, &event), async {
        until_looked_at(&world, PARENT).await;
        let released = world.release("k").await.answer();
        assert_eq!(released["statusCode"], 200, "{released}");
    });
    assert_eq!(numbers.answer()["orphans"], 0);
    assert_eq!(taken_vlans(&world), [0; 0]);
    assert_eq!(story(&world, "k").len(), 3);
}
