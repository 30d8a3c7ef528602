//! What has to hold at the end of every story.

mod brownfield;
mod life;
mod place;
mod placed;

use std::time::Duration;

use local_cloud::FaultKind;
use serde_json::Value;

use crate::allowed::Allowed;
use crate::orders::{BY_HAND, http};
use crate::scenario::{CROWD, KEY, Scenario};
use crate::words;
use crate::world::{Invocation, World};

impl Allowed {
    /// Whether the order has ended in one of these ways.
    pub(crate) fn ends_without_a_connection(self, world: &World) -> bool {
        self.is_no() && is_rejected(world) || self.open && is_open(world)
    }
}

pub(crate) use brownfield::of_a_brownfield;
pub(crate) use life::of_a_life;
pub(crate) use place::{is_open, is_rejected};
pub(crate) use placed::of_the_placed;

use place::{after_tracking, held_leases, left_open, rejected};

/// Nothing in these stories is the caller's fault, so the only final answer is the connection; or Direct Connect's own
/// refusal, where the story has one.
pub(crate) fn final_answer(
    invocation: &Invocation,
    queue: bool,
    allowed: Allowed,
) -> Option<String> {
    match invocation {
        Invocation::Answered(answer) if queue || answer["statusCode"] == 201 => None,
        Invocation::Answered(answer) if allowed.is_no() && answer["statusCode"] == 422 => None,
        Invocation::Answered(answer) => Some(format!("our own fault became a final no: {answer}")),
        Invocation::Failed { .. } | Invocation::Killed => Some("no final answer".into()),
    }
}

/// A delivery may end for nothing because Direct Connect throttled its call, but not because the answer of a write was lost: it is
/// sent again, and recognises itself.
pub(crate) fn deliveries(hits: &[(String, String)], deliveries: u32) -> Option<String> {
    let throttle = FaultKind::Throttle.to_string();
    let lost = [FaultKind::ApplyThen500, FaultKind::ApplyThenReset].map(|kind| kind.to_string());
    let is_write = |operation: &str| matches!(operation, "UpdateItem" | "TransactWriteItems");
    let costly = hits.iter().filter(|(fault, _)| *fault == throttle).count();
    let harmless = hits
        .iter()
        .filter(|(fault, operation)| lost.contains(fault) && is_write(operation))
        .count();
    let allowed = 1 + u32::try_from(costly).unwrap_or(u32::MAX);
    (costly + harmless == hits.len() && deliveries > allowed).then(|| {
        format!("{deliveries} deliveries although nothing but answers of writes were lost")
    })
}

/// Everything that has to hold once the order is final and all late arrivals have landed.
pub(crate) async fn at_the_end(world: &World, scenario: Scenario, allowed: Allowed) -> Vec<String> {
    let mut violations = Vec::new();
    if allowed.open && is_open(world) {
        violations.extend(left_open(world));
        return violations;
    }
    if world
        .items("allocation#")
        .first()
        .is_some_and(|item| item.get("eventPublished").is_none())
    {
        // The mark may be lost, but never the event: whoever answered had published it. A sweep, or the next delivery,
        // publishes it once more and marks it.
        if world.details().is_empty() {
            violations.push("answered before it was published".into());
        }
        world.invoke(&scenario.event()).await;
    }
    if allowed.is_no() && is_rejected(world) {
        violations.extend(rejected(world, allowed).await);
        return violations;
    }
    violations.extend(connections(world, scenario));
    violations.extend(table(world));
    violations.extend(events(world));
    if allowed.tracked {
        violations.extend(after_tracking(world).await);
    }
    violations.extend(replay(world, scenario).await);
    violations
}

pub(crate) fn ours(world: &World) -> Vec<local_cloud::HostedConnection> {
    let connections = world.cloud.connections().into_iter();
    connections
        .filter(|connection| connection.name != BY_HAND)
        .collect()
}

fn connections(world: &World, scenario: Scenario) -> Vec<String> {
    let mut violations = Vec::new();
    let ours = ours(world);
    if ours.len() != 1 {
        let seen: Vec<_> = ours
            .iter()
            .map(|c| format!("{} on VLAN {}", c.id, c.vlan))
            .collect();
        violations.push(format!(
            "{} connections for one key: {}",
            ours.len(),
            seen.join(", ")
        ));
    }
    let crowd = world.cloud.connections().len() - ours.len();
    if scenario.crowded && crowd < usize::from(CROWD) {
        violations.push(format!("{crowd} of {CROWD} foreign connections are left"));
    }
    violations
}

/// The record is final, published and kept; the only VLAN lease is the connection's.
fn table(world: &World) -> Vec<String> {
    let mut violations = Vec::new();
    let allocations = world.items("allocation#");
    let [allocation] = &allocations[..] else {
        return vec![format!("{} records for one key", allocations.len())];
    };
    if allocation["allocationState"]["S"] != "allocated" {
        violations.push(format!(
            "the record says {}",
            allocation["allocationState"]["S"]
        ));
    }
    if allocation["eventPublished"]["BOOL"] != true || allocation.get("unfinishedShard").is_some() {
        violations.push("the outcome is still owed to the bus".into());
    }
    let leases = held_leases(world).into_iter().map(|(_, vlan)| vlan);
    let leases: Vec<_> = leases.collect();
    let wanted: Vec<_> = ours(world).iter().map(|c| c.vlan).collect();
    if leases != wanted {
        violations.push(format!(
            "leases of VLANs: {}; connections on VLANs: {}",
            words::listed(&leases),
            words::listed(&wanted),
        ));
    }
    violations
}

/// One fact, one event, however often.
fn events(world: &World) -> Vec<String> {
    let details = world.details();
    let mut violations = Vec::new();
    let Some(first) = details.first() else {
        return vec!["nothing was published".into()];
    };
    if details.iter().any(|detail| detail != first) {
        violations.push(format!(
            "one fact, different events: {}",
            words::listed(&details)
        ));
    }
    let known = ours(world)
        .iter()
        .any(|c| first["connection"]["connectionId"] == c.id.as_str());
    if !known {
        violations.push(format!("an event without its fact: {first}"));
    }
    violations
}

/// Asking again, now and long after any queue has forgotten the order, gives what was published, and nothing more.
async fn replay(world: &World, scenario: Scenario) -> Vec<String> {
    let mut violations = Vec::new();
    let published = world.details();
    let event = http(KEY, &scenario.request().to_string());
    for wait in [Duration::ZERO, Duration::from_secs(200 * 24 * 60 * 60)] {
        tokio::time::sleep(wait).await;
        world.cloud.forget_requests();
        let Invocation::Answered(answer) = world.invoke(&event).await else {
            violations.push("a replay was not answered".into());
            continue;
        };
        let body: Value = answer["body"]
            .as_str()
            .and_then(|body| serde_json::from_str(body).ok())
            .unwrap_or_default();
        let first = published.first().map(|detail| &detail["connection"]);
        if answer["statusCode"] != 201 || Some(&body["connection"]) != first {
            violations.push(format!("a replay {} answered {answer}", words::later(wait)));
        }
        if world.cloud.requests().len() != 1
            || ours(world).len() != 1
            || world.details() != published
        {
            violations.push(format!(
                "a replay {} did more than read the record once",
                words::later(wait),
            ));
        }
    }
    violations
}
