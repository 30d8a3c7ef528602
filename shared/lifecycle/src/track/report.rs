//! What a run came to.

use std::time::Duration;

use aws::failure::{CallError, Cause};
use hosted_connection::{IdempotencyKey, ParentConnection};

use super::Tracker;
use crate::follow::Followed;

/// What a run came to.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Allocations that were unfinished and are finished now.
    pub finished: usize,
    /// Those that are still unfinished, quarantined ones left out.
    pub unfinished: usize,
    /// For how long the oldest of those has been, in seconds, as far as they were looked at.
    pub oldest_unfinished_s: u64,
    /// Of those, the ones that have been for too long.
    pub stuck: Vec<Stuck>,
    /// Allocations that a person has to look at.
    pub quarantined: Vec<IdempotencyKey>,
    /// Parents that were followed, and what was seen there.
    pub followed: Vec<(ParentConnection, Followed)>,
    /// Parents that were not, for want of time or because a call failed.
    pub left_out: usize,
    /// What kept the run from doing its work. Not a want of time, nor AWS asking for fewer requests.
    pub failures: Vec<String>,
}

/// An allocation that has been unfinished for too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Its key.
    pub key: IdempotencyKey,
    /// Since when, in seconds.
    pub age_s: u64,
    /// Why, as far as the latest try shows.
    pub reason: String,
}

impl Report {
    pub(super) fn fail(&mut self, what: &str, error: &CallError) {
        match error.cause {
            Cause::Throttled | Cause::Unavailable => {
                tracing::warn!(error = %error, "tracking could not see to {what}; the next run will");
            }
            Cause::Misconfigured => self.failures.push(format!("{what}: {error}")),
        }
    }
}

impl Tracker {
    /// Notes an allocation that stays unfinished, and for how long it has been.
    pub(super) fn note_unfinished(
        &self,
        report: &mut Report,
        key: &IdempotencyKey,
        since_ms: u64,
        reason: &str,
    ) {
        report.unfinished += 1;
        let age = Duration::from_millis(self.aws.clock.now_ms().saturating_sub(since_ms));
        report.oldest_unfinished_s = report.oldest_unfinished_s.max(age.as_secs());
        if age >= self.tracking.stuck_after {
            report.stuck.push(Stuck {
                key: key.clone(),
                age_s: age.as_secs(),
                reason: reason.to_owned(),
            });
        }
    }
}
