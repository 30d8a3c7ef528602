//! What an attempt writes after its claim, fenced by its token.

use aws::failure::CallError;
use hosted_connection::{Connection, Rejection, Timestamp, Vlan};
use transitions::{Given, LeaseWrite, Name};

use crate::claim::Claim;
use crate::draft::Brought;
use crate::history;
use crate::item::{json, n, s};
use crate::leases::OwnLease;
use crate::ledger::Ledger;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::{Refusal, Write};

/// How a fenced write ended.
#[derive(Debug)]
pub enum Recorded {
    /// Written, now or by an earlier try whose answer was lost.
    Done,
    /// Somebody else owns the key now; this is what they have made of it.
    Lost(Box<Record>),
}

/// How moving a claim to another VLAN ended.
#[derive(Debug)]
pub enum VlanSwitch {
    /// The claim holds the new VLAN and no longer the old one; its record says `calling`.
    Done,
    /// Another key holds the new VLAN.
    VlanTaken,
    /// Somebody else owns the key now.
    Lost(Box<Record>),
}

/// The writes that free the VLAN that a claim holds.
pub(crate) const FREE: [LeaseWrite; 2] = [LeaseWrite::FreeCounted, LeaseWrite::FreeUncounted];

impl Ledger {
    /// Marks the moment right before a call: whoever finds the record later counts the settle time from there. `why` is
    /// for people: what has made a further call possible.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn begin_call(
        &self,
        claim: &mut Claim,
        why: Option<&str>,
    ) -> Result<Recorded, CallError> {
        let now_ms = self.clock.now_ms();
        let more = || {
            vec![
                (Given::Now, n(now_ms)),
                (Given::SeenStart, n(claim.call_started_at_ms)),
            ]
        };
        let recorded = self.fenced(Name::BeginCall, claim, why, more).await?;
        claim.call_started_at_ms = now_ms;
        Ok(recorded)
    }

    /// Gives the claim back: a call may have taken effect. What became of it is not known, for the reason that is given for
    /// people.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn unresolved(&self, claim: &Claim, why: &str) -> Result<Recorded, CallError> {
        let now_ms = self.clock.now_ms();
        let more = || vec![(Given::Now, n(now_ms))];
        self.fenced(Name::LeaveUnresolved, claim, Some(why), more)
            .await
    }

    /// Gives the claim back: the call of this attempt certainly had no effect, for the reason that is given for people.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn waiting(&self, claim: &Claim, waits_for: &str) -> Result<Recorded, CallError> {
        let now_ms = self.clock.now_ms();
        let more = || vec![(Given::Now, n(now_ms)), (Given::WaitsFor, s(waits_for))];
        self.fenced(Name::LeaveWaiting, claim, Some(waits_for), more)
            .await
    }

    /// Records that the connection exists; `how` it came about, where it was not simply answered with.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn allocated(
        &self,
        claim: &Claim,
        connection: &Connection,
        how: Option<&str>,
        at: Timestamp,
    ) -> Result<Recorded, CallError> {
        let more = || outcome(connection.kept(&claim.request), at);
        self.fenced(Name::RecordAllocated, claim, how, more).await
    }

    /// Records the final no and frees the VLAN, in one transaction.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn rejected(
        &self,
        claim: &Claim,
        rejection: &Rejection,
        at: Timestamp,
    ) -> Result<Recorded, CallError> {
        let name = Name::RecordRejected;
        let brought = || self.owned(name, claim, None, outcome(json(rejection), at));
        self.freeing(name, claim, brought).await
    }

    /// Sets an order by place aside, so that another parent can be chosen for it, and frees the VLAN on the one that it had.
    /// Only after a definite refusal: a key with an open call keeps its parent. `why` is for people.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn pass_over(&self, claim: &Claim, why: &str) -> Result<Recorded, CallError> {
        let name = Name::PassOver;
        let now_ms = self.clock.now_ms();
        let brought = || {
            let more = vec![
                (Given::Now, n(now_ms)),
                (Given::SeenStart, n(claim.call_started_at_ms)),
                (Given::OldVlan, n(claim.vlan.get())),
                (Given::WaitsFor, s(why)),
            ];
            self.owned(name, claim, Some(why), more)
        };
        self.freeing(name, claim, brought).await
    }

    /// A write on the record with which the VLAN becomes free, in one transaction.
    async fn freeing(
        &self,
        name: Name,
        claim: &Claim,
        brought: impl Fn() -> Brought,
    ) -> Result<Recorded, CallError> {
        let (parent, bandwidth) = (&claim.lease_parent, claim.request.bandwidth);
        let mut own = OwnLease::believed(claim.counted);
        loop {
            let draft = || {
                self.draft(name)
                    .record(&claim.key, brought())
                    .free(parent, claim.vlan, &claim.key, bandwidth, own)
            };
            let mut refusals = match self.commit(draft).await? {
                Write::Done => return Ok(Recorded::Done),
                Write::Refused(refusals) => refusals,
            };
            if let Some(refusal) = refusals.record() {
                return self.recorded(name, refusal, &brought());
            }
            own = self.corrected(own, &claim.key, refusals.lease(&FREE))?;
        }
    }

    /// Sets the record aside for a person: Direct Connect answered with a connection that was not asked for.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn quarantined(
        &self,
        claim: &Claim,
        connection: &Connection,
        at: Timestamp,
    ) -> Result<Recorded, CallError> {
        let more = || outcome(json(connection), at);
        self.fenced(Name::Quarantine, claim, None, more).await
    }

    /// Moves the claim to `vlan` and marks a new call, in one transaction. Only after a definite refusal: a key with
    /// an open call keeps its VLAN.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn switch_vlan(
        &self,
        claim: &mut Claim,
        vlan: Vlan,
    ) -> Result<VlanSwitch, CallError> {
        let name = Name::SwitchVlan;
        let now_ms = self.clock.now_ms();
        let (parent, bandwidth) = (&claim.lease_parent, claim.request.bandwidth);
        let brought = || {
            let more = vec![
                (Given::Now, n(now_ms)),
                (Given::SeenStart, n(claim.call_started_at_ms)),
                (Given::Vlan, n(vlan.get())),
                (Given::OldVlan, n(claim.vlan.get())),
            ];
            self.owned(name, claim, None, more)
        };
        let mut own = OwnLease::believed(claim.counted);
        loop {
            let draft = || {
                self.draft(name)
                    .record(&claim.key, brought())
                    .lease(
                        LeaseWrite::Take,
                        parent,
                        vlan,
                        self.leased(claim, own.counted),
                    )
                    .free(parent, claim.vlan, &claim.key, bandwidth, own)
            };
            let Write::Refused(mut refusals) = self.commit(draft).await? else {
                break;
            };
            if let Some(refusal) = refusals.record() {
                match self.found(name, refusal, &brought())? {
                    Found::Own(_) => break,
                    Found::Other(found) => return Ok(VlanSwitch::Lost(Box::new(found))),
                }
            }
            if refusals.lease(&[LeaseWrite::Take]).is_some() {
                return Ok(VlanSwitch::VlanTaken);
            }
            own = self.corrected(own, &claim.key, refusals.lease(&FREE))?;
        }
        claim.vlan = vlan;
        claim.call_started_at_ms = now_ms;
        claim.counted = own.counted;
        Ok(VlanSwitch::Done)
    }

    /// A write on the record alone; `detail` is what the history says of it beside the state.
    async fn fenced(
        &self,
        name: Name,
        claim: &Claim,
        detail: Option<&str>,
        more: impl Fn() -> Brought,
    ) -> Result<Recorded, CallError> {
        let brought = || self.owned(name, claim, detail, more());
        let draft = || self.draft(name).record(&claim.key, brought());
        match self.commit(draft).await? {
            Write::Done => Ok(Recorded::Done),
            Write::Refused(mut refusals) => match refusals.record() {
                None => Ok(Recorded::Done),
                Some(refusal) => self.recorded(name, refusal, &brought()),
            },
        }
    }

    /// What each write of an attempt brings, and `more`.
    fn owned(&self, name: Name, claim: &Claim, detail: Option<&str>, more: Brought) -> Brought {
        let mut brought = more;
        let record = self.sheet.transition(name).record;
        let entry = record
            .and_then(|write| write.to())
            .map_or("", |state| state.as_str());
        brought.extend([
            (Given::Token, s(claim.token.as_str())),
            (
                Given::Entry,
                history::entry(entry, detail, self.clock.now_ms()),
            ),
        ]);
        brought
    }

    fn recorded(
        &self,
        name: Name,
        refusal: Refusal,
        brought: &Brought,
    ) -> Result<Recorded, CallError> {
        Ok(match self.found(name, refusal, brought)? {
            Found::Own(_) => Recorded::Done,
            Found::Other(found) => Recorded::Lost(Box::new(found)),
        })
    }

    fn found(&self, name: Name, refusal: Refusal, brought: &Brought) -> Result<Found, CallError> {
        match refusal.item {
            Some(item) => self.recognise(name, &item, brought),
            None => Err(CallError::corrupt(
                "recording an outcome",
                "the allocation record has gone",
            )),
        }
    }
}

fn outcome(outcome: String, at: Timestamp) -> Brought {
    vec![(Given::Outcome, s(outcome)), (Given::At, n(at.as_ms()))]
}
