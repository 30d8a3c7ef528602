//! What has to hold wherever a connection has been moved to, and where there is none or nobody can tell.

use std::collections::BTreeSet;
use std::time::Duration;

use hosted_connection::{AllocationRequest, Connection};
use serde_json::Value;

use super::ours;
use crate::allowed::Allowed;
use crate::orders::{PARENT, http, request};
use crate::scenario::KEY;
use crate::words;
use crate::world::{Invocation, World};

/// Between two runs of the schedule.
const MINUTE: Duration = Duration::from_secs(60);
/// Runs in which all that moved is followed: one for the move, one for what it kept waiting.
const RUNS: u32 = 2;

/// Tracking runs. Then each connection's VLAN is leased where the connection is, and its moves are told, once each.
pub(crate) async fn after_tracking(world: &World) -> Vec<String> {
    for _ in 0..RUNS {
        tokio::time::sleep(MINUTE).await;
        world.track().await;
    }
    followed(world)
}

/// Each of our living connections, and nothing else, has its VLAN leased, on the parent where it lives. That it has moved
/// there is told once, and only if it has.
pub(crate) fn followed(world: &World) -> Vec<String> {
    let mut violations = Vec::new();
    let living = ours(world).into_iter().filter(|one| one.is_living());
    let mut wanted: Vec<_> = living.map(|one| (one.parent, one.vlan)).collect();
    wanted.sort();
    let leases = held_leases(world);
    if leases != wanted {
        violations.push(format!(
            "leases: {}; connections on: {}",
            words::places(&leases),
            words::places(&wanted),
        ));
    }
    let moves: BTreeSet<_> = world
        .cloud
        .events()
        .into_iter()
        .filter(|event| event.detail_type == "Hosted Connection Moved")
        .map(|event| event.detail["eventId"].to_string())
        .collect();
    let moved = wanted.iter().filter(|(parent, _)| parent != PARENT).count();
    if moves.len() > 1 || moves.len() < moved && wanted.len() == 1 {
        violations.push(format!("{} moves told, {moved} made", moves.len()));
    }
    violations
}

/// The VLANs that orders hold, each with its parent, in order.
pub(crate) fn held_leases(world: &World) -> Vec<(String, u16)> {
    let items = world.items("parent#");
    let held = items.iter().filter(|item| item.get("holder").is_some());
    let leases = held.filter_map(|item| {
        let parent = item["pk"]["S"].as_str()?.strip_prefix("parent#")?;
        let vlan = item["sk"]["S"].as_str()?.strip_prefix("vlan#")?;
        Some((parent.to_owned(), vlan.parse().ok()?))
    });
    let mut leases: Vec<_> = leases.collect();
    leases.sort();
    leases
}

/// Whether the order has a final no.
pub(crate) fn is_rejected(world: &World) -> bool {
    world
        .items("allocation#")
        .first()
        .is_some_and(|item| item["allocationState"]["S"] == "rejected")
}

/// A final no is told once, and there is no connection beside it.
pub(crate) async fn rejected(world: &World, allowed: Allowed) -> Vec<String> {
    let mut violations = Vec::new();
    let connections = ours(world);
    if !connections.is_empty() {
        let count = connections.len();
        violations.push(format!("a rejection beside {count} connections"));
    }
    let leases = held_leases(world);
    if !leases.is_empty() {
        violations.push(format!("a rejection holds {}", words::places(&leases)));
    }
    let details = world.details();
    let Some(first) = details.first() else {
        violations.push("a rejection that was not published".into());
        return violations;
    };
    let code = &first["rejection"]["code"];
    let is_reason = code.as_str().is_some_and(|code| allowed.is_reason(code));
    if details.iter().any(|detail| detail != first) || !is_reason {
        violations.push(format!(
            "one refusal, published as {}",
            words::listed(&details)
        ));
    }
    let vlan = first["request"]["vlan"].as_u64();
    let vlan = vlan.and_then(|vlan| u16::try_from(vlan).ok());
    let again = world.invoke(&http(KEY, &request(vlan).to_string())).await;
    let Invocation::Answered(answer) = again else {
        violations.push("a replay was not answered".into());
        return violations;
    };
    let body = answer["body"].as_str().unwrap_or_default();
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    if answer["statusCode"] != 422 || body["code"] != *code || !ours(world).is_empty() {
        violations.push(format!("a replay of the refusal answered {answer}"));
    }
    violations
}

