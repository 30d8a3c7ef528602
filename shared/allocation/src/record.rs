//! Recording the outcome, before it is published or answered.

use aws::failure::CallError;
use hosted_connection::{
    ClaimToken, Connection, Event, IdempotencyKey, Origin, Outcome, ReceiptStatus, Rejection,
    Timestamp,
};
use ledger::{Claim, Lifecycle, Published, Record, Recorded, State};

use crate::attempt::{Attempt, Decision, Publication, Settled};
use crate::failure::Failure;

impl Attempt<'_> {
    /// Records a connection that a look has shown: an earlier answer never came.
    pub(crate) async fn record_adopted(&self, claim: &Claim, connection: Connection) -> Decision {
        // Lists leave tags out. What was asked for is what they are.
        let tags = connection
            .tags
            .or_else(|| Some(claim.request.tags.as_slice().to_vec()));
        let connection = Connection { tags, ..connection };
        let how = Some("adopted after a lost answer");
        self.record_allocated(claim, connection, how).await
    }

    /// Records that the connection exists; `how` it came about, where Direct Connect did not simply answer with it.
    pub(crate) async fn record_allocated(
        &self,
        claim: &Claim,
        connection: Connection,
        how: Option<&str>,
    ) -> Decision {
        let at = self.aws.clock.timestamp();
        match self.aws.ledger.allocated(claim, &connection, how, at).await {
            Ok(Recorded::Done) => Ok(Settled::from_claim(
                claim,
                Outcome::Allocated(connection),
                at,
            )),
            Ok(Recorded::Lost(record)) => self.lost(*record),
            Err(error) => Err(not_recorded(claim, &error)),
        }
    }

    pub(crate) async fn record_rejected(&self, claim: &Claim, rejection: Rejection) -> Decision {
        let at = self.aws.clock.timestamp();
        match self.aws.ledger.rejected(claim, &rejection, at).await? {
            Recorded::Done => Ok(Settled::from_claim(claim, Outcome::Rejected(rejection), at)),
            Recorded::Lost(record) => self.lost(*record),
        }
    }

    /// Direct Connect answered with a connection that was not asked for. Whatever it is, there must be no second call.
    pub(crate) async fn quarantine(&self, claim: &Claim, connection: &Connection) -> Decision {
        tracing::error!(
            allocation.key = %claim.key,
            hosted_connection.id = connection.connection_id.as_deref(),
            "Direct Connect allocated something else than was asked for; the allocation is quarantined"
        );
        match self
            .aws
            .ledger
            .quarantined(claim, connection, self.aws.clock.timestamp())
            .await
        {
            Ok(Recorded::Done) => Err(Failure::Defect {
                detail: "the allocation is quarantined".into(),
            }),
            Ok(Recorded::Lost(record)) => self.lost(*record),
            Err(error) => Err(not_recorded(claim, &error)),
        }
    }

    /// Somebody else owns the key by now. What they made of it is the answer.
    pub(crate) fn lost(&self, record: Record) -> Decision {
        match record.state {
            State::Allocated | State::Rejected => Settled::replay(record),
            State::Quarantined => Err(Failure::Defect {
                detail: "the allocation is quarantined".into(),
            }),
            State::Calling | State::Unresolved | State::Waiting => Err(Failure::in_progress(
                record.lease_expires_at_ms,
                self.now_ms(),
            )),
        }
    }
}

/// Something exists that is not recorded. The record says `calling`, so the next attempt will look.
fn not_recorded(claim: &Claim, error: &CallError) -> Failure {
    tracing::error!(allocation.key = %claim.key, error = %error, "an allocated connection could not be recorded");
    Failure::unknown(1)
}

impl Settled {
    fn from_claim(claim: &Claim, outcome: Outcome, at: Timestamp) -> Self {
        let publication = publication(
            (claim.key.clone(), claim.token.clone()),
            &claim.request,
            &outcome,
            claim.claimed_at_ms,
            &claim.origin,
            at,
        );
        Self {
            outcome,
            key_and_parent: Some((claim.key.clone(), claim.parent.clone())),
            status: ReceiptStatus::Allocated,
            replayed: false,
            publication: Some(publication),
        }
    }

    /// The same outcome for a further delivery.
    pub(crate) fn again(self) -> Self {
        Self {
            replayed: true,
            ..self
        }
    }

    /// A recorded outcome, reached just now.
    pub(crate) fn first(record: Record) -> Decision {
        Ok(Self {
            replayed: false,
            ..Self::replay(record)?
        })
    }

    /// A recorded outcome. If its event is not known to be out, it goes out now.
    pub(crate) fn replay(record: Record) -> Decision {
        let Some(outcome) = record.outcome else {
            return Err(Failure::Defect {
                detail: "a final record without an outcome".into(),
            });
        };
        let publication = (!record.published).then(|| {
            publication(
                (record.key.clone(), record.token.clone()),
                &record.request,
                &outcome,
                record.claimed_at_ms,
                &record.origin,
                record.occurred_at,
            )
        });
        Ok(Self {
            outcome,
            status: status(&record.lifecycle),
            key_and_parent: record.parent.map(|parent| (record.key, parent)),
            replayed: true,
            publication,
        })
    }
}

/// What a receipt says of the connection's later life.
#[must_use]
pub fn status(lifecycle: &Lifecycle) -> ReceiptStatus {
    match &lifecycle.release {
        None => ReceiptStatus::Allocated,
        Some(release) if release.released_at_ms.is_some() => ReceiptStatus::Released,
        Some(_) => ReceiptStatus::Releasing,
    }
}

fn publication(
    (key, token): (IdempotencyKey, ClaimToken),
    request: &hosted_connection::AllocationRequest,
    outcome: &Outcome,
    claimed_at_ms: u64,
    origin: &Origin,
    at: Timestamp,
) -> Publication {
    let (event, state) = match outcome {
        Outcome::Allocated(connection) => {
            let arn = connection.arn();
            (
                Event::allocated(&key, request, connection, arn, origin, at),
                State::Allocated,
            )
        }
        Outcome::Rejected(rejection) => (
            Event::rejected(&key, request, rejection, claimed_at_ms, origin, at),
            State::Rejected,
        ),
    };
    Publication {
        event,
        mark: Some(Published { key, state, token }),
        trace: None,
    }
}
