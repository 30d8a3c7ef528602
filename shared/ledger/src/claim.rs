//! Claiming a key: the write that comes before every call on Direct Connect.

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use hosted_connection::{
    AllocationRequest, ClaimToken, Fingerprint, IdempotencyKey, Order, Origin, ParentConnection,
    Rejection, Vlan,
};

use super::{Ledger, keys};
use crate::history::{self, HistoryEntry};
use crate::item::{Item, n, s, text};
use crate::leases::{Counted, HOLDER, Lease, build_error};
use crate::policies::PolicyState;
use crate::record::{self, Record, State, new_item};
use crate::transact::{Refusal, Write};
use aws::failure::{CallError, Cause};

/// Rounds of taking over and finding that somebody else just did.
const TAKEOVER_TRIES: usize = 4;
const TAKE_OVER: &str = "SET claimToken = :token, allocationState = :state, leaseExpiresAtMs = :lease, \
    unfinishedAtMs = :lease, attemptCount = :attempts, callStartedAtMs = :started, earlierSendUnanswered = :unanswered, \
    history = :history";
const ABSENT_OR_EXPIRED: &str = "attribute_not_exists(pk) OR expiresAt <= :now_s";
const AS_PARKED: &str =
    "claimToken = :token AND allocationState = :waiting AND attribute_not_exists(vlan)";

/// What an attempt asks for.
#[derive(Debug, Clone, Copy)]
pub struct NewClaim<'a> {
    /// The order to claim.
    pub order: &'a Order,
    /// Where this delivery of it came from.
    pub origin: &'a Origin,
    /// The VLAN to lease with it: the one asked for, or the one chosen.
    pub vlan: Vlan,
    /// The record of the order as it was set aside before it had a VLAN; its write is conditional on that one.
    pub parked: Option<&'a Record>,
    /// Until when to try again where only other claims on the same parent are in the way.
    pub patient_until_ms: u64,
    /// Until when nobody else may take over: the invocation's deadline and a little more, so that it has ended by then.
    pub lease_expires_at_ms: u64,
}

/// An attempt's hold on a key. All its writes carry the token, so they fail once somebody else has taken over.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The claimed key.
    pub key: IdempotencyKey,
    /// The request that came with the key first.
    pub request: AllocationRequest,
    /// Where it came from first.
    pub origin: Origin,
    /// The VLAN leased to the key.
    pub vlan: Vlan,
    /// The interconnect or LAG whose VLAN that is.
    pub lease_parent: ParentConnection,
    /// Fresh per attempt.
    pub token: ClaimToken,
    /// Attempts made, this one included.
    pub attempt: u32,
    /// When the key was first claimed.
    pub claimed_at_ms: u64,
    /// When the latest call was about to be sent.
    pub call_started_at_ms: u64,
    /// Whether some earlier call of this key ended without an answer, so that it may be what is in our way.
    pub unanswered: bool,
    /// Whether the bandwidth was counted in the parent's policy when the VLAN was leased.
    pub(crate) counted: bool,
}

/// How a claim ended. Match all of it.
#[derive(Debug)]
pub enum ClaimAnswer {
    /// Nobody had asked before; the record says `calling`.
    Won(Claim),
    /// There is a final outcome.
    Replay(Box<Record>),
    /// Another attempt is at it.
    HeldElsewhere {
        /// When its lease ends, in milliseconds since the Unix epoch.
        until_ms: u64,
    },
    /// The key came with another request first.
    KeyReused {
        /// When it was claimed for that one, in milliseconds since the Unix epoch.
        claimed_at_ms: u64,
    },
    /// Another key holds the VLAN.
    VlanTaken,
    /// A connection that no order of ours made was last seen on the VLAN.
    OrphanOnVlan(Box<Orphan>),
    /// The parent's policy does not allow it, or not enough is free.
    NotForSale(Box<PolicyState>),
    /// An earlier attempt ended without an outcome; it is ours now.
    TakenOver {
        /// Our hold on it.
        claim: Claim,
        /// Whether a call may have taken effect. Then the record says `unresolved`, else `calling`.
        must_reconcile: bool,
    },
    /// The order was set aside before it had a VLAN: one has to be chosen, and claimed with this record.
    Parked(Box<Record>),
    /// Direct Connect once answered with a connection that was not asked for.
    Quarantined,
}