/// Whether the order has no final outcome.
pub(crate) fn is_open(world: &World) -> bool {
    world
        .items("allocation#")
        .first()
        .is_some_and(|item| item.get("allocationOutcome").is_none())
}

/// Somebody moved the connection before anybody knew whose it is. A person has to look: nothing is told and nothing called
/// for again, and the VLAN stays leased.
pub(crate) fn left_open(world: &World) -> Vec<String> {
    let mut violations = Vec::new();
    let connections = ours(world);
    if connections.len() != 1 || connections.iter().any(|one| one.parent == PARENT) {
        violations.push(format!(
            "an open order beside {}",
            words::connections(&connections)
        ));
    }
    if !world.details().is_empty() || held_leases(world).len() != 1 {
        let (told, leases) = (world.details(), held_leases(world));
        violations.push(format!(
            "an open order, published as {}, holds {}",
            words::listed(&told),
            words::places(&leases),
        ));
    }
    violations
}

fn connection_of(record: &Value) -> Option<Connection> {
    let text = |name: &str| record[name]["S"].as_str();
    let request = AllocationRequest::from_kept(text("orderRequest")?).ok()?;
    Connection::from_kept(text("allocationOutcome")?, &request).ok()
}

/// Two orders that differ in key and parent only: neither has the other's connection, and each connection that one of them
/// has holds its VLAN where it is.
pub(crate) fn of_twins(world: &World) -> Vec<String> {
    let mut violations = Vec::new();
    let records = world.items("allocation#");
    let mut ids: Vec<_> = records
        .iter()
        .filter_map(connection_of)
        .filter_map(|connection| connection.connection_id)
        .collect();
    ids.sort();
    let known: BTreeSet<_> = ids.iter().cloned().collect();
    if known.len() != ids.len() {
        violations.push(format!(
            "two orders have one connection: {}",
            words::listed(&ids)
        ));
    }
    let living: Vec<_> = ours(world).into_iter().filter(|c| c.is_living()).collect();
    if living.iter().any(|one| !known.contains(&one.id)) {
        violations.push(format!("without an order: {}", words::connections(&living)));
    }
    let mut wanted: Vec<_> = living.into_iter().map(|c| (c.parent, c.vlan)).collect();
    wanted.sort();
    let leases = held_leases(world);
    if leases != wanted {
        violations.push(format!(
            "leases: {}; connections on: {}",
            words::places(&leases),
            words::places(&wanted),
        ));
    }
    violations
}

/// A person has rejected an order whose VLAN a connection is on: that is told once, and the connection keeps the VLAN.
pub(crate) fn set_aside(world: &World) -> Vec<String> {
    let mut violations = Vec::new();
    if !is_rejected(world) {
        violations.push("it is not rejected".into());
    }
    let details = world.details();
    let codes: BTreeSet<_> = details
        .iter()
        .map(|detail| format!("{} {}", detail["eventId"], detail["rejection"]["code"]))
        .collect();
    if codes.len() != 1
        || !codes
            .iter()
            .all(|code| code.ends_with("\"RefusedByDirectConnect\""))
    {
        violations.push(format!(
            "one decision, published as {}",
            words::listed(&details)
        ));
    }
    let leases = held_leases(world);
    if !leases.is_empty() {
        violations.push(format!("a rejection holds {}", words::places(&leases)));
    }
    let items = world.items("parent#");
    let kept: Vec<_> = items
        .iter()
        .filter_map(|item| item["connectionId"]["S"].as_str())
        .collect();
    let living: Vec<_> = ours(world).into_iter().filter(|c| c.is_living()).collect();
    let ids: Vec<_> = living.iter().map(|one| one.id.as_str()).collect();
    if kept != ids {
        violations.push(format!(
            "kept for {}, living: {}",
            words::listed(&kept),
            words::connections(&living)
        ));
    }
    let record = world.items("allocation#").pop().unwrap_or_default();
    if record.get("unfinishedShard").is_some() {
        violations.push("something is left unfinished".into());
    }
    violations
}
