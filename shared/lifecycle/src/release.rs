//! Releasing: the connection is deleted at Direct Connect, and freed here once it is shown to be gone.
//!
//! Asking twice is harmless, because a connection's id names it for good: so the wish is recorded first, and whoever
//! finds it goes on. It never touches an order that has no final outcome yet, and never allocates.

mod batch;
mod pursue;

use std::time::Duration;

use allocation::{Deadline, Failure, status};
use aws::Meter;
use aws::config::Rules;
use hosted_connection::{Code, IdempotencyKey, Origin, Receipt, ReceiptStatus, Rejection};
use ledger::Services;
use ledger::{Record, Refused, State};

use crate::change;
use crate::owed;

pub use batch::ReleaseDelivery;
pub(crate) use pursue::{Asked, Pursued};

/// Seconds after which Direct Connect may have ended a deletion.
const DELETING_S: u64 = 10;
/// A refusal that nobody was told of is told to whoever asks within this time; later the world may have changed.
const TOLD_WITHIN_MS: u64 = 60 * 60 * 1000;
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
    aws: Services,
    /// How long what AWS shows may lag behind what it has done.
    settle: Duration,
}

impl Releaser {
    /// A releaser on `aws` that goes by `rules`.
    #[must_use]
    pub fn new(aws: Services, rules: &Rules) -> Self {
        let settle = rules.settle;
        Self { aws, settle }
    }

    /// Where it counts what happens, for what its answers come to at the doors.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.aws.meter
    }

    /// Releases the connection of an order; ends before `deadline`.
    pub async fn release(&self, release: &Release, deadline: Deadline) -> ReleaseAnswer {
        let left_ms = deadline.left_ms(self.aws.clock.now_ms());
        let patience = Duration::from_millis(left_ms.saturating_sub(RESERVE_MS));
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
        let at = self.aws.clock.timestamp();
        // Refused for good while nobody asked: told once, to whoever asks next.
        if let Some(refused) = self.untold_refusal(&record) {
            change::write(&self.aws, record, change::refusal_told).await?;
            return Ok(refused_release(refused.message));
        }
        // Somebody is moving the connection: that ends within the settle time.
        if record.lifecycle.moving.is_some() {
            return Err(Failure::in_progress(0, 0));
        }
        let replayed = status(&record.lifecycle) == ReceiptStatus::Released;
        let requested = change::write(&self.aws, record, |record| {
            change::release_requested(record, &release.origin, at)
        });
        let pursued = self.pursue(requested.await?).await?;
        self.answer(pursued, replayed).await
    }

    fn untold_refusal(&self, record: &Record) -> Option<Refused> {
        let refused = record.lifecycle.refused_release.clone()?;
        let age_ms = self.aws.clock.now_ms().saturating_sub(refused.at_ms);
        (record.lifecycle.release.is_none() && age_ms < TOLD_WITHIN_MS).then_some(refused)
    }

    async fn answer(&self, pursued: Pursued, replayed: bool) -> Result<ReleaseAnswer, Failure> {
        let record = match pursued {
            // Somebody else's request may have succeeded meanwhile.
            Pursued::Refused { record, message }
                if status(&record.lifecycle) != ReceiptStatus::Released =>
            {
                let record = change::write(&self.aws, record, change::refusal_told).await?;
                owed::publish(&self.aws, vec![record]).await;
                return Ok(refused_release(message));
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

fn refused_release(message: String) -> ReleaseAnswer {
    refused(Code::RefusedByDirectConnect, message)
}

fn refused(code: Code, message: impl Into<String>) -> ReleaseAnswer {
    ReleaseAnswer::Refused(Rejection::new(code, message))
}

fn receipt(record: &Record) -> Result<Receipt, Failure> {
    let seen = change::last_seen(record).zip(record.parent.as_ref());
    let Some((connection, parent)) = seen else {
        return Err(Failure::Defect {
            detail: "an allocated record without a connection".into(),
        });
    };
    Ok(Receipt {
        idempotency_key: record.key.clone(),
        status: status(&record.lifecycle),
        parent_connection_id: parent.clone(),
        connection: connection.clone(),
    })
}
