//! `operator explain`: an order's story in words, what happens next by itself, and what a person should do.
//!
//! It knows what the record knows, and looks where Direct Connect shows the connection at this moment.

mod headline;
mod past;

mod advice;
mod next;

mod look;

use std::io::{self, Write};

use aws::config::{Rules, Tracking};
use clap::Args;
use hosted_connection::{IdempotencyKey, Timestamp};
use ledger::Record;
use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::find::find;
use super::place::Services;
use super::shown::key;
use super::words::moment;
use look::Seen;

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001
  operator explain order-1001 --json | jq -r .next[]
  operator explain order-1001 --data target/local-cloud

SETTLE_SECONDS, STUCK_AFTER_SECONDS and ORDERING_REMINDER_SECONDS in this
environment should be those of the functions. Times are UTC.

Exit status: 0 shown · 1 no such order · 2 the order could not be read";

/// Explain an order: what happened, what happens next and when, what to do
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// The order's idempotency key
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
}

/// What a story is told by, beside the record.
#[derive(Debug, Clone, Copy)]
struct Times {
    now_ms: u64,
    settle_ms: u64,
    stuck_after_ms: u64,
    reminder_after_ms: u64,
}

/// Something that happened; without a time, the record does not say when.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    at_ms: Option<u64>,
    text: String,
}

/// An order's story.
#[derive(Debug)]
struct Story {
    /// Where it stands, in one sentence.
    headline: String,
    /// What happened, oldest first.
    past: Vec<Line>,
    /// What happens by itself.
    next: Vec<String>,
    /// What a person should do.
    advice: Vec<String>,
    /// What Direct Connect shows now.
    seen: Seen,
}

impl Explain {
    /// Tells the story.
    ///
    /// # Errors
    /// The order cannot be read.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let Some(record) = find(services, terminal, &self.key).await? else {
            return Ok(Verdict::Bad);
        };
        let config = &services.config;
        let times = Times::of(services.aws.clock.now_ms(), &config.rules, config.tracking);
        let seen = Seen::of(services, &record).await;
        let story = Story::of(&record, times, seen);
        if terminal.json {
            terminal.print_json(&story.document(&record))?;
        } else {
            story.print(terminal, &record)?;
        }
        Ok(Verdict::Good)
    }
}

impl Times {
    fn of(now_ms: u64, rules: &Rules, tracking: Tracking) -> Self {
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
    fn of(record: &Record, times: Times, seen: Seen) -> Self {
        Self {
            headline: headline::headline(record, times, &seen),
            past: past::lines(record),
            next: next::by_itself(record, times, &seen),
            advice: advice::by_a_person(record, times, &seen),
            seen,
        }
    }

    fn document(&self, record: &Record) -> Value {
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

    fn print(&self, terminal: &mut Terminal, record: &Record) -> io::Result<()> {
        terminal.print_text(BOLD, &format!("{}: {}", record.key, self.headline))?;
        writeln!(terminal.out)?;
        let mut table = tables::table(&["when (UTC)", "what happened"]);
        let mut day = String::new();
        for line in &self.past {
            let at = line.at_ms.map(moment).unwrap_or_default();
            // Each day is named once, where it begins.
            let told = match at.split_once(' ') {
                Some((date, time)) if date == day => format!("{:10} {time}", ""),
                Some(_) | None => at.clone(),
            };
            at.get(..10).unwrap_or(&day.clone()).clone_into(&mut day);
            table.add_row([told.as_str(), &line.text]);
        }
        tables::print(terminal, "What happened", &mut table, "nothing")?;
        list(terminal, "What happens next", &self.next)?;
        list(terminal, "What you should do", &self.advice)
    }
}

fn list(terminal: &mut Terminal, title: &str, items: &[String]) -> io::Result<()> {
    writeln!(terminal.out, "{BOLD}{title}{BOLD:#}")?;
    if items.is_empty() {
        return writeln!(terminal.out, "{DIM}nothing{DIM:#}\n");
    }
    tables::write_items(&mut terminal.out, terminal.width, items)?;
    writeln!(terminal.out)
}

#[cfg(test)]
mod tests;
