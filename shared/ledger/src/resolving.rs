//! Ending a quarantine as a person says. The write needs the record as it was read: whoever decides first has decided.

use aws::failure::CallError;
use hosted_connection::{
    Bandwidth, ClaimToken, Connection, Outcome, ParentConnection, Rejection, Timestamp, Vlan,
};
use transitions::{Given, LeaseWrite, Name, State};

use crate::draft::{Brought, Draft};
use crate::history;
use crate::item::{corrupt, json, n, s};
use crate::lease::Lease;
use crate::leases::{OwnLease, noted};
use crate::ledger::Ledger;
use crate::lifecycle::ConnectionNote;
use crate::moving::over;
use crate::recognise::Found;
use crate::record::{PARENT_ID, Record};
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
const OWN: [LeaseWrite; 4] = [
    LeaseWrite::KeepCounted,
    LeaseWrite::KeepUncounted,
    LeaseWrite::FreeCounted,
    LeaseWrite::FreeUncounted,
];

impl Ledger {
    /// Ends the quarantine of `seen`: `connection`, which is on `vlan` of the order's parent, is the order's. Its VLAN is leased and
    /// its bandwidth is counted in the same transaction.
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
        let mut next = self.resolved(seen, Outcome::Allocated(connection.clone()), at);
        next.vlan = Some(vlan);
        let note = ConnectionNote::of(Some(connection), false);
        let name = match seen.vlan == Some(vlan) {
            true => Name::ResolveAdopted,
            false => Name::ResolveAdoptedElsewhere,
        };
        let detail = Some("adopted by an operator, which ends the quarantine");
        let brought = || {
            let mut brought = self.decided(seen, &next.token, detail, at, State::Allocated);
            brought.extend([
                (Given::Outcome, s(connection.kept(&seen.request))),
                (Given::Vlan, n(vlan.get())),
            ]);
            brought
        };
        let parent = place(seen)?;
        let mut own = OwnLease::believed(seen.counted);
        loop {
            let taking = if seen.vlan == Some(vlan) {
                None
            } else {
                let there = self.lease_of(parent, vlan).await?;
                match (over(&note.connection_id, there.as_ref()), there) {
                    (Some(take), there) => Some((take, there)),
                    (None, Some(lease)) => return Ok(Resolved::VlanTaken(Box::new(lease))),
                    (None, None) => return Err(self.changed_meanwhile()),
                }
            };
            let draft = || {
                let draft = self.draft(name).record(&seen.key, brought());
                lease(
                    draft,
                    parent,
                    (seen, &next),
                    (vlan, &note),
                    taking.as_ref(),
                    own,
                )
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Resolved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            if let Some(found) = self.refused_by(name, &mut refusals, &brought())? {
                return Ok(found);
            }
            let is_taking = taking.is_some_and(|(take, _)| refusals.lease(&[take]).is_some());
            own = if is_taking {
                // Looked at anew.
                self.once_more(own)?
            } else {
                self.corrected(own, &seen.key, refusals.lease(&OWN))?
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
                match (on_its_vlan, shown_on_it) {
                    (None, _) => draft,
                    (Some((parent, vlan)), None) => {
                        draft.free(parent, vlan, key, seen.request.bandwidth, own)
                    }
                    (Some(place), Some(shown)) => leave(draft, seen, place, shown, own),
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

/// The lease of the connection's VLAN, and what that changes of what is counted. `taking` says how another VLAN than the order's
/// is had.
fn lease<'a>(
    draft: Draft<'a>,
    parent: &ParentConnection,
    (seen, next): (&Record, &Record),
    (vlan, note): (Vlan, &ConnectionNote),
    taking: Option<&(LeaseWrite, Option<Lease>)>,
    own: OwnLease,
) -> Draft<'a> {
    let key = &seen.key;
    let (asked, has) = (mbps(seen.request.bandwidth), mbps(next.bandwidth()));
    let counted_there = match taking {
        Some((LeaseWrite::MoveInOverCounted, Some(there))) => Some(i64::from(there.mbps)),
        Some(_) | None => None,
    };
    let is_counted = own.counted || counted_there.is_some();
    let mut leased = noted(key, note);
    leased.extend([
        (Given::LeasedAt, n(seen.claimed_at_ms)),
        (Given::Mbps, n(has)),
    ]);
    if is_counted {
        leased.push((Given::CountedMbps, n(has)));
    }
    let draft = match (taking, seen.vlan) {
        (Some((take, _)), Some(old)) => {
            let free = match own.counted {
                true => LeaseWrite::FreeCounted,
                false => LeaseWrite::FreeUncounted,
            };
            let held = vec![(Given::Key, s(key.as_str()))];
            draft
                .lease(*take, parent, vlan, leased)
                .lease(free, parent, old, held)
        }
        (_, _) => {
            let keep = match own.counted {
                true => LeaseWrite::KeepCounted,
                false => LeaseWrite::KeepUncounted,
            };
            draft.lease(keep, parent, vlan, leased)
        }
    };
    let before = counted_there.unwrap_or_default() + if own.counted { asked } else { 0 };
    let more = if is_counted { has - before } else { 0 };
    if more == 0 {
        draft
    } else {
        draft.policy(parent, vec![(Given::Mbps, n(more))])
    }
}

/// The VLAN is left to what is on it, and so is what is counted: as much as that takes.
fn leave<'a>(
    draft: Draft<'a>,
    seen: &Record,
    (parent, vlan): (&ParentConnection, Vlan),
    shown: &Connection,
    own: OwnLease,
) -> Draft<'a> {
    let asked = mbps(seen.request.bandwidth);
    let has = shown
        .bandwidth
        .as_deref()
        .and_then(|has| Bandwidth::parse(has).ok());
    let has = has.map_or(asked, mbps);
    let mut left = noted(&seen.key, &ConnectionNote::of(Some(shown), false));
    left.extend([
        (Given::LeasedAt, n(seen.claimed_at_ms)),
        (Given::Mbps, n(has)),
    ]);
    if own.counted {
        left.push((Given::CountedMbps, n(has)));
    }
    let write = match own.counted {
        true => LeaseWrite::LeaveCounted,
        false => LeaseWrite::LeaveUncounted,
    };
    let draft = draft.lease(write, parent, vlan, left);
    if own.counted && has != asked {
        draft.policy(parent, vec![(Given::Mbps, n(has - asked))])
    } else {
        draft
    }
}

fn mbps(bandwidth: Bandwidth) -> i64 {
    i64::from(bandwidth.mbps())
}
