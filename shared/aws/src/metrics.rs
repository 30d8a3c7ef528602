//! What is counted, and its figures in CloudWatch's embedded metric format: a line of JSON on standard output, which
//! Lambda's log becomes metrics of. No call is made.
//!
//! A process counts for all of its invocations together, and each of them takes along, when it ends, what is there: so
//! no figure is lost and none is told twice, however many run side by side.

mod document;
mod tally;
mod watch;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use hosted_connection::{Origin, Timestamp};

use crate::invocation::Invocation;
use tally::Tally;

pub use watch::Watch;

/// An enum of metrics whose names are those that CloudWatch has.
macro_rules! metrics {
    ($(#[$doc:meta])* $metrics:ident { $($(#[$of:meta])* $name:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $metrics { $($(#[$of])* $name,)* }

        impl $metrics {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// CloudWatch's name for it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }
        }
    };
}

metrics! {
    /// What is counted without dimensions.
    Metric {
        /// Something of ours to mend was met.
        Defects,
        /// An event of our own came in as if it were a request, and was left alone.
        OwnEvents,
        /// An order that another attempt had left unfinished was taken over.
        Takeovers,
        /// A look at the parent showed what an unanswered call had allocated.
        ReconciledAdopted,
        /// A look at the parent did not show it.
        ReconciledAbsent,
        /// A look at the parent showed somebody else's connection in its place.
        ReconciledForeign,
        /// An event is not known to be out.
        PublishFailures,
        /// Direct Connect asked for fewer requests.
        DirectConnectThrottles,
        /// DynamoDB did.
        DynamoDBThrottles,
        /// EventBridge did.
        EventBridgeThrottles,
        /// The first invocation of a process.
        ColdStarts,
        /// The connection is gone.
        CompletedReleases,
        /// Direct Connect is at it.
        PendingReleases,
        /// A final no to a release.
        RejectedReleases,
        /// A release that has to come again.
        ReturnedReleases,
        /// Allocations that a run of tracking finished.
        FinishedAllocations,
        /// Those that it left unfinished.
        UnfinishedAllocations,
        /// Those of them that have been for too long.
        StuckAllocations,
        /// Those that a person has to look at.
        QuarantinedAllocations,
        /// Changes of state that it saw.
        StateChanges,
        /// Connections that no record knows.
        OrphanConnections,
        /// Connections that Direct Connect does not show any more.
        GhostConnections,
        /// Parents that it did not get to.
        ParentsLeftOut,
        /// How long the oldest of the unfinished allocations has been that, in seconds.
        OldestUnfinishedSeconds,
        /// A run of tracking that ended.
        TrackRuns,
    }
}

metrics! {
    /// What becomes of an order at its door; counted by door.
    OrderMetric {
        /// It has its connection, since just now.
        AllocatedOrders,
        /// It had it before.
        ReplayedOrders,
        /// A final no.
        RejectedOrders,
        /// Handed back, certainly not applied.
        ReturnedOrders,
        /// Handed back, and may have been applied.
        UnknownOutcomes,
    }
}

/// The services that are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// AWS Direct Connect.
    DirectConnect,
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon EventBridge.
    EventBridge,
}

impl Service {
    pub(crate) const ALL: [Self; 3] = [Self::DirectConnect, Self::DynamoDb, Self::EventBridge];

    pub(crate) fn latency(self) -> &'static str {
        match self {
            Self::DirectConnect => "DirectConnectLatency",
            Self::DynamoDb => "DynamoDBLatency",
            Self::EventBridge => "EventBridgeLatency",
        }
    }

    pub(crate) fn throttles(self) -> Metric {
        match self {
            Self::DirectConnect => Metric::DirectConnectThrottles,
            Self::DynamoDb => Metric::DynamoDBThrottles,
            Self::EventBridge => Metric::EventBridgeThrottles,
        }
    }
}

/// The values of the dimension `Door`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A queue.
    Sqs,
    /// API Gateway or a function URL.
    Http,
    /// Direct invocation.
    Direct,
    /// An event bus.
    EventBridge,
    /// A topic.
    Sns,
}

impl Door {
    pub(crate) const ALL: [Self; 5] = [
        Self::Sqs,
        Self::Http,
        Self::Direct,
        Self::EventBridge,
        Self::Sns,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Http => "http",
            Self::Direct => "direct",
            Self::EventBridge => "eventbridge",
            Self::Sns => "sns",
        }
    }
}

