//! Releasing: the connection is deleted at Direct Connect, and freed here once it is shown to be gone.
//!
//! Asking twice is harmless, because a connection's id names it for good: so the wish is recorded first, and whoever
//! finds it goes on. It never touches an order that has no final outcome yet, and never allocates.

mod batch;

use allocation::{Deadline, Failure, Looks, is_living, status};
use aws::direct_connect::{Deletion, ReadError};
use aws::ledger::{Record, State};
use aws::{Aws, Meter};
use hosted_connection::{
    Code, Connection, IdempotencyKey, Origin, Receipt, ReceiptStatus, Rejection,
};

use crate::{change, owed};

pub use batch::ReleaseDelivery;

/// Seconds after which Direct Connect may have ended a deletion.
const DELETING_S: u64 = 10;
/// Kept back from the invocation's time for the answer.
const RESERVE_MS: u64 = 500;

/// One request to release.
#[derive(Debug, Clone)]
pub struct Release {
    /// The order's key.
    pub key: IdempotencyKey,
    /// Where the request came from.
    pub origin: Origin,
}

/// What becomes of a release. Match all of it.
#[derive(Debug, Clone)]
pub enum ReleaseAnswer {
    /// The connection is gone, its VLAN is free, and that is published.
    Released {
        /// The order, with the connection as it was last seen.
        receipt: Box<Receipt>,
        /// Whether it was before this request.
        replayed: bool,
    },
    /// Direct Connect is at it. It will be followed to its end without being asked again.
    Releasing {
        /// As above.
        receipt: Box<Receipt>,
        /// When asking again may show more.
        retry_after_s: u64,
    },
    /// No, and nothing has changed: there is no connection, or Direct Connect does not delete it.
    Refused(Rejection),
    /// Not now.
    Failed(Failure),
}

/// Releases hosted connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Releaser {
    aws: Aws,
}

impl Releaser {
    /// A releaser on `aws`.
    #[must_use]
    pub fn new(aws: Aws) -> Self {
        Self { aws }
    }

