//! Giving a connection that was there before a record, and dropping that again.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::{ClaimToken, Connection, Order, Origin, ParentConnection, Vlan};
use transitions::{Change, Given, LeaseWrite, Name};

use crate::draft::{Brought, build_error, put_item};
use crate::item::{n, s};
use crate::keys;
use crate::lease::Lease;
use crate::leases::noted;
use crate::ledger::Ledger;
use crate::lifecycle::ConnectionNote;
use crate::moving::over;
use crate::new_record::first_record;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::Write;

/// What the first entry of an adopted record's history says.
const ADOPTED: &str = "adopted";

/// A connection that is to get a record.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// The key, and the request that the connection is as if made by.
    pub order: Order,
    /// The connection as Direct Connect shows it.
    pub connection: Connection,
    /// Its VLAN.
    pub vlan: Vlan,
    /// The interconnect or LAG whose VLAN that is.
    pub lease_parent: ParentConnection,
    /// Whether that has a policy, in which the bandwidth is counted.
    pub has_policy: bool,
    /// Who had it adopted.
    pub origin: Origin,
}

/// How an adoption ended.
#[derive(Debug)]
pub enum Adopted {
    /// The connection has its record, now or by an earlier try whose answer was lost.
    Done(Box<Record>),
    /// The key has a record already: that one.
    Known(Box<Record>),
    /// The VLAN's lease is not as it was seen, but like this.
    LeaseIs(Option<Lease>),
}

/// How forgetting a record ended.
#[derive(Debug)]
pub enum Forgotten {
    /// There is no record.
    Done,
    /// Somebody else wrote first, or something is owed; the record as it is.
    Changed(Box<Record>),
}

impl Ledger {
    /// Gives a connection its record and leases its VLAN to the key, in one transaction, provided that the lease is as `seen`:
    /// there is none, or one that notes this very connection. Its bandwidth is counted in the parent's policy whether or
    /// not that has room. Others in the way are waited for until `patient_until_ms` at least.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn adopt(
        &self,
        adoption: &Adoption,
        seen: Option<&Lease>,
        patient_until_ms: u64,
    ) -> Result<Adopted, CallError> {
        let Adoption { order, vlan, .. } = adoption;
        let note = ConnectionNote::of(Some(&adoption.connection), false);
        let Some(take) = over(&note.connection_id, seen) else {
            return Ok(Adopted::LeaseIs(seen.cloned()));
        };
        let is_counted = take == LeaseWrite::MoveInOverCounted;
        let (token, now_ms) = (Self::new_token(), self.clock.now_ms());
        let parent = &adoption.lease_parent;
        let brought = || adopted(adoption, &token, now_ms, is_counted);
        let draft = || {
            let leased = leased(adoption, &note, now_ms, is_counted);
            let draft = self
                .draft(Name::Adopt)
                .record(&order.key, brought())
                .lease(take, parent, *vlan, leased);
            if adoption.has_policy && !is_counted {
                let mbps = order.request.bandwidth.mbps();
                draft.policy(parent, vec![(Given::Mbps, n(mbps))])
            } else {
                draft
            }
        };
        let mut refusals = match self.commit_until(draft, patient_until_ms).await? {
            Write::Done => return Ok(Adopted::Done(Box::new(self.as_put(adoption, &brought())?))),
            Write::Refused(refusals) => refusals,
        };
        if let Some(refusal) = refusals.record() {
            let item = refusal.item.ok_or_else(|| self.changed_meanwhile())?;
            return Ok(match self.recognise(Name::Adopt, &item, &brought())? {
                Found::Own(record) => Adopted::Done(Box::new(record)),
                Found::Other(record) => Adopted::Known(Box::new(record)),
            });
        }
        match refusals.lease(&[take]) {
            Some(refusal) => {
                let lease = refusal.item.as_ref().map(Lease::from_item);
                Ok(Adopted::LeaseIs(lease.transpose()?))
            }
            // A policy, once there, stays.
            None => Err(self.changed_meanwhile()),
        }
    }

    /// Drops the record of an adopted connection, provided that it is as `seen` and nothing is owed for it. The connection
    /// keeps its VLAN, which is noted as that of a connection that no order made; what is counted for it stays counted.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn forget(&self, seen: &Record) -> Result<Forgotten, CallError> {
        let not_its_own =
            || CallError::corrupt("forgetting a record", "the VLAN lease is not its own");
        let vlan = seen.vlan.ok_or_else(not_its_own)?;
        let parent = seen.lease_parent.as_ref().ok_or_else(not_its_own)?;
        let note = seen.note();
        let draft = || {
            let as_seen = vec![
                (Given::SeenToken, s(seen.token.as_str())),
                (Given::SeenRevision, n(seen.revision)),
            ];
            self.draft(Name::Forget).record(&seen.key, as_seen).lease(
                LeaseWrite::Disown,
                parent,
                vlan,
                noted(&seen.key, &note),
            )
        };
        let Write::Refused(mut refusals) = self.commit(draft).await? else {
            return Ok(Forgotten::Done);
        };
        match refusals.record() {
            None => Err(not_its_own()),
            // Ours, whose answer was lost, or somebody else's: it is gone either way.
            Some(refusal) => Ok(match refusal.item {
                None => Forgotten::Done,
                Some(item) => Forgotten::Changed(Box::new(Record::from_item(&item)?)),
            }),
        }
    }

    /// The record that was just put.
    fn as_put(&self, adoption: &Adoption, brought: &Brought) -> Result<Record, CallError> {
        let write = self.sheet.transition(Name::Adopt).record;
        let Some(Change::Put(sets)) = write.map(|write| write.change) else {
            return Err(build_error("adopting puts no record"));
        };
        let key = keys::allocation(&adoption.order.key);
        Record::from_item(&put_item(key, sets, brought)?)
    }
}

fn adopted(adoption: &Adoption, token: &ClaimToken, now_ms: u64, is_counted: bool) -> Brought {
    let Adoption { order, origin, .. } = adoption;
    let mut brought = first_record(order, origin, None, ADOPTED, token, now_ms);
    brought.extend([
        (Given::Vlan, n(adoption.vlan.get())),
        (Given::Outcome, s(adoption.connection.kept(&order.request))),
    ]);
    if adoption.has_policy || is_counted {
        brought.push((Given::Counted, AttributeValue::Bool(true)));
    }
    if Some(&adoption.lease_parent) != order.request.parent() {
        brought.push((Given::LeaseParent, s(adoption.lease_parent.as_str())));
    }
    brought
}

fn leased(adoption: &Adoption, note: &ConnectionNote, now_ms: u64, is_counted: bool) -> Brought {
    let mbps = adoption.order.request.bandwidth.mbps();
    let mut brought = noted(&adoption.order.key, note);
    brought.extend([(Given::LeasedAt, n(now_ms)), (Given::Mbps, n(mbps))]);
    if adoption.has_policy || is_counted {
        brought.push((Given::CountedMbps, n(mbps)));
    }
    brought
}
