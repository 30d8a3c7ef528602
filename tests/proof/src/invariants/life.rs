//! What has to hold at the end of a life: table, bus and Direct Connect tell the same story.

use std::collections::BTreeMap;

use hosted_connection::IdempotencyKey;
use serde_json::Value;

use super::place;
use crate::allowed::Allowed;
use crate::life::{Course, Life};
use crate::orders::{PARENT, http, request};
use crate::scenario::KEY;
use crate::world::{Invocation, World};

/// Everything that has to hold once nothing is left to do.
pub(crate) async fn of_a_life(world: &World, life: Life, allowed: Allowed) -> Vec<String> {
    if life.course == Course::ResolvedRejected {
        let mut violations = place::set_aside(world);
        violations.extend(policy(world, life));
        return violations;
    }
    if life.course == Course::Twin {
        return place::of_twins(world);
    }
    if allowed.is_no() && place::is_rejected(world) {
        return place::rejected(world, allowed).await;
    }
    if allowed.open && place::is_open(world) {
        return place::left_open(world);
    }
    let mut violations = Vec::new();
    let connections = world.cloud.connections();
    if connections.len() > 1 || world.cloud.most_living(PARENT, 101) > 1 {
        violations.push(format!("{} connections for one key", connections.len()));
    }
    let records = world.items("allocation#");
    let Some(record) = records.first() else {
        if !connections.is_empty() {
            violations.push("a connection without a record".into());
        }
        return violations;
    };
    if record["allocationState"]["S"] != "allocated" || record["eventPublished"]["BOOL"] != true {
        violations.push(format!(
            "the record says {}",
            record["allocationState"]["S"]
        ));
    }
    if record.get("unfinishedShard").is_some() {
        violations.push("something is left unfinished".into());
    }
    let living = connections
        .iter()
        .any(local_cloud::HostedConnection::is_living);
    violations.extend(place::followed(world));
    violations.extend(policy(world, life));
    let shown = connections
        .first()
        .map_or("", |connection| &connection.state);
    // As the ledger reads it, however it is stored.
    let lifecycle = match IdempotencyKey::parse(KEY) {
        Ok(key) => world.aws("invariants").ledger.record(&key).await,
        Err(_) => Ok(None),
    };
    let lifecycle = lifecycle.ok().flatten().map(|record| record.lifecycle);
    let lifecycle = lifecycle.unwrap_or_default();
    let release = lifecycle.release.as_ref();
    let released = release.is_some_and(|release| release.released_at_ms.is_some());
    if living && (released || lifecycle.gone_at_ms.is_some()) {
        violations.push("a living connection counts as gone".into());
    }
    violations.extend(events(world, shown, released));
    let parent = record["parentConnectionId"]["S"].as_str();
    let is_there = |one: &local_cloud::HostedConnection| Some(&*one.parent) == parent;
    if living && !connections.iter().any(is_there) {
        violations.push(format!("listed under {parent:?}"));
    }
    let parent = parent.unwrap_or_default().to_owned();
    violations.extend(replay(world, released, &parent).await);
    violations
}

/// Bandwidth counts on each parent exactly as long as there is a connection there.
fn policy(world: &World, life: Life) -> Vec<String> {
    let mut violations = Vec::new();
    let items = world.items("parent#");
    let policies = items.iter().filter(|item| item["sk"]["S"] == "policy");
    let mut seen = 0;
    for policy in policies {
        seen += 1;
        let parent = policy["pk"]["S"].as_str().unwrap_or_default();
        let parent = parent.strip_prefix("parent#").unwrap_or_default();
        let living = world.cloud.living_connections(parent);
        let sold: i64 = living.iter().map(|one| mbps(&one.bandwidth)).sum();
        let number = |name: &str| policy[name]["N"].as_str().unwrap_or_default().to_owned();
        let is_so = number("soldMbps") == sold.to_string()
            && number("freeMbps") == (500 - sold).to_string();
        if !is_so {
            violations.push(format!("sold {} of {sold} on {parent}", number("soldMbps")));
        }
    }
    if life.policy && seen != 2 {
        violations.push("a policy is gone".into());
    }
    violations
}

fn mbps(bandwidth: &str) -> i64 {
    let number = bandwidth.strip_suffix("Mbps").unwrap_or_default();
    number.parse().unwrap_or_default()
}

/// One id, one event; told in the order in which things happened, from the allocation to the state that it is in now.
fn events(world: &World, shown: &str, released: bool) -> Vec<String> {
    let mut violations = Vec::new();
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    let mut state = String::new();
    let mut releases = 0;
    for event in world.cloud.events() {
        let id = event.detail["eventId"].to_string();
        if let Some(first) = seen.get(&id) {
            if *first != event.detail {
                violations.push(format!(
                    "one id, different events: {first} {}",
                    event.detail
                ));
            }
            continue;
        }
        if event.detail["sequence"] != seen.len() {
            violations.push(format!("out of sequence: {}", event.detail));
        }
        seen.insert(id, event.detail.clone());
        let now = event.detail["connection"]["connectionState"].as_str();
        let now = now.unwrap_or_default().to_owned();
        match event.detail_type.as_str() {
            // A new connection of which nothing is said waits for its owner.
            "Hosted Connection Allocated" if state.is_empty() && now.is_empty() => {
                state = "ordering".into();
            }
            "Hosted Connection Allocated" if state.is_empty() => state = now,
            "Hosted Connection State Changed" if event.detail["previousState"] == *state => {
                state = now
            }
            // Its state is told on its own.
            "Hosted Connection Moved" if !state.is_empty() => {}
            "Hosted Connection Released" if ["deleted", "rejected"].contains(&&*state) => {
                releases += 1
            }
            out_of_turn => {
                violations.push(format!("{out_of_turn} after {state}: {}", event.detail))
            }
        }
    }
    if state != shown {
        violations.push(format!(
            "the last state told is {state}, the connection is {shown}"
        ));
    }
    if releases != usize::from(released) {
        violations.push(format!("{releases} releases told, recorded: {released}"));
    }
    violations
}

/// The order, asked for once more, is answered from its record, and says what became of it.
async fn replay(world: &World, released: bool, parent: &str) -> Vec<String> {
    let mut violations = Vec::new();
    let (connections, details) = (world.cloud.connections().len(), world.details());
    world.cloud.forget_requests();
    let order = http(KEY, &request(Some(101)).to_string());
    let Invocation::Answered(answer) = world.invoke(&order).await else {
        return vec!["a replay was not answered".into()];
    };
    let body: Value = answer["body"]
        .as_str()
        .and_then(|body| serde_json::from_str(body).ok())
        .unwrap_or_default();
    let status = if released { "released" } else { "allocated" };
    let first = details.first().map(|detail| &detail["connection"]);
    let is_first = Some(&body["connection"]) == first;
    let is_so = body["status"] == status && body["parentConnectionId"] == parent;
    if answer["statusCode"] != 201 || !is_so || !is_first {
        violations.push(format!("a replay answered {answer}"));
    }
    if world.cloud.connections().len() != connections || world.details() != details {
        violations.push("a replay did something".into());
    }
    violations
}
