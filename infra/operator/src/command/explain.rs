//! `operator explain`: an order's story in words, what happens next by itself, and what a person should do.
//!
//! It says what the record knows and no more. What Direct Connect shows at this moment is `reconcile`'s business.

mod next;
mod past;

use std::io::{self, Write};

use aws::config::{Rules, Tracking};
use clap::Args;
use hosted_connection::{IdempotencyKey, Origin, Timestamp};
use ledger::Record;
use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::get;
use super::place::Services;
use super::shown::key;
use super::words::moment;

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001
  operator explain order-1001 --json | jq -r .next[]
  operator explain order-1001 --data target/local-cloud

It goes by this environment's SETTLE_SECONDS, STUCK_AFTER_SECONDS and ORDERING_REMINDER_SECONDS: let them be those of the
functions. Times are UTC.

Exit status: 0 told · 1 there is no such order · 2 it could not be read";

/// Tell an order's story: what happened, what happens next and when, what a person should do
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
        let Some(record) = get::find(services, terminal, &self.key).await? else {
            return Ok(Verdict::Bad);
        };
        let config = &services.config;
        let times = Times::of(services.aws.clock.now_ms(), &config.rules, config.tracking);
        let story = Story::of(&record, times);
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
    fn of(record: &Record, times: Times) -> Self {
        Self {
            headline: next::headline(record, times),
            past: past::lines(record),
            next: next::by_itself(record, times),
            advice: next::by_a_person(record, times),
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
        })
    }

    fn print(&self, terminal: &mut Terminal, record: &Record) -> io::Result<()> {
        writeln!(
            terminal.out,
            "{BOLD}{}: {}{BOLD:#}\n",
            record.key, self.headline
        )?;
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
    let mut table = tables::table(&["", ""]);
    for item in items {
        table.add_row(["•", item]);
    }
    let width = terminal.width;
    writeln!(terminal.out, "{BOLD}{title}{BOLD:#}")?;
    if items.is_empty() {
        return writeln!(terminal.out, "{DIM}nothing{DIM:#}\n");
    }
    table.set_width(width);
    // The rows alone: there is nothing to head a list with.
    for line in table
        .trim_fmt()
        .lines()
        .skip_while(|line| !line.starts_with('•'))
    {
        writeln!(terminal.out, "{line}")?;
    }
    writeln!(terminal.out)
}

/// The door that something came in by, and its name there.
pub(crate) fn door(origin: &Origin) -> String {
    match origin {
        Origin::Sqs {
            message_id,
            queue_arn,
            ..
        } => {
            let queue = queue_arn.rsplit(':').next().unwrap_or(queue_arn);
            format!("the queue {queue} (message {message_id})")
        }
        Origin::Http { request_id, .. } => format!("HTTP (request {request_id})"),
        Origin::Direct { request_id, .. } => format!("a direct invocation ({request_id})"),
        Origin::EventBridge { id, source, .. } => format!("EventBridge (event {id} of {source})"),
        Origin::Sns {
            message_id,
            topic_arn,
            ..
        } => {
            let topic = topic_arn.rsplit(':').next().unwrap_or(topic_arn);
            format!("the topic {topic} (message {message_id})")
        }
    }
}

#[cfg(test)]
mod tests;
