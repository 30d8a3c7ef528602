//! Promises about what comes after an order, and about what may be ordered at all.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::Bandwidth;
use local_cloud::{HostedConnection, RequestRecord};
use serde_json::Value;

use super::super::{decision::Decision, stage::Played};
use super::answers::name;
use crate::command::{show::Ledger, tables::text};

/// Each event's state before has to be the state that the one before it told.
pub(super) fn changes_are_told_in_order(played: &Played) -> Vec<String> {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    let mut broken = Vec::new();
    for event in played.cloud.events() {
        let connection = &event.detail["connection"];
        let (id, state) = (&connection["connectionId"], &connection["connectionState"]);
        let before = told.insert(text(id).to_owned(), text(state).to_owned());
        let changed = event.detail_type == "Hosted Connection State Changed";
        let said = event.detail["previousState"].as_str();
        if changed && (said != before.as_deref() || said == state.as_str()) {
            broken.push(format!("{} was {before:?}, not {said:?}", text(id)));
        }
    }
    for connection in played.cloud.connections() {
        let last = told.get(&connection.id);
        if last != Some(&connection.state) {
            broken.push(format!(
                "{} is {}, and the last that was told is {last:?}",
                connection.id, connection.state
            ));
        }
    }
    broken
}

/// A VLAN is leased exactly as long as its connection lives.
pub(super) fn leases_are_what_lives(played: &Played) -> Vec<String> {
    let leased: BTreeSet<_> = match Ledger::of(&played.cloud) {
        Ok(ledger) => ledger.leases.iter().filter_map(leased).collect(),
        Err(error) => return vec![error.to_string()],
    };
    let living: BTreeSet<_> = living(played)
        .map(|connection| (connection.parent, u64::from(connection.vlan)))
        .collect();
    leased
        .symmetric_difference(&living)
        .map(|(parent, vlan)| format!("VLAN {vlan} on {parent}"))
        .collect()
}

/// What a policy counts is what lives, and no more than it allows.
pub(super) fn policies_count_what_lives(played: &Played) -> Vec<String> {
    let policies = match Ledger::of(&played.cloud) {
        Ok(ledger) => ledger.policies,
        Err(error) => return vec![error.to_string()],
    };
    let mut broken = Vec::new();
    for policy in policies {
        let parent = text(&policy["pk"]).trim_start_matches("parent#");
        let sold: u64 = living(played)
            .filter(|connection| connection.parent == parent)
            .filter_map(|connection| Bandwidth::parse(&connection.bandwidth).ok())
            .map(|bandwidth| u64::from(bandwidth.mbps()))
            .sum();
        if policy["soldMbps"] != sold {
            broken.push(format!(
                "{parent}: {sold} Mbps live, {} are counted",
                policy["soldMbps"]
            ));
        }
        if policy["freeMbps"].as_i64().is_none_or(|free| free < 0) {
            broken.push(format!("{parent} is oversold"));
        }
    }
    broken
}

/// Nothing is written, and Direct Connect is asked to do nothing.
pub(super) fn dry_runs_only_look(played: &Played) -> Vec<String> {
    let forecasts = played.deliveries.iter().filter(|delivery| {
        matches!(
            delivery.decision,
            Decision::WouldBeAllocated { .. } | Decision::WouldBeRejected { .. }
        )
    });
    forecasts
        .filter(|delivery| !delivery.happened.requests.iter().all(only_looks))
        .map(name)
        .collect()
}

fn only_looks(request: &RequestRecord) -> bool {
    [
        "GetItem",
        "BatchGetItem",
        "Query",
        "DescribeHostedConnections",
    ]
    .contains(&request.operation.as_str())
}

fn leased(lease: &Value) -> Option<(String, u64)> {
    lease["holder"].as_str()?;
    let parent = text(&lease["pk"]).strip_prefix("parent#")?;
    let vlan = text(&lease["sk"]).strip_prefix("vlan#")?.parse().ok()?;
    Some((parent.to_owned(), vlan))
}

fn living(played: &Played) -> impl Iterator<Item = HostedConnection> {
    let connections = played.cloud.connections().into_iter();
    connections.filter(HostedConnection::is_living)
}
