//! A key that has a record: what that leads to.

use aws::metrics::Metric;
use hosted_connection::{Code, Event, Outcome, ReceiptStatus, Rejection};
use ledger::{KnownKey, Record};

use crate::attempt::{Attempt, Claimed, Publication, Settled};
use crate::failure::Failure;

/// What the record of a key leads to.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
pub(crate) enum ByRecord {
    /// The key is claimed, or its order is settled.
    Claimed(Claimed),
    /// It was set aside before it had a VLAN.
    Parked(Box<Record>),
}

impl Attempt<'_> {
    /// What the key's record leads to.
    pub(crate) fn by_record(&self, known: KnownKey) -> Result<ByRecord, Failure> {
        match known {
            KnownKey::Parked(record) => Ok(ByRecord::Parked(record)),
            KnownKey::TakenOver {
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
                Ok(ByRecord::Claimed(Claimed::Ours {
                    claim,
                    must_reconcile,
                }))
            }
            KnownKey::Replay(record) => Ok(ByRecord::Claimed(Claimed::Settled(Box::new(
                Settled::replay(*record)?,
            )))),
            KnownKey::HeldElsewhere { until_ms } => {
                Err(Failure::in_progress(until_ms, self.now_ms()))
            }
            KnownKey::KeyReused { claimed_at_ms } => Ok(ByRecord::Claimed(Claimed::Settled(
                Box::new(self.key_reused(claimed_at_ms)),
            ))),
            KnownKey::Quarantined => Err(Failure::Defect {
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
}
