//! Claiming the order's key together with its VLAN, before anything is sent to Direct Connect.

use aws::direct_connect::ReadError;
use aws::ledger::{Claim, ClaimAnswer, Lease, NewClaim, Record};
use aws::metrics::Metric;
use hosted_connection::{Code, Event, Outcome, ReceiptStatus, Rejection, Vlan};

use crate::attempt::{Attempt, Publication, Settled, is_on};
use crate::failure::Failure;
use crate::policy;
use crate::vlan::{self, is_living};

/// Tries at a VLAN whose orphan turns out to be gone.
const ORPHAN_TRIES: usize = 3;

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
        match self.claim_unless_occupied(vlan).await? {
            ClaimAnswer::VlanTaken => self.reject_unclaimed(vlan::taken(vlan)).await,
            answer => self.interpret(answer).await,
        }
    }

    /// What we remember of others' connections may be old, and a rejection is for ever: an orphan is looked for before
    /// its VLAN counts as taken.
    async fn claim_unless_occupied(&self, vlan: Vlan) -> Result<ClaimAnswer, Failure> {
        for _ in 0..ORPHAN_TRIES {
            let orphan = match self.try_claim(vlan).await? {
                ClaimAnswer::OrphanOnVlan(orphan) => orphan,
                answer => return Ok(answer),
            };
            if self.is_occupied(&orphan).await? {
                return Ok(ClaimAnswer::VlanTaken);
            }
            let parent = self.parent();
            self.aws.ledger.forget_orphan(parent, &orphan).await?;
        }
        Err(Failure::in_progress(0, self.now_ms()))
    }

    /// Whether what was last seen on the VLAN still is.
    async fn is_occupied(&self, orphan: &Lease) -> Result<bool, Failure> {
        let connections = match self.aws.direct_connect.connections(self.parent()).await {
            Ok(connections) => connections,
            Err(ReadError::Refused(_)) => {
                tracing::warn!(parent.id = %self.parent(), "Direct Connect does not show the parent");
                return Ok(true);
            }
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        Ok(connections
            .iter()
            .any(|connection| is_living(connection) && is_on(connection, orphan.vlan)))
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
            return self.interpret(answer).await;
        }
        let mut choice = match self.choices.read(self.parent(), || self.choice()).await {
            Ok(choice) => choice,
            Err(ReadError::Refused(message)) => {
                return self
                    .reject_unclaimed(Rejection::new(Code::RefusedByDirectConnect, message))
                    .await;
            }
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        while let Some(vlan) = choice.choose(&self.order.key) {
            match self.claim_unless_occupied(vlan).await? {
                ClaimAnswer::VlanTaken => choice.exclude(vlan),
                answer => return self.interpret(answer).await,
            }
        }
        self.reject_unclaimed(vlan::none_available(self.rules.vlan_range))
            .await
    }

    async fn try_claim(&self, vlan: Vlan) -> Result<ClaimAnswer, Failure> {
        let new = NewClaim {
            order: self.order,
            origin: self.origin,
            vlan,
            patient_until_ms: self.budget.start_by_ms,
            lease_expires_at_ms: self.budget.lease_expires_at_ms,
        };
        Ok(self.aws.ledger.claim(new).await?)
    }

    /// Claims an order again whose record was found unfinished.
    pub(crate) async fn claim_again(&self, record: Record) -> Result<Claimed, Failure> {
        let fingerprint = record.fingerprint;
        let answer = self
            .aws
            .ledger
            .answer(record, fingerprint, self.budget.lease_expires_at_ms)
            .await?;
        self.interpret(answer).await
    }

    async fn interpret(&self, answer: ClaimAnswer) -> Result<Claimed, Failure> {
        match answer {
            ClaimAnswer::Won(claim) => Ok(Claimed::Ours {
                claim,
                must_reconcile: false,
            }),
            ClaimAnswer::TakenOver {
                claim,
                must_reconcile,
            } => {
                self.aws.meter.count(Metric::Takeovers);
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
            ClaimAnswer::KeyReused { claimed_at_ms } => {
                Ok(Claimed::Settled(Box::new(self.key_reused(claimed_at_ms))))
            }
            // Both callers of this look for it first: it ends differently for a chosen VLAN and for a given one.
            ClaimAnswer::VlanTaken | ClaimAnswer::OrphanOnVlan(_) => Err(Failure::Defect {
                detail: "a taken VLAN reached the wrong place".into(),
            }),
            ClaimAnswer::NotForSale(state) => {
                match policy::rejection(&self.order.request, &state) {
                    Some(rejection) => self.reject_unclaimed(rejection).await,
                    // Allowed by the very item that refused it: it has changed meanwhile, or the chosen VLAN is not allowed
                    // by a policy of this moment.
                    None => Err(Failure::in_progress(0, self.now_ms())),
                }
            }
            ClaimAnswer::Quarantined => Err(Failure::Defect {
                detail: "the allocation is quarantined".into(),
            }),
        }
    }

    /// The record of the first request stays as it is, so there is nothing to mark.
    fn key_reused(&self, claimed_at_ms: u64) -> Settled {
        let message = "The idempotency key was used with another request before.";
        let rejection = Rejection::new(Code::IdempotencyKeyReused, message);
        let (order, at) = (self.order, self.aws.clock.timestamp());
        let event = Event::rejected(
            &order.key,
            &order.request,
            &rejection,
            claimed_at_ms,
            self.origin,
            at,
        );
        Settled {
            outcome: Outcome::Rejected(rejection),
            key_and_parent: None,
            status: ReceiptStatus::Allocated,
            replayed: false,
            publication: Some(Publication {
                event,
                mark: None,
                trace: None,
            }),
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
