//! What leases and records say of a parent: whose connections are on it, and whose VLANs.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::{IdempotencyKey, Vlan};
use ledger::{ParentView, Record};

pub(super) fn held(
    view: &ParentView,
    recorded: &[(String, IdempotencyKey)],
) -> BTreeMap<String, IdempotencyKey> {
    let noted = view.leases.iter().filter_map(|lease| {
        let id = lease.connection.as_ref()?.connection_id.clone();
        Some((id, lease.holder.clone()?))
    });
    noted.chain(recorded.iter().cloned()).collect()
}

pub(super) fn known_ids(view: &ParentView, records: &[Record]) -> BTreeSet<String> {
    let held = view.leases.iter().filter(|lease| lease.holder.is_some());
    let noted = held.filter_map(|lease| Some(lease.connection.as_ref()?.connection_id.clone()));
    let recorded = records
        .iter()
        .filter_map(|record| record.connection()?.connection_id.clone());
    noted.chain(recorded).collect()
}

/// VLANs of orders that are still open: what is on one of them may be the order's own.
pub(super) fn open_vlans(view: &ParentView, records: &[Record]) -> BTreeSet<Vlan> {
    let final_keys: BTreeSet<_> = records
        .iter()
        .filter(|record| record.outcome.is_some())
        .map(|record| &record.key)
        .collect();
    let open = view.leases.iter().filter(|lease| {
        let is_final = |key: &IdempotencyKey| final_keys.contains(key);
        lease.connection.is_none() && lease.holder.as_ref().is_some_and(|key| !is_final(key))
    });
    open.map(|lease| lease.vlan).collect()
}
