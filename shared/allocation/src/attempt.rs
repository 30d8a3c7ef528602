//! One attempt at one order: validate, claim, allocate, reconcile, record. Publishing is shared by the batch.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use aws::config::Rules;
use aws::failure::CallError;
use aws::trace::TraceHeader;
use futures_util::FutureExt;
use hosted_connection::{Event, Order, Origin, Outcome, ParentConnection, ReceiptStatus};
use ledger::Services;
use ledger::{Claim, Published, Record};

use crate::Deadline;
use crate::chosen::Chosen;
use crate::failure::Failure;
use crate::look::Looks;
use crate::placing::Ground;
use crate::returned::Returned;
use crate::vlan::Choices;

/// An order's final outcome, and its event if that is not out yet.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) outcome: Outcome,
    pub(crate) key_and_parent: Option<(hosted_connection::IdempotencyKey, ParentConnection)>,
    /// What became of the connection since.
    pub(crate) status: ReceiptStatus,
    pub(crate) replayed: bool,
    pub(crate) publication: Option<Publication>,
}

/// An event that has to go out before the order is answered.
#[derive(Debug, Clone)]
pub(crate) struct Publication {
    pub(crate) event: Event,
    /// The record to mark afterwards; none for what is not recorded.
    pub(crate) mark: Option<Published>,
    /// The trace of the delivery; the invocation's, if it has none of its own.
    pub(crate) trace: Option<TraceHeader>,
}

pub(crate) type Decision = Result<Settled, Failure>;

/// What a claim leads to.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
pub(crate) enum Claimed {
    /// Nothing is left to do but to answer.
    Settled(Box<Settled>),
    /// The order is this attempt's.
    Ours { claim: Claim, must_reconcile: bool },
}

/// Everything an attempt goes by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) aws: &'a Services,
    pub(crate) rules: &'a Rules,
    pub(crate) order: &'a Order,
    pub(crate) origin: &'a Origin,
    pub(crate) looks: &'a Looks,
    pub(crate) choices: &'a Choices,
    pub(crate) returned: &'a Returned,
    pub(crate) chosen: &'a Chosen,
    pub(crate) ground: &'a Ground,
    /// Whether the key is likely to have a record.
    pub(crate) may_be_known: bool,
    pub(crate) budget: Budget,
}

impl Attempt<'_> {
    pub(crate) async fn decide(&self) -> Decision {
        self.go_on(self.claim().await?).await
    }

    /// Goes on with an order whose record was found unfinished.
    pub(crate) async fn finish(&self, record: Record) -> Decision {
        let fingerprint = record.fingerprint;
        self.go_on(self.claim_again(record, fingerprint).await?)
            .await
    }

    /// Has `deciding`, which decides this order, end in time. Neither a panic nor a hanging call of it gets out of here.
    ///
    /// Pinned, because it is 24 KB, and each layer around it would move it.
    pub(crate) async fn isolated(
        &self,
        deciding: Pin<&mut (impl Future<Output = Decision> + Send)>,
    ) -> Decision {
        let now_ms = self.now_ms();
        if now_ms >= self.budget.start_by_ms {
            return Err(Failure::no_time());
        }
        let patience = Duration::from_millis(self.budget.order_by_ms.saturating_sub(now_ms));
        let deciding = AssertUnwindSafe(tokio::time::timeout(patience, deciding));
        match deciding.catch_unwind().await {
            Ok(Ok(decision)) => decision,
            Ok(Err(_)) => {
                tracing::warn!(allocation.key = %self.order.key, "an order did not end in time");
                Err(Failure::unknown(1))
            }
            Err(_) => Err(Failure::Defect {
                detail: "the order's own code panicked".into(),
            }),
        }
    }

    pub(crate) async fn go_on(&self, claimed: Claimed) -> Decision {
        match claimed {
            Claimed::Settled(settled) => Ok(*settled),
            Claimed::Ours {
                claim,
                must_reconcile: true,
            } => self.resume(claim).await,
            Claimed::Ours {
                claim,
                must_reconcile: false,
            } => self.call(claim).await,
        }
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.aws.clock.now_ms()
    }

    /// The parent that the order names, or that has been chosen for it.
    pub(crate) fn parent(&self) -> Result<&ParentConnection, CallError> {
        let none = || CallError::corrupt("placing an order", "no parent is chosen");
        self.order.request.parent().ok_or_else(none)
    }

    /// Whether the caller left the parent to us, so that another one may do as well.
    pub(crate) fn chooses_parent(&self) -> bool {
        self.order.request.placement().is_some()
    }

    /// Whether the caller left the VLAN to us, so that another one will do as well.
    pub(crate) fn chooses_vlan(&self) -> bool {
        self.order.request.vlan.is_none()
    }
}

/// How one invocation's time is divided, in milliseconds since the Unix epoch.
///
/// The reserve is a tenth of the time, between a fifth of a second and a second: enough for the few writes that must
/// follow a call that timed out, in long invocations and in short ones.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// After this, no order is started.
    pub(crate) start_by_ms: u64,
    /// A call on Direct Connect ends by then, answered or not.
    pub(crate) call_by_ms: u64,
    /// An order ends by then, whatever hangs.
    pub(crate) order_by_ms: u64,
    /// Publishing ends by then, so that the answer gets out.
    pub(crate) publish_by_ms: u64,
    /// Until then nobody else takes over. Lambda has ended this process well before.
    pub(crate) lease_expires_at_ms: u64,
}

/// Longest wait for AllocateHostedConnection's answer. AWS publishes no figure.
const MAX_CALL: Duration = Duration::from_secs(15);
/// A process that has reached its deadline is gone after this.
const LEASE_MARGIN_MS: u64 = 2000;

impl Budget {
    pub(crate) fn new(now_ms: u64, deadline: Deadline) -> Self {
        let reserve = (deadline.at_ms.saturating_sub(now_ms) / 10).clamp(200, 1000);
        let before = |reserves: u64| deadline.at_ms.saturating_sub(reserves * reserve);
        Self {
            start_by_ms: before(4),
            call_by_ms: before(3),
            order_by_ms: before(2),
            publish_by_ms: before(1),
            lease_expires_at_ms: deadline.at_ms + LEASE_MARGIN_MS,
        }
    }

    /// How long a call on Direct Connect may take from now on; `None` when it had better not be made.
    pub(crate) fn call_timeout(&self, now_ms: u64) -> Option<Duration> {
        let left = self.call_by_ms.saturating_sub(now_ms);
        (left > 0).then(|| MAX_CALL.min(Duration::from_millis(left)))
    }
}
