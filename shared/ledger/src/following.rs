//! Writing what became of a connection after its allocation. Each write is conditional on the revision that was read, so of
//! two who saw the same change one records it, and the events that it owes are the same ones for everybody.

use aws::failure::CallError;
use hosted_connection::ParentConnection;
use transitions::{Given, Name};

use crate::RETENTION;
use crate::draft::{Brought, Draft};
use crate::item::{n, s};
use crate::keys;
use crate::leases::OwnLease;
use crate::ledger::Ledger;
use crate::lifecycle::Lifecycle;
use crate::outcome::FREE;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::Write;

/// What a write on a lifecycle does to the VLAN lease, in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseChange {
    /// Nothing. What the lease carries of a living connection is noted apart ([`Ledger::note_connection`]), before the event
    /// that tells of it is marked as published: until then the record is unfinished, so that somebody notes it for certain.
    Keep,
    /// The connection is no more: its VLAN and its bandwidth may be sold again.
    Free,
    /// It did not get to the parent that it was to be moved to: what was kept free for it there may be sold again.
    GiveBack,
}

/// How a write on a lifecycle ended.
#[derive(Debug)]
pub enum Saved {
    /// Written; the record as it is now.
    Done(Box<Record>),
    /// Somebody else wrote first; the record as they left it.
    Changed(Box<Record>),
    /// There is no such record any more: it was an adopted connection's, and an operator had it forgotten. The key may have got
    /// another one since.
    Forgotten,
}

impl Ledger {
    /// Replaces the lifecycle of `seen`, provided that nobody has since it was read and that the allocation's own event
    /// is out. What is left unfinished by it goes into the index; a connection that is gone and owes nothing starts
    /// its retention.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn save_lifecycle(
        &self,
        seen: &Record,
        lifecycle: Lifecycle,
        lease: LeaseChange,
    ) -> Result<Saved, CallError> {
        let mut next = seen.clone();
        next.lifecycle = lifecycle;
        next.revision = seen.revision + 1;
        let name = following(&next.lifecycle);
        let mut own = OwnLease::believed(seen.counted);
        loop {
            let draft = || {
                let draft = self
                    .draft(name)
                    .record(&seen.key, self.followed(seen, &next));
                self.change_lease(draft, seen, &next, lease, own)
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Saved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            if let Some(refusal) = refusals.record() {
                let Some(item) = refusal.item else {
                    return Ok(Saved::Forgotten);
                };
                let brought = self.followed(seen, &next);
                return Ok(match self.recognise(name, &item, &brought)? {
                    Found::Own(found) => Saved::Done(Box::new(found)),
                    // What was seen was seen of another connection.
                    Found::Other(found) if found.token != seen.token => Saved::Forgotten,
                    Found::Other(found) => Saved::Changed(Box::new(found)),
                });
            }
            own = self.corrected(own, &seen.key, refusals.lease(&FREE))?;
        }
    }

    /// What a write on the lifecycle brings.
    pub(crate) fn followed(&self, seen: &Record, next: &Record) -> Brought {
        let now_ms = self.clock.now_ms();
        vec![
            (Given::Token, s(seen.token.as_str())),
            (Given::Lifecycle, s(next.stored_lifecycle())),
            (Given::Outcome, s(next.stored_outcome())),
            (Given::NextRevision, n(next.revision)),
            (Given::SeenRevision, n(seen.revision)),
            (Given::Shard, s(keys::shard(&seen.key))),
            (Given::Now, n(now_ms)),
            (Given::Expires, n(now_ms / 1000 + RETENTION.as_secs())),
            (
                Given::Place,
                s(next
                    .lease_parent
                    .as_ref()
                    .map_or("", ParentConnection::as_str)),
            ),
        ]
    }

    fn change_lease<'a>(
        &'a self,
        draft: Draft<'a>,
        seen: &Record,
        next: &Record,
        change: LeaseChange,
        own: OwnLease,
    ) -> Draft<'a> {
        let (Some(vlan), Some(parent)) = (next.vlan, &next.lease_parent) else {
            return draft;
        };
        let key = &next.key;
        match change {
            LeaseChange::Keep => draft,
            LeaseChange::Free => draft.free(parent, vlan, key, next.bandwidth(), own),
            LeaseChange::GiveBack => match &seen.lifecycle.moving {
                Some(moving) => draft.free(&moving.to(), vlan, key, next.bandwidth(), own),
                None => draft,
            },
        }
    }
}

/// What has happened when `next` is written.
fn following(next: &Lifecycle) -> Name {
    if next.is_unfinished() {
        Name::FollowUnfinished
    } else if next.gone_at_ms.is_some() {
        Name::FollowGone
    } else {
        Name::FollowSettled
    }
}
