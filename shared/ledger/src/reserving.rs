//! Keeping a VLAN free on the parent that a connection is to be moved to, before Direct Connect is asked to move it.

use aws::failure::CallError;
use hosted_connection::ParentConnection;
use transitions::{Given, LeaseWrite, Name};

use crate::item::{n, s};
use crate::lease::Lease;
use crate::ledger::Ledger;
use crate::lifecycle::Lifecycle;
use crate::policy::PolicyState;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::Write;

/// How keeping a VLAN free ended.
#[derive(Debug)]
pub enum MoveBegun {
    /// It is leased to the record there as well; the record as it is now.
    Done(Box<Record>),
    /// It is taken there: by an order, or by a connection that no order made.
    VlanTaken(Lease),
    /// The policy there does not allow it, or has no room.
    NotForSale(Box<PolicyState>),
    /// Somebody else wrote the record first; the record as they left it, unless it was forgotten.
    Changed(Option<Box<Record>>),
}

impl Ledger {
    /// Leases the VLAN of `seen` on `parent` as well, and writes `lifecycle`, which tells of it, in one transaction. With a
    /// policy there, only if that allows it.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn begin_move(
        &self,
        seen: &Record,
        lifecycle: Lifecycle,
        parent: &ParentConnection,
        has_policy: bool,
    ) -> Result<MoveBegun, CallError> {
        let vlan = seen.vlan.ok_or_else(|| self.changed_meanwhile())?;
        let mut next = seen.clone();
        next.lifecycle = lifecycle;
        next.revision = seen.revision + 1;
        let (bandwidth, now_ms) = (seen.bandwidth(), self.clock.now_ms());
        let draft = || {
            let mut leased = vec![
                (Given::Key, s(seen.key.as_str())),
                (Given::LeasedAt, n(now_ms)),
                (Given::Mbps, n(bandwidth.mbps())),
            ];
            if has_policy {
                leased.push((Given::CountedMbps, n(bandwidth.mbps())));
            }
            let draft = self
                .draft(Name::BeginMove)
                .record(&seen.key, self.followed(seen, &next))
                .lease(LeaseWrite::Reserve, parent, vlan, leased);
            if !has_policy {
                return draft;
            }
            let sold = vec![
                (Given::Mbps, n(bandwidth.mbps())),
                (Given::Vlan, n(vlan.get())),
                (Given::Bandwidth, s(bandwidth.as_str())),
            ];
            draft.policy(parent, sold)
        };
        let mut refusals = match self.commit(draft).await? {
            Write::Done => return Ok(MoveBegun::Done(Box::new(next))),
            Write::Refused(refusals) => refusals,
        };
        if let Some(refusal) = refusals.record() {
            let Some(item) = refusal.item else {
                return Ok(MoveBegun::Changed(None));
            };
            let brought = self.followed(seen, &next);
            return Ok(match self.recognise(Name::BeginMove, &item, &brought)? {
                Found::Own(found) => MoveBegun::Done(Box::new(found)),
                Found::Other(found) => MoveBegun::Changed(Some(Box::new(found))),
            });
        }
        let lease = refusals.lease(&[LeaseWrite::Reserve]);
        let policy = refusals.policy();
        match (
            lease.and_then(|refusal| refusal.item),
            policy.and_then(|refusal| refusal.item),
        ) {
            (Some(lease), _) => Ok(MoveBegun::VlanTaken(Lease::from_item(&lease)?)),
            (None, Some(policy)) => {
                let policy = PolicyState::from_item(&policy)?;
                Ok(MoveBegun::NotForSale(Box::new(policy)))
            }
            (None, None) => Err(self.changed_meanwhile()),
        }
    }
}
