//! What has to hold once connections from before are adopted, moved, released or forgotten, and nothing is left to do.

use std::collections::{BTreeMap, BTreeSet};

use aws::failure::CallError;
use hosted_connection::IdempotencyKey;
use ledger::Record;
use serde_json::Value;

use crate::brownfield::{Brownfield, OTHER};
use crate::orders::{PARENT, http, request};
use crate::scenario::KEY;
use crate::world::{Invocation, World};

/// Everything that has to hold.
pub(crate) async fn of_a_brownfield(world: &World, story: Brownfield) -> Vec<String> {
    let mut violations = Vec::new();
    let connections = world.cloud.connections();
    if connections.len() != 1 {
        violations.push(format!(
            "{} connections where there was one",
            connections.len()
        ));
    }
    let records = match kept(world).await {
        Ok(records) => records,
        Err(error) => return vec![format!("the records cannot be read: {error}")],
    };
    violations.extend(one_record_each(&records));
    violations.extend(leases(world, &records));
    violations.extend(policy(world, story));
    violations.extend(events(world, &records));
    violations.extend(moves(world, &records));
    for record in &records {
        if record.is_unfinished {
            violations.push(format!("something is left unfinished of {}", record.key));
        }
    }
    if story.meeting.record_is_due() && !records.iter().any(|record| record.connection.is_some()) {
        violations.push("the connection has no record".into());
    }
    violations.extend(replay(world, &records, story).await);
    violations
}

/// A record, as far as it matters.
struct Kept {
    key: String,
    connection: Option<String>,
    is_gone: bool,
    is_adopted: bool,
    is_unfinished: bool,
}

/// The records that there are.
async fn kept(world: &World) -> Result<Vec<Kept>, CallError> {
    let items = world.items("allocation#");
    let keys = items.iter().filter_map(|item| {
        let key = item["pk"]["S"].as_str()?.strip_prefix("allocation#")?;
        Some(IdempotencyKey::from_stored(key))
    });
    let keys: Vec<_> = keys.collect();
    let records = world.aws("invariants").ledger.records(&keys).await?;
    let unfinished: BTreeSet<_> = items
        .iter()
        .filter(|item| item.get("unfinishedShard").is_some())
        .filter_map(|item| item["pk"]["S"].as_str())
        .collect();
    let kept = |record: &Record| {
        let connection = record.connection();
        Kept {
            key: record.key.to_string(),
            connection: connection.and_then(|connection| connection.connection_id.clone()),
            is_gone: record.lifecycle.gone_at_ms.is_some(),
            is_adopted: record.origin.is_adoption(),
            is_unfinished: record.is_unfinished()
                || unfinished.contains(format!("allocation#{}", record.key).as_str()),
        }
    };
    Ok(records.iter().map(kept).collect())
}

impl Kept {
    fn living(&self) -> Option<&str> {
        self.connection.as_deref().filter(|_| !self.is_gone)
    }
}

fn one_record_each(records: &[Kept]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let with_connection = records
        .iter()
        .filter_map(|record| record.connection.as_deref());
    let twice = with_connection.filter(|connection| !seen.insert(*connection));
    twice
        .map(|connection| format!("{connection} has two records"))
        .collect()
}

/// Each living record has one lease, on its connection's VLAN; nobody else has any. What no record knows is noted.
fn leases(world: &World, records: &[Kept]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    let mut noted = BTreeSet::new();
    for item in world.items("parent#") {
        match (
            item["holder"]["S"].as_str(),
            item["connectionId"]["S"].as_str(),
        ) {
            (Some(holder), _) => *held.entry(holder.to_owned()).or_default() += 1,
            (None, Some(connection)) => {
                noted.insert(connection.to_owned());
            }
            (None, None) => {}
        }
    }
    for record in records {
        let leases = held.remove(&record.key).unwrap_or_default();
        if leases != usize::from(record.living().is_some()) {
            violations.push(format!("{} has {leases} leases", record.key));
        }
    }
    violations.extend(
        held.keys()
            .map(|key| format!("{key} has a lease and no record")),
    );
    for connection in world
        .cloud
        .connections()
        .iter()
        .filter(|one| one.is_living())
    {
        let is_known = records
            .iter()
            .any(|record| record.living() == Some(&connection.id));
        if is_known == noted.contains(&connection.id) {
            violations.push(format!(
                "{}: known {is_known}, noted {}",
                connection.id, !is_known
            ));
        }
    }
    violations
}

