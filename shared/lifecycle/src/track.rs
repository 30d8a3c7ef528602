//! One run of tracking: first what was left unfinished is finished, then every parent's connections are followed.
//!
//! A run ends before its deadline and leaves the rest to the next one. It keeps no state: parents take turns by the
//! clock, so that a run which cannot get through all of them begins with another one each time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use allocation::{Allocator, Answer, Deadline, Failure, Finished, Looks};
use aws::Aws;
use aws::config::{Config, Tracking};
use aws::direct_connect::ReadError;
use aws::failure::{CallError, Cause};
use aws::ledger::{Record, State};
use aws::metrics::Metric;
use futures_util::{StreamExt, stream};
use hosted_connection::{Code, IdempotencyKey, ParentConnection};

use crate::follow::{Followed, Follower};
use crate::owed;
use crate::release::{Pursued, Releaser};

/// Unfinished allocations that one run looks at: what it cannot finish in its time it need not read.
const MOST: usize = 20_000;
/// Of those, how many are read at a time.
const READ_TOGETHER: usize = 1_000;
/// Releases that are pursued at the same time.
const SIDE_BY_SIDE: usize = 4;
/// Parents take turns by this.
const TURN_MS: u64 = 60_000;
/// Kept back from the invocation's time for the report.
const RESERVE_MS: u64 = 1_000;

/// Tracks all allocations and parents of one table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tracker {
    aws: Aws,
    tracking: Tracking,
    allocator: Allocator,
    releaser: Releaser,
    follower: Follower,
}

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

