//! Records that earlier versions wrote: today's functions read, replay, follow and release them.
//!
//! The files in `tests/records` are never to be changed, only added to: they stand for tables that we cannot see. A test
//! here that fails has found records that nobody could read any more, or orders that would be done twice.

mod odd;
mod stories;

use std::collections::BTreeMap;

use local_cloud::HostedConnection;
use proof::{Invocation, Program, World, get, returned, sqs, with_key};
use serde_json::{Value, json};

use crate::partner::{body, pass, record_of, run, story};
use crate::sequence::sequences;
use stories::{Record, STORIES, Story, stories};

/// A world in which only the table and the connections are left of what an earlier version did, an hour ago or three.
async fn restored(story: &Story) -> World {
    // Ids of its own, so that a second connection shows.
    let world = World::with(
        |builder| builder.seed(7),
        &[("PARENT_POLICIES", "enforced")],
    );
    for connection in story.connections() {
        world.cloud.put_connection(connection).unwrap();
    }
    world.cloud.import_items(story.items.clone()).unwrap();
    pass(3 * 3600).await;
    world
}

/// As a direct invocation, which takes any key.
async fn ordered_again(world: &World, record: &Record) -> Invocation {
    let order = with_key(&record.key, record.request.clone());
    for _ in 0..6 {
        let invocation = world.invoke(&order).await;
        let Invocation::Failed { error_type, .. } = &invocation else {
            return invocation;
        };
        if !["InProgress", "OutcomeUnknown"].contains(&error_type.as_str()) {
            return invocation;
        }
        pass(60).await;
    }
    panic!("{} never comes to an end", record.key);
}

fn code(invocation: Invocation) -> String {
    match invocation {
        Invocation::Failed { error_type, .. } => error_type,
        other => panic!("not refused: {other:?}"),
    }
}

/// What is sold on each parent with a policy, held against the leases that are counted.
fn assert_sold_is_counted(world: &World, story: &str) {
    let items = world.items("parent#");
    let number = |item: &Value, name: &str| item[name]["N"].as_str()?.parse::<i64>().ok();
    let counted: i64 = items
        .iter()
        .filter_map(|item| number(item, "countedMbps"))
        .sum();
    for policy in items.iter().filter(|item| item["sk"]["S"] == "policy") {
        assert_eq!(
            number(policy, "soldMbps"),
            Some(counted),
            "{story}: {items:#?}"
        );
    }
}

async fn track(world: &World) {
    for _ in 0..4 {
        run(world).await;
        pass(60).await;
    }
}

#[test]
fn no_record_of_the_first_release_is_missing() {
    let files: Vec<_> = stories().into_iter().map(|story| story.name).collect();
    let known: Vec<_> = STORIES
        .iter()
        .map(|(name, ..)| (*name).to_owned())
        .collect();
    assert_eq!(files, known);
}

