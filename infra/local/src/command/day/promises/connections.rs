//! Promises about what exists on Direct Connect's side.

use std::collections::{BTreeMap, BTreeSet};

use local_cloud::HostedConnection;

use super::super::{decision::Made, stage::Played};
use crate::command::{show::Ledger, tables::text};

pub(super) fn one_connection_per_key(played: &Played) -> Vec<String> {
    let published = published_connections(played);
    let mut broken: Vec<_> = published
        .iter()
        .filter(|(_, ids)| ids.len() > 1)
        .map(|(key, ids)| format!("{key} has {ids:?}"))
        .collect();
    let mut owned: Vec<_> = published.values().flatten().cloned().collect();
    let mut existing: Vec<_> = played
        .cloud
        .connections()
        .into_iter()
        .map(|connection| connection.id)
        .collect();
    owned.sort();
    existing.sort();
    if owned != existing {
        broken.push(format!(
            "published are {owned:?}, but there are {existing:?}"
        ));
    }
    broken
}

/// Connections by key, as the events name them.
fn published_connections(played: &Played) -> BTreeMap<String, BTreeSet<String>> {
    let mut connections: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in played.cloud.events() {
        if let (Some(key), Some(id)) = (
            event.detail["idempotencyKey"].as_str(),
            event.detail["connection"]["connectionId"].as_str(),
        ) {
            connections
                .entry(key.to_owned())
                .or_default()
                .insert(id.to_owned());
        }
    }
    connections
}

pub(super) fn vlans_used_once(played: &Played) -> Vec<String> {
    let connections = played.cloud.connections();
    let crowded = connections.iter().filter(|connection| {
        played
            .cloud
            .most_living(&connection.parent, connection.vlan)
            != 1
    });
    crowded
        .map(|connection| format!("VLAN {} on {}", connection.vlan, connection.parent))
        .collect()
}

pub(super) fn asked_once(played: &Played) -> Vec<String> {
    let mut applied: BTreeMap<String, usize> = BTreeMap::new();
    for request in played.cloud.requests() {
        if request.operation == "AllocateHostedConnection" && request.applied {
            let wanted = format!(
                "VLAN {} on {}",
                request.body["vlan"], request.body["connectionId"]
            );
            *applied.entry(wanted).or_default() += 1;
        }
    }
    let connections = played.cloud.connections();
    let mut created: BTreeMap<String, usize> = BTreeMap::new();
    for connection in &connections {
        let wanted = format!("VLAN {} on {:?}", connection.vlan, connection.parent);
        *created.entry(wanted).or_default() += 1;
    }
    let calls = applied.values().sum::<usize>();
    let mut broken: Vec<_> = applied
        .into_iter()
        // More than one only where a VLAN was freed and sold again.
        .filter(|(wanted, times)| created.get(wanted) != Some(times))
        .map(|(wanted, times)| format!("{wanted} {times} times"))
        .collect();
    let ordered = connections.len() - adopted(played).count();
    if calls != ordered {
        broken.push(format!("{calls} calls for {ordered} connections"));
    }
    broken
}

/// One record and one event each, and nobody asked Direct Connect for another.
pub(super) fn adopted_once(played: &Played) -> Vec<String> {
    let records = match Ledger::of(&played.cloud) {
        Ok(ledger) => ledger.allocations,
        Err(error) => return vec![error.to_string()],
    };
    let (events, requests) = (played.cloud.events(), played.cloud.requests());
    let mut broken = Vec::new();
    for connection in adopted(played) {
        let id = connection.id.as_str();
        let of_it = records
            .iter()
            .filter(|record| text(&record["allocationOutcome"]["connectionId"]) == id);
        let told = events.iter().filter(|event| {
            event.detail_type == "Hosted Connection Adopted"
                && text(&event.detail["connection"]["connectionId"]) == id
        });
        let ordered = requests.iter().filter(|request| {
            request.operation == "AllocateHostedConnection"
                && request.body["connectionId"] == connection.parent.as_str()
                && request.body["vlan"] == connection.vlan
        });
        let (records, told, ordered) = (of_it.count(), told.count(), ordered.count());
        if (records, told, ordered) != (1, 1, 0) {
            broken.push(format!(
                "{id}: {records} records, {told} events, {ordered} orders"
            ));
        }
    }
    broken
}

fn adopted(played: &Played) -> impl Iterator<Item = &HostedConnection> {
    let decisions = played.deliveries.iter().map(|delivery| &delivery.decision);
    decisions.filter_map(|decision| match decision.made()? {
        Made::Adopted(connection) => Some(connection),
        Made::Allocated(_) => None,
    })
}
