//! Finding out what became of a call whose answer nobody has: by looking, never by guessing.

use aws::direct_connect::{Parents, ReadError, Readiness};
use aws::failure::{self, CallError};
use aws::metrics::Metric;
use hosted_connection::{Code, ParentConnection, Rejection};
use ledger::{Claim, Recorded};

use crate::attempt::{Attempt, Decision};
use crate::failure::{Failure, seconds_until};
use crate::look::{Look, Looks, Round, not_shown};
use crate::sight::Sight;
use crate::vlan;

/// What is known of a claim's place after its parent has been looked at, and before anything else has.
#[derive(Debug)]
pub(crate) enum Shown {
    /// The parent shows its connections.
    Listed(Look),
    /// Direct Connect refused to list them.
    Refused,
}

impl Attempt<'_> {
    /// Goes on with an allocation whose last call may have taken effect.
    pub(crate) async fn resume(&self, mut claim: Claim) -> Decision {
        let sight = match Box::pin(self.sight_after_settling(&claim)).await {
            Ok(sight) => sight,
            Err(reason) => return self.leave_unresolved(&claim, &reason).await,
        };
        self.count_reconciled(&sight);
        match sight {
            Sight::Ours(connection) => return self.record_adopted(&claim, *connection).await,
            Sight::Unclear => {
                let reason = "a connection is shown that may be its own";
                return self.leave_unresolved(&claim, reason).await;
            }
            // The last call counts as never made, but not so surely that the order may go to another VLAN.
            Sight::Foreign => return self.record_rejected(&claim, vlan::taken(claim.vlan)).await,
            Sight::Absent => {}
        }
        let why = Some("called again after the settle time");
        if let Recorded::Lost(record) = self.aws.ledger.begin_call(&mut claim, why).await? {
            return self.lost(*record);
        }
        self.call(claim).await
    }

    /// What is shown of a claim with an unanswered call; anything but its own connection only once that call can no longer
    /// land. `Err` says why it is not known yet.
    pub(crate) async fn sight_after_settling(&self, claim: &Claim) -> Result<Sight, String> {
        let asked = &claim.parent;
        let began_at_ms = self.now_ms();
        let look = self
            .looks
            .in_round(self.aws, asked, Round::First, Some(claim.vlan));
        let (shown, began_at_ms) = match look.await {
            Ok(look) => {
                let began_at_ms = look.began_at_ms;
                (Shown::Listed(look), began_at_ms)
            }
            Err(ReadError::Refused(_)) => (Shown::Refused, began_at_ms),
            Err(ReadError::Failed(error)) => return Err(error.to_string()),
        };
        // By when the look began: what landed while its answer was under way is not in it. A shared look may have begun
        // before this claim; whatever was called since has moved the moment that the settle time runs from.
        let settled = began_at_ms >= self.settled_at_ms(claim);
        if !settled {
            // Found sooner, it is adopted sooner.
            if let Shown::Listed(look) = &shown
                && let Some(found) = self.found_at_once(claim, look).await?
            {
                return Ok(found);
            }
            return Err("the last call may still land".into());
        }
        let parents = self.looks.parents(self.aws).await;
        let parents = parents.map_err(|error| error.to_string())?;
        let here = self.look_around(claim, &shown, &parents, self.looks).await;
        let here = here.map_err(|error| error.to_string())?;
        if matches!(here, Sight::Ours(_)) {
            return Ok(here);
        }
        // Orders of one run share the list of parents, and it may be older than the look.
        let is_so = self.looks.is_still_so(self.aws, &parents, asked).await;
        if !is_so.map_err(|error| error.to_string())? {
            return Err("the parent has joined or left a LAG a moment ago".into());
        }
        match here {
            Sight::Absent => self.anywhere_else(claim, &shown, &parents).await,
            sight => Ok(sight),
        }
    }

    /// The claim's own connection on its own parent; needs the list of parents only when there is one to compare.
    async fn found_at_once(&self, claim: &Claim, look: &Look) -> Result<Option<Sight>, String> {
        let sight = self.sight_on_own(claim, look).await;
        match sight.map_err(|error| error.to_string())? {
            sight @ Sight::Ours(_) => Ok(Some(sight)),
            Sight::Unclear | Sight::Foreign | Sight::Absent => Ok(None),
        }
    }

    /// What `look` at the claim's own parent shows.
    pub(crate) async fn sight_on_own(
        &self,
        claim: &Claim,
        look: &Look,
    ) -> Result<Sight, CallError> {
        // Without anybody to compare with, first; most often there is nothing that could be taken for its own.
        match self.sight(claim, look, &[]).await? {
            Sight::Ours(_) => {
                let parents = self.looks.parents(self.aws).await?;
                let parents: Vec<_> = parents.ids().cloned().collect();
                self.sight(claim, look, &parents).await
            }
            sight => Ok(sight),
        }
    }

    /// What is shown on the claim's VLAN under all ids of its parent. What `shown`, the first look at it, does not have is
    /// absent only if a second look does not have it either, unless the first was all there is.
    pub(crate) async fn look_around(
        &self,
        claim: &Claim,
        shown: &Shown,
        parents: &Parents,
        looks: &Looks,
    ) -> Result<Sight, CallError> {
        let ids: Vec<_> = parents.ids().cloned().collect();
        let asked = &claim.parent;
        let aliases = parents.aliases(asked);
        let mut is_all = aliases.is_empty();
        let mut sight = Sight::Absent;
        if let Shown::Listed(look) = shown {
            is_all &= look.is_snapshot;
            sight = self.sight(claim, look, &ids).await?;
        } else if parents.shows_its_own(asked) {
            return Err(not_shown(asked));
        }
        for alias in &aliases {
            let there = self.sight_at(claim, alias, parents, (looks, Round::First));
            sight = sight.or(there.await?);
        }
        if is_all || !matches!(sight, Sight::Absent) {
            return Ok(sight);
        }
        for place in std::iter::once(asked).chain(&aliases) {
            let there = self.sight_at(claim, place, parents, (looks, Round::Second));
            sight = sight.or(there.await?);
        }
        Ok(sight)
    }

    async fn sight_at(
        &self,
        claim: &Claim,
        place: &ParentConnection,
        parents: &Parents,
        (looks, round): (&Looks, Round),
    ) -> Result<Sight, CallError> {
        let ids: Vec<_> = parents.ids().cloned().collect();
        let look = looks.place(self.aws, parents, place, (round, Some(claim.vlan)));
        match look.await? {
            Some(look) => self.sight(claim, &look, &ids).await,
            None => Ok(Sight::Absent),
        }
    }

    /// Of a claim whose connection is not where it was asked for: whether it is nowhere else either.
    async fn anywhere_else(
        &self,
        claim: &Claim,
        shown: &Shown,
        parents: &Parents,
    ) -> Result<Sight, String> {
        self.nothing_elsewhere(claim, parents, self.looks).await?;
        let asked = &claim.parent;
        match (shown, parents.readiness(asked)) {
            (Shown::Listed(_), _) => Ok(Sight::Absent),
            (Shown::Refused, Readiness::Gone) => Ok(Sight::Absent),
            (Shown::Refused, Readiness::Ready | Readiness::InTransition)
                if !parents.aliases(asked).is_empty() =>
            {
                Ok(Sight::Absent)
            }
            (Shown::Refused, Readiness::Ready | Readiness::InTransition) => {
                Err(not_shown(asked).to_string())
            }
        }
    }

    /// This attempt's own call ended without an answer. Most often its effect shows at once.
    pub(crate) async fn look_after_unknown(&self, claim: &Claim, reason: &str) -> Decision {
        tracing::warn!(allocation.key = %claim.key, call.error = reason, "a call on Direct Connect has no known outcome");
        let sight = match Look::on(self.aws, &claim.parent, Some(claim.vlan)).await {
            Ok(look) => Box::pin(self.sight_on_own(claim, &look)).await,
            Err(error) => return self.leave_unresolved(claim, &error.to_string()).await,
        };
        let sight = match sight {
            Ok(sight) => sight,
            Err(error) => return self.leave_unresolved(claim, &error.to_string()).await,
        };
        self.count_reconciled(&sight);
        match sight {
            Sight::Ours(connection) => self.record_adopted(claim, *connection).await,
            Sight::Unclear | Sight::Foreign | Sight::Absent => {
                self.leave_unresolved(claim, reason).await
            }
        }
    }

    /// Of a look that was to show what became of a call without an answer.
    pub(crate) fn count_reconciled(&self, sight: &Sight) {
        self.aws.meter.count(match sight {
            Sight::Ours(_) => Metric::ReconciledAdopted,
            Sight::Foreign => Metric::ReconciledForeign,
            Sight::Unclear | Sight::Absent => Metric::ReconciledAbsent,
        });
    }

    /// Gives the claim back with the question open. If that cannot be written, the record still says `calling`, which
    /// means the same to whoever takes over.
    pub(crate) async fn leave_unresolved(&self, claim: &Claim, reason: &str) -> Decision {
        let unknown = Failure::unknown(seconds_until(self.settled_at_ms(claim), self.now_ms()));
        let why = failure::without_words(reason);
        match self.aws.ledger.unresolved(claim, why).await {
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
    pub(crate) fn settled_at_ms(&self, claim: &Claim) -> u64 {
        let settle_ms = u64::try_from(self.rules.settle.as_millis()).unwrap_or(u64::MAX);
        claim.call_started_at_ms.saturating_add(settle_ms)
    }

    /// The final no to an order that Direct Connect refuses.
    pub(crate) async fn record_refusal(&self, claim: &Claim, message: String) -> Decision {
        let rejection = Rejection::new(Code::RefusedByDirectConnect, message);
        self.record_rejected(claim, rejection).await
    }
}
