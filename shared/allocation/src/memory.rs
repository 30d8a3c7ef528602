//! Choosing a VLAN by what tracking remembers of the parent, instead of a look (`VLAN_MEMORY_SECONDS`, ADR 33): of the parent
//! that the order names, or of a candidate of an order by place.
//!
//! What is remembered is old. Two orders that choose the same VLAN are kept apart by the claim, as always. What somebody did
//! by hand since is not known here: Direct Connect refuses the call, and the order looks and chooses anew, as after any
//! refusal. That no VLAN is free is never concluded from memory; a look decides.

use hosted_connection::ParentConnection;
use ledger::{ClaimAnswer, Memory, Recalled, Record};

use crate::attempt::{Attempt, Claimed};
use crate::claim::{ByRecord, Tried};
use crate::failure::Failure;
use crate::policy;
use crate::vlan::Choice;

/// VLANs that an order tries by memory. After that, so much has changed that a look costs less.
const TRIES: usize = 4;

/// What is remembered of an order's place.
#[derive(Debug, Clone)]
pub(crate) struct Remembered {
    /// The LAG, where the parent is a member of one; else the parent.
    pub(crate) place: ParentConnection,
    pub(crate) choice: Choice,
    /// When the older of its looks began.
    pub(crate) looked_at_ms: u64,
}

impl Attempt<'_> {
    /// Claims the order with a VLAN chosen by memory; with one chosen by a look where nothing is remembered, or nothing of
    /// it is free any more.
    pub(crate) async fn claim_by_memory(&self) -> Result<Claimed, Failure> {
        let ledger = &self.aws.ledger;
        let mut recalled = ledger.recall(Some(&self.order.key), self.parent()?).await?;
        // If the key has been asked with before, it has its VLAN already.
        if let Some(record) = recalled.record.take() {
            let fingerprint = self.order.request.fingerprint();
            return self.claim_again(record, fingerprint).await;
        }
        if let Some(remembered) = self.remembered(recalled).await?
            && let Some(claimed) = self.claim_remembered(&remembered).await?
        {
            return Ok(claimed);
        }
        self.claim_with_any_vlan(None).await
    }

    /// What there is to choose from, if all of it is young enough.
    async fn remembered(&self, recalled: Recalled) -> Result<Option<Remembered>, Failure> {
        let parent = self.parent()?;
        let Some(memory) = recalled.memory.filter(|memory| self.is_young(memory)) else {
            return Ok(None);
        };
        let mut looked_at_ms = memory.looked_at_ms;
        let mut choice = Choice::among(self.rules, memory.in_use, recalled.policy);
        let Some(lag) = recalled.lag else {
            return Ok(Some(Remembered {
                place: parent.clone(),
                choice,
                looked_at_ms,
            }));
        };
        let there = self.aws.ledger.recall(None, &lag).await?;
        let Some(memory) = there.memory.filter(|memory| self.is_young(memory)) else {
            return Ok(None);
        };
        looked_at_ms = looked_at_ms.min(memory.looked_at_ms);
        choice.and(Choice::among(self.rules, memory.in_use, there.policy));
        Ok(Some(Remembered {
            place: lag,
            choice,
            looked_at_ms,
        }))
    }

    /// By this process's clock. What was seen in its future is not gone by: nobody can tell how old it is.
    pub(crate) fn is_young(&self, memory: &Memory) -> bool {
        let age_ms = self.now_ms().checked_sub(memory.looked_at_ms);
        age_ms.is_some_and(|age_ms| u128::from(age_ms) <= self.rules.vlan_memory.as_millis())
    }

    /// `None`: a look has to say what is free.
    async fn claim_remembered(&self, remembered: &Remembered) -> Result<Option<Claimed>, Failure> {
        match self.try_remembered(remembered, None).await? {
            Tried::Claimed(claimed) => Ok(Some(claimed)),
            // Another delivery set it aside meanwhile; the next one goes on from there.
            Tried::Parked(_) => Err(Failure::in_progress(0, self.now_ms())),
            Tried::VlanTaken => Ok(None),
            Tried::NotForSale(state) => match policy::rejection(&self.order.request, &state) {
                Some(_) => Ok(Some(self.not_for_sale(&state, None).await?)),
                // The policy does not allow this VLAN any more.
                None => Ok(None),
            },
        }
    }

    /// Tries to claim the order with VLANs that are free by `remembered`. [`Tried::VlanTaken`]: none of those tried was free
    /// any more, and a look has to say what is.
    pub(crate) async fn try_remembered(
        &self,
        remembered: &Remembered,
        parked: Option<&Record>,
    ) -> Result<Tried, Failure> {
        for _ in 0..TRIES {
            let chosen = self.chosen.choose(
                &remembered.place,
                remembered.choice.clone(),
                remembered.looked_at_ms,
                &self.order.key,
                self.now_ms(),
            );
            let Some(vlan) = chosen else {
                break;
            };
            match self.try_claim(vlan, parked).await? {
                ClaimAnswer::Won(claim) => {
                    return Ok(Tried::Claimed(Claimed::Ours {
                        claim,
                        must_reconcile: false,
                    }));
                }
                ClaimAnswer::Known(known) => {
                    return Ok(match self.by_record(known)? {
                        ByRecord::Claimed(claimed) => Tried::Claimed(claimed),
                        ByRecord::Parked(record) => Tried::Parked(record),
                    });
                }
                // Somebody has taken it since, and this process does not choose it again.
                ClaimAnswer::VlanTaken | ClaimAnswer::OrphanOnVlan(_) => {}
                ClaimAnswer::NotForSale(state) => return Ok(Tried::NotForSale(state)),
            }
        }
        Ok(Tried::VlanTaken)
    }
}
