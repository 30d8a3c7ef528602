//! Ending a quarantine as a person says. The write needs the record as it was read: whoever decides first has decided.

use aws::failure::CallError;
use hosted_connection::{
    ClaimToken, Connection, Outcome, ParentConnection, Rejection, Timestamp, Vlan,
};
use transitions::{Given, LeaseWrite, Name, State};

use crate::draft::Brought;
use crate::history;
use crate::item::{corrupt, json, n, s};
use crate::lease::Lease;
use crate::leases::OwnLease;
use crate::ledger::Ledger;
use crate::lifecycle::ConnectionNote;
use crate::moving::over;
use crate::recognise::Found;
use crate::record::{PARENT_ID, Record};
use crate::resolved_leases::{count, end, keep, move_over};
use crate::transact::{Refusals, Write};

/// How a decision was taken.
#[derive(Debug)]
pub enum Resolved {
    /// It is recorded, now or by an earlier try whose answer was lost; the record as it is now.
    Done(Box<Record>),
    /// Somebody else wrote the record first; the record as they left it.
    Changed(Box<Record>),
    /// Somebody else has the connection's VLAN.
    VlanTaken(Box<Lease>),
}

/// The writes that end a lease, or leave it to what is on the VLAN.
const END: [LeaseWrite; 4] = [
    LeaseWrite::FreeCounted,
    LeaseWrite::FreeUncounted,
    LeaseWrite::LeaveCounted,
    LeaseWrite::LeaveUncounted,
];
/// The writes that leave a lease to the order's connection.
const KEEP: [LeaseWrite; 2] = [LeaseWrite::KeepCounted, LeaseWrite::KeepUncounted];