#[tokio::test(start_paused = true)]
async fn every_record_of_the_first_release_is_read_and_shown_as_it_was_written() {
    for story in stories() {
        let world = restored(&story).await;
        for record in story.records() {
            let mut question = get("/allocations/");
            question["rawPath"] = format!("/allocations/{}", record.key).into();
            let shown = world.invoke_program(Program::Inspect, &question).await;
            let shown = body(&shown.answer());
            let name = format!("{}, {}", story.name, record.key);
            assert_eq!(shown["idempotencyKey"], record.key, "{name}");
            assert_eq!(shown["status"], record.status(), "{name}");
            assert_eq!(shown["request"], record.request, "{name}");
            assert_eq!(shown["origin"], record.json("orderOrigin"), "{name}");
            assert_eq!(
                shown["parentConnectionId"],
                record.item["parentConnectionId"]["S"]
            );
            assert_eq!(
                shown["attempts"].to_string(),
                record.number("attemptCount"),
                "{name}"
            );
            let outcome = record.json("allocationOutcome");
            let (connection, rejection) = match record.state() {
                "allocated" => (outcome, Value::Null),
                "rejected" => (Value::Null, outcome),
                _ => (Value::Null, Value::Null),
            };
            assert_eq!(shown["connection"], connection, "{name}");
            assert_eq!(shown["rejection"], rejection, "{name}");
            let lifecycle = record.json("lifecycle");
            assert_eq!(shown["connectionNow"], lifecycle["connection"], "{name}");
            let entries = |list: &Value| list.as_array().map_or(0, Vec::len);
            assert_eq!(
                entries(&shown["history"]),
                entries(&record.item["history"]["L"]) + entries(&lifecycle["history"]),
                "{name}"
            );
        }
        // Lists and parents leave out, or fail on, what they cannot read.
        let shown = world
            .invoke_program(Program::Inspect, &get("/allocations"))
            .await;
        let shown = body(&shown.answer());
        assert_eq!(
            shown["allocations"].as_array().unwrap().len(),
            story.records().len()
        );
        for parent in story.parents() {
            let shown = crate::partner::parent(&world, &parent).await;
            let policy = shown.get("policy").cloned().unwrap_or_default();
            assert_eq!(policy, story.policy(&parent), "{}", story.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_order_of_the_first_release_is_answered_again_and_none_is_done_twice() {
    for story in stories() {
        let world = restored(&story).await;
        let before = world.cloud.connections().len();
        let mut made = 0;
        for record in story.records() {
            let name = format!("{}, {}", story.name, record.key);
            let invocation = ordered_again(&world, &record).await;
            match record.state() {
                "allocated" => {
                    let receipt = invocation.answer();
                    assert_eq!(receipt["status"], record.status(), "{name}");
                    assert_eq!(
                        receipt["connection"],
                        record.json("allocationOutcome"),
                        "{name}"
                    );
                }
                "rejected" => {
                    let outcome = record.json("allocationOutcome");
                    assert_eq!(code(invocation), outcome["code"], "{name}");
                }
                "quarantined" => assert_eq!(code(invocation), "Internal", "{name}"),
                _ => {
                    let receipt = invocation.answer();
                    assert_eq!(receipt["status"], "allocated", "{name}");
                    let vlan = receipt["connection"]["vlan"].to_string();
                    assert_eq!(vlan, record.number("vlan"), "{name}: another VLAN");
                    made += usize::from(!story.name.ends_with("though-allocated"));
                }
            }
            // With another request the key is refused, whatever became of the first.
            let mut other = record.request.clone();
            other["connectionName"] = "another".into();
            let reused = world.invoke(&with_key(&record.key, other)).await;
            assert_eq!(code(reused), "IdempotencyKeyReused", "{name}");
        }
        assert_eq!(
            world.cloud.connections().len(),
            before + made,
            "{}",
            story.name
        );
        assert_sold_is_counted(&world, &story.name);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_first_release_left_unfinished_is_finished_and_told_with_the_ids_it_had() {
    for (story, (_, expected)) in stories().into_iter().zip(STORIES) {
        let world = restored(&story).await;
        track(&world).await;
        let mut told = BTreeMap::new();
        for record in story.records() {
            told.insert(
                record.key.clone(),
                (story_of(&world, &record), sequences(&world, &record.key)),
            );
            let is_unfinished = record_of(&world, &record.key)
                .get("unfinishedShard")
                .is_some();
            assert_eq!(
                is_unfinished,
                record.state() == "quarantined",
                "{}",
                story.name
            );
            let ids: Vec<_> = world
                .details()
                .iter()
                .map(|detail| detail["eventId"].clone())
                .collect();
            for owed in record.owed() {
                assert!(
                    ids.contains(&owed["eventId"]),
                    "{}: {owed} is not told",
                    story.name
                );
            }
        }
        let told: Vec<_> = told
            .into_values()
            .flat_map(|(lines, sequences)| sequences.into_iter().zip(lines))
            .map(|(sequence, line)| format!("{sequence} {line}"))
            .collect();
        assert_eq!(told, *expected, "{}", story.name);
        assert_sold_is_counted(&world, &story.name);
    }
}

fn story_of(world: &World, record: &Record) -> Vec<String> {
    story(world, &record.key)
}

#[tokio::test(start_paused = true)]
async fn every_connection_of_the_first_release_can_be_released() {
    for story in stories() {
        let world = restored(&story).await;
        track(&world).await;
        for record in story.records() {
            let wish = json!({"action": "release", "idempotencyKey": record.key}).to_string();
            let wish = sqs([proof::record("r-1", &wish)]);
            let answer = world.invoke_program(Program::Release, &wish).await.answer();
            let name = format!("{}, {}", story.name, record.key);
            match record.state() {
                "rejected" => assert_eq!(returned(&answer), [""; 0], "{name}"),
                "quarantined" => assert_eq!(returned(&answer), ["r-1"], "{name}"),
                _ => {
                    assert_eq!(returned(&answer), [""; 0], "{name}");
                    track(&world).await;
                    let told = story_of(&world, &record);
                    let before = record.json("lifecycle");
                    let was_told =
                        before["release"]["releasedAtMs"].is_u64() && record.owed().is_empty();
                    assert!(
                        was_told || told.last().unwrap().starts_with("released, "),
                        "{name}: {told:?}"
                    );
                    let sequences = sequences(&world, &record.key);
                    assert!(
                        sequences.is_sorted() && sequences.windows(2).all(|two| two[0] < two[1]),
                        "{name}: {sequences:?}"
                    );
                    let lease = world
                        .items("parent#")
                        .into_iter()
                        .find(|item| item["holder"]["S"] == record.key);
                    assert_eq!(lease, None, "{name}");
                }
            }
        }
        let living: Vec<_> = world
            .cloud
            .connections()
            .into_iter()
            .filter(HostedConnection::is_living)
            .collect();
        let orphans = story.orphans().len() + usize::from(story.name == "quarantined");
        assert_eq!(living.len(), orphans, "{}: {living:#?}", story.name);
        assert_sold_is_counted(&world, &story.name);
    }
}