/// What is there is counted, once, where it is.
fn policy(world: &World, story: Brownfield) -> Vec<String> {
    let mut violations = Vec::new();
    let items = world.items("parent#");
    let policies = items.iter().filter(|item| item["sk"]["S"] == "policy");
    let mut sold: BTreeMap<&str, &str> = BTreeMap::new();
    for policy in policies {
        let on = policy["pk"]["S"].as_str().unwrap_or_default();
        let mbps = policy["soldMbps"]["N"].as_str().unwrap_or_default();
        sold.insert(on.trim_start_matches("parent#"), mbps);
    }
    for (parent, sold) in &sold {
        let living = (world.cloud.living_connections(parent).len() * 500).to_string();
        if *sold != living {
            violations.push(format!("sold {sold} of what is {living} on {parent}"));
        }
    }
    if story.policy && !sold.contains_key(PARENT) {
        violations.push("the policy is gone".into());
    }
    violations
}

/// Each move is told once, and begins where the one before has ended. The last ends where the connection is, as long as a record
/// follows it.
fn moves(world: &World, records: &[Kept]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut told = BTreeMap::new();
    for event in world.cloud.events() {
        if event.detail_type == "Hosted Connection Moved" {
            let sequence = event.detail["sequence"].as_u64().unwrap_or_default();
            if told
                .insert(sequence, event.detail.clone())
                .is_some_and(|other| other != event.detail)
            {
                violations.push(format!("two moves with the number {sequence}"));
            }
        }
    }
    let mut at = PARENT.to_owned();
    for moved in told.values() {
        let parent = |of: &str| moved[of].as_str().unwrap_or_default().to_owned();
        let (from, to) = (
            parent("previousParentConnectionId"),
            parent("parentConnectionId"),
        );
        if from != at || from == to {
            violations.push(format!("moved from {from} to {to}, while it was on {at}"));
        }
        at = to;
    }
    let connections = world.cloud.connections();
    let is_followed = records.iter().any(|record| record.living().is_some());
    for connection in connections
        .iter()
        .filter(|one| is_followed && one.is_living())
    {
        if connection.parent != at {
            violations.push(format!("on {}, and told of as on {at}", connection.parent));
        }
    }
    violations
}

/// One id, one event; every adopted record is told of once, first of all, and nothing is told of as adopted that is not.
fn events(world: &World, records: &[Kept]) -> Vec<String> {
    let mut violations = Vec::new();
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    let mut adopted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in world.cloud.events() {
        let id = event.detail["eventId"].to_string();
        if seen.get(&id).is_some_and(|first| *first != event.detail) {
            violations.push(format!("one id, different events: {}", event.detail));
        }
        if event.detail_type == "Hosted Connection Adopted" {
            let connection = event.detail["connection"]["connectionId"].to_string();
            adopted.entry(connection).or_default().insert(id.clone());
            if event.detail["sequence"] != 0 || event.detail["origin"]["door"] != "adoption" {
                violations.push(format!("not the first event: {}", event.detail));
            }
        }
        seen.insert(id, event.detail);
    }
    for (connection, ids) in &adopted {
        if ids.len() != 1 {
            violations.push(format!(
                "{connection} is told of as adopted {} times",
                ids.len()
            ));
        }
    }
    for record in records.iter().filter(|record| record.is_adopted) {
        let told = record
            .connection
            .as_ref()
            .and_then(|id| adopted.get(&format!("\"{id}\"")));
        if told.is_none() {
            violations.push(format!("{} was adopted, and nothing tells", record.key));
        }
    }
    violations
}

/// An order with an adopted record's key is a replay, whatever its tags are.
async fn replay(world: &World, records: &[Kept], story: Brownfield) -> Vec<String> {
    let adopted = records
        .iter()
        .find(|record| record.is_adopted && [KEY, OTHER].contains(&&*record.key));
    let Some(record) = adopted else {
        return Vec::new();
    };
    world.cloud.forget_requests();
    let order = http(&record.key, &request(Some(101)).to_string());
    let answered = world.invoke(&order).await;
    let is_replay =
        matches!(&answered, Invocation::Answered(answer) if answer["statusCode"] == 201);
    // Whether there is a policy a fresh process has to ask.
    let most = if story.policy { 2 } else { 1 };
    if is_replay && world.cloud.requests().len() <= most {
        Vec::new()
    } else {
        vec![format!(
            "an order with the key {} is no replay: {answered}",
            record.key
        )]
    }
}
