//! The one call that allocates, and what each of its ends leads to.

use aws::direct_connect::{Allocation, ReadError};
use aws::failure::CallError;
use aws::ledger::{Claim, Recorded, VlanSwitch};
use hosted_connection::{Code, Rejection};

use crate::attempt::{Attempt, Decision, is_as_asked};
use crate::failure::Failure;
use crate::reconcile::Sight;
use crate::vlan;

/// A call is sent within this time of the moment noted in its record, or the moment is noted anew: whoever takes over
/// counts the settle time from there.
const SEND_WINDOW_MS: u64 = 1000;

/// What follows a refusal.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
enum AfterRefusal {
    CallAgain(Claim),
    End(Decision),
}

impl Attempt<'_> {
    /// Calls Direct Connect for a claim whose record says `calling`. Sends once; again only after a definite refusal
    /// of a VLAN that was ours to choose.
    pub(crate) async fn call(&self, mut claim: Claim) -> Decision {
        loop {
            while self.now_ms().saturating_sub(claim.call_started_at_ms) > SEND_WINDOW_MS {
                if let Recorded::Lost(record) = self.aws.ledger.begin_call(&mut claim).await? {
                    return self.lost(*record);
                }
            }
            let Some(timeout) = self.budget.call_timeout(self.now_ms()) else {
                return self.give_back(&claim, Failure::no_time()).await;
            };
            let refusal = match self
                .aws
                .direct_connect
                .allocate(&claim.request, claim.vlan, timeout)
                .await
            {
                Allocation::Applied(connection) if is_as_asked(&claim, &connection) => {
                    return self.record_allocated(&claim, *connection).await;
                }
                Allocation::Applied(connection) => {
                    return self.quarantine(&claim, &connection).await;
                }
                Allocation::NotApplied(error) => return self.not_applied(&claim, error).await,
                Allocation::Unknown { reason } => {
                    return self.look_after_unknown(&claim, &reason).await;
                }
                Allocation::Refused { message } => message,
            };
            match self.refused(claim, refusal).await {
                AfterRefusal::CallAgain(moved) => claim = moved,
                AfterRefusal::End(decision) => return decision,
            }
        }
    }

    async fn not_applied(&self, claim: &Claim, error: CallError) -> Decision {
        self.give_back(claim, error.into()).await
    }

    /// The record says `waiting` from here on. If it cannot, its lease runs out instead.
    async fn give_back(&self, claim: &Claim, failure: Failure) -> Decision {
        match self.aws.ledger.waiting(claim).await {
            Ok(Recorded::Done) => Err(failure),
            Ok(Recorded::Lost(record)) => self.lost(*record),
            Err(error) => {
                tracing::warn!(allocation.key = %claim.key, error = %error, "could not give the claim back");
                Err(failure)
            }
        }
    }

    /// Direct Connect said no. Why is not in its words, but in what it shows on the parent.
    async fn refused(&self, claim: Claim, message: String) -> AfterRefusal {
        let sight = match self.look(&claim).await {
            Ok(sight) if claim.unanswered => {
                self.count_reconciled(&sight);
                sight
            }
            Ok(sight) => sight,
            // What refused us may be our own earlier call.
            Err(error) if claim.unanswered => {
                let unseen = self.leave_unresolved(&claim, &error.to_string()).await;
                return AfterRefusal::End(unseen);
            }
            // Another VLAN might have done.
            Err(ReadError::Failed(error)) if self.chooses_vlan() => {
                return AfterRefusal::End(self.not_applied(&claim, error).await);
            }
            // The refusal stands, whatever is on the VLAN.
            Err(ReadError::Failed(_) | ReadError::Refused(_)) => Sight::Absent,
        };
        match sight {
            // An earlier call had landed after all, and is what this one ran into.
            Sight::Ours(connection) if claim.unanswered => {
                AfterRefusal::End(self.record_allocated(&claim, *connection).await)
            }
            // No call of this key can have made it, however much it looks as asked.
            Sight::Ours(_) | Sight::Foreign => self.vlan_occupied(claim).await,
            Sight::Absent => {
                let rejection = Rejection::new(Code::RefusedByDirectConnect, message);
                AfterRefusal::End(self.record_rejected(&claim, rejection).await)
            }
        }
    }

    /// Somebody else's connection has the VLAN: a given VLAN is a final no, a chosen one is chosen anew. Not, however,
    /// after a call without an answer: should it land after all, it would be a second connection.
    async fn vlan_occupied(&self, mut claim: Claim) -> AfterRefusal {
        if !self.chooses_vlan() || claim.unanswered {
            let rejection = vlan::taken(claim.vlan);
            return AfterRefusal::End(self.record_rejected(&claim, rejection).await);
        }
        match self.choose_anew(&mut claim).await {
            Ok(None) => AfterRefusal::CallAgain(claim),
            Ok(Some(decision)) => AfterRefusal::End(decision),
            Err(failure) => AfterRefusal::End(self.give_back(&claim, failure).await),
        }
    }

    /// Moves the claim to another VLAN. `Some` ends the attempt.
    async fn choose_anew(&self, claim: &mut Claim) -> Result<Option<Decision>, Failure> {
        let mut choice = match self.choice().await {
            Ok(choice) => choice,
            Err(ReadError::Refused(message)) => {
                return Ok(Some(
                    self.record_rejected(
                        claim,
                        Rejection::new(Code::RefusedByDirectConnect, message),
                    )
                    .await,
                ));
            }
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        choice.exclude(claim.vlan);
        while let Some(vlan) = choice.choose(&claim.key) {
            match self.aws.ledger.switch_vlan(claim, vlan).await? {
                VlanSwitch::Done => return Ok(None),
                VlanSwitch::VlanTaken => choice.exclude(vlan),
                VlanSwitch::Lost(record) => return Ok(Some(self.lost(*record))),
            }
        }
        Ok(Some(
            self.record_rejected(claim, vlan::none_available(self.rules.vlan_range))
                .await,
        ))
    }

    /// How it would be without [`aws::Safeguard::SameVlan`].
    pub(crate) async fn call_with_another_vlan(&self, mut claim: Claim) -> Decision {
        match self.choose_anew(&mut claim).await? {
            None => Box::pin(self.call(claim)).await,
            Some(decision) => decision,
        }
    }
}
