//! Each event says which of its order's events it is, so that whoever gets them in another order can tell.

use std::collections::BTreeMap;

use local_cloud::{Fault, FaultKind};
use proof::{Program, World, record, sqs};
use serde_json::{Value, json};

use crate::partner::{order, order_http, pass, place, run};

const REMINDER: [(&str, &str); 1] = [("ORDERING_REMINDER_SECONDS", "3600")];

/// The sequences of what is told of `key`, in the order of telling; each fact once.
pub(crate) fn sequences(world: &World, key: &str) -> Vec<u64> {
    let mut told = BTreeMap::new();
    let mut sequences = Vec::new();
    for detail in world.details() {
        if detail["idempotencyKey"] != key {
            continue;
        }
        let sequence = detail["sequence"].as_u64().unwrap();
        match told.insert(detail["eventId"].to_string(), sequence) {
            Some(before) => assert_eq!(before, sequence, "one fact, two sequences"),
            None => sequences.push(sequence),
        }
    }
    sequences
}

async fn changes(world: &World, id: &str, states: &[&str]) {
    for state in states {
        pass(60).await;
        world.cloud.set_state(id, state).unwrap();
        run(world).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_events_of_an_order_are_numbered_in_the_order_in_which_they_happened() {
    let world = World::with(|builder| builder, &REMINDER);
    let id = place(&world, "k", 101).await;
    place(&world, "other", 102).await;
    pass(3601).await;
    run(&world).await;
    changes(&world, &id, &["pending", "available", "down"]).await;
    world.release("k").await.answer();
    let told: Vec<_> = world
        .cloud
        .events()
        .into_iter()
        .filter(|event| event.detail["idempotencyKey"] == "k")
        .map(|event| {
            let state = &event.detail["connection"]["connectionState"];
            let kind = event
                .detail_type
                .strip_prefix("Hosted Connection ")
                .unwrap();
            (
                event.detail["sequence"].as_u64().unwrap(),
                format!("{kind}, {}", state.as_str().unwrap()),
            )
        })
        .collect();
    let told: Vec<_> = told.iter().map(|(n, what)| (*n, what.as_str())).collect();
    assert_eq!(
        told,
        [
            (0, "Allocated, ordering"),
            (1, "State Changed, ordering"),
            (2, "State Changed, pending"),
            (3, "State Changed, available"),
            (4, "State Changed, down"),
            (5, "State Changed, deleted"),
            (6, "Released, deleted"),
        ]
    );
    assert_eq!(sequences(&world, "other"), [0, 1]);
}

#[tokio::test(start_paused = true)]
async fn events_that_wait_for_the_bus_keep_the_sequence_that_they_were_recorded_with() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    changes(&world, &id, &["pending", "available"]).await;
    world.release("k").await;
    assert_eq!(sequences(&world, "k"), [0], "nothing else is out");
    world.cloud.clear_faults();
    pass(60).await;
    run(&world).await;
    assert_eq!(sequences(&world, "k"), [0, 1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_release_of_what_was_gone_before_is_the_last_event() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    changes(&world, &id, &["deleted"]).await;
    world.release("k").await.answer();
    assert_eq!(sequences(&world, "k"), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_rejection_of_whatever_kind_stands_for_itself() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    changes(&world, &id, &["pending"]).await;
    let refused = |detail: &Value| {
        (
            detail["rejection"]["code"].as_str().unwrap().to_owned(),
            detail["sequence"].clone(),
        )
    };
    // Another order's VLAN, a reused key, nonsense, and a release of what is none.
    world.invoke(&order("taken", Some(101))).await.answer();
    world.invoke(&order_http("k", Some(102))).await.answer();
    world.invoke(&sqs([record("m-1", "{}")])).await.answer();
    let wish = json!({"action": "release", "idempotencyKey": "taken"}).to_string();
    let wish = sqs([record("m-2", &wish)]);
    world.invoke_program(Program::Release, &wish).await.answer();
    let told: Vec<_> = world.details()[2..].iter().map(refused).collect();
    assert_eq!(
        told,
        [
            "VlanInUse",
            "IdempotencyKeyReused",
            "InvalidRequest",
            "NotFound"
        ]
        .map(|code| (code.to_owned(), json!(0)))
    );
}
