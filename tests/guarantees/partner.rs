//! What a partner does after an order, and what they hear of it.

use std::collections::BTreeMap;
use std::time::Duration;

use proof::{Program, World, get, http, record, request, sqs, with_key};
use serde_json::Value;

/// Somebody who has connections that no order of ours made.
pub(crate) const FOREIGN: &str = "999988887777";

/// A small request, so that a parent carries many.
pub(crate) fn small(vlan: Option<u16>) -> Value {
    let mut small = request(vlan);
    small["bandwidth"] = "50Mbps".into();
    small
}

/// A small order from a queue.
pub(crate) fn order(key: &str, vlan: Option<u16>) -> Value {
    sqs([record(
        &format!("m-{key}"),
        &with_key(key, small(vlan)).to_string(),
    )])
}

/// The same over HTTP.
pub(crate) fn order_http(key: &str, vlan: Option<u16>) -> Value {
    http(key, &small(vlan).to_string())
}

/// Places a small order and answers with its connection's id.
pub(crate) async fn place(world: &World, key: &str, vlan: u16) -> String {
    let answer = world.invoke(&order_http(key, Some(vlan))).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let id = body(&answer)["connection"]["connectionId"].clone();
    id.as_str().unwrap().to_owned()
}

pub(crate) fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

/// Status and code of an HTTP answer; no code where it is no problem.
pub(crate) fn status_and_code(answer: &Value) -> (u64, String) {
    let code = body(answer)["code"].as_str().unwrap_or_default().to_owned();
    (answer["statusCode"].as_u64().unwrap(), code)
}

pub(crate) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// One run of the schedule: what it came to, in numbers.
pub(crate) async fn run(world: &World) -> Value {
    world.track().await.answer()
}

/// A parent as it is shown to those who ask.
pub(crate) async fn parent(world: &World, id: &str) -> Value {
    let question = get(&format!("/parents/{id}"));
    let answer = world.invoke_program(Program::Inspect, &question).await;
    let answer = answer.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    body(&answer)
}

/// What the bus tells of `key`, each fact where it is told first. Repeats have to be the same to the letter.
pub(crate) fn story(world: &World, key: &str) -> Vec<String> {
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    let mut story = Vec::new();
    for event in world.cloud.events() {
        let detail = event.detail;
        if detail["idempotencyKey"] != key {
            continue;
        }
        let id = detail["eventId"].as_str().unwrap().to_owned();
        if let Some(before) = told.get(&id) {
            assert_eq!(before, &detail, "one id, two facts");
            continue;
        }
        story.push(line(&event.detail_type, &detail));
        told.insert(id, detail);
    }
    story
}

fn line(detail_type: &str, detail: &Value) -> String {
    let state = detail["connection"]["connectionState"].as_str();
    match (detail_type, detail["previousState"].as_str(), state) {
        ("Hosted Connection Allocated", None, _) => "allocated".into(),
        ("Hosted Connection Moved", None, _) => {
            let place = |name: &str| detail[name].as_str().unwrap().to_owned();
            let from = place("previousParentConnectionId");
            format!("moved, {from} → {}", place("parentConnectionId"))
        }
        ("Hosted Connection Released", None, Some(state)) => format!("released, {state}"),
        ("Hosted Connection State Changed", Some(before), Some(now)) => {
            match detail["ageSeconds"].as_u64() {
                None => format!("{before} → {now}"),
                Some(age) => format!("{before} for {age} s"),
            }
        }
        ("Hosted Connection Rejected", None, None) => {
            format!(
                "rejected, {}",
                detail["rejection"]["code"].as_str().unwrap()
            )
        }
        other => panic!("{other:?}: {detail}"),
    }
}

/// The table's record of `key`, as DynamoDB JSON.
pub(crate) fn record_of(world: &World, key: &str) -> Value {
    let mut records = world.items(&format!("allocation#{key}"));
    records.retain(|record| record["pk"]["S"] == format!("allocation#{key}"));
    assert_eq!(records.len(), 1, "{records:#?}");
    records.remove(0)
}

/// Whether the record of `key` still needs something done.
pub(crate) fn is_unfinished(world: &World, key: &str) -> bool {
    record_of(world, key).get("unfinishedShard").is_some()
}

/// VLANs that the table has as taken, on any parent, lowest first.
pub(crate) fn taken_vlans(world: &World) -> Vec<u16> {
    let items = world.items("parent#");
    let vlans = items.iter().filter_map(|item| {
        let digits = item["sk"]["S"].as_str()?.strip_prefix("vlan#")?;
        digits.parse().ok()
    });
    let mut vlans: Vec<_> = vlans.collect();
    vlans.sort_unstable();
    vlans
}

/// Waits until somebody looks at `parent`.
pub(crate) async fn until_looked_at(world: &World, parent: &str) {
    loop {
        let requests = world.cloud.requests();
        let looked = requests.iter().any(|request| {
            request.operation == "DescribeHostedConnections"
                && request.body["connectionId"] == parent
        });
        if looked {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
