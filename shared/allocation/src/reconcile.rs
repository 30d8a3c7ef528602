//! Finding out what became of a call whose answer nobody has: by looking at the parent, never by guessing.

use aws::Safeguard;
use aws::direct_connect::ReadError;
use aws::ledger::{Claim, Recorded};
use aws::metrics::Metric;
use hosted_connection::Connection;

use crate::attempt::{Attempt, Decision, is_as_asked, is_on};
use crate::failure::{Failure, seconds_until};
use crate::look::Look;
use crate::vlan::{self, is_living};

/// What Direct Connect shows on the claim's VLAN.
pub(crate) enum Sight {
    /// A connection as this key asked for.
    Ours(Box<Connection>),
    /// Only somebody else's.
    Foreign,
    /// None.
    Absent,
}

/// What `look` shows on the claim's VLAN.
fn sight(claim: &Claim, look: &Look) -> Sight {
    let on_vlan = |connection: &&Connection| is_living(connection) && is_on(connection, claim.vlan);
    let mut sight = Sight::Absent;
    for connection in look.connections.iter().filter(on_vlan) {
        if is_as_asked(claim, connection) {
            return Sight::Ours(Box::new(connection.clone()));
        }
        sight = Sight::Foreign;
    }
    sight
}

impl Attempt<'_> {
    /// Looks at all connections on the parent, whatever page they are on; now, because this attempt has just called.
    pub(crate) async fn look(&self, claim: &Claim) -> Result<Sight, ReadError> {
        let look = Look::now(self.aws, &claim.request.connection_id).await?;
        Ok(sight(claim, &look))
    }

    /// Goes on with an allocation whose last call may have taken effect.
    pub(crate) async fn resume(&self, mut claim: Claim) -> Decision {
        let look = match self.looks.of(self.aws, &claim.request.connection_id).await {
            Ok(look) => look,
            Err(error) => return self.leave_unresolved(&claim, &error.to_string()).await,
        };
        // By when the look began: what landed while its answer was under way is not in it. A shared look may have begun
        // before this claim; whatever was called since has moved the moment that the settle time runs from.
        let settled = look.began_at_ms >= self.settled_at_ms(&claim);
        let sight = sight(&claim, &look);
        self.count_reconciled(&sight);
        if let Sight::Ours(connection) = sight {
            return self.record_allocated(&claim, *connection).await;
        }
        if !settled && self.rules.keep(Safeguard::SettleTime) {
            return self
                .leave_unresolved(&claim, "the last call may still land")
                .await;
        }
        // The last call counts as never made, but not so surely that the order may go to another VLAN.
        if let Sight::Foreign = sight {
            return self.record_rejected(&claim, vlan::taken(claim.vlan)).await;
        }
        if let Recorded::Lost(record) = self.aws.ledger.begin_call(&mut claim).await? {
            return self.lost(*record);
        }
        if self.chooses_vlan() && !self.rules.keep(Safeguard::SameVlan) {
            return self.call_with_another_vlan(claim).await;
        }
        self.call(claim).await
    }

    /// This attempt's own call ended without an answer. Most often its effect shows at once.
    pub(crate) async fn look_after_unknown(&self, claim: &Claim, reason: &str) -> Decision {
        tracing::warn!(allocation.key = %claim.key, call.error = reason, "a call on Direct Connect has no known outcome");
        let sight = match self.look(claim).await {
            Ok(sight) => sight,
            Err(error) => return self.leave_unresolved(claim, &error.to_string()).await,
        };
        self.count_reconciled(&sight);
        match sight {
            Sight::Ours(connection) => self.record_allocated(claim, *connection).await,
            Sight::Foreign | Sight::Absent => self.leave_unresolved(claim, reason).await,
        }
    }

    /// Of a look that was to show what became of a call without an answer.
    pub(crate) fn count_reconciled(&self, sight: &Sight) {
        self.aws.meter.count(match sight {
            Sight::Ours(_) => Metric::ReconciledAdopted,
            Sight::Foreign => Metric::ReconciledForeign,
            Sight::Absent => Metric::ReconciledAbsent,
        });
    }

    /// Gives the claim back with the question open. If that cannot be written, the record still says `calling`, which
    /// means the same to whoever takes over.
    pub(crate) async fn leave_unresolved(&self, claim: &Claim, reason: &str) -> Decision {
        let unknown = Failure::unknown(seconds_until(self.settled_at_ms(claim), self.now_ms()));
        match self.aws.ledger.unresolved(claim).await {
            Ok(Recorded::Done) => {
                tracing::info!(allocation.key = %claim.key, allocation.reason = reason, "left unresolved");
                Err(unknown)
            }
            Ok(Recorded::Lost(record)) => self.lost(*record),
            Err(error) => {
                tracing::warn!(allocation.key = %claim.key, error = %error, "could not give the claim back");
                Err(unknown)
            }
        }
    }

    /// When the last call can no longer land.
    fn settled_at_ms(&self, claim: &Claim) -> u64 {
        let settle_ms = u64::try_from(self.rules.settle.as_millis()).unwrap_or(u64::MAX);
        claim.call_started_at_ms.saturating_add(settle_ms)
    }
}
