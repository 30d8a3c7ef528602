//! Going on with a release that was asked for: one deletion, one look, and what that comes to.

use allocation::{Failure, Looks, Whereabouts, is_living, status};
use aws::direct_connect::{Deletion, Readiness};
use hosted_connection::{Connection, ParentConnection, ReceiptStatus};
use ledger::{Record, Refused};

use super::Releaser;
use crate::change::{self, Seen};

/// Stands for the connection's own state while its parent, or the LAG that it is a member of, is being changed.
const PARENT_IN_TRANSITION: &str = "parent in transition";

/// Whether a connection in that state is neither being set up nor being changed; what a list leaves out contradicts nothing.
fn could_be_deleted(state: &str) -> bool {
    matches!(state, "available" | "down" | "ordering" | "")
}

/// How Direct Connect was asked to delete a connection.
#[derive(Debug)]
pub(crate) enum Asked {
    /// It deletes the connection, or has.
    Accepted,
    /// It has just refused to.
    Refused(Refused),
    /// It refused to before; it is not asked again before that is settled.
    Before(Refused),
}

impl Asked {
    fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Accepted => None,
            Self::Refused(refused) | Self::Before(refused) => Some(refused),
        }
    }
}

/// A refusal beside a living connection.
struct Refusal<'a> {
    /// Where the connection is shown.
    parent: &'a ParentConnection,
    refused: &'a Refused,
    /// Whether it is not recorded yet.
    is_new: bool,
    /// When the look began that shows the connection.
    seen_at_ms: u64,
}

/// Where a release stands after one more step.
pub(crate) enum Pursued {
    /// What was seen is recorded.
    Recorded(Record),
    /// Direct Connect said no, and the wish is withdrawn.
    Refused { record: Record, message: String },
}

impl Releaser {
    /// Goes on with a release that was asked for: deletes, looks, and records what is seen.
    pub(super) async fn pursue(&self, record: Record) -> Result<Pursued, Failure> {
        match self.delete(&record).await? {
            None => Ok(Pursued::Recorded(record)),
            Some(asked) => Box::pin(self.settle(record, asked, &Looks::own())).await,
        }
    }

    /// Asks Direct Connect once to delete the connection, if its release is asked for, has not ended, and no refusal of it is
    /// being looked into.
    pub(crate) async fn delete(&self, record: &Record) -> Result<Option<Asked>, Failure> {
        let (Some(id), ReceiptStatus::Releasing) =
            (connection_id(record), status(&record.lifecycle))
        else {
            return Ok(None);
        };
        let refused = record.lifecycle.release.as_ref();
        if let Some(refused) = refused.and_then(|release| release.refused.clone()) {
            return Ok(Some(Asked::Before(refused)));
        }
        match self.aws.direct_connect.delete(&id).await {
            Deletion::Failed(error) => Err(error.into()),
            Deletion::Accepted => Ok(Some(Asked::Accepted)),
            Deletion::Refused { message } => Ok(Some(Asked::Refused(Refused {
                at_ms: self.aws.clock.now_ms(),
                message,
                state: String::new(),
            }))),
        }
    }

    /// Records what is seen of the connection after it was asked for to be deleted. No look of `looks` may be from before
    /// that. A refusal counts only once it is settled: until then AWS may have repeated what it had done, and lists lag behind.
    pub(crate) async fn settle(
        &self,
        record: Record,
        asked: Asked,
        looks: &Looks,
    ) -> Result<Pursued, Failure> {
        let (Some(id), Some(place)) = (connection_id(&record), &record.lease_parent) else {
            return Ok(Pursued::Recorded(record));
        };
        // Boxed, because most often it is found where it was.
        let whereabouts = Box::pin(looks.whereabouts(&self.aws, &id, place));
        let whereabouts = whereabouts.await?;
        let at = self.aws.clock.timestamp();
        let revision = record.revision();
        let seen = |began_at_ms| Seen {
            began_at_ms,
            after_revision: Some(revision),
        };
        let written = match &whereabouts {
            Whereabouts::Shown {
                parent,
                connection,
                began_at_ms,
            } => {
                let state = change::state_of(Some(connection));
                let refused = asked.refused().filter(|_| is_living(connection));
                if let Some(refused) = refused.filter(|_| state != "deleting") {
                    let refusal = Refusal {
                        parent,
                        refused,
                        is_new: matches!(asked, Asked::Refused(_)),
                        seen_at_ms: *began_at_ms,
                    };
                    return Box::pin(self.after_refusal(record, refusal, connection)).await;
                }
                let seen = seen(*began_at_ms);
                let amend = |record: &Record| change::shown(record, connection, seen, at);
                change::write(&self.aws, record, amend).await?
            }
            Whereabouts::Nowhere { began_at_ms } => {
                // A connection that was allocated a moment ago need not be shown yet.
                let shown_by_ms = record.occurred_at.as_ms().saturating_add(self.settle_ms());
                if asked.refused().is_some() && *began_at_ms < shown_by_ms {
                    return Err(self.not_known_yet(shown_by_ms));
                }
                let seen = seen(*began_at_ms);
                let amend = |record: &Record| change::vanished(record, seen, at);
                change::write(&self.aws, record, amend).await?
            }
        };
        Ok(Pursued::Recorded(written))
    }

    /// Direct Connect refused to delete a connection that it still shows as living.
    async fn after_refusal(
        &self,
        record: Record,
        refusal: Refusal<'_>,
        connection: &Connection,
    ) -> Result<Pursued, Failure> {
        let at = self.aws.clock.timestamp();
        let Refusal { refused, .. } = refusal;
        // Read now: what a run shares may be older than the refusal.
        let parents = self.aws.direct_connect.parents().await?;
        let state = match parents.readiness(refusal.parent) {
            Readiness::Ready => change::state_of(Some(connection)),
            Readiness::InTransition | Readiness::Gone => PARENT_IN_TRANSITION,
        };
        let settled_at_ms = refused.at_ms.saturating_add(self.settle_ms());
        if refusal.is_new {
            let refused = Refused {
                state: state.to_owned(),
                ..refused.clone()
            };
            let noted = |record: &Record| change::refusal_noted(record, Some(&refused), at);
            change::write(&self.aws, record, noted).await?;
            return Err(self.not_known_yet(settled_at_ms));
        }
        if refusal.seen_at_ms < settled_at_ms {
            return Err(self.not_known_yet(settled_at_ms));
        }
        // Settled, and it lives. Refused in a state in which it could have been deleted, it was Direct Connect's last word.
        if could_be_deleted(&refused.state) && could_be_deleted(state) {
            let withdrawn = |record: &Record| change::release_refused(record, at);
            let record = change::write(&self.aws, record, withdrawn).await?;
            let message = refused.message.clone();
            return Ok(Pursued::Refused { record, message });
        }
        let again = |record: &Record| change::refusal_noted(record, None, at);
        change::write(&self.aws, record, again).await?;
        Err(self.not_known_yet(at.as_ms()))
    }

    fn settle_ms(&self) -> u64 {
        u64::try_from(self.settle.as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether the connection is being deleted shows at `at_ms`, or soon after.
    fn not_known_yet(&self, at_ms: u64) -> Failure {
        let now_ms = self.aws.clock.now_ms();
        Failure::Ambiguous {
            detail: "Direct Connect did not take the release; whether that is its last word is not known yet."
                .into(),
            retry_after_s: at_ms.saturating_sub(now_ms).div_ceil(1000).max(1),
        }
    }
}

fn connection_id(record: &Record) -> Option<String> {
    record.connection()?.connection_id.clone()
}