impl Ledger {
    /// Ends the quarantine of `seen`: `connection`, which is on the order's VLAN, is the order's. What its bandwidth differs from the
    /// order's by is counted in the same transaction.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn resolve_adopted(
        &self,
        seen: &Record,
        connection: &Connection,
        vlan: Vlan,
        at: Timestamp,
    ) -> Result<Resolved, CallError> {
        let name = Name::ResolveAdopted;
        let next = self.resolved(seen, Outcome::Allocated(connection.clone()), at);
        let brought = || self.adopted(seen, &next, (connection, vlan), at);
        let parent = place(seen)?;
        let mut own = OwnLease::believed(seen.counted);
        loop {
            let draft = || {
                let draft = self.draft(name).record(&seen.key, brought());
                keep(draft, (seen, &next), (parent, vlan), connection, own)
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Resolved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            if let Some(found) = self.refused_by(name, &mut refusals, &brought())? {
                return Ok(found);
            }
            own = self.corrected(own, &seen.key, refusals.lease(&KEEP))?;
        }
    }

    /// Ends the quarantine of `seen`: `connection`, which is on `vlan`, is the order's, which leased `old`. The lease goes to `vlan`
    /// and what is counted follows, in the same transaction. `old` becomes free, unless something is `shown_on_old`, which keeps it.
    /// No call of the order may take effect any more.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn resolve_adopted_elsewhere(
        &self,
        seen: &Record,
        (connection, vlan): (&Connection, Vlan),
        (old, shown_on_old): (Vlan, Option<&Connection>),
        at: Timestamp,
    ) -> Result<Resolved, CallError> {
        let name = Name::ResolveAdoptedElsewhere;
        let mut next = self.resolved(seen, Outcome::Allocated(connection.clone()), at);
        next.vlan = Some(vlan);
        let brought = || self.adopted(seen, &next, (connection, vlan), at);
        let parent = place(seen)?;
        let note = ConnectionNote::of(Some(connection), false);
        let mut own = OwnLease::believed(seen.counted);
        loop {
            let there = self.lease_of(parent, vlan).await?;
            let take = match (over(&note.connection_id, there.as_ref()), &there) {
                (Some(take), _) => take,
                (None, Some(lease)) => return Ok(Resolved::VlanTaken(Box::new(lease.clone()))),
                (None, None) => return Err(self.changed_meanwhile()),
            };
            let draft = || {
                let draft = self.draft(name).record(&seen.key, brought());
                let taken = (vlan, take, there.as_ref());
                let left = (old, shown_on_old);
                move_over(draft, (seen, &next), parent, (&note, taken), left, own)
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Resolved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            if let Some(found) = self.refused_by(name, &mut refusals, &brought())? {
                return Ok(found);
            }
            own = if refusals.lease(&[take]).is_some() {
                // Looked at anew.
                self.once_more(own)?
            } else {
                self.corrected(own, &seen.key, refusals.lease(&END))?
            };
        }
    }

    /// Ends the quarantine of `seen` with a final no. Its VLAN becomes free, unless something is `shown_on_it`, which keeps the VLAN.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn resolve_rejected(
        &self,
        seen: &Record,
        rejection: &Rejection,
        shown_on_it: Option<&Connection>,
        at: Timestamp,
    ) -> Result<Resolved, CallError> {
        let name = Name::ResolveRejected;
        let next = self.resolved(seen, Outcome::Rejected(rejection.clone()), at);
        let brought = || {
            let detail = Some("by an operator, which ends the quarantine");
            let mut brought = self.decided(seen, &next.token, detail, at, State::Rejected);
            brought.push((Given::Outcome, s(json(rejection))));
            brought
        };
        let on_its_vlan = seen.vlan.map(|vlan| Ok((place(seen)?, vlan)));
        let on_its_vlan = on_its_vlan.transpose()?;
        let key = &seen.key;
        let mut own = OwnLease::believed(seen.counted);
        loop {
            let draft = || {
                let draft = self.draft(name).record(key, brought());
                match on_its_vlan {
                    None => draft,
                    Some((parent, vlan)) => {
                        let (draft, more) = end(draft, seen, (parent, vlan), shown_on_it, own);
                        count(draft, parent, more)
                    }
                }
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Resolved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            if let Some(found) = self.refused_by(name, &mut refusals, &brought())? {
                return Ok(found);
            }
            own = self.corrected(own, key, refusals.lease(&END))?;
        }
    }

    fn resolved(&self, seen: &Record, outcome: Outcome, at: Timestamp) -> Record {
        let mut next = seen.clone();
        next.state = match &outcome {
            Outcome::Allocated(_) => State::Allocated,
            Outcome::Rejected(_) => State::Rejected,
        };
        next.token = Self::new_token();
        next.outcome = Some(outcome);
        next.instead = None;
        next.occurred_at = at;
        next.published = false;
        next
    }

    fn adopted(
        &self,
        seen: &Record,
        next: &Record,
        (connection, vlan): (&Connection, Vlan),
        at: Timestamp,
    ) -> Brought {
        let detail = Some("adopted by an operator, which ends the quarantine");
        let mut brought = self.decided(seen, &next.token, detail, at, State::Allocated);
        brought.extend([
            (Given::Outcome, s(connection.kept(&seen.request))),
            (Given::Vlan, n(vlan.get())),
        ]);
        brought
    }

    fn decided(
        &self,
        seen: &Record,
        token: &ClaimToken,
        detail: Option<&str>,
        at: Timestamp,
        state: State,
    ) -> Brought {
        vec![
            (Given::SeenToken, s(seen.token.as_str())),
            (Given::FreshToken, s(token.as_str())),
            (Given::At, n(at.as_ms())),
            (
                Given::Entry,
                history::entry(state.as_str(), detail, at.as_ms()),
            ),
        ]
    }

    /// Whose doing the record is that refused the write, if it was the record.
    fn refused_by(
        &self,
        name: Name,
        refusals: &mut Refusals,
        brought: &Brought,
    ) -> Result<Option<Resolved>, CallError> {
        let Some(refusal) = refusals.record() else {
            return Ok(None);
        };
        let item = refusal.item.ok_or_else(|| self.changed_meanwhile())?;
        Ok(Some(match self.recognise(name, &item, brought)? {
            Found::Own(found) => Resolved::Done(Box::new(found)),
            Found::Other(found) => Resolved::Changed(Box::new(found)),
        }))
    }
}

/// The parent on which the order leases its VLAN.
fn place(seen: &Record) -> Result<&ParentConnection, CallError> {
    let place = seen.lease_parent.as_ref();
    place.ok_or_else(|| corrupt(PARENT_ID))
}
