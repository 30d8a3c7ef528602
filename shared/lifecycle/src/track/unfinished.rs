//! Finishing what was left unfinished: owed events, releases and orders, each with its share of the time.

use allocation::{Answer, Brake, Deadline, Failure, Finished, Looks};
use aws::failure::CallError;
use aws::metrics::Metric;
use hosted_connection::{IdempotencyKey, ParentConnection};
use ledger::{Record, State};

use super::report::Report;
use super::{Tracker, due};
use crate::owed;

/// Unfinished allocations that one run looks at: what it cannot finish in its time it need not read.
const MOST: usize = 20_000;
/// Of those, how many are read at a time.
const READ_TOGETHER: usize = 1_000;

impl Tracker {
    /// Finishes until `finish_by_ms`: everything that is due, or all there is `only_on` one parent.
    pub(super) async fn finish(
        &self,
        report: &mut Report,
        looks: &Looks,
        finish_by_ms: u64,
        only_on: Option<&ParentConnection>,
    ) -> Result<(), CallError> {
        let keys = self.aws.ledger.unfinished(MOST).await?;
        let mut left = keys.len();
        let mut throttled = Throttled::default();
        for keys in keys.chunks(READ_TOGETHER) {
            if self.aws.clock.now_ms() >= finish_by_ms {
                break;
            }
            left -= keys.len();
            let mut records = self.aws.ledger.records(keys).await?;
            records.retain(|record| only_on.is_none_or(|on| record.parent.as_ref() == Some(on)));
            let mut sorted = Sorted::of(records);
            if only_on.is_none() {
                self.put_off(report, &mut sorted.open);
            }
            self.finish_sorted(report, looks, finish_by_ms, sorted, &mut throttled)
                .await;
        }
        report.unfinished += left;
        Ok(())
    }

    async fn finish_sorted(
        &self,
        report: &mut Report,
        looks: &Looks,
        finish_by_ms: u64,
        sorted: Sorted,
        throttled: &mut Throttled,
    ) {
        report.quarantined.extend(sorted.quarantined);
        // Events, releases, orders: each its share of the time, and what those before it have left of theirs.
        let now_ms = self.aws.clock.now_ms();
        let share_ms = finish_by_ms.saturating_sub(now_ms) / 3;
        let told = owed::publish_until(&self.aws, sorted.owing, now_ms + share_ms).await;
        let (releasing, told): (Vec<_>, Vec<_>) = told.into_iter().partition(is_releasing);
        let (moving, told): (Vec<_>, Vec<_>) = told.into_iter().partition(is_moving);
        for record in told {
            self.note(report, &record, "an event could not be published");
        }
        self.end_moves(report, looks, moving, now_ms + share_ms)
            .await;
        let brake = self.brake(throttled.releases);
        self.release(report, releasing, now_ms + 2 * share_ms, &brake)
            .await;
        throttled.releases = brake.is_on();
        let brake = self.brake(throttled.orders);
        let deadline = Deadline::at_ms(finish_by_ms);
        let finished = self.allocator.finish(sorted.open, looks, &brake, deadline);
        for finished in finished.await {
            self.note_finished(report, finished);
        }
        throttled.orders = brake.is_on();
    }

    /// Releases and orders have brakes of their own: a flood of the ones must not keep all of the others waiting.
    fn brake(&self, is_on: bool) -> Brake {
        let brake = Brake::new(&self.aws);
        if is_on {
            brake.pull();
        }
        brake
    }

    /// Takes out of `open` what is not due for another try yet. It stays in the report.
    fn put_off(&self, report: &mut Report, open: &mut Vec<Record>) {
        let now_ms = self.aws.clock.now_ms();
        open.retain(|record| {
            // What only has to be told is told in every run.
            let wait_ms = match record.state {
                State::Calling | State::Unresolved | State::Waiting => {
                    due::not_before_ms(record, now_ms)
                }
                State::Allocated | State::Rejected | State::Quarantined => None,
            };
            let Some(wait_ms) = wait_ms else { return true };
            let reason = format!(
                "it is {} after {} tries; the next one is due in {} s",
                record.state.as_str(),
                record.attempts,
                wait_ms.div_ceil(1000)
            );
            self.note_unfinished(report, &record.key, record.claimed_at_ms, &reason);
            false
        });
    }

    fn note_finished(&self, report: &mut Report, finished: Finished) {
        if finished.answer.is_final() {
            report.finished += 1;
            log_finished(&finished);
            return;
        }
        self.count_defect(&finished.answer);
        let reason = reason(&finished.answer);
        self.note_unfinished(report, &finished.key, finished.claimed_at_ms, &reason);
    }

    pub(super) fn count_defect(&self, answer: &Answer) {
        if let Answer::Failed(Failure::Defect { .. }) = answer {
            self.aws.meter.count(Metric::Defects);
        }
    }

    pub(super) fn note(&self, report: &mut Report, record: &Record, reason: &str) {
        if !record.lifecycle.is_unfinished() {
            report.finished += 1;
            return;
        }
        let release = record.lifecycle.release.as_ref();
        let newest = record.lifecycle.history.last();
        let since_ms = release
            .map(|release| release.requested_at_ms)
            .or(newest.map(|entry| entry.at_ms));
        let since_ms = since_ms.unwrap_or(record.claimed_at_ms);
        self.note_unfinished(report, &record.key, since_ms, reason);
    }
}

/// Which kinds of work were throttled in this run, so that no more of it is begun.
#[derive(Debug, Default)]
struct Throttled {
    releases: bool,
    orders: bool,
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

/// A move that has not ended.
fn is_moving(record: &Record) -> bool {
    record.lifecycle.moving.is_some()
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

pub(super) fn reason(answer: &Answer) -> String {
    match answer {
        Answer::Failed(Failure::Transient { code, detail, .. }) => format!("{code}: {detail}"),
        Answer::Failed(Failure::Ambiguous { detail, .. } | Failure::Defect { detail }) => {
            detail.clone()
        }
        Answer::Allocated { .. } | Answer::Rejected(_) => "it is finished".into(),
    }
}
