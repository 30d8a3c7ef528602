//! What an attempt writes after its claim. Each write is fenced by the attempt's token and by the states it may come
//! from, so that neither a zombie nor a write that arrives late can undo what came after it.

use aws_sdk_dynamodb::types::{
    AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use hosted_connection::{Connection, Rejection, Timestamp, Vlan};
use serde::Serialize;

use super::{Ledger, keys};
use crate::claim::Claim;
use crate::history;
use crate::item::{Item, n, s};
use crate::leases::{Counted, build_error};
use crate::record::{Record, State};
use crate::transact::{Refusal, Write};
use aws::failure::CallError;

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

/// The part of a write that differs: what it sets, and from which states it may come.
struct Change<'a> {
    set: &'static str,
    from: &'static str,
    values: Vec<(&'static str, AttributeValue)>,
    to: State,
    /// What the history says of it beside the state.
    detail: Option<&'a str>,
}

/// Tries of a write that tracking, which may count a lease any time, was faster than.
pub(crate) const COUNTED_TRIES: usize = 4;

const FROM_OPEN: &str = "allocationState IN (:calling, :unresolved)";

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
        let seen_ms = claim.call_started_at_ms;
        let change = Change {
            set: "SET allocationState = :to, callStartedAtMs = :now, history = list_append(history, :entry)",
            // A late repetition of an earlier such write must not set the moment back.
            from: "allocationState IN (:calling, :unresolved) AND callStartedAtMs = :seen",
            values: vec![(":now", n(now_ms)), (":seen", n(seen_ms))],
            to: State::Calling,
            detail: why,
        };
        let refused_by = self.write_fenced(claim, change).await?;
        let recorded = recognise(claim, refused_by, |found| {
            found.state == State::Calling && found.call_started_at_ms == now_ms
        });
        claim.call_started_at_ms = now_ms;
        Ok(recorded)
    }

    /// Gives the claim back: a call may have taken effect. What became of it is not known, for the reason that is given for
    /// people.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn unresolved(&self, claim: &Claim, why: &str) -> Result<Recorded, CallError> {
        let set = "SET allocationState = :to, leaseExpiresAtMs = :zero, unfinishedAtMs = :now, earlierSendUnanswered = :yes, \
                   history = list_append(history, :entry)";
        let values = vec![
            (":zero", n(0)),
            (":now", n(self.clock.now_ms())),
            (":yes", AttributeValue::Bool(true)),
        ];
        self.fenced(
            claim,
            Change {
                set,
                from: FROM_OPEN,
                values,
                to: State::Unresolved,
                detail: Some(why),
            },
        )
        .await
    }

    /// Gives the claim back: the call of this attempt certainly had no effect, for the reason that is given for people.
    ///
    /// # Errors
    /// As [`Ledger::begin_call`].
    pub async fn waiting(&self, claim: &Claim, waits_for: &str) -> Result<Recorded, CallError> {
        let set = "SET allocationState = :to, leaseExpiresAtMs = :zero, unfinishedAtMs = :now, waitsFor = :why, \
                   history = list_append(history, :entry)";
        let values = vec![
            (":zero", n(0)),
            (":now", n(self.clock.now_ms())),
            (":why", s(waits_for)),
        ];
        self.fenced(
            claim,
            Change {
                set,
                from: FROM_OPEN,
                values,
                to: State::Waiting,
                detail: Some(waits_for),
            },
        )
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
        let mut change = final_change(State::Allocated, json(connection), at);
        change.detail = how;
        self.fenced(claim, change).await
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
        let (parent, bandwidth) = (&claim.lease_parent, claim.request.bandwidth);
        let mut counted = Counted::by(claim.counted);
        for _ in 0..COUNTED_TRIES {
            let change = final_change(State::Rejected, json(rejection), at);
            let mut actions = vec![self.fenced_action(claim, change)?];
            actions.extend(self.free(parent, claim.vlan, &claim.key, bandwidth, counted)?);
            let mut refusals = match self.transact(actions).await? {
                Write::Done => return Ok(Recorded::Done),
                Write::Refused(refusals) => refusals.into_iter(),
            };
            if let Some(refusal) = refusals.next().flatten() {
                return Ok(recognise(claim, Some(found(refusal)?), |found| {
                    found.state == State::Rejected
                }));
            }
            counted = self.after_refused_lease(&claim.key, counted, refusals.next().flatten())?;
        }
        Err(self.changed_meanwhile())
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
        self.fenced(
            claim,
            final_change(State::Quarantined, json(connection), at),
        )
        .await
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
        let now_ms = self.clock.now_ms();
        let (parent, bandwidth) = (&claim.lease_parent, claim.request.bandwidth);
        let mut counted = Counted::by(claim.counted);
        for _ in 0..COUNTED_TRIES {
            let change = switch(claim, vlan, now_ms);
            let mut actions = vec![
                self.fenced_action(claim, change)?,
                self.lease(parent, vlan, &claim.key, bandwidth, counted)?,
            ];
            // What is counted moves along: the new lease has it now.
            let mut freed = self.free(parent, claim.vlan, &claim.key, bandwidth, counted)?;
            freed.truncate(1);
            actions.extend(freed);
            let refusals = match self.transact(actions).await? {
                Write::Done => Vec::new(),
                Write::Refused(refusals) => refusals,
            };
            let mut refusals = refusals.into_iter();
            let mut next = || refusals.next().flatten();
            match (next(), next(), next()) {
                (None, Some(_), _) => return Ok(VlanSwitch::VlanTaken),
                (None, None, Some(old)) => {
                    counted = self.after_refused_lease(&claim.key, counted, Some(old))?;
                    continue;
                }
                (None, None, None) => {}
                (Some(refusal), _, _) => {
                    let found = found(refusal)?;
                    if found.token != claim.token || found.vlan != Some(vlan) {
                        return Ok(VlanSwitch::Lost(Box::new(found)));
                    }
                }
            }
            claim.vlan = vlan;
            claim.call_started_at_ms = now_ms;
            claim.counted = counted == Counted::Yes;
            return Ok(VlanSwitch::Done);
        }
        Err(self.changed_meanwhile())
    }

    async fn fenced(&self, claim: &Claim, change: Change<'_>) -> Result<Recorded, CallError> {
        let to = change.to;
        let refused_by = self.write_fenced(claim, change).await?;
        Ok(recognise(claim, refused_by, |found| found.state == to))
    }

    /// The record that refused the write, if one did.
    async fn write_fenced(
        &self,
        claim: &Claim,
        change: Change<'_>,
    ) -> Result<Option<Record>, CallError> {
        let update = || {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::allocation(&claim.key)))
                .update_expression(change.set)
                .condition_expression(fence(change.from))
                .set_expression_attribute_values(Some(self.values(claim, &change)))
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
        };
        match self.update(update).await? {
            Write::Done => Ok(None),
            Write::Refused(mut refusals) => refusals.pop().flatten().map(found).transpose(),
        }
    }

    /// DynamoDB refuses values that no expression mentions, so each condition brings the states it names.
    fn values(&self, claim: &Claim, change: &Change<'_>) -> Item {
        let mut values: Item = change
            .values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        values.insert(":token".into(), s(claim.token.as_str()));
        values.insert(":to".into(), s(change.to.as_str()));
        values.insert(
            ":entry".into(),
            history::entry(change.to.as_str(), change.detail, self.clock.now_ms()),
        );
        for state in [State::Calling, State::Unresolved] {
            let name = format!(":{}", state.as_str());
            if change.from.contains(&name) {
                values.insert(name, s(state.as_str()));
            }
        }
        values
    }

    fn fenced_action(
        &self,
        claim: &Claim,
        change: Change<'_>,
    ) -> Result<TransactWriteItem, CallError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::allocation(&claim.key)))
            .update_expression(change.set)
            .condition_expression(fence(change.from))
            .set_expression_attribute_values(Some(self.values(claim, &change)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }
}

