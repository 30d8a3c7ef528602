//! Ending an order that would never end by itself: a person says so, with a reason.
//!
//! The same claim, the same look and the same record as for any other rejection. What may still become a connection is not
//! ended, whoever asks for it.

use std::time::Duration;

use hosted_connection::{Code, Outcome, Rejection};
use ledger::{Record, State};

use crate::attempt::{Attempt, Budget, Claimed, Decision};

use crate::failure::Failure;
use crate::look::Looks;
use crate::returned::Returned;
use crate::sight::Sight;
use crate::vlan::Choices;
use crate::{Allocator, Answer, Deadline, publish};

/// What became of an order that was to be ended.
#[derive(Debug, Clone)]
pub enum Ended {
    /// It is rejected, and that is published.
    Rejected(Rejection),
    /// It is quarantined as before: an earlier call of it may still take effect. It is worth asking again after so many seconds.
    Settling {
        /// That many.
        left_s: u64,
    },
    /// It is as it was, for this reason.
    Kept(String),
}

impl Allocator {
    /// Rejects an order that has no final outcome, for `reason`, unless Direct Connect shows what may be its connection, a
    /// call of it may still land, or somebody is at it. One in quarantine is rejected whatever is shown: a person has looked. What was
    /// rejected for the same reason before is done.
    ///
    /// # Errors
    /// Something could not be read, written or published before `deadline`.
    pub async fn end(
        &self,
        record: Record,
        reason: &str,
        deadline: Deadline,
    ) -> Result<Ended, Failure> {
        let message = format!("{reason} (ended by an operator)");
        let rejection = Rejection::new(Code::RefusedByDirectConnect, message);
        match record.state {
            State::Rejected if rejection_of(&record) == Some(&rejection) => {
                Box::pin(self.tell(record, deadline)).await?;
                return Ok(Ended::Rejected(rejection));
            }
            State::Allocated | State::Rejected => {
                return Ok(Ended::Kept("it has its final outcome".into()));
            }
            State::Quarantined => {
                let rejecting = self.reject_quarantined(record, &rejection, deadline);
                return Box::pin(rejecting).await;
            }
            State::Calling | State::Unresolved | State::Waiting => {}
        }
        let budget = Budget::new(self.aws.clock.now_ms(), deadline);
        let (order, origin) = (record.order(), record.origin.clone());
        let (looks, choices, returned) = (Looks::own(), Choices::default(), Returned::default());
        let attempt = Attempt {
            aws: &self.aws,
            rules: &self.rules,
            order: &order,
            origin: &origin,
            looks: &looks,
            choices: &choices,
            returned: &returned,
            chosen: &self.chosen,
            ground: &self.ground,
            may_be_known: true,
            budget,
        };
        let decision = match attempt.end(record, rejection).await {
            Ok(decision) => decision,
            Err(Kept::Failed(failure)) => return Err(failure),
            Err(Kept::Because(why)) => return Ok(Ended::Kept(why)),
        };
        let left_ms = budget.publish_by_ms.saturating_sub(self.aws.clock.now_ms());
        let patience = Duration::from_millis(left_ms);
        let answers = publish::publish(&self.aws, vec![decision], patience).await;
        match answers.into_iter().next() {
            Some(Answer::Rejected(rejection)) => Ok(Ended::Rejected(rejection)),
            Some(Answer::Allocated { .. }) => {
                Ok(Ended::Kept("it was allocated at this very moment".into()))
            }
            Some(Answer::Failed(failure)) => Err(failure),
            None => Err(Failure::not_published()),
        }
    }
}

/// The final no that is recorded.
pub(crate) fn rejection_of(record: &Record) -> Option<&Rejection> {
    match &record.outcome {
        Some(Outcome::Rejected(rejection)) => Some(rejection),
        Some(Outcome::Allocated(_)) | None => None,
    }
}

/// Why an order was not ended.
enum Kept {
    Failed(Failure),
    Because(String),
}

impl<E: Into<Failure>> From<E> for Kept {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Attempt<'_> {
    async fn end(&self, record: Record, rejection: Rejection) -> Result<Decision, Kept> {
        if record.is_parked() {
            let claimed = self.reject_unclaimed(rejection, Some(&record)).await?;
            return Ok(self.go_on(claimed).await);
        }
        let fingerprint = record.fingerprint;
        let claim = match self.claim_again(record, fingerprint).await? {
            Claimed::Settled(settled) => return Ok(Ok(*settled)),
            Claimed::Ours { claim, .. } => claim,
        };
        // Without an unanswered call there is nothing that could have become a connection.
        if claim.unanswered {
            let seen = match self.sight_after_settling(&claim).await {
                Ok(Sight::Foreign | Sight::Absent) => None,
                Ok(Sight::Ours(_) | Sight::Unclear) => {
                    Some("Direct Connect shows what may be its connection".to_owned())
                }
                Err(reason) => Some(reason),
            };
            if let Some(why) = seen {
                // As it was, for whoever comes next.
                let _ = self.leave_unresolved(&claim, &why).await;
                return Err(Kept::Because(why));
            }
        }
        Ok(self.record_rejected(&claim, rejection).await)
    }
}
