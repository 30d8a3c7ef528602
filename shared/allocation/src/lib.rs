//! The flow that makes one order exactly one hosted connection, on an API that cannot promise it.
//!
//! Modules in the order in which an order runs through them. Everything AWS-specific is `aws`'s business, everything
//! about envelopes and answers the functions'.

mod admission;
mod answered;
mod validate;

mod choice;
mod chosen;
mod claim;
mod memory;
mod placing;
mod policy;
mod vlan;

mod allocate;

mod elsewhere;
mod look;
mod reconcile;
mod sight;
mod whereabouts;

mod record;

mod publish;

mod attempt;
mod batch;
mod brake;
mod dry_run;
mod end;
mod failure;
mod finish;
mod resolve;
mod returned;

use aws::Meter;
use aws::config::Rules;
use aws::trace::TraceHeader;
use hosted_connection::{InvalidRequest, Order, Origin, Receipt, Rejection};
use ledger::Services;
use placing::Ground;

use answered::Answered;
use chosen::Chosen;

pub use admission::{Admission, Admitted};
pub use brake::Brake;
pub use dry_run::{CandidateForecast, DryRun, Forecast};
pub use elsewhere::look_alike_elsewhere;
pub use end::Ended;
pub use failure::{Failure, Later};
pub use finish::Finished;
pub use look::{JUST_ALLOCATED_MS, Look, Looks, Round};
pub use placing::used_mbps;
pub use record::status;
pub use resolve::Taken;
pub use vlan::{is_living, vlan_of};
pub use whereabouts::Whereabouts;

/// Drives orders to their end. Cheap to clone; one per process.
#[derive(Debug, Clone)]
pub struct Allocator {
    aws: Services,
    rules: Rules,
    chosen: Chosen,
    ground: Ground,
    answered: Answered,
}

/// One order as a door received it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The order, or everything that is wrong with it.
    pub order: Result<Order, InvalidRequest>,
    /// Which door, and which message or request.
    pub origin: Origin,
    /// FIFO message group: its deliveries run one after the other, and none after one that has to come again.
    pub group: Option<String>,
    /// The trace that it was sent in, where that is another one than the invocation's.
    pub trace: Option<TraceHeader>,
    /// Whether its door says that it was delivered before, so that its key is likely to have a record.
    pub comes_again: bool,
    /// Why it cannot be begun, where the door knows it already: it has to come again, as one that was tried in vain.
    pub held: Option<Box<Failure>>,
}

/// When the invocation ends, by Lambda's own word.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    at_ms: u64,
}

impl Deadline {
    /// A deadline in milliseconds since the Unix epoch.
    #[must_use]
    pub fn at_ms(at_ms: u64) -> Self {
        Self { at_ms }
    }

    /// Milliseconds until then, counted from `now_ms`.
    #[must_use]
    pub fn left_ms(self, now_ms: u64) -> u64 {
        self.at_ms.saturating_sub(now_ms)
    }
}

/// What becomes of a delivery. Match all of it.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
#[derive(Debug, Clone)]
pub enum Answer {
    /// The connection exists, its record is written and its event is out.
    Allocated {
        /// What the caller gets, the same on every delivery.
        receipt: Receipt,
        /// Whether an earlier delivery had done it.
        replayed: bool,
    },
    /// No, for good, and published.
    Rejected(Rejection),
    /// No final answer yet: deliver it again.
    Failed(Failure),
}

impl Answer {
    /// Whether nothing about this delivery can change any more.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Allocated { .. } | Self::Rejected(_) => true,
            Self::Failed(_) => false,
        }
    }
}

impl Allocator {
    /// A flow on `aws` that goes by `rules`.
    #[must_use]
    pub fn new(aws: Services, rules: Rules) -> Self {
        Self {
            aws,
            rules,
            chosen: Chosen::default(),
            ground: Ground::default(),
            answered: Answered::default(),
        }
    }

    /// Where the flow counts what happens, for what its answers come to at the doors.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.aws.meter
    }

    /// Runs `deliveries` side by side and answers each, in their order.
    ///
    /// Deliveries of one key run one after the other, and equal ones do the work once. A panic, an error or a hanging
    /// call of one never touches its neighbours; once Direct Connect throttles one, though, no further one is begun. All results are published together before any is answered, and all
    /// of it ends before `deadline`; what could not is answered as [`Answer::Failed`].
    pub async fn run(&self, deliveries: Vec<Delivery>, deadline: Deadline) -> Vec<Answer> {
        batch::run(self, deliveries, deadline).await
    }
}
