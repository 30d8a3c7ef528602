//! Claiming a key: the write that comes before every call on Direct Connect.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::{ClaimToken, Fingerprint, Order, Origin, Rejection};
use transitions::{Given, LeaseWrite, Name, State};

use crate::claim::{Claim, ClaimAnswer, KnownKey, NewClaim, Orphan};
use crate::draft::{Brought, put_item};
use crate::history::{self, HistoryEntry};
use crate::item::{json, n, s, text};
use crate::keys;
use crate::lease::{HOLDER, Lease};
use crate::ledger::Ledger;
use crate::policies::sold;
use crate::policy::PolicyState;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::{Refusals, Write};

/// Rounds of taking over and finding that somebody else just did.
const TAKEOVER_TRIES: usize = 4;

impl Ledger {
    /// Claims the order's key and leases its VLAN, in one transaction; or says why not.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn claim(&self, new: NewClaim<'_>) -> Result<ClaimAnswer, CallError> {
        let started_at_ms = self.clock.now_ms();
        let order = new.order;
        // An interconnect and the LAG that it is a member of share their VLANs and their bandwidth.
        let place = self.place_of(&order.request.connection_id).await?;
        let claim = Claim {
            key: order.key.clone(),
            request: order.request.clone(),
            origin: new.first_origin().clone(),
            vlan: new.vlan,
            lease_parent: place.parent,
            token: Self::new_token(),
            attempt: new.attempt(),
            claimed_at_ms: new.claimed_at_ms(started_at_ms),
            call_started_at_ms: started_at_ms,
            unanswered: false,
            counted: place.has_policy,
        };
        let name = match new.parked {
            None => Name::Claim,
            Some(_) => Name::ClaimSetAside,
        };
        let parent = &claim.lease_parent;
        let brought = || self.claimed(&new, &claim);
        let draft = || {
            let lease = self.leased(&claim, claim.counted);
            let draft = self.draft(name).record(&claim.key, brought()).lease(
                LeaseWrite::Take,
                parent,
                new.vlan,
                lease,
            );
            if claim.counted {
                draft.policy(parent, sold(&claim))
            } else {
                draft
            }
        };
        match self.commit_until(draft, new.patient_until_ms).await? {
            Write::Done => Ok(ClaimAnswer::Won(claim)),
            Write::Refused(mut refusals) => match refusals.record() {
                None => self.refused_vlan(&claim, refusals),
                Some(refusal) => {
                    let item = refusal.item.ok_or_else(|| self.changed_meanwhile())?;
                    match self.recognise(name, &item, &brought())? {
                        Found::Own(_) => Ok(ClaimAnswer::Won(claim)),
                        Found::Other(record) => {
                            let fingerprint = order.request.fingerprint();
                            let until_ms = new.lease_expires_at_ms;
                            let known = self.replay_or_take_over(record, fingerprint, until_ms);
                            Ok(ClaimAnswer::Known(known.await?))
                        }
                    }
                }
            },
        }
    }

    /// The key has no record, but its VLAN is not to be had.
    fn refused_vlan(
        &self,
        claim: &Claim,
        mut refusals: Refusals,
    ) -> Result<ClaimAnswer, CallError> {
        let lease = refusals.lease(&[LeaseWrite::Take]);
        let is_free = lease.is_none();
        match (lease.and_then(|refusal| refusal.item), refusals.policy()) {
            (Some(item), _) if !item.contains_key(HOLDER) => {
                Ok(ClaimAnswer::OrphanOnVlan(Box::new(Orphan {
                    parent: claim.lease_parent.clone(),
                    lease: Lease::from_item(&item)?,
                })))
            }
            (Some(item), _) if text(&item, HOLDER)? != claim.key.as_str() => {
                Ok(ClaimAnswer::VlanTaken)
            }
            (None, Some(refusal)) if is_free => match refusal.item {
                Some(item) => Ok(ClaimAnswer::NotForSale(Box::new(PolicyState::from_item(
                    &item,
                )?))),
                None => Err(self.changed_meanwhile()),
            },
            // Refused by an item that has gone since.
            (_, _) => Err(self.changed_meanwhile()),
        }
    }

    /// What `record` means for a delivery of its key with a request of `fingerprint`; takes the key over until
    /// `lease_expires_at_ms` if no attempt is at it.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn replay_or_take_over(
        &self,
        mut record: Record,
        fingerprint: Fingerprint,
        lease_expires_at_ms: u64,
    ) -> Result<KnownKey, CallError> {
        for _ in 0..TAKEOVER_TRIES {
            if record.fingerprint != fingerprint {
                let claimed_at_ms = record.claimed_at_ms;
                return Ok(KnownKey::KeyReused { claimed_at_ms });
            }
            let name = match record.state {
                State::Allocated | State::Rejected => {
                    return Ok(KnownKey::Replay(Box::new(record)));
                }
                State::Quarantined => return Ok(KnownKey::Quarantined),
                State::Waiting if record.is_parked() => {
                    return Ok(KnownKey::Parked(Box::new(record)));
                }
                State::Calling | State::Unresolved => Name::TakeOver,
                State::Waiting => Name::TryAgain,
            };
            if !self.may(name, &record) {
                return Ok(KnownKey::HeldElsewhere {
                    until_ms: record.lease_expires_at_ms,
                });
            }
            match self.take_over(name, &record, lease_expires_at_ms).await? {
                TakeOver::Ours(answer) => return Ok(*answer),
                TakeOver::Changed(newer) => record = *newer,
            }
        }
        Err(self.changed_meanwhile())
    }

    /// Records a rejection for a key that has no VLAN: nobody has asked with it before, or it was set aside as `parked`.
    /// Answers with the record; with none when the key has got another one meanwhile, which the next delivery will find.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn reject_unclaimed(
        &self,
        order: &Order,
        origin: &Origin,
        parked: Option<&Record>,
        rejection: &Rejection,
    ) -> Result<Option<Record>, CallError> {
        let name = match parked {
            None => Name::RejectUnclaimed,
            Some(_) => Name::RejectSetAside,
        };
        let (token, now_ms) = (Self::new_token(), self.clock.now_ms());
        let brought = || {
            let mut brought = first_record(order, origin, parked, State::Rejected, &token, now_ms);
            brought.push((Given::Outcome, s(json(rejection))));
            brought
        };
        let sets = self
            .sheet
            .transition(name)
            .record
            .map(|write| write.change.sets());
        let item = put_item(
            keys::allocation(&order.key),
            sets.unwrap_or_default(),
            &brought(),
        )?;
        let rejected = Record::from_item(&item)?;
        let draft = || self.draft(name).record(&order.key, brought());
        match self.commit(draft).await? {
            Write::Done => Ok(Some(rejected)),
            Write::Refused(mut refusals) => {
                let Some(item) = refusals.record().and_then(|refusal| refusal.item) else {
                    return Ok(None);
                };
                match self.recognise(name, &item, &brought())? {
                    Found::Own(record) => Ok(Some(record)),
                    Found::Other(_) => Ok(None),
                }
            }
        }
    }

    /// Sets an order aside that nobody has asked with before: what has to be looked at before it can have a VLAN cannot be.
    /// So whoever finds it goes on with it, whatever becomes of its delivery. A key that has a record keeps it.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn park(
        &self,
        order: &Order,
        origin: &Origin,
        waits_for: &str,
    ) -> Result<(), CallError> {
        let (token, now_ms) = (Self::new_token(), self.clock.now_ms());
        let draft = || {
            let mut brought = first_record(order, origin, None, State::Waiting, &token, now_ms);
            brought.push((Given::WaitsFor, s(waits_for)));
            self.draft(Name::SetAside).record(&order.key, brought)
        };
        self.commit(draft).await.map(|_| ())
    }

    /// What the record of a new claim is made of.
    fn claimed(&self, new: &NewClaim<'_>, claim: &Claim) -> Brought {
        let (token, now_ms) = (&claim.token, claim.call_started_at_ms);
        let state = State::Calling;
        let mut brought = first_record(new.order, new.origin, new.parked, state, token, now_ms);
        brought.extend([
            (Given::ClaimEnd, n(new.lease_expires_at_ms)),
            (Given::Vlan, n(new.vlan.get())),
        ]);
        if claim.counted {
            brought.push((Given::Counted, AttributeValue::Bool(true)));
        }
        if claim.lease_parent != new.order.request.connection_id {
            brought.push((Given::LeaseParent, s(claim.lease_parent.as_str())));
        }
        brought
    }

    /// A conditional write on the token and the state that were seen: whoever else moves first wins.
    async fn take_over(
        &self,
        name: Name,
        seen: &Record,
        lease_expires_at_ms: u64,
    ) -> Result<TakeOver, CallError> {
        let now_ms = self.clock.now_ms();
        let must_reconcile = seen.state != State::Waiting;
        let mut ours = seen.clone();
        ours.token = Self::new_token();
        ours.attempts = seen.attempts.saturating_add(1);
        ours.lease_expires_at_ms = lease_expires_at_ms;
        if must_reconcile {
            ours.state = State::Unresolved;
            ours.unanswered = true;
        } else {
            ours.state = State::Calling;
            ours.call_started_at_ms = now_ms;
        }
        let history = history::with(&seen.history, HistoryEntry::new(now_ms, "taken over"));
        let brought = || {
            vec![
                (Given::SeenToken, s(seen.token.as_str())),
                (Given::SeenState, s(seen.state.as_str())),
                (Given::FreshToken, s(ours.token.as_str())),
                (Given::ClaimEnd, n(lease_expires_at_ms)),
                (Given::Attempts, n(ours.attempts)),
                (Given::KeptStart, n(seen.call_started_at_ms)),
                (Given::FreshStart, n(now_ms)),
                (Given::KeptUnanswered, AttributeValue::Bool(seen.unanswered)),
                (Given::History, history.clone()),
            ]
        };
        let taken = TakeOver::Ours(Box::new(KnownKey::TakenOver {
            claim: Claim::of(&ours)?,
            must_reconcile,
        }));
        let draft = || self.draft(name).record(&seen.key, brought());
        let Write::Refused(mut refusals) = self.commit(draft).await? else {
            return Ok(taken);
        };
        let Some(item) = refusals.record().and_then(|refusal| refusal.item) else {
            return Err(self.changed_meanwhile());
        };
        Ok(match self.recognise(name, &item, &brought())? {
            Found::Own(_) => taken,
            Found::Other(found) => TakeOver::Changed(Box::new(found)),
        })
    }
}