impl Tracker {
    /// A tracker on `aws`.
    #[must_use]
    pub fn new(aws: Aws, config: &Config) -> Self {
        Self {
            allocator: Allocator::new(aws.clone(), config.rules.clone()),
            releaser: Releaser::new(aws.clone()),
            follower: Follower::new(aws.clone(), config.tracking),
            tracking: config.tracking,
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
        match self.parents().await {
            Ok(parents) => self.follow(&mut report, &looks, parents, end_ms).await,
            Err(error) => {
                // How many there are is not known, but that none was followed is.
                report.left_out = 1;
                report.fail("the list of parents", &error);
            }
        }
        self.aws.meter.add(Metric::Defects, report.failures.len());
        report
    }

    /// Finishes what is unfinished on one parent, as a run does, and nothing else.
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

    async fn finish(
        &self,
        report: &mut Report,
        looks: &Looks,
        finish_by_ms: u64,
        only_on: Option<&ParentConnection>,
    ) -> Result<(), CallError> {
        let keys = self.aws.ledger.unfinished(MOST).await?;
        let mut left = keys.len();
        for keys in keys.chunks(READ_TOGETHER) {
            if self.aws.clock.now_ms() >= finish_by_ms {
                break;
            }
            left -= keys.len();
            let mut records = self.aws.ledger.records(keys).await?;
            records.retain(|record| only_on.is_none_or(|on| record.request.connection_id == *on));
            let sorted = Sorted::of(records);
            report.quarantined.extend(sorted.quarantined);
            // Events, releases, orders: each its share of the time, and what those before it have left of theirs.
            let now_ms = self.aws.clock.now_ms();
            let share_ms = finish_by_ms.saturating_sub(now_ms) / 3;
            let told = owed::publish_until(&self.aws, sorted.owing, now_ms + share_ms).await;
            let (releasing, told): (Vec<_>, Vec<_>) = told.into_iter().partition(is_releasing);
            for record in told {
                self.note(report, &record, "an event could not be published");
            }
            self.release(report, releasing, now_ms + 2 * share_ms).await;
            let deadline = Deadline::at_ms(finish_by_ms);
            for finished in self.allocator.finish(sorted.open, looks, deadline).await {
                self.note_finished(report, finished);
            }
        }
        report.unfinished += left;
        Ok(())
    }

    async fn release(&self, report: &mut Report, releasing: Vec<Record>, until_ms: u64) {
        let pursued = self.pursue(releasing, until_ms).await;
        let mut owing = Vec::new();
        for (record, pursued) in pursued {
            match pursued {
                Ok(Pursued::Recorded(record) | Pursued::Refused { record, .. }) => {
                    owing.push(record);
                }
                Err(failure) => {
                    let answer = Answer::from(failure);
                    self.count_defect(&answer);
                    self.note(report, &record, &reason(&answer));
                }
            }
        }
        for record in owed::publish_until(&self.aws, owing, until_ms).await {
            self.note(report, &record, "Direct Connect still shows the connection");
        }
    }

    /// Deletes all of them before anybody looks, so that one look per parent tells what became of each.
    async fn pursue(
        &self,
        releasing: Vec<Record>,
        until_ms: u64,
    ) -> Vec<(Record, Result<Pursued, Failure>)> {
        let now_ms = self.aws.clock.now_ms();
        let delete_by_ms = now_ms + until_ms.saturating_sub(now_ms) / 2;
        let throttled = AtomicBool::new(false);
        let throttled = &throttled;
        let deleted: Vec<_> = stream::iter(releasing)
            .map(|record| async move {
                if throttled.load(Ordering::Relaxed) {
                    return (record, Err(Failure::no_time()));
                }
                let deletion = self
                    .within(delete_by_ms, self.releaser.delete(&record))
                    .await;
                if is_throttled(&deletion) {
                    throttled.store(true, Ordering::Relaxed);
                }
                (record, deletion)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let looks = Looks::shared();
        let looks = &looks;
        stream::iter(deleted)
            .map(|(record, deletion)| async move {
                let pursued = match deletion {
                    Ok(Some(deletion)) => {
                        let settled = self.releaser.settle(record.clone(), deletion, looks);
                        self.within(until_ms, settled).await
                    }
                    Ok(None) => Ok(Pursued::Recorded(record.clone())),
                    Err(failure) => Err(failure),
                };
                (record, pursued)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await
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

    fn note_finished(&self, report: &mut Report, finished: Finished) {
        if finished.answer.is_final() {
            report.finished += 1;
            log_finished(&finished);
            return;
        }
        report.unfinished += 1;
        self.count_defect(&finished.answer);
        let reason = reason(&finished.answer);
        self.note_age(report, &finished.key, finished.claimed_at_ms, &reason);
    }

    fn count_defect(&self, answer: &Answer) {
        if let Answer::Failed(Failure::Defect { .. }) = answer {
            self.aws.meter.count(Metric::Defects);
        }
    }

    fn note(&self, report: &mut Report, record: &Record, reason: &str) {
        if !record.lifecycle.is_unfinished() {
            report.finished += 1;
            return;
        }
        report.unfinished += 1;
        let release = record.lifecycle.release.as_ref();
        let newest = record.lifecycle.history.last();
        let since_ms = release
            .map(|release| release.requested_at_ms)
            .or(newest.map(|entry| entry.at_ms));
        let since_ms = since_ms.unwrap_or(record.claimed_at_ms);
        self.note_age(report, &record.key, since_ms, reason);
    }

    fn note_age(&self, report: &mut Report, key: &IdempotencyKey, since_ms: u64, reason: &str) {
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

    /// All parents, beginning with another one each minute.
    async fn parents(&self) -> Result<Vec<ParentConnection>, CallError> {
        let mut parents = self.aws.direct_connect.parents().await?;
        let turn = usize::try_from(self.aws.clock.now_ms() / TURN_MS).unwrap_or_default();
        if let Some(first) = turn.checked_rem(parents.len()) {
            parents.rotate_left(first);
        }
        Ok(parents)
    }

    async fn follow(
        &self,
        report: &mut Report,
        looks: &Looks,
        parents: Vec<ParentConnection>,
        end_ms: u64,
    ) {
        let mut left = parents.len();
        for parent in parents {
            let now_ms = self.aws.clock.now_ms();
            let patience = Duration::from_millis(end_ms.saturating_sub(now_ms));
            match tokio::time::timeout(patience, self.follow_one(looks, &parent)).await {
                Ok(Ok(followed)) => {
                    left -= 1;
                    report.followed.push((parent, followed));
                }
                Ok(Err(error)) => {
                    report.fail(parent.as_str(), &error);
                    if error.cause == Cause::Throttled {
                        break;
                    }
                }
                Err(_) => break,
            }
        }
        report.left_out = left;
    }

    async fn follow_one(
        &self,
        looks: &Looks,
        parent: &ParentConnection,
    ) -> Result<Followed, CallError> {
        match looks.of(&self.aws, parent).await {
            Ok(look) => self.follower.follow(parent, &look).await,
            Err(ReadError::Failed(error)) => Err(error),
            // A parent that was listed a moment ago, and is not one for hosted connections.
            Err(ReadError::Refused(_)) => Ok(Followed::default()),
        }
    }
}

impl Report {
    fn fail(&mut self, what: &str, error: &CallError) {
        match error.cause {
            Cause::Throttled | Cause::Unavailable => {
                tracing::warn!(error = %error, "tracking could not see to {what}; the next run will");
            }
            Cause::Misconfigured => self.failures.push(format!("{what}: {error}")),
        }
    }
}

/// Unfinished records, by what is to be done about them.
#[derive(Default)]
struct Sorted {
    open: Vec<Record>,
    owing: Vec<Record>,
    quarantined: Vec<IdempotencyKey>,
}

impl Sorted {
    fn of(records: Vec<Record>) -> Self {
        let mut sorted = Self::default();
        for record in records {
            match record.state {
                State::Quarantined => sorted.quarantined.push(record.key),
                State::Calling | State::Unresolved | State::Waiting => sorted.open.push(record),
                State::Allocated | State::Rejected if !record.published => sorted.open.push(record),
                State::Allocated | State::Rejected => {
                    // The index may be a little behind.
                    if record.lifecycle.is_unfinished() {
                        sorted.owing.push(record);
                    }
                }
            }
        }
        sorted
    }
}

/// A release that needs more than to be followed.
fn is_releasing(record: &Record) -> bool {
    let release = record.lifecycle.release.as_ref();
    release.is_some_and(|release| release.released_at_ms.is_none())
}

fn is_throttled<T>(result: &Result<T, Failure>) -> bool {
    let Err(Failure::Transient { code, .. }) = result else {
        return false;
    };
    *code == Code::Throttled
}

/// The line that the decision would have had at a door.
fn log_finished(finished: &Finished) {
    let (decision, connection_id) = match &finished.answer {
        Answer::Allocated { receipt, replayed } => (
            if *replayed { "replayed" } else { "allocated" },
            receipt.connection.connection_id.as_deref(),
        ),
        Answer::Rejected(rejection) => (rejection.code.as_str(), None),
        Answer::Failed(_) => return,
    };
    tracing::info!(
        allocation.key = %finished.key,
        allocation.decision = decision,
        hosted_connection.id = connection_id,
        "an order that nobody asked for any more is finished"
    );
}

fn reason(answer: &Answer) -> String {
    match answer {
        Answer::Failed(Failure::Transient { code, detail, .. }) => format!("{code}: {detail}"),
        Answer::Failed(Failure::Ambiguous { detail, .. } | Failure::Defect { detail }) => {
            detail.clone()
        }
        Answer::Allocated { .. } | Answer::Rejected(_) => "it is finished".into(),
    }
}
