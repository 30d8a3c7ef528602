//! One run of tracking: first what was left unfinished is finished, then every parent's connections are followed.
//!
//! A run ends before its deadline and leaves the rest to the next one. All that it keeps is whose turn it is, and that only
//! when it did not get through all parents (ADR 14).

mod due;
mod moves;
mod releases;
mod unfinished;

mod parents;
mod turns;

mod report;

use std::time::Duration;

use allocation::{Allocator, Deadline, Failure, Looks};
use aws::config::{Config, Tracking};
use aws::failure::CallError;
use aws::metrics::Metric;
use hosted_connection::ParentConnection;
use ledger::Services;

use crate::follow::Follower;
use crate::release::Releaser;

pub use report::{Report, Stuck};

/// Kept back from the invocation's time for the report.
const RESERVE_MS: u64 = 1_000;

/// Tracks all allocations and parents of one table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tracker {
    aws: Services,
    tracking: Tracking,
    allocator: Allocator,
    releaser: Releaser,
    follower: Follower,
    /// How long what AWS shows may lag behind what it has done.
    settle_ms: u64,
}

impl Tracker {
    /// A tracker on `aws`.
    #[must_use]
    pub fn new(aws: Services, config: &Config) -> Self {
        Self {
            allocator: Allocator::new(aws.clone(), config.rules.clone()),
            releaser: Releaser::new(aws.clone(), &config.rules),
            follower: Follower::new(aws.clone(), config.tracking),
            tracking: config.tracking,
            settle_ms: u64::try_from(config.rules.settle.as_millis()).unwrap_or(u64::MAX),
            aws,
        }
    }

    /// Runs until everything has had its turn, or shortly before `deadline`.
    pub async fn run(&self, deadline: Deadline) -> Report {
        let mut report = Report::default();
        let looks = Looks::shared();
        let now_ms = self.aws.clock.now_ms();
        let end_ms = (now_ms + deadline.left_ms(now_ms)).saturating_sub(RESERVE_MS);
        // Finishing comes first, but a flood of unfinished orders must not keep the states from being followed.
        let finish_by_ms = now_ms + end_ms.saturating_sub(now_ms) * 2 / 3;
        if let Err(error) = self.finish(&mut report, &looks, finish_by_ms, None).await {
            report.fail("unfinished allocations", &error);
        }
        self.follow_parents(&mut report, &looks, end_ms).await;
        self.aws.meter.add(Metric::Defects, report.failures.len());
        report
    }

    /// Finishes what is unfinished on one parent, as a run does, and nothing else. A person asks for it, so every order
    /// is tried now, however long it has been tried in vain.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn finish_on(
        &self,
        parent: &ParentConnection,
        deadline: Deadline,
    ) -> Result<Report, CallError> {
        let mut report = Report::default();
        let now_ms = self.aws.clock.now_ms();
        let finish_by_ms = (now_ms + deadline.left_ms(now_ms)).saturating_sub(RESERVE_MS);
        self.finish(&mut report, &Looks::shared(), finish_by_ms, Some(parent))
            .await?;
        Ok(report)
    }

    /// What comes of `work` until then.
    async fn within<T>(
        &self,
        until_ms: u64,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let left_ms = until_ms.saturating_sub(self.aws.clock.now_ms());
        if left_ms == 0 {
            return Err(Failure::no_time());
        }
        let patience = Duration::from_millis(left_ms);
        let ended = tokio::time::timeout(patience, work).await;
        ended.unwrap_or_else(|_| Err(Failure::no_time()))
    }
}
