//! Writing VLAN leases: taking, freeing, noting what is on them, and counting them in the parent's policy.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::{Bandwidth, IdempotencyKey, ParentConnection, Vlan};
use transitions::{Given, LeaseWrite, Name};

use crate::claim::Claim;
use crate::draft::{Brought, Draft};
use crate::item::{n, s, text};
use crate::lease::{COUNTED_MBPS, HOLDER, Lease};
use crate::ledger::Ledger;
use crate::lifecycle::ConnectionNote;
use crate::policies::given_back;
use crate::record::Record;
use crate::transact::Refusal;

/// Tries of a write that tracking, which may count a lease any time, was faster than.
const TRIES: usize = 4;

/// What a writer believes of the lease that it holds: whether its bandwidth is counted in the parent's policy. A write on it says
/// so in its condition, because tracking may count it any time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnLease {
    pub(crate) counted: bool,
    tries_left: usize,
}

impl OwnLease {
    pub(crate) fn believed(counted: bool) -> Self {
        Self {
            counted,
            tries_left: TRIES,
        }
    }
}

impl Draft<'_> {
    /// Frees `vlan`, which is held by `key`, and gives the bandwidth back that is counted for it.
    pub(crate) fn free(
        self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
        bandwidth: Bandwidth,
        own: OwnLease,
    ) -> Self {
        let held = vec![(Given::Key, s(key.as_str()))];
        if own.counted {
            self.lease(LeaseWrite::FreeCounted, parent, vlan, held)
                .policy(parent, given_back(bandwidth.mbps()))
        } else {
            self.lease(LeaseWrite::FreeUncounted, parent, vlan, held)
        }
    }
}

impl Ledger {
    /// What to believe of a key's own lease after a write on it was refused.
    pub(crate) fn corrected(
        &self,
        own: OwnLease,
        key: &IdempotencyKey,
        refusal: Option<Refusal>,
    ) -> Result<OwnLease, CallError> {
        let counted = match (refusal.map(|refusal| refusal.item), own.counted) {
            (Some(Some(item)), _) if text(&item, HOLDER).ok() == Some(key.as_str()) => {
                item.contains_key(COUNTED_MBPS)
            }
            (Some(None), true) => false,
            (_, _) => {
                return Err(CallError::corrupt(
                    "changing a VLAN lease",
                    "the VLAN lease is not the key's own",
                ));
            }
        };
        self.once_more(OwnLease { counted, ..own })
    }

    /// The same for a further try, if there is to be one.
    pub(crate) fn once_more(&self, own: OwnLease) -> Result<OwnLease, CallError> {
        let tries_left = own.tries_left.saturating_sub(1);
        if tries_left == 0 {
            return Err(self.changed_meanwhile());
        }
        Ok(OwnLease { tries_left, ..own })
    }

    /// What the lease of a claim's VLAN is made of.
    pub(crate) fn leased(&self, claim: &Claim, counted: bool) -> Brought {
        let mbps = claim.request.bandwidth.mbps();
        let mut brought = vec![
            (Given::Key, s(claim.key.as_str())),
            (Given::LeasedAt, n(self.clock.now_ms())),
            (Given::Mbps, n(mbps)),
        ];
        if counted {
            brought.push((Given::CountedMbps, n(mbps)));
        }
        brought
    }

    /// Has the lease of `record` carry what that says of its connection, so that the next look at the parent needs no record.
    ///
    /// # Errors
    /// When the table cannot be written. A lease that has gone, changed hands or been noted from a later record stays as it is.
    pub async fn note_connection(&self, record: &Record) -> Result<(), CallError> {
        let (Some(vlan), Some(parent)) = (record.vlan, &record.lease_parent) else {
            return Ok(());
        };
        let draft = || {
            let mut noted = noted(&record.key, &record.note());
            noted.push((Given::NotedRevision, n(record.revision)));
            self.draft(Name::NoteConnection)
                .lease(LeaseWrite::Note, parent, vlan, noted)
        };
        self.commit(draft).await.map(|_| ())
    }

    /// Notes that a connection which no order of ours made has `vlan`, so that no order is tried on it.
    ///
    /// # Errors
    /// When the table cannot be written. A VLAN that is leased stays as it is.
    pub async fn note_orphan(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        mbps: u32,
        note: &ConnectionNote,
    ) -> Result<(), CallError> {
        let leased_at_ms = self.clock.now_ms();
        let draft = || {
            let brought = vec![
                (Given::LeasedAt, n(leased_at_ms)),
                (Given::Mbps, n(mbps)),
                (Given::ConnectionId, s(&note.connection_id)),
                (Given::ConnectionState, s(&note.state)),
            ];
            self.draft(Name::NoteOrphan)
                .lease(LeaseWrite::NoteOrphan, parent, vlan, brought)
        };
        self.commit(draft).await.map(|_| ())
    }

    /// Frees a VLAN that was noted as an orphan's, provided it still is that orphan's. One that is gone already, or has been counted
    /// meanwhile, stays: the next run sees it as it is then.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn forget_orphan(
        &self,
        parent: &ParentConnection,
        orphan: &Lease,
    ) -> Result<(), CallError> {
        let id = orphan.connection.as_ref().map(|note| &note.connection_id);
        let draft = || {
            let seen = vec![(Given::ConnectionId, s(id.map_or("", String::as_str)))];
            let draft = self.draft(Name::ForgetOrphan);
            if orphan.counted {
                draft
                    .lease(LeaseWrite::ForgetCounted, parent, orphan.vlan, seen)
                    .policy(parent, given_back(orphan.mbps))
            } else {
                draft.lease(LeaseWrite::ForgetUncounted, parent, orphan.vlan, seen)
            }
        };
        self.commit(draft).await.map(|_| ())
    }
}

/// What a note of a connection on the key's lease is made of.
pub(crate) fn noted(key: &IdempotencyKey, note: &ConnectionNote) -> Brought {
    vec![
        (Given::Key, s(key.as_str())),
        (Given::ConnectionId, s(&note.connection_id)),
        (Given::ConnectionState, s(&note.state)),
        (Given::Reminded, AttributeValue::Bool(note.reminded)),
    ]
}
