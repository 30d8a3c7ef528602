//! Who holds which VLAN: what the table's leases and Direct Connect's connections come to together.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::IdempotencyKey;
use ledger::{Lease, Record};

use super::holds::Holds;

/// A VLAN that something holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) vlan: u16,
    pub(crate) holds: Holds,
    /// The order's key.
    pub(crate) key: Option<String>,
    pub(crate) connection_id: Option<String>,
    /// The customer's account.
    pub(crate) owner: Option<String>,
    /// The connection's state in Direct Connect's spelling.
    pub(crate) state: Option<String>,
    pub(crate) mbps: u64,
    /// Since when, in milliseconds since the Unix epoch.
    pub(crate) since_ms: Option<u64>,
}

/// A hosted connection as Direct Connect shows it now.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) vlan: u16,
    pub(super) owner: Option<String>,
    pub(super) state: String,
    pub(super) mbps: u64,
    pub(super) since_ms: Option<u64>,
}

/// What each lease and each connection come to.
pub(super) fn cells(
    leases: &[Lease],
    records: &BTreeMap<&IdempotencyKey, &Record>,
    shown: Option<&[Shown]>,
) -> Vec<Cell> {
    let by_vlan: BTreeMap<u16, &Shown> = shown
        .unwrap_or_default()
        .iter()
        .map(|shown| (shown.vlan, shown))
        .collect();
    let mut cells: BTreeMap<u16, Cell> = BTreeMap::new();
    for lease in leases {
        let vlan = lease.vlan.get();
        let record = lease.holder.as_ref().and_then(|key| records.get(key));
        let on_it = by_vlan.get(&vlan).copied();
        cells.insert(
            vlan,
            of_lease(lease, record.copied(), on_it, shown.is_some()),
        );
    }
    let leased: BTreeSet<u16> = cells.keys().copied().collect();
    for shown in by_vlan
        .values()
        .filter(|shown| !leased.contains(&shown.vlan))
    {
        cells.insert(
            shown.vlan,
            Cell {
                vlan: shown.vlan,
                holds: Holds::Orphan,
                key: None,
                connection_id: Some(shown.id.clone()),
                owner: shown.owner.clone(),
                state: Some(shown.state.clone()),
                mbps: shown.mbps,
                since_ms: shown.since_ms,
            },
        );
    }
    cells.into_values().collect()
}

fn of_lease(
    lease: &Lease,
    record: Option<&Record>,
    on_it: Option<&Shown>,
    is_looked_at: bool,
) -> Cell {
    let noted = lease.connection.as_ref();
    let recorded = record.and_then(Record::connection);
    let known_id = noted.map(|note| note.connection_id.as_str()).or_else(|| {
        let connection = recorded?;
        connection.connection_id.as_deref()
    });
    let known_id = known_id.filter(|id| !id.is_empty());
    let theirs = on_it.filter(|shown| known_id.is_none_or(|id| id == shown.id));
    let noted_state = noted
        .map(|note| note.state.clone())
        .or_else(|| recorded?.connection_state.clone());
    let state = theirs.map(|shown| shown.state.clone()).or(noted_state);
    let of_state = || Holds::of_state(state.as_deref().unwrap_or_default());
    let holds = match (&lease.holder, known_id, theirs) {
        (None, _, _) => Holds::Orphan,
        (Some(_), None, _) => Holds::InFlight,
        (Some(_), Some(_), None) if is_looked_at => Holds::Ghost,
        (Some(_), Some(_), _) => of_state(),
    };
    let asked = record.map(|record| record.request.owner_account.as_str().to_owned());
    Cell {
        vlan: lease.vlan.get(),
        holds,
        key: lease.holder.as_ref().map(|key| key.as_str().to_owned()),
        connection_id: known_id
            .map(str::to_owned)
            .or_else(|| theirs.map(|shown| shown.id.clone())),
        owner: theirs.and_then(|shown| shown.owner.clone()).or(asked),
        state,
        mbps: u64::from(lease.mbps),
        since_ms: Some(lease.leased_at_ms),
    }
}
