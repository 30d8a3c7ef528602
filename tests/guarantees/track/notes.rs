//! What a lease says of its connection is written after the record: until it is, somebody sees to it.

use local_cloud::{Fault, FaultKind};
use proof::World;
use serde_json::Value;

use crate::partner::{is_unfinished, pass, place, run, story};

/// A connection that was followed to `pending`.
async fn followed() -> (World, String) {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.set_state(&id, "pending").unwrap();
    pass(60).await;
    run(&world).await;
    (world, id)
}

fn lease(world: &World) -> Value {
    world.items("parent#").remove(0)
}

/// The record, then the note, then the mark.
fn on_update(kind: FaultKind, number: u64) -> Fault {
    Fault::on_nth(kind, "UpdateItem", number)
}

/// The lease says `pending`, and so does Direct Connect again: nobody would read the record for that.
#[tokio::test(start_paused = true)]
async fn a_change_back_is_told_though_the_run_before_was_killed_before_its_note() {
    for number in [2, 3] {
        for kind in [FaultKind::KillBefore, FaultKind::ApplyThenKill] {
            let name = format!("{kind} {number}");
            let (world, id) = followed().await;
            world.cloud.set_state(&id, "available").unwrap();
            world.cloud.inject(on_update(kind, number));
            pass(60).await;
            world.track().await;
            world.cloud.set_state(&id, "pending").unwrap();
            for _ in 0..2 {
                pass(60).await;
                run(&world).await;
            }
            let changes = [
                "ordering → pending",
                "pending → available",
                "available → pending",
            ];
            assert_eq!(story(&world, "k")[1..], changes, "{name}");
            assert_eq!(lease(&world)["connectionState"]["S"], "pending", "{name}");
            assert!(!is_unfinished(&world, "k"), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_note_fails_stays_unfinished_until_it_is_noted() {
    let (world, id) = followed().await;
    world.cloud.set_state(&id, "available").unwrap();
    let throttled = on_update(FaultKind::Throttle, 2).always();
    world.cloud.inject(throttled);
    pass(60).await;
    run(&world).await;
    assert_eq!(lease(&world)["connectionState"]["S"], "pending");
    assert!(is_unfinished(&world, "k"));
    world.cloud.clear_faults();
    pass(60).await;
    run(&world).await;
    assert_eq!(lease(&world)["connectionState"]["S"], "available");
    assert!(!is_unfinished(&world, "k"));
}

/// A note that was on its way when a later change was noted already.
#[tokio::test(start_paused = true)]
async fn a_note_that_lands_late_undoes_no_later_one() {
    let (world, id) = followed().await;
    world.cloud.set_state(&id, "available").unwrap();
    let late = FaultKind::LandLate(std::time::Duration::from_secs(150));
    world.cloud.inject(on_update(late, 2));
    pass(60).await;
    run(&world).await;
    world.cloud.set_state(&id, "down").unwrap();
    for _ in 0..3 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(lease(&world)["connectionState"]["S"], "down");
    let told = story(&world, "k");
    assert_eq!(told.last().unwrap(), "available → down");
}
