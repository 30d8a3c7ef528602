//! Claiming a key: the write that comes before every call on Direct Connect.

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use hosted_connection::{
    AllocationRequest, ClaimToken, Fingerprint, IdempotencyKey, Order, Origin, Rejection, Vlan,
};

use super::history::{self, HistoryEntry};
use super::item::{n, s, text};
use super::leases::{Counted, HOLDER, Lease, build_error};
use super::policies::PolicyState;
use super::record::{self, Record, State, new_item};
use super::transact::{Refusal, Write};
use super::{Ledger, keys};
use crate::failure::{CallError, Cause};

/// Rounds of taking over and finding that somebody else just did.
const TAKEOVER_TRIES: usize = 4;
const TAKE_OVER: &str = "SET claimToken = :token, allocationState = :state, leaseExpiresAtMs = :lease, \
    unfinishedAtMs = :lease, attemptCount = :attempts, callStartedAtMs = :started, earlierSendUnanswered = :unanswered, \
    history = :history";
const ABSENT_OR_EXPIRED: &str = "attribute_not_exists(pk) OR expiresAt <= :now_s";

/// What an attempt asks for.
#[derive(Debug, Clone, Copy)]
pub struct NewClaim<'a> {
    /// The order to claim.
    pub order: &'a Order,
    /// Where this delivery of it came from.
    pub origin: &'a Origin,
    /// The VLAN to lease with it: the one asked for, or the one chosen.
    pub vlan: Vlan,
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
    pub(super) counted: bool,
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
    OrphanOnVlan(Box<Lease>),
    /// The parent's policy does not allow it, or not enough is free.
    NotForSale(Box<PolicyState>),
    /// An earlier attempt ended without an outcome; it is ours now.
    TakenOver {
        /// Our hold on it.
        claim: Claim,
        /// Whether a call may have taken effect. Then the record says `unresolved`, else `calling`.
        must_reconcile: bool,
    },
    /// Direct Connect once answered with a connection that was not asked for.
    Quarantined,
}

impl Ledger {
    /// Claims the order's key and leases its VLAN, in one transaction; or says why not.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn claim(&self, new: NewClaim<'_>) -> Result<ClaimAnswer, CallError> {
        let token = Self::new_token();
        let started_at_ms = self.clock.now_ms();
        let (parent, bandwidth) = (
            &new.order.request.connection_id,
            new.order.request.bandwidth,
        );
        let counted = Counted::by(self.has_policy(parent).await?);
        let actions = || {
            let mut actions = vec![
                self.put_calling(&new, &token, started_at_ms, counted)?,
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
            origin: new.origin.clone(),
            vlan: new.vlan,
            token: token.clone(),
            attempt: 1,
            claimed_at_ms: started_at_ms,
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
        if let Some(Refusal { item: Some(item) }) = allocation {
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
            (Some(Refusal { item: Some(item) }), _) if !item.contains_key(HOLDER) => Ok(
                ClaimAnswer::OrphanOnVlan(Box::new(Lease::from_item(&item)?)),
            ),
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

    /// Records a rejection for a key that nobody has asked with before and that gets no VLAN.
    /// `false` when the key has a record by now; the next delivery will find it.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn reject_unclaimed(
        &self,
        order: &Order,
        origin: &Origin,
        rejection: &Rejection,
    ) -> Result<Option<Record>, CallError> {
        let token = Self::new_token();
        let now_ms = self.clock.now_ms();
        let mut item = new_item(order, origin, &token, State::Rejected, now_ms);
        item.insert(record::OUTCOME.into(), s(super::outcome::json(rejection)));
        item.insert(record::OCCURRED_AT.into(), n(now_ms));
        let rejected = Record::from_item(&item)?;
        match self
            .transact(vec![self.put_if_absent(item, now_ms)?])
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

    fn put_calling(
        &self,
        new: &NewClaim<'_>,
        token: &ClaimToken,
        now_ms: u64,
        counted: Counted,
    ) -> Result<TransactWriteItem, CallError> {
        let mut item = new_item(new.order, new.origin, token, State::Calling, now_ms);
        if counted == Counted::Yes {
            item.insert(record::COUNTED.into(), AttributeValue::Bool(true));
        }
        item.insert(record::VLAN.into(), n(new.vlan.get()));
        item.insert(record::LEASE_EXPIRES_AT.into(), n(new.lease_expires_at_ms));
        item.insert(record::UNFINISHED_AT.into(), n(new.lease_expires_at_ms));
        self.put_if_absent(item, now_ms)
    }

    fn put_if_absent(
        &self,
        item: super::item::Item,
        now_ms: u64,
    ) -> Result<TransactWriteItem, CallError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression(ABSENT_OR_EXPIRED)
            .expression_attribute_values(":now_s", n(now_ms / 1000))
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

    pub(super) fn changed_meanwhile(&self) -> CallError {
        CallError {
            operation: "claiming the key",
            cause: Cause::Unavailable,
            message: format!("table {} changes faster than it is read", self.table),
        }
    }
}

enum TakeOver {
    Ours(Box<ClaimAnswer>),
    Changed(Box<Record>),
}