impl From<&Origin> for Door {
    fn from(origin: &Origin) -> Self {
        match origin {
            Origin::Sqs { .. } => Self::Sqs,
            Origin::Http { .. } => Self::Http,
            // No order ever comes from an adoption: it is an operator's command.
            Origin::Direct { .. } | Origin::Adoption { .. } => Self::Direct,
            Origin::EventBridge { .. } => Self::EventBridge,
            Origin::Sns { .. } => Self::Sns,
        }
    }
}

/// Counts for one process. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct Meter(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    tally: Mutex<Tally>,
    /// Calls that Direct Connect has throttled since the process began. Decides things, so no invocation takes it along.
    throttled_by_direct_connect: AtomicUsize,
    /// The value of the dimension `Stack`, where there is one.
    stack: Option<String>,
    /// Lines for whoever asked to [keep](Meter::keeping) them.
    kept: Option<Mutex<Vec<String>>>,
}

impl Default for Meter {
    /// A meter whose figures go to the log, and are no stack's.
    fn default() -> Self {
        Self::of_stack(None)
    }
}

impl Meter {
    /// A meter whose figures go to the log, as those of `stack`.
    #[must_use]
    pub fn of_stack(stack: Option<String>) -> Self {
        Self::new(stack, None)
    }

    /// A meter that keeps its lines instead of writing them, for those who have no log.
    #[must_use]
    pub fn keeping() -> Self {
        Self::new(None, Some(Mutex::default()))
    }

    fn new(stack: Option<String>, kept: Option<Mutex<Vec<String>>>) -> Self {
        let mut tally = Tally::default();
        tally.add(Metric::ColdStarts, 1);
        Self(Arc::new(Inner {
            tally: Mutex::new(tally),
            throttled_by_direct_connect: AtomicUsize::new(0),
            stack,
            kept,
        }))
    }

    /// One more of something.
    pub fn count(&self, metric: Metric) {
        self.add(metric, 1);
    }

    /// More of something. None at all is not told.
    pub fn add(&self, metric: Metric, more: usize) {
        if more > 0 {
            self.tally().add(metric, more);
        }
    }

    /// How it stands with something; told even if it is nothing.
    pub fn set(&self, metric: Metric, value: usize) {
        self.tally().set(metric, value);
    }

    /// What became of an order at its door.
    pub fn count_order(&self, door: Door, metric: OrderMetric) {
        self.tally().add_order(door, metric);
    }

    /// Calls that Direct Connect has throttled since the process began, and that the SDK's retries did not make good for.
    #[must_use]
    pub fn calls_throttled_by_direct_connect(&self) -> usize {
        self.0.throttled_by_direct_connect.load(Ordering::Relaxed)
    }

    pub(crate) fn call_throttled(&self, service: Service) {
        match service {
            Service::DirectConnect => {
                self.0
                    .throttled_by_direct_connect
                    .fetch_add(1, Ordering::Relaxed);
            }
            // Nobody asks.
            Service::DynamoDb | Service::EventBridge => {}
        }
    }

    pub(crate) fn time(&self, service: Service, took: Duration) {
        self.tally().time(service, took);
    }

    /// The lines that were kept so far, oldest first.
    #[must_use]
    pub fn kept(&self) -> Vec<String> {
        let kept = self.0.kept.as_ref();
        kept.map(|kept| locked(kept).clone()).unwrap_or_default()
    }

    /// Takes all that was counted and writes it in one line, unless it is nothing.
    ///
    /// One line tells of one door only; another one's orders wait for the end of their own invocation.
    pub fn write(&self, invocation: &Invocation, at: Timestamp) {
        let tally = self.tally().take();
        let stack = self.0.stack.as_deref();
        if let Some(kept) = &self.0.kept {
            if let Some(line) = document::line(&tally, invocation, at, None, stack) {
                locked(kept).push(line);
            }
        } else if LOGGED.load(Ordering::Relaxed)
            && let Some(line) = document::line(&tally, invocation, at, LEVEL.get().copied(), stack)
        {
            document::write(line);
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        locked(&self.0.tally)
    }
}

/// No panic leaves a figure half written.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard output is Lambda's log in a function's own process only. Elsewhere it belongs to somebody else.
static LOGGED: AtomicBool = AtomicBool::new(false);

/// The level that a line has to have, where Lambda drops lines below it: one that says none counts as INFO.
/// Source: Lambda developer guide, "Log-level filtering".
static LEVEL: OnceLock<&'static str> = OnceLock::new();

/// From now on, metrics are written, as lines of `level` where there is one.
pub(crate) fn init(level: Option<&'static str>) {
    if let Some(level) = level {
        // A second call, as in a test process, keeps the first level.
        let _ = LEVEL.set(level);
    }
    LOGGED.store(true, Ordering::Relaxed);
}

#[cfg(test)]
mod tests;
