//! What has to hold once orders by place have come to their ends.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::Bandwidth;
use local_cloud::{FaultKind, HostedConnection, RequestRecord};
use serde_json::Value;

use super::{held_leases, ours};
use crate::manner::Manner;
use crate::placed::{Between, OTHER, Placed};
use crate::scenario::KEY;
use crate::words;
use crate::world::{Invocation, World};

/// Everything that has to hold; `hit` says whether a request went wrong.
pub(crate) async fn of_the_placed(world: &World, story: Placed, hit: bool) -> Vec<String> {
    let mut violations = Vec::new();
    let connections = ours(world);
    violations.extend(loyalty(&world.cloud.requests()));
    for key in [KEY, OTHER] {
        let Some(record) = record_of(world, key) else {
            if story.event_of(key).is_some() {
                violations.push(format!("{key} has no record"));
            }
            continue;
        };
        let own = connections.iter().filter(|one| one.name == key);
        let own: Vec<_> = own.collect();
        violations.extend(of_one(world, story, hit, key, &record, &own));
        violations.extend(replayed(world, story, key).await);
    }
    violations.extend(leases(world, &connections));
    violations.extend(sold(world));
    violations.extend(apart(story, &connections));
    violations
}

fn record_of(world: &World, key: &str) -> Option<Value> {
    world.items(&format!("allocation#{key}")).pop()
}

/// As long as a call of a key is unanswered, it is made again for the same parent and VLAN only.
fn loyalty(requests: &[RequestRecord]) -> Vec<String> {
    let mut open: BTreeMap<&str, (&Value, &Value)> = BTreeMap::new();
    let mut violations = Vec::new();
    for request in requests {
        if request.operation != "AllocateHostedConnection" {
            continue;
        }
        let body = &request.body;
        let key = body["connectionName"].as_str().unwrap_or_default();
        let place = (&body["connectionId"], &body["vlan"]);
        if let Some(before) = open.get(key).filter(|before| **before != place) {
            violations.push(format!(
                "{key} went from {before:?} to {place:?} although a call was unanswered"
            ));
        }
        let is_answered = match request.fault.as_ref().map(|fault| &fault.kind) {
            // A refusal is an answer. If it was a lie, that shows as a second connection.
            None | Some(FaultKind::Throttle | FaultKind::ApplyThenClientException) => true,
            Some(_) => false,
        };
        if !is_answered {
            open.insert(key, place);
        }
    }
    violations
}

/// One order has one end: one connection where its record, its receipt and its events say; or none, for a reason that there is.
fn of_one(
    world: &World,
    story: Placed,
    hit: bool,
    key: &str,
    record: &Value,
    own: &[&HostedConnection],
) -> Vec<String> {
    let mut violations = Vec::new();
    let state = record["allocationState"]["S"].as_str().unwrap_or_default();
    if record.get("unfinishedShard").is_some() {
        violations.push(format!("something is left unfinished of {key}"));
    }
    let events = world.cloud.events();
    let told = events
        .iter()
        .filter(|event| event.detail["idempotencyKey"] == key);
    let first: Vec<_> = told
        .map(|event| &event.detail)
        .filter(|detail| detail["sequence"].as_u64().unwrap_or_default() == 0)
        .collect();
    let ids: BTreeSet<_> = first
        .iter()
        .map(|detail| detail["eventId"].to_string())
        .collect();
    if ids.len() != 1 {
        violations.push(format!("{} facts told of the end of {key}", ids.len()));
    }
    let detail = first.first().copied().cloned().unwrap_or_default();
    match (state, own) {
        ("allocated", [own]) => {
            let recorded = &record["parentConnectionId"]["S"];
            let told = match &detail["request"]["connectionId"] {
                Value::Null => &detail["parentConnectionId"],
                named => named,
            };
            if *recorded != own.parent.as_str() || *told != own.parent.as_str() {
                violations.push(format!(
                    "{key} is on {}; the record says {recorded}, the event {told}",
                    own.parent
                ));
            }
            if detail["connection"]["connectionId"] != own.id.as_str() {
                violations.push(format!("an event without its fact: {detail}"));
            }
        }
        ("rejected", []) => {
            let code = detail["rejection"]["code"].as_str().unwrap_or_default();
            if !is_reason(story, hit, key, code) {
                violations.push(format!("{key} is rejected: {}", detail["rejection"]));
            }
        }
        (state, own) => {
            violations.push(format!("{key} is {state} beside {} connections", own.len()));
        }
    }
    violations
}

