//! What a record says of how its order came to its connection.

use local_cloud::{Fault, FaultKind};
use proof::{World, http, request};
use serde_json::{Value, json};

use super::{ALLOCATE, order, pass};
use crate::inspect;
use crate::partner::body;

/// The history as it is shown to those who ask: what happened, and why.
async fn history(world: &World) -> Vec<(String, String)> {
    let shown = inspect::order(world, "k").await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = shown["history"].as_array().unwrap().iter();
    entries
        .map(|entry| (text(&entry["what"]), text(&entry["detail"])))
        .collect()
}

async fn world_with(fault: &str) -> World {
    let world = World::new();
    world.cloud.inject(fault.parse().unwrap());
    world.invoke(&order("k", Some(101))).await.answer();
    world
}

#[tokio::test(start_paused = true)]
async fn a_connection_whose_answer_was_lost_is_told_as_adopted() {
    let world = world_with("apply-then-reset@AllocateHostedConnection").await;
    let expected = [
        ("calling", ""),
        ("allocated", "adopted after a lost answer"),
    ];
    let expected = expected.map(|(what, why)| (what.to_owned(), why.to_owned()));
    assert_eq!(history(&world).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_call_after_the_settle_time_is_told_as_such() {
    let world = world_with("reset-before@AllocateHostedConnection").await;
    pass(60).await;
    world.invoke(&order("k", Some(101))).await.answer();
    let history = history(&world).await;
    let unanswered = &history[1];
    assert_eq!(unanswered.0, "unresolved");
    assert!(!unanswered.1.is_empty(), "why nobody knows: {history:?}");
    let again = (
        "calling".to_owned(),
        "called again after the settle time".to_owned(),
    );
    assert!(history.contains(&again), "{history:?}");
    assert_eq!(
        history.last(),
        Some(&("allocated".to_owned(), String::new()))
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_turned_away_is_told_with_the_code_and_without_the_services_words() {
    let world = world_with("error(403,AccessDeniedException)@AllocateHostedConnection").await;
    let why = "AccessDeniedException (HTTP 403)";
    assert_eq!(
        history(&world).await[1],
        ("waiting".to_owned(), why.to_owned())
    );
}

#[tokio::test(start_paused = true)]
async fn the_tags_that_were_asked_for_are_in_the_receipt_however_it_came_about() {
    let mut asked = request(Some(101));
    asked["tags"] = json!([{"key": "order", "value": "42"}, {"key": "bare"}]);
    let mut receipts = Vec::new();
    for fault in [None, Some(FaultKind::ApplyThenReset)] {
        let world = World::new();
        if let Some(kind) = fault {
            world.cloud.inject(Fault::on(kind, ALLOCATE));
        }
        let answer = world.invoke(&http("k", &asked.to_string())).await.answer();
        receipts.push(body(&answer)["connection"]["tags"].clone());
    }
    assert_eq!(receipts, [asked["tags"].clone(), asked["tags"].clone()]);
}
