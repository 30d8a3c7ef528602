//! Claiming the order's key together with its VLAN, before anything is sent to Direct Connect.

use aws::direct_connect::ReadError;
use aws::ledger::{Claim, ClaimAnswer, NewClaim};
use hosted_connection::{Code, Event, Outcome, Rejection, Vlan};

use crate::attempt::{Attempt, Publication, Settled};
use crate::failure::Failure;
use crate::vlan;

/// What a claim leads to.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
pub(crate) enum Claimed {
    /// Nothing is left to do but to answer.
    Settled(Box<Settled>),
    /// The order is this attempt's.
    Ours { claim: Claim, must_reconcile: bool },
}

impl Attempt<'_> {
    pub(crate) async fn claim(&self) -> Result<Claimed, Failure> {
        match self.order.request.vlan {
            Some(vlan) => self.claim_with(vlan).await,
            None => self.claim_with_any_vlan().await,
        }
    }

    async fn claim_with(&self, vlan: Vlan) -> Result<Claimed, Failure> {
        match self.try_claim(vlan).await? {
            ClaimAnswer::VlanTaken => self.reject_unclaimed(vlan::taken(vlan)).await,
            answer => self.interpret(answer),
        }
    }

    /// The key is looked up first: if it has been asked with before, it has its VLAN already.
    async fn claim_with_any_vlan(&self) -> Result<Claimed, Failure> {
        if let Some(record) = self.aws.ledger.record(&self.order.key).await? {
            let fingerprint = self.order.request.fingerprint();
            let answer = self
                .aws
                .ledger
                .answer(record, fingerprint, self.budget.lease_expires_at_ms)
                .await?;
            return self.interpret(answer);
        }
        let mut occupied = match self.occupied_vlans().await {
            Ok(occupied) => occupied,
            Err(ReadError::Refused(message)) => {
                return self
                    .reject_unclaimed(Rejection::new(Code::RefusedByDirectConnect, message))
                    .await;
            }
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        while let Some(vlan) = vlan::choose(self.rules.vlan_range, &occupied, &self.order.key) {
            match self.try_claim(vlan).await? {
                ClaimAnswer::VlanTaken => occupied.insert(vlan),
                answer => return self.interpret(answer),
            };
        }
        self.reject_unclaimed(vlan::none_available(self.rules.vlan_range))
            .await
    }

    async fn try_claim(&self, vlan: Vlan) -> Result<ClaimAnswer, Failure> {
        let new = NewClaim {
            order: self.order,
            origin: self.origin,
            vlan,
            lease_expires_at_ms: self.budget.lease_expires_at_ms,
        };
        Ok(self.aws.ledger.claim(new).await?)
    }

    fn interpret(&self, answer: ClaimAnswer) -> Result<Claimed, Failure> {
        match answer {
            ClaimAnswer::Won(claim) => Ok(Claimed::Ours {
                claim,
                must_reconcile: false,
            }),
            ClaimAnswer::TakenOver {
                claim,
                must_reconcile,
            } => {
                tracing::info!(
                    allocation.key = %claim.key,
                    claim.attempt = claim.attempt,
                    claim.must_reconcile = must_reconcile,
                    "took over an unfinished allocation"
                );
                Ok(Claimed::Ours {
                    claim,
                    must_reconcile,
                })
            }
            ClaimAnswer::Replay(record) => Ok(Claimed::Settled(Box::new(Settled::replay(
                *record, self.rules,
            )?))),
            ClaimAnswer::HeldElsewhere { until_ms } => {
                Err(Failure::in_progress(until_ms, self.now_ms()))
            }
            ClaimAnswer::KeyReused => Ok(Claimed::Settled(Box::new(self.key_reused()))),
            // Both callers of this look for it first: it ends differently for a chosen VLAN and for a given one.
            ClaimAnswer::VlanTaken => Err(Failure::Defect {
                detail: "a taken VLAN reached the wrong place".into(),
            }),
            ClaimAnswer::Quarantined => Err(Failure::Defect {
                detail: "the allocation is quarantined".into(),
            }),
        }
    }

    /// The record of the first request stays as it is, so there is nothing to mark.
    fn key_reused(&self) -> Settled {
        let message = "The idempotency key was used with another request before.";
        let rejection = Rejection::new(Code::IdempotencyKeyReused, message);
        let (order, at) = (self.order, self.aws.clock.timestamp());
        let event = Event::rejected(&order.key, &order.request, &rejection, self.origin, at);
        Settled {
            outcome: Outcome::Rejected(rejection),
            key_and_parent: None,
            replayed: false,
            publication: Some(Publication { event, mark: None }),
        }
    }

    async fn reject_unclaimed(&self, rejection: Rejection) -> Result<Claimed, Failure> {
        match self
            .aws
            .ledger
            .reject_unclaimed(self.order, self.origin, &rejection)
            .await?
        {
            Some(record) => Ok(Claimed::Settled(Box::new(Settled::first(
                record, self.rules,
            )?))),
            // Another delivery of the key was faster; the next one will see what it did.
            None => Err(Failure::in_progress(0, self.now_ms())),
        }
    }
}
