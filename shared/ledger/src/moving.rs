//! Connections that are on another parent than their order was: who holds a VLAN anywhere, and moving a lease along.

use std::collections::BTreeSet;

use aws::failure::CallError;
use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};
use transitions::{Given, LeaseWrite, Name};

use crate::draft::Brought;
use crate::item::{n, text};
use crate::keys;
use crate::lease::{HOLDER, Lease};
use crate::leases::{OwnLease, noted};
use crate::ledger::Ledger;
use crate::lifecycle::{ConnectionNote, Lifecycle};
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::Write;

/// How moving a lease to another parent ended.
#[derive(Debug)]
pub enum Moved {
    /// The VLAN is leased there and no longer where it was; the record as it is now.
    Done(Box<Record>),
    /// Somebody else has the VLAN there.
    VlanTaken,
    /// Somebody else wrote the record first; the record as they left it.
    Changed(Box<Record>),
}

impl Ledger {
    /// The key whose record has the connection `id` as its own; none when no record on any of `parents` has it.
    ///
    /// A connection keeps its VLAN wherever it is moved to, so one of the leases of that VLAN is its record's.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn owner_of(
        &self,
        id: &str,
        vlan: Vlan,
        parents: impl Iterator<Item = &ParentConnection>,
    ) -> Result<Option<IdempotencyKey>, CallError> {
        let leases = parents.map(|parent| keys::lease(parent, vlan)).collect();
        let leases = self.items(leases).await?;
        let holders: Vec<_> = leases
            .iter()
            .filter_map(|lease| text(lease, HOLDER).ok().map(IdempotencyKey::from_stored))
            .collect();
        let records = self.records(&holders).await?;
        let owner = records.into_iter().find(|record| {
            let connection = record.connection();
            connection.is_some_and(|connection| connection.connection_id.as_deref() == Some(id))
        });
        Ok(owner.map(|record| record.key))
    }

    /// The records on any of `parents` that may have one of the connections `ids`, which are on `vlans`: at most two reads for
    /// a hundred VLANs and parents.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn owners_of(
        &self,
        ids: &BTreeSet<&str>,
        vlans: &BTreeSet<Vlan>,
        parents: &[&ParentConnection],
    ) -> Result<Vec<Record>, CallError> {
        let of_parent = |parent: &&ParentConnection| {
            let parent = (*parent).clone();
            vlans.iter().map(move |vlan| keys::lease(&parent, *vlan))
        };
        let leases = self.items(parents.iter().flat_map(of_parent).collect());
        let mut holders = Vec::new();
        for item in leases.await? {
            let lease = Lease::from_item(&item)?;
            // Until tracking has noted the connection, only the record has it.
            let may_be_it = lease.connection.as_ref().is_none_or(|note| {
                note.connection_id.is_empty() || ids.contains(note.connection_id.as_str())
            });
            holders.extend(lease.holder.filter(|_| may_be_it));
        }
        self.records(&holders).await
    }

    /// The lease of `vlan` on `parent`, whoever has it.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn lease_of(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
    ) -> Result<Option<Lease>, CallError> {
        let found = self.items(vec![keys::lease(parent, vlan)]).await?;
        found.first().map(Lease::from_item).transpose()
    }

    /// Moves the VLAN lease of `seen` to `parent` and writes `lifecycle`, which tells of it, in one transaction. The note
    /// that an unknown connection has the VLAN there is replaced if it is this record's connection; where the VLAN was reserved for
    /// this record, it stays leased. Its bandwidth is counted there in place of here, in the same transaction.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn move_lease(
        &self,
        seen: &Record,
        lifecycle: Lifecycle,
        parent: &ParentConnection,
    ) -> Result<Moved, CallError> {
        let (Some(vlan), Some(from)) = (seen.vlan, &seen.lease_parent) else {
            return Ok(Moved::VlanTaken);
        };
        let mut next = seen.clone();
        next.lifecycle = lifecycle;
        next.revision = seen.revision + 1;
        next.lease_parent = Some(parent.clone());
        next.parent = Some(parent.clone());
        let bandwidth = seen.bandwidth();
        // What exists counts, even beyond the limit.
        let has_policy = self.policy(parent).await?.is_some();
        let mut own = OwnLease::believed(seen.counted);
        loop {
            let there = self.lease_of(parent, vlan).await?;
            let Some(move_in) = move_in(&next, there.as_ref()) else {
                return Ok(Moved::VlanTaken);
            };
            let newly_counted = has_policy
                && matches!(
                    move_in,
                    LeaseWrite::MoveIn | LeaseWrite::MoveInOverUncounted
                );
            let is_counted = newly_counted || move_in == LeaseWrite::MoveInOverCounted;
            let draft = || {
                let draft = self
                    .draft(Name::Move)
                    .record(&seen.key, self.followed(seen, &next))
                    .lease(move_in, parent, vlan, moved_in(&next, is_counted))
                    .free(from, vlan, &seen.key, bandwidth, own);
                if newly_counted {
                    draft.policy(parent, vec![(Given::Mbps, n(bandwidth.mbps()))])
                } else {
                    draft
                }
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Moved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            if let Some(refusal) = refusals.record() {
                let Some(item) = refusal.item else {
                    // An operator had it forgotten.
                    return Ok(Moved::Changed(Box::new(seen.clone())));
                };
                let brought = self.followed(seen, &next);
                return Ok(match self.recognise(Name::Move, &item, &brought)? {
                    Found::Own(found) => Moved::Done(Box::new(found)),
                    Found::Other(found) => Moved::Changed(Box::new(found)),
                });
            }
            own = match refusals.lease(&[move_in]) {
                // Looked at anew.
                Some(_) => self.once_more(own)?,
                None => {
                    let left = [LeaseWrite::FreeCounted, LeaseWrite::FreeUncounted];
                    self.corrected(own, &seen.key, refusals.lease(&left))?
                }
            };
        }
    }
}

/// How the VLAN is leased at the new parent, on the condition that it is there as it was seen. `None` when another key or another
/// connection has it.
fn move_in(next: &Record, there: Option<&Lease>) -> Option<LeaseWrite> {
    if there.is_some_and(|lease| lease.holder.as_ref() == Some(&next.key)) {
        return Some(LeaseWrite::Arrive);
    }
    let id = next.connection().and_then(|c| c.connection_id.as_deref());
    over(id.unwrap_or_default(), there)
}

/// How a VLAN is leased that the connection `id` is on already, where its lease is as it was seen. `None` when a key or another
/// connection has it.
pub(crate) fn over(id: &str, there: Option<&Lease>) -> Option<LeaseWrite> {
    let Some(lease) = there else {
        return Some(LeaseWrite::MoveIn);
    };
    let is_it = |note: &ConnectionNote| note.connection_id == id;
    if lease.holder.is_some() || !lease.connection.as_ref().is_some_and(is_it) {
        return None;
    }
    Some(if lease.counted {
        LeaseWrite::MoveInOverCounted
    } else {
        LeaseWrite::MoveInOverUncounted
    })
}

/// What the lease there is made of.
fn moved_in(next: &Record, is_counted: bool) -> Brought {
    let mbps = next.bandwidth().mbps();
    let mut brought = noted(&next.key, &next.note());
    brought.extend([
        (Given::LeasedAt, n(next.claimed_at_ms)),
        (Given::NotedRevision, n(next.revision)),
        (Given::Mbps, n(mbps)),
    ]);
    if is_counted {
        brought.push((Given::CountedMbps, n(mbps)));
    }
    brought
}