/// Whether the order may be refused for that reason.
fn is_reason(story: Placed, hit: bool, key: &str, code: &str) -> bool {
    // A call that nobody has answered keeps its VLAN, and that was used by hand since tracking looked.
    if story.manner == Manner::Misremembered && hit && code == "VlanInUse" {
        return true;
    }
    match story.between {
        Between::Nothing | Between::SameKey | Between::Rival | Between::Closes => false,
        // Whoever names the parent has no other.
        Between::FillsUp => key == OTHER && code == "CapacityExceeded",
        // A call that nobody has answered keeps its parent.
        Between::Vanishes => code == "RefusedByDirectConnect",
        Between::Taken | Between::TakenMeanwhile => hit && code == "VlanInUse",
        // The same, and the parent is full.
        Between::Full | Between::FullSameKey | Between::FilledMeanwhile => {
            hit && code == "RefusedByDirectConnect"
        }
        Between::Apart | Between::ApartFirst => key == OTHER && code == "DiverseFromUnknown",
    }
}

/// Each living connection, and nothing else, has its VLAN leased where it is.
fn leases(world: &World, connections: &[HostedConnection]) -> Vec<String> {
    let living = connections.iter().filter(|one| one.is_living());
    let mut wanted: Vec<_> = living.map(|one| (one.parent.clone(), one.vlan)).collect();
    wanted.sort();
    let leases = held_leases(world);
    if leases == wanted {
        return Vec::new();
    }
    vec![format!(
        "leases: {}; connections on: {}",
        words::places(&leases),
        words::places(&wanted),
    )]
}

/// What a policy counts as sold is what is there.
fn sold(world: &World) -> Vec<String> {
    let items = world.items("parent#");
    let policies = items.iter().filter(|item| item["sk"]["S"] == "policy");
    let counted = policies.filter_map(|item| {
        let parent = item["pk"]["S"].as_str()?.strip_prefix("parent#")?;
        let sold: u64 = item["soldMbps"]["N"].as_str()?.parse().ok()?;
        let living = world.cloud.living_connections(parent);
        let mbps = living.iter().filter_map(|one| {
            let bandwidth = Bandwidth::parse(&one.bandwidth).ok()?;
            Some(u64::from(bandwidth.mbps()))
        });
        Some((parent.to_owned(), sold, mbps.sum::<u64>()))
    });
    counted
        .filter(|(_, sold, living)| sold != living)
        .map(|(parent, sold, living)| format!("{parent} counts {sold} Mbps and carries {living}"))
        .collect()
}

/// Two that must not fail together are on different devices.
fn apart(story: Placed, connections: &[HostedConnection]) -> Vec<String> {
    if !matches!(story.between, Between::Apart | Between::ApartFirst) {
        return Vec::new();
    }
    let devices: BTreeSet<_> = connections
        .iter()
        .map(|one| crate::placed::device_of(&one.parent))
        .collect();
    let same = devices.len() < connections.len();
    same.then(|| format!("not apart: {}", words::connections(connections)))
        .into_iter()
        .collect()
}

/// Asking again gives the same end by one read; by two, in a fresh process, where the parent is named and has a policy.
async fn replayed(world: &World, story: Placed, key: &str) -> Vec<String> {
    let Some(event) = story.event_of(key) else {
        return Vec::new();
    };
    let names_its_parent = story.between == Between::FillsUp && key == OTHER;
    let connections = ours(world).len();
    world.cloud.forget_requests();
    let Invocation::Answered(answer) = world.invoke(&event).await else {
        return vec![format!("a replay of {key} was not answered")];
    };
    let is_final = [201, 422].contains(&answer["statusCode"].as_u64().unwrap_or_default());
    let requests = world.cloud.requests().len();
    let most = if names_its_parent { 2 } else { 1 };
    if !is_final || requests > most || ours(world).len() != connections {
        return vec![format!(
            "a replay of {key} took {requests} requests: {answer}"
        )];
    }
    Vec::new()
}
