//! Connections on a parent that no record knows: made by hand, or by something that is not this product.
//!
//! They are reported, and their VLANs are kept from being sold. Nothing is ever done to them.

use std::collections::BTreeSet;

use allocation::{Look, is_living, vlan_of};
use aws::direct_connect::ReadError;
use aws::failure::CallError;
use hosted_connection::{Bandwidth, Connection, ParentConnection, Vlan};
use ledger::Services;
use ledger::{ConnectionNote, Lease};

/// A connection that no record knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Orphan {
    /// As Direct Connect shows it.
    pub connection: Connection,
}

/// The living connections of `shown` that belong neither to a record nor to an order that is still open.
pub(crate) fn among(
    shown: &[Connection],
    known_ids: &BTreeSet<String>,
    open_vlans: &BTreeSet<Vlan>,
) -> Vec<Orphan> {
    let orphans = shown.iter().filter(|connection| {
        let known = |id: &String| known_ids.contains(id);
        let open = |vlan: Vlan| open_vlans.contains(&vlan);
        is_living(connection)
            && !connection.connection_id.as_ref().is_some_and(known)
            && !vlan_of(connection).is_some_and(open)
    });
    orphans
        .map(|connection| Orphan {
            connection: connection.clone(),
        })
        .collect()
}

/// Those of `orphans` that are known as such, or are still there after the leases were read: a connection of ours that
/// was released in between has no lease any more, and the look is from before.
pub(crate) async fn confirmed(
    aws: &Services,
    parent: &ParentConnection,
    leases: &[Lease],
    mut orphans: Vec<Orphan>,
) -> Result<Vec<Orphan>, CallError> {
    let ownerless = leases.iter().filter(|lease| lease.holder.is_none());
    let known: BTreeSet<_> = ownerless
        .filter_map(|lease| Some(&lease.connection.as_ref()?.connection_id))
        .collect();
    let id_of = |orphan: &Orphan| orphan.connection.connection_id.clone();
    let is_known = |orphan: &Orphan| id_of(orphan).is_some_and(|id| known.contains(&id));
    if orphans.iter().all(is_known) {
        return Ok(orphans);
    }
    let look = match Look::now(aws, parent).await {
        Ok(look) => look,
        Err(ReadError::Failed(error)) => return Err(error),
        Err(ReadError::Refused(_)) => return Ok(Vec::new()),
    };
    let living = look.connections.iter().filter(|shown| is_living(shown));
    let ids: BTreeSet<_> = living
        .filter_map(|shown| shown.connection_id.clone())
        .collect();
    orphans.retain(|orphan| id_of(orphan).is_some_and(|id| ids.contains(&id)));
    Ok(orphans)
}

/// Has the ledger know the VLANs of `orphans`, and forget those whose orphans have gone.
pub(crate) async fn remember(
    aws: &Services,
    parent: &ParentConnection,
    leases: &[Lease],
    orphans: &[Orphan],
) -> Result<(), CallError> {
    let id_of = |orphan: &Orphan| orphan.connection.connection_id.clone();
    let ids: BTreeSet<_> = orphans.iter().filter_map(id_of).collect();
    for lease in leases.iter().filter(|lease| lease.holder.is_none()) {
        let still_there = |note: &ConnectionNote| ids.contains(&note.connection_id);
        if !lease.connection.as_ref().is_some_and(still_there) {
            aws.ledger.forget_orphan(parent, lease).await?;
        }
    }
    let leased: BTreeSet<_> = leases.iter().map(|lease| lease.vlan).collect();
    for orphan in orphans {
        let Some(vlan) = vlan_of(&orphan.connection).filter(|vlan| !leased.contains(vlan)) else {
            continue;
        };
        let bandwidth = orphan.connection.bandwidth.as_deref();
        let mbps = bandwidth.and_then(|text| Bandwidth::parse(text).ok());
        let note = ConnectionNote::of(Some(&orphan.connection), false);
        let mbps = mbps.map_or(0, Bandwidth::mbps);
        aws.ledger.note_orphan(parent, vlan, mbps, &note).await?;
    }
    Ok(())
}
