//! An order's story: what happened, what happens by itself, what a person should do; and what a redrive of a dead letter would
//! come to. The operator's command and the console both tell it.
//!
//! It knows what the record knows, and looks where Direct Connect shows the connection at this moment. It prints nothing.

mod headline;
mod past;

mod advice;
mod next;

mod look;

pub mod forecast;

pub mod reason;
pub mod shown;
pub mod stuck;
pub mod words;

use aws::config::{Rules, Tracking};
use hosted_connection::Timestamp;
use ledger::Record;
use serde_json::{Value, json};

pub use look::Seen;

/// What a story is told by, beside the record.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    now_ms: u64,
    settle_ms: u64,
    stuck_after_ms: u64,
    reminder_after_ms: u64,
}

/// Something that happened; without a time, the record does not say when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: Option<u64>,
    /// What.
    pub text: String,
}

/// An order's story.
#[derive(Debug)]
pub struct Story {
    /// Where it stands, in one sentence.
    pub headline: String,
    /// What happened, oldest first.
    pub past: Vec<Line>,
    /// What happens by itself.
    pub next: Vec<String>,
    /// What a person should do.
    pub advice: Vec<String>,
    /// What Direct Connect shows now.
    pub seen: Seen,
}

impl Times {
    /// The settings that the functions go by, at this moment.
    #[must_use]
    pub fn of(now_ms: u64, rules: &Rules, tracking: Tracking) -> Self {
        let ms = |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            now_ms,
            settle_ms: ms(rules.settle),
            stuck_after_ms: ms(tracking.stuck_after),
            reminder_after_ms: ms(tracking.ordering_reminder),
        }
    }
}

impl Story {
    /// Tells it.
    #[must_use]
    pub fn of(record: &Record, times: Times, seen: Seen) -> Self {
        Self {
            headline: headline::headline(record, times, &seen),
            past: past::lines(record),
            next: next::by_itself(record, times, &seen),
            advice: advice::by_a_person(record, times, &seen),
            seen,
        }
    }

    /// As JSON, for scripts.
    #[must_use]
    pub fn document(&self, record: &Record) -> Value {
        let past = self
            .past
            .iter()
            .map(|line| json!({"at": line.at_ms.map(Timestamp::from_ms), "text": line.text}));
        json!({
            "idempotencyKey": record.key,
            "status": inspect::status(record),
            "headline": self.headline,
            "story": past.collect::<Vec<_>>(),
            "next": self.next,
            "advice": self.advice,
            "directConnect": self.seen.document(),
        })
    }
}

#[cfg(test)]
mod tests;
