//! Releases that Direct Connect refuses for now, has carried out already, or shows late.

use std::time::Duration;

use hosted_connection::Shorthand;
use local_cloud::{Fault, FaultKind, Progress};
use proof::{PARENT, World, record, returned, sqs};
use serde_json::{Value, json};

use super::{DELETE, leases, living, world_with};
use crate::partner::{pass, place, run, status_and_code, story};

#[tokio::test(start_paused = true)]
async fn a_release_of_a_connection_that_is_being_set_up_is_asked_for_again_when_it_is() {
    let world = world_with(|builder| builder.pending_deletable(false));
    let id = place(&world, "k", 101).await;
    world.cloud.confirm(&id).unwrap();
    for _ in 0..3 {
        let answer = world.release("k").await.answer();
        assert_eq!(status_and_code(&answer), (503, "OutcomeUnknown".into()));
        pass(31).await;
    }
    assert_eq!(living(&world.cloud), std::slice::from_ref(&id));
    world.cloud.set_state(&id, "available").unwrap();
    for _ in 0..4 {
        pass(60).await;
        run(&world).await;
    }
    assert!(living(&world.cloud).is_empty());
    assert!(leases(&world).is_empty());
    assert_eq!(story(&world, "k").last().unwrap(), "released, deleted");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_is_refused_while_its_parent_is_changed_is_not_withdrawn() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.set_state(&id, "available").unwrap();
    world.cloud.set_parent_state(PARENT, "pending").unwrap();
    for _ in 0..4 {
        let refused = Fault::on(FaultKind::ClientExceptionBefore, DELETE);
        world.cloud.clear_faults();
        world.cloud.inject(refused);
        let answer = world.release("k").await.answer();
        assert_eq!(status_and_code(&answer), (503, "OutcomeUnknown".into()));
        pass(31).await;
    }
    world.cloud.clear_faults();
    world.cloud.set_parent_state(PARENT, "available").unwrap();
    for _ in 0..4 {
        pass(60).await;
        run(&world).await;
    }
    assert!(living(&world.cloud).is_empty());
    assert_eq!(story(&world, "k").last().unwrap(), "released, deleted");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_was_lost_is_not_withdrawn_because_its_repetition_is_refused() {
    let slow = Progress {
        deleted_after: Some(Duration::from_secs(20)),
        ..Progress::default()
    };
    let world = world_with(|builder| {
        builder
            .progress(slow)
            .second_delete_refused(true)
            .stale_for(Duration::from_secs(10))
    });
    place(&world, "k", 101).await;
    pass(60).await;
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenReset, DELETE));
    let mut answers = Vec::new();
    for _ in 0..6 {
        let answer = world.release("k").await.answer();
        answers.push(answer["statusCode"].as_u64().unwrap());
        pass(8).await;
    }
    assert!(!answers.contains(&422), "{answers:?}");
    for _ in 0..3 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(world.release("k").await.answer()["statusCode"], 200);
    assert!(leases(&world).is_empty());
    let told = story(&world, "k");
    assert_eq!(
        told.iter().filter(|told| told.contains("released")).count(),
        1,
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_release_is_sent_once_whatever_becomes_of_its_answer() {
    for kind in [
        FaultKind::ApplyThen500,
        FaultKind::ApplyThenReset,
        FaultKind::ServerErrorBefore,
    ] {
        let world = World::new();
        place(&world, "k", 101).await;
        world.cloud.inject(Fault::on(kind, DELETE));
        world.release("k").await;
        assert_eq!(world.cloud.count(DELETE), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_the_schedule_found_to_be_the_last_word_is_told_to_whoever_asks_next() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.set_state(&id, "available").unwrap();
    world.cloud.attach_interface(&id).unwrap();
    let wish = json!({"action": "release", "idempotencyKey": "k"}).to_string();
    let event = sqs([record("m-1", &wish)]);
    let deliver = async || {
        let program = proof::Program::Release;
        returned(&world.invoke_program(program, &event).await.answer())
    };
    assert_eq!(deliver().await, ["m-1"]);
    for _ in 0..2 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(deliver().await, [""; 0]);
    let refused = world.cloud.events().pop().unwrap();
    assert_eq!(
        refused.detail["rejection"]["code"],
        "RefusedByDirectConnect"
    );
    // The next wish is a new one.
    world.cloud.detach_interface(&id).unwrap();
    assert_eq!(world.release("k").await.answer()["statusCode"], 200);
}

#[tokio::test(start_paused = true)]
async fn deleted_connections_that_are_not_listed_are_released_all_the_same() {
    let world = world_with(|builder| builder.deleted_listed(false));
    place(&world, "k", 101).await;
    place(&world, "other", 102).await;
    let answer = world.release("k").await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert_eq!(leases(&world).len(), 1);
}

/// A look that was stamped by a process whose clock was ahead.
#[tokio::test(start_paused = true)]
async fn a_look_from_the_future_silences_no_change_and_no_release() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.set_state(&id, "pending").unwrap();
    pass(60).await;
    run(&world).await;
    let mut item = world.items("allocation#").remove(0);
    let stored = item["lifecycle"]["S"].as_str().unwrap();
    let mut lifecycle: Value = serde_json::from_str(&Shorthand::LIFECYCLE.read(stored)).unwrap();
    let ahead = lifecycle["lookedAtMs"].as_u64().unwrap() + 60 * 60 * 1000;
    lifecycle["lookedAtMs"] = ahead.into();
    let stored = Shorthand::LIFECYCLE.write(&lifecycle.to_string());
    item["lifecycle"]["S"] = stored.into();
    world.cloud.import_items(vec![item]).unwrap();
    world.cloud.set_state(&id, "available").unwrap();
    pass(60).await;
    run(&world).await;
    assert_eq!(story(&world, "k").last().unwrap(), "pending → available");
    assert_eq!(world.release("k").await.answer()["statusCode"], 200);
    assert_eq!(story(&world, "k").last().unwrap(), "released, deleted");
    assert!(world.cloud.living_connections(PARENT).is_empty());
}