/// What every record is made of from its first write on. One that was set aside goes on with what is known of it since then.
fn first_record(
    order: &Order,
    origin: &Origin,
    parked: Option<&Record>,
    state: State,
    token: &ClaimToken,
    now_ms: u64,
) -> Brought {
    let (origin, claimed_at_ms, attempts, history) = match parked {
        None => (origin, now_ms, 1, history::first(state, now_ms)),
        Some(parked) => {
            let entry = HistoryEntry::new(now_ms, state.as_str());
            let history = history::with(&parked.history, entry);
            (
                &parked.origin,
                parked.claimed_at_ms,
                parked.attempts + 1,
                history,
            )
        }
    };
    let mut brought = Vec::with_capacity(16);
    brought.extend([
        (Given::FreshToken, s(token.as_str())),
        (Given::Now, n(now_ms)),
        (Given::Attempts, n(attempts)),
        (
            Given::Fingerprint,
            s(order.request.fingerprint().to_string()),
        ),
        (Given::Request, s(order.request.to_json())),
        (Given::Origin, s(json(origin))),
        (Given::Parent, s(order.request.connection_id.as_str())),
        (Given::ClaimedAt, n(claimed_at_ms)),
        (Given::History, history),
        (Given::Shard, s(keys::shard(&order.key))),
    ]);
    match parked {
        None => brought.push((Given::NowSeconds, n(now_ms / 1000))),
        Some(parked) => brought.push((Given::Token, s(parked.token.as_str()))),
    }
    brought
}

enum TakeOver {
    Ours(Box<KnownKey>),
    Changed(Box<Record>),
}