fn switch(claim: &Claim, vlan: Vlan, now_ms: u64) -> Change<'static> {
    Change {
        set: "SET allocationState = :to, callStartedAtMs = :now, vlan = :vlan, history = list_append(history, :entry)",
        from: "allocationState = :calling AND vlan = :old AND callStartedAtMs = :seen",
        values: vec![
            (":now", n(now_ms)),
            (":seen", n(claim.call_started_at_ms)),
            (":vlan", n(vlan.get())),
            (":old", n(claim.vlan.get())),
        ],
        to: State::Calling,
        detail: None,
    }
}

fn final_change(to: State, outcome: String, at: Timestamp) -> Change<'static> {
    Change {
        set: "SET allocationState = :to, allocationOutcome = :outcome, occurredAtMs = :at, leaseExpiresAtMs = :zero, \
              unfinishedAtMs = :at, history = list_append(history, :entry)",
        from: FROM_OPEN,
        values: vec![
            (":outcome", s(outcome)),
            (":at", n(at.as_ms())),
            (":zero", n(0)),
        ],
        to,
        detail: None,
    }
}

/// The attempt must still own the record, and the record must be where the write may come from.
fn fence(from: &str) -> String {
    format!("claimToken = :token AND {from}")
}

/// A refused write that finds its own token and its own doing in the table succeeded earlier: its answer was lost.
fn recognise(
    claim: &Claim,
    refused_by: Option<Record>,
    is_done: impl Fn(&Record) -> bool,
) -> Recorded {
    match refused_by {
        None => Recorded::Done,
        Some(found) if found.token == claim.token && is_done(&found) => Recorded::Done,
        Some(found) => Recorded::Lost(Box::new(found)),
    }
}

fn found(refusal: Refusal) -> Result<Record, CallError> {
    match refusal.item {
        Some(item) => Record::from_item(&item),
        None => Err(CallError::corrupt(
            "recording an outcome",
            "the allocation record has gone",
        )),
    }
}

/// Our own types, which serde_json always can write.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
