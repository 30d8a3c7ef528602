//! Connections that are on another parent than their order was: who holds a VLAN anywhere, and moving a lease along.

use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};

use super::{Ledger, keys};
use crate::item::{Item, s, text};
use crate::leases::{Counted, HOLDER, Lease, build_error};
use crate::lifecycle::Lifecycle;
use crate::outcome::COUNTED_TRIES;
use crate::record::Record;
use crate::transact::Write;
use aws::failure::CallError;

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
    /// that an unknown connection has the VLAN there is replaced if it is this record's connection.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn move_lease(
        &self,
        seen: &Record,
        lifecycle: Lifecycle,
        parent: &ParentConnection,
    ) -> Result<Moved, CallError> {
        let Some(vlan) = seen.vlan else {
            return Ok(Moved::VlanTaken);
        };
        let mut next = seen.clone();
        next.lifecycle = lifecycle;
        next.revision = seen.revision + 1;
        next.lease_parent = parent.clone();
        let (from, bandwidth) = (&seen.lease_parent, seen.request.bandwidth);
        let mut counted = Counted::by(seen.counted);
        for _ in 0..COUNTED_TRIES {
            let there = self.lease_of(parent, vlan).await?;
            let Some(lease) = self.moved_lease(&next, vlan, there.as_ref())? else {
                return Ok(Moved::VlanTaken);
            };
            let mut actions = vec![self.put_lifecycle(seen, &next)?, lease];
            actions.extend(self.free(from, vlan, &seen.key, bandwidth, counted)?);
            let refusals = match self.transact(actions).await? {
                Write::Done => return Ok(Moved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            let mut refusals = refusals.into_iter();
            let mut refused = || refusals.next().flatten();
            let (record, lease, old) = (refused(), refused(), refused());
            if let Some(refusal) = record {
                let item = refusal.item.ok_or_else(|| self.changed_meanwhile())?;
                let found = Record::from_item(&item)?;
                let own = found.revision == next.revision && found.lifecycle == next.lifecycle;
                // The answer to our own write may have been lost, and this is its repetition.
                return Ok(if own {
                    Moved::Done(Box::new(found))
                } else {
                    Moved::Changed(Box::new(found))
                });
            }
            if lease.is_none() {
                counted = self.after_refused_lease(&seen.key, counted, old)?;
            }
        }
        Err(self.changed_meanwhile())
    }

    /// The lease at the new parent, on the condition that the VLAN there is as `there` was seen. `None` when another key
    /// or another connection has it.
    fn moved_lease(
        &self,
        next: &Record,
        vlan: Vlan,
        there: Option<&Lease>,
    ) -> Result<Option<TransactWriteItem>, CallError> {
        let id = next.connection().and_then(|c| c.connection_id.clone());
        let id = id.unwrap_or_default();
        let mut counted = Counted::No;
        let condition = match there {
            None => "attribute_not_exists(pk)",
            Some(note) => {
                let same = note
                    .connection
                    .as_ref()
                    .is_some_and(|c| c.connection_id == id);
                if note.holder.is_some() || !same {
                    return Ok(None);
                }
                counted = Counted::by(note.counted);
                match counted {
                    Counted::Yes => {
                        "attribute_not_exists(holder) AND connectionId = :id AND attribute_exists(countedMbps)"
                    }
                    Counted::No => {
                        "attribute_not_exists(holder) AND connectionId = :id AND attribute_not_exists(countedMbps)"
                    }
                }
            }
        };
        let item: Item = self.lease_item(next, vlan, counted);
        let mut put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if there.is_some() {
            put = put.expression_attribute_values(":id", s(id));
        }
        let put = put.build().map_err(build_error)?;
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }
}