    /// Where it counts what happens, for what its answers come to at the doors.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.aws.meter
    }

    /// Releases the connection of an order; ends before `deadline`.
    pub async fn release(&self, release: &Release, deadline: Deadline) -> ReleaseAnswer {
        let left_ms = deadline.left_ms(self.aws.clock.now_ms());
        let patience = std::time::Duration::from_millis(left_ms.saturating_sub(RESERVE_MS));
        match tokio::time::timeout(patience, self.decide(release)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(failure)) => ReleaseAnswer::Failed(failure),
            Err(_) => ReleaseAnswer::Failed(Failure::no_time()),
        }
    }

    async fn decide(&self, release: &Release) -> Result<ReleaseAnswer, Failure> {
        let Some(record) = self.aws.ledger.record(&release.key).await? else {
            return Ok(refused(Code::NotFound, "There is no such allocation."));
        };
        match record.state {
            State::Calling | State::Unresolved | State::Waiting => {
                let now_ms = self.aws.clock.now_ms();
                return Err(Failure::in_progress(record.lease_expires_at_ms, now_ms));
            }
            State::Quarantined => {
                return Err(Failure::Defect {
                    detail: "the allocation is quarantined".into(),
                });
            }
            State::Rejected => {
                let message = "The order was rejected; there is no connection to release.";
                return Ok(refused(Code::NotFound, message));
            }
            // First the world has to hear that it was allocated: the order's next delivery, or tracking, says so.
            State::Allocated if !record.published => return Err(Failure::in_progress(0, 0)),
            State::Allocated => {}
        }
        let replayed = status(&record.lifecycle) == ReceiptStatus::Released;
        let at = self.aws.clock.timestamp();
        let requested = change::write(&self.aws, record, |record| {
            change::release_requested(record, &release.origin, at)
        });
        let pursued = self.pursue(requested.await?).await?;
        self.answer(pursued, replayed).await
    }

    /// Goes on with a release that was asked for: deletes, looks, and records what is seen.
    async fn pursue(&self, record: Record) -> Result<Pursued, Failure> {
        match self.delete(&record).await? {
            None => Ok(Pursued::Recorded(record)),
            Some(deletion) => self.settle(record, deletion, &Looks::own()).await,
        }
    }

    /// Asks Direct Connect to delete the connection, if its release is asked for and has not ended.
    pub(crate) async fn delete(&self, record: &Record) -> Result<Option<Deletion>, Failure> {
        let (Some(id), ReceiptStatus::Releasing) =
            (connection_id(record), status(&record.lifecycle))
        else {
            return Ok(None);
        };
        match self.aws.direct_connect.delete(&id).await {
            Deletion::Failed(error) => Err(error.into()),
            deletion @ (Deletion::Accepted | Deletion::Refused { .. }) => Ok(Some(deletion)),
        }
    }

    /// Records what is seen of the connection after `deletion`. No look of `looks` may be from before that.
    pub(crate) async fn settle(
        &self,
        record: Record,
        deletion: Deletion,
        looks: &Looks,
    ) -> Result<Pursued, Failure> {
        let look = match looks.of(&self.aws, &record.request.connection_id).await {
            Ok(look) => look,
            Err(ReadError::Failed(error)) => return Err(error.into()),
            Err(ReadError::Refused(_)) => {
                return Err(Failure::Defect {
                    detail: "Direct Connect does not show the parent of a connection of ours"
                        .into(),
                });
            }
        };
        let at = self.aws.clock.timestamp();
        let id = connection_id(&record);
        let of_id = |connection: &&Connection| connection.connection_id == id;
        let shown = look.connections.iter().find(of_id);
        if let (Some(connection), Deletion::Refused { message }) = (shown, deletion)
            && is_living(connection)
            && change::state_of(shown) != "deleting"
        {
            let withdrawn = change::write(&self.aws, record, |record| {
                change::release_refused(record, at)
            });
            return withdrawn
                .await
                .map(|record| Pursued::Refused { record, message })
                .map_err(Failure::from);
        }
        let written = change::write(&self.aws, record, |record| match shown {
            Some(connection) => change::shown(record, connection, look.began_at_ms, at),
            None => change::vanished(record, look.began_at_ms, at),
        });
        Ok(Pursued::Recorded(written.await?))
    }

    async fn answer(&self, pursued: Pursued, replayed: bool) -> Result<ReleaseAnswer, Failure> {
        let record = match pursued {
            // Somebody else's request may have succeeded meanwhile.
            Pursued::Refused { record, message }
                if status(&record.lifecycle) != ReceiptStatus::Released =>
            {
                owed::publish(&self.aws, vec![record]).await;
                return Ok(refused(Code::RefusedByDirectConnect, message));
            }
            Pursued::Refused { record, .. } | Pursued::Recorded(record) => record,
        };
        let published = owed::publish(&self.aws, vec![record]).await.pop();
        let Some(record) = published.filter(|record| record.lifecycle.owed.is_empty()) else {
            return Err(Failure::not_published());
        };
        let receipt = Box::new(receipt(&record)?);
        match receipt.status {
            ReceiptStatus::Released => Ok(ReleaseAnswer::Released { receipt, replayed }),
            ReceiptStatus::Releasing => Ok(ReleaseAnswer::Releasing {
                receipt,
                retry_after_s: DELETING_S,
            }),
            // Another request was refused and took the wish back, after this one had found it recorded.
            ReceiptStatus::Allocated => Err(Failure::in_progress(0, 0)),
        }
    }
}

/// Where a release stands after one more step.
pub(crate) enum Pursued {
    /// What was seen is recorded.
    Recorded(Record),
    /// Direct Connect said no, and the wish is withdrawn.
    Refused { record: Record, message: String },
}

fn connection_id(record: &Record) -> Option<String> {
    record.connection()?.connection_id.clone()
}

fn refused(code: Code, message: impl Into<String>) -> ReleaseAnswer {
    ReleaseAnswer::Refused(Rejection::new(code, message))
}

fn receipt(record: &Record) -> Result<Receipt, Failure> {
    let Some(connection) = change::last_seen(record) else {
        return Err(Failure::Defect {
            detail: "an allocated record without a connection".into(),
        });
    };
    Ok(Receipt {
        idempotency_key: record.key.clone(),
        status: status(&record.lifecycle),
        parent_connection_id: record.request.connection_id.clone(),
        connection: connection.clone(),
    })
}
