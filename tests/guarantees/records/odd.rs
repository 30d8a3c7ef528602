//! Records that no caller could have written today, by rules that are stricter by now. Whoever reads them goes by none.

use hosted_connection::{ParentConnection, ParentPolicy};
use proof::{PARENT, Program, World, get};
use serde_json::{Value, json};

use super::stories::{Story, story_named};
use super::{restored, track};
use crate::partner::{body, record_of, run, status_and_code, story, taken_vlans};

/// The text of a JSON attribute, changed.
fn rewritten(item: &mut Value, name: &str, change: impl FnOnce(&mut Value)) {
    let text = item[name]["S"].as_str().unwrap();
    let mut value: Value = serde_json::from_str(text).unwrap();
    change(&mut value);
    item[name]["S"] = value.to_string().into();
}

/// An order with an owner, a name, tags and an origin that no rule lets through, and with members that nobody knows. Its
/// connection is as it was asked for.
fn odd() -> Story {
    let mut story = story_named("followed");
    let record = story
        .items
        .iter_mut()
        .find(|item| item.get("orderRequest").is_some())
        .unwrap();
    rewritten(record, "orderRequest", |request| {
        request["ownerAccount"] = "1234567890123".into();
        request["connectionName"] = "n".repeat(200).into();
        request["tags"] = json!([{"key": "aws:reserved", "value": "€", "colour": "red"}, {"key": "aws:reserved"}]);
        request["weather"] = json!({"of": "tomorrow"});
    });
    rewritten(record, "orderOrigin", |origin| {
        origin["correlationId"] = "much too long ".repeat(50).into();
        origin["weather"] = true.into();
    });
    rewritten(record, "allocationOutcome", |connection| {
        connection["ownerAccount"] = "1234567890123".into();
        connection["weather"] = 7.into();
    });
    rewritten(record, "lifecycle", |lifecycle| {
        lifecycle["connection"]["ownerAccount"] = "1234567890123".into();
        lifecycle["weather"] = json!([]);
    });
    let entries = record["history"]["L"].as_array_mut().unwrap();
    entries.push(json!({"S": "a line of prose"}));
    entries.push(json!({"M": {"what": {"S": "some day"}}}));
    record["weather"] = json!({"BOOL": true});
    story
}

/// Answers and events show what is in the table, so they are not as the contract says either: there, and nowhere else.
fn assert_odd_only_at(world: &World, names: &[&str]) {
    for breach in world.breaches() {
        for place in breach.split("at \"").skip(1) {
            let place = place.split('"').next().unwrap();
            assert!(names.iter().any(|name| place.contains(name)), "{breach}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_no_rule_for_callers_would_let_through_any_more_is_read_followed_and_released() {
    let odd = odd();
    let world = restored(&odd).await;
    let asked = odd.records()[0].request.clone();
    let shown = world
        .invoke_program(Program::Inspect, &get("/allocations/followed"))
        .await;
    let shown = body(&shown.answer());
    assert_eq!(shown["status"], "allocated");
    for name in ["ownerAccount", "connectionName", "vlan", "connectionId"] {
        assert_eq!(shown["request"][name], asked[name], "{name}");
    }
    assert_eq!(shown["request"]["tags"].as_array().unwrap().len(), 2);
    assert_eq!(
        shown["history"].as_array().unwrap().len(),
        6,
        "what can be read"
    );

    let id = world.cloud.connections()[0].id.clone();
    world.cloud.set_state(&id, "down").unwrap();
    run(&world).await;
    let released = world.release("followed").await.answer();
    assert_eq!(status_and_code(&released), (200, String::new()));
    assert_eq!(
        story(&world, "followed"),
        ["available → down", "down → deleted", "released, deleted"]
    );
    assert_eq!(taken_vlans(&world), [0; 0]);
    // The last one is the ARN in an event's resources, which names the owner.
    assert_odd_only_at(&world, &["/request", "/origin", "/connection", "/0"]);
}

/// An order that is being released, under a key and on a VLAN that no caller may use any more.
fn odd_key() -> (String, Story) {
    let key = "a key with spaces ".repeat(20);
    let mut story = story_named("release-wished-only");
    for item in &mut story.items {
        let is_record = item.get("orderRequest").is_some();
        if is_record {
            item["pk"]["S"] = format!("allocation#{key}").into();
            item["vlan"]["N"] = "4095".into();
            rewritten(item, "orderRequest", |request| {
                request["vlan"] = 4095.into()
            });
            rewritten(item, "allocationOutcome", |connection| {
                connection["vlan"] = 4095.into()
            });
        } else {
            item["holder"]["S"] = key.clone().into();
            item["sk"]["S"] = "vlan#4095".into();
        }
    }
    (key, story)
}

#[tokio::test(start_paused = true)]
async fn a_key_that_nobody_may_use_any_more_is_listed_and_its_release_comes_to_an_end() {
    let (key, odd) = odd_key();
    let world = restored(&odd).await;
    let listed = world
        .invoke_program(Program::Inspect, &get("/allocations"))
        .await;
    let listed = body(&listed.answer());
    assert_eq!(listed["allocations"][0]["idempotencyKey"], key);
    track(&world).await;
    assert_eq!(
        story(&world, &key),
        ["ordering → deleted", "released, deleted"]
    );
    assert_eq!(record_of(&world, &key).get("unfinishedShard"), None);
    assert_eq!(taken_vlans(&world), [0; 0]);
    assert_odd_only_at(&world, &["/idempotencyKey", "/vlan"]);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_nobody_could_set_today_holds_and_can_be_replaced() {
    let mut odd = story_named("policy-with-every-rule-and-counted-leases");
    let policy = odd
        .items
        .iter_mut()
        .find(|item| item["sk"]["S"] == "policy")
        .unwrap();
    rewritten(policy, "parentPolicy", |policy| {
        policy["weather"] = "fine".into();
        policy["bandwidthLimitMbps"] = 20_000_000.into();
        policy["reservedVlans"] = json!([102, 150, 4095]);
    });
    let world = restored(&odd).await;
    let shown = crate::partner::parent(&world, PARENT).await;
    assert_eq!(shown["policy"]["reservedVlans"], json!([102, 150, 4095]));
    let parent = ParentConnection::parse(PARENT).unwrap();
    let next = ParentPolicy::parse(br#"{"bandwidthLimitMbps": 700}"#).unwrap();
    let ledger = world.aws("operator").ledger;
    let set = ledger.set_policy(&parent, &next).await.unwrap();
    assert_eq!((set.policy, set.sold_mbps), (next, 600));
    assert_odd_only_at(&world, &["/policy"]);
}