/// What is remembered of a connection that no order of ours made.
#[derive(Debug, Clone)]
pub struct Orphan {
    /// The interconnect or LAG that it was seen on.
    pub parent: ParentConnection,
    /// Its VLAN, and the connection as it was seen.
    pub lease: Lease,
}

impl Ledger {
    /// Claims the order's key and leases its VLAN, in one transaction; or says why not.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn claim(&self, new: NewClaim<'_>) -> Result<ClaimAnswer, CallError> {
        let token = Self::new_token();
        let started_at_ms = self.clock.now_ms();
        let bandwidth = new.order.request.bandwidth;
        // An interconnect and the LAG that it is a member of share their VLANs and their bandwidth.
        let place = self.place_of(&new.order.request.connection_id).await?;
        let parent = &place.parent;
        let counted = Counted::by(place.has_policy);
        let actions = || {
            let mut actions = vec![
                self.put_calling(&new, parent, &token, started_at_ms, counted)?,
                self.lease(parent, new.vlan, &new.order.key, bandwidth, counted)?,
            ];
            if counted == Counted::Yes {
                actions.push(self.sell(parent, new.vlan, bandwidth)?);
            }
            Ok(actions)
        };
        let won = || Claim {
            key: new.order.key.clone(),
            request: new.order.request.clone(),
            origin: new.first_origin().clone(),
            vlan: new.vlan,
            lease_parent: parent.clone(),
            token: token.clone(),
            attempt: new.attempt(),
            claimed_at_ms: new.claimed_at_ms(started_at_ms),
            call_started_at_ms: started_at_ms,
            unanswered: false,
            counted: counted == Counted::Yes,
        };
        let written = self.transact_until(actions, new.patient_until_ms).await?;
        let Write::Refused(refusals) = written else {
            return Ok(ClaimAnswer::Won(won()));
        };
        let mut refusals = refusals.into_iter();
        let mut next = || refusals.next().flatten();
        let (allocation, lease, policy) = (next(), next(), next());
        if let Some(Refusal { item }) = allocation {
            let Some(item) = item else {
                return Err(self.changed_meanwhile());
            };
            let record = Record::from_item(&item)?;
            // The answer to our own write was lost, and this is its repetition.
            if record.token == token {
                return Ok(ClaimAnswer::Won(won()));
            }
            return self
                .answer(
                    record,
                    new.order.request.fingerprint(),
                    new.lease_expires_at_ms,
                )
                .await;
        }
        match (lease, policy) {
            (Some(Refusal { item: Some(item) }), _) if !item.contains_key(HOLDER) => {
                Ok(ClaimAnswer::OrphanOnVlan(Box::new(Orphan {
                    parent: parent.clone(),
                    lease: Lease::from_item(&item)?,
                })))
            }
            (Some(Refusal { item: Some(item) }), _)
                if text(&item, HOLDER)? != new.order.key.as_str() =>
            {
                Ok(ClaimAnswer::VlanTaken)
            }
            (None, Some(Refusal { item: Some(item) })) => Ok(ClaimAnswer::NotForSale(Box::new(
                PolicyState::from_item(&item)?,
            ))),
            // Refused by an item that has gone since.
            (_, _) => Err(self.changed_meanwhile()),
        }
    }

    /// What `record` means for a delivery of its key with a request of `fingerprint`; takes it over if it is free.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn answer(
        &self,
        mut record: Record,
        fingerprint: Fingerprint,
        lease_expires_at_ms: u64,
    ) -> Result<ClaimAnswer, CallError> {
        for _ in 0..TAKEOVER_TRIES {
            if record.fingerprint != fingerprint {
                let claimed_at_ms = record.claimed_at_ms;
                return Ok(ClaimAnswer::KeyReused { claimed_at_ms });
            }
            match record.state {
                State::Allocated | State::Rejected => {
                    return Ok(ClaimAnswer::Replay(Box::new(record)));
                }
                State::Quarantined => return Ok(ClaimAnswer::Quarantined),
                State::Waiting if record.is_parked() => {
                    return Ok(ClaimAnswer::Parked(Box::new(record)));
                }
                State::Calling | State::Unresolved | State::Waiting => {}
            }
            if record.lease_expires_at_ms > self.clock.now_ms() {
                return Ok(ClaimAnswer::HeldElsewhere {
                    until_ms: record.lease_expires_at_ms,
                });
            }
            match self.take_over(&record, lease_expires_at_ms).await? {
                TakeOver::Ours(answer) => return Ok(*answer),
                TakeOver::Changed(newer) => record = *newer,
            }
        }
        Err(self.changed_meanwhile())
    }

    /// Records a rejection for a key that gets no VLAN: nobody has asked with it before, or it was set aside as `parked`.
    /// `None` when the key has another record by now; the next delivery will find it.
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
        let token = Self::new_token();
        let now_ms = self.clock.now_ms();
        let mut item = new_item(order, origin, &token, State::Rejected, now_ms);
        if let Some(parked) = parked {
            go_on_from(parked, State::Rejected, now_ms, &mut item);
        }
        item.insert(record::OUTCOME.into(), s(super::outcome::json(rejection)));
        item.insert(record::OCCURRED_AT.into(), n(now_ms));
        let rejected = Record::from_item(&item)?;
        match self
            .transact(vec![self.put_if_free(item, parked, now_ms)?])
            .await?
        {
            Write::Done => Ok(Some(rejected)),
            Write::Refused(mut refusals) => {
                let found = refusals.pop().flatten().and_then(|refusal| refusal.item);
                let found = found.map(|item| Record::from_item(&item)).transpose()?;
                Ok(found.filter(|record| record.token == token))
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
        let now_ms = self.clock.now_ms();
        let mut item = new_item(order, origin, &Self::new_token(), State::Waiting, now_ms);
        item.insert(record::WAITS_FOR.into(), s(waits_for));
        let put = self.put_if_free(item, None, now_ms)?;
        self.transact(vec![put]).await.map(|_| ())
    }

    fn put_calling(
        &self,
        new: &NewClaim<'_>,
        lease_parent: &ParentConnection,
        token: &ClaimToken,
        now_ms: u64,
        counted: Counted,
    ) -> Result<TransactWriteItem, CallError> {
        let mut item = new_item(new.order, new.origin, token, State::Calling, now_ms);
        if counted == Counted::Yes {
            item.insert(record::COUNTED.into(), AttributeValue::Bool(true));
        }
        item.insert(record::VLAN.into(), n(new.vlan.get()));
        if *lease_parent != new.order.request.connection_id {
            item.insert(record::LEASE_PARENT_ID.into(), s(lease_parent.as_str()));
        }
        if let Some(parked) = new.parked {
            go_on_from(parked, State::Calling, now_ms, &mut item);
        }
        item.insert(record::LEASE_EXPIRES_AT.into(), n(new.lease_expires_at_ms));
        item.insert(record::UNFINISHED_AT.into(), n(new.lease_expires_at_ms));
        self.put_if_free(item, new.parked, now_ms)
    }

    /// Writes the record where there is none, or the one that was `parked`, as it was seen.
    fn put_if_free(
        &self,
        item: Item,
        parked: Option<&Record>,
        now_ms: u64,
    ) -> Result<TransactWriteItem, CallError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = match parked {
            None => put
                .condition_expression(ABSENT_OR_EXPIRED)
                .expression_attribute_values(":now_s", n(now_ms / 1000)),
            Some(parked) => put
                .condition_expression(AS_PARKED)
                .expression_attribute_values(":token", s(parked.token.as_str()))
                .expression_attribute_values(":waiting", s(State::Waiting.as_str())),
        };
        let put = put
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .put(put.map_err(build_error)?)
            .build())
    }

    /// A conditional write on the token and the state that were seen: whoever else moves first wins.
    async fn take_over(
        &self,
        seen: &Record,
        lease_expires_at_ms: u64,
    ) -> Result<TakeOver, CallError> {
        let must_reconcile = seen.state != State::Waiting;
        let mut ours = seen.clone();
        ours.token = Self::new_token();
        ours.attempts = seen.attempts.saturating_add(1);
        ours.lease_expires_at_ms = lease_expires_at_ms;
        if must_reconcile {
            // The start of the call stays as it is: the settle time runs from there.
            ours.state = State::Unresolved;
            ours.unanswered = true;
        } else {
            ours.state = State::Calling;
            ours.call_started_at_ms = self.clock.now_ms();
        }
        let entry = HistoryEntry::new(self.clock.now_ms(), "taken over");
        let history = history::with(&seen.history, entry);
        let update = || {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::allocation(&seen.key)))
                .update_expression(TAKE_OVER)
                .condition_expression("claimToken = :seen_token AND allocationState = :seen_state")
                .expression_attribute_values(":token", s(ours.token.as_str()))
                .expression_attribute_values(":state", s(ours.state.as_str()))
                .expression_attribute_values(":lease", n(lease_expires_at_ms))
                .expression_attribute_values(":attempts", n(ours.attempts))
                .expression_attribute_values(":started", n(ours.call_started_at_ms))
                .expression_attribute_values(":unanswered", AttributeValue::Bool(ours.unanswered))
                .expression_attribute_values(":history", history.clone())
                .expression_attribute_values(":seen_token", s(seen.token.as_str()))
                .expression_attribute_values(":seen_state", s(seen.state.as_str()))
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
        };
        let taken = TakeOver::Ours(Box::new(ClaimAnswer::TakenOver {
            claim: ours.claim()?,
            must_reconcile,
        }));
        let Write::Refused(mut refusals) = self.update(update).await? else {
            return Ok(taken);
        };
        let Some(item) = refusals.pop().flatten().and_then(|refusal| refusal.item) else {
            return Err(self.changed_meanwhile());
        };
        let found = Record::from_item(&item)?;
        Ok(if found.token == ours.token {
            taken
        } else {
            TakeOver::Changed(Box::new(found))
        })
    }

    pub(crate) fn changed_meanwhile(&self) -> CallError {
        CallError {
            operation: "claiming the key",
            cause: Cause::Unavailable,
            message: format!("table {} changes faster than it is read", self.table),
        }
    }
}

impl NewClaim<'_> {
    fn first_origin(&self) -> &Origin {
        self.parked.map_or(self.origin, |parked| &parked.origin)
    }

    fn claimed_at_ms(&self, now_ms: u64) -> u64 {
        self.parked.map_or(now_ms, |parked| parked.claimed_at_ms)
    }

    fn attempt(&self) -> u32 {
        self.parked.map_or(0, |parked| parked.attempts) + 1
    }
}

/// Has `item` go on with what is known of the order since it was set aside.
fn go_on_from(parked: &Record, state: State, now_ms: u64, item: &mut Item) {
    let entry = HistoryEntry::new(now_ms, state.as_str());
    let origin = serde_json::to_string(&parked.origin).unwrap_or_default();
    item.insert(record::ORIGIN.into(), s(origin));
    item.insert(record::CLAIMED_AT.into(), n(parked.claimed_at_ms));
    item.insert(record::ATTEMPTS.into(), n(parked.attempts + 1));
    item.insert(
        history::HISTORY.into(),
        history::with(&parked.history, entry),
    );
}

enum TakeOver {
    Ours(Box<ClaimAnswer>),
    Changed(Box<Record>),
}
