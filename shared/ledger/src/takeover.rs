//! What the record of a key means for a further delivery, and taking over what an earlier attempt left.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::{AllocationRequest, Fingerprint};
use transitions::{Given, Name, State};

use crate::claim::{Claim, KnownKey};
use crate::history::{self, HistoryEntry};
use crate::item::{n, s};
use crate::ledger::Ledger;
use crate::recognise::Found;
use crate::record::Record;
use crate::transact::Write;

/// Rounds of taking over and finding that somebody else just did.
const TAKEOVER_TRIES: usize = 4;

impl Ledger {
    /// What `record` means for a delivery of its key with `request`, which has that `fingerprint`; takes the key over until
    /// `lease_expires_at_ms` if no attempt is at it.
    ///
    /// # Errors
    /// As [`Ledger::claim`].
    pub async fn replay_or_take_over(
        &self,
        mut record: Record,
        request: &AllocationRequest,
        fingerprint: Fingerprint,
        lease_expires_at_ms: u64,
    ) -> Result<KnownKey, CallError> {
        for _ in 0..TAKEOVER_TRIES {
            if !record.is_of(request, fingerprint) {
                let claimed_at_ms = record.claimed_at_ms;
                return Ok(KnownKey::KeyReused { claimed_at_ms });
            }
            let name = match record.state {
                State::Allocated | State::Rejected => {
                    return Ok(KnownKey::Replay(Box::new(record)));
                }
                State::Quarantined => return Ok(KnownKey::Quarantined),
                State::Waiting if record.is_parked() => {
                    return Ok(KnownKey::Parked(Box::new(record)));
                }
                State::Calling | State::Unresolved => Name::TakeOver,
                State::Waiting => Name::TryAgain,
            };
            if !self.may(name, &record) {
                return Ok(KnownKey::HeldElsewhere {
                    until_ms: record.lease_expires_at_ms,
                });
            }
            match self.take_over(name, &record, lease_expires_at_ms).await? {
                TakeOver::Ours(answer) => return Ok(*answer),
                TakeOver::Changed(newer) => record = *newer,
            }
        }
        Err(self.changed_meanwhile())
    }

    /// A conditional write on the token and the state that were seen: whoever else moves first wins.
    async fn take_over(
        &self,
        name: Name,
        seen: &Record,
        lease_expires_at_ms: u64,
    ) -> Result<TakeOver, CallError> {
        let now_ms = self.clock.now_ms();
        let must_reconcile = seen.state != State::Waiting;
        let mut ours = seen.clone();
        ours.token = Self::new_token();
        ours.attempts = seen.attempts.saturating_add(1);
        ours.lease_expires_at_ms = lease_expires_at_ms;
        if must_reconcile {
            ours.state = State::Unresolved;
            ours.unanswered = true;
        } else {
            ours.state = State::Calling;
            ours.call_started_at_ms = now_ms;
        }
        let history = history::with(&seen.history, HistoryEntry::new(now_ms, "taken over"));
        let brought = || {
            vec![
                (Given::SeenToken, s(seen.token.as_str())),
                (Given::SeenState, s(seen.state.as_str())),
                (Given::FreshToken, s(ours.token.as_str())),
                (Given::ClaimEnd, n(lease_expires_at_ms)),
                (Given::Attempts, n(ours.attempts)),
                (Given::KeptStart, n(seen.call_started_at_ms)),
                (Given::FreshStart, n(now_ms)),
                (Given::KeptUnanswered, AttributeValue::Bool(seen.unanswered)),
                (Given::History, history.clone()),
            ]
        };
        let taken = TakeOver::Ours(Box::new(KnownKey::TakenOver {
            claim: Claim::of(&ours)?,
            must_reconcile,
        }));
        let draft = || self.draft(name).record(&seen.key, brought());
        let Write::Refused(mut refusals) = self.commit(draft).await? else {
            return Ok(taken);
        };
        let Some(item) = refusals.record().and_then(|refusal| refusal.item) else {
            return Err(self.changed_meanwhile());
        };
        Ok(match self.recognise(name, &item, &brought())? {
            Found::Own(_) => taken,
            Found::Other(found) => TakeOver::Changed(Box::new(found)),
        })
    }
}

enum TakeOver {
    Ours(Box<KnownKey>),
    Changed(Box<Record>),
}
