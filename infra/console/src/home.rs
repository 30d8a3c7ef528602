//! Where the console stands, and through whose eyes it looks.

use aws::Config;
use ledger::Services;
use queues::Queues;

use crate::bench::Bench;

/// The URLs of the queues, where they are known: their dead letters can be looked at then.
#[derive(Debug, Clone, Default)]
pub struct QueueUrls {
    /// Orders.
    pub orders: Option<String>,
    /// Releases.
    pub releases: Option<String>,
}

/// A place to look at.
pub struct Home {
    /// What people call it, such as the region.
    pub name: String,
    /// Table, Direct Connect, event bus and clock, for reading.
    pub aws: Services,
    /// The same, for actions that somebody has asked for.
    pub acting: Services,
    /// The settings that the functions go by.
    pub config: Config,
    /// SQS.
    pub queues: Queues,
    /// Which queues.
    pub urls: QueueUrls,
    /// The local cloud, for breaking it; none at AWS.
    pub bench: Option<Bench>,
    /// Whether anything may be changed: policies, releases, redrives, unfinished orders.
    pub actions: bool,
}

impl Home {
    /// Milliseconds since the Unix epoch, by the clock that orders go by.
    pub(crate) fn now_ms(&self) -> u64 {
        self.aws.clock.now_ms()
    }
}
