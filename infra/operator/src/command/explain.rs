//! `operator explain`: an order's story in words, what happens next by itself, and what a person should do.
//!
//! The story itself is told by the crate `story`, for the console too; here it is printed.

use std::io::{self, Write};

use clap::Args;
use hosted_connection::IdempotencyKey;
use ledger::Record;
use story::{Seen, Story, Times};
use terminal::{BOLD, DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::find::find;
use super::place::Services;
use super::shown::key;
use super::words::moment;

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
        let seen = Seen::of(&services.aws, &config.rules, &record).await;
        let story = Story::of(&record, times, seen);
        if terminal.json {
            terminal.print_json(&story.document(&record))?;
        } else {
            print(&story, terminal, &record)?;
        }
        Ok(Verdict::Good)
    }
}

fn print(story: &Story, terminal: &mut Terminal, record: &Record) -> io::Result<()> {
    terminal.print_text(BOLD, &format!("{}: {}", record.key, story.headline))?;
    writeln!(terminal.out)?;
    let mut table = tables::table(&["when (UTC)", "what happened"]);
    let mut day = String::new();
    for line in &story.past {
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
    list(terminal, "What happens next", &story.next)?;
    list(terminal, "What you should do", &story.advice)
}

fn list(terminal: &mut Terminal, title: &str, items: &[String]) -> io::Result<()> {
    writeln!(terminal.out, "{BOLD}{title}{BOLD:#}")?;
    if items.is_empty() {
        return writeln!(terminal.out, "{DIM}nothing{DIM:#}\n");
    }
    tables::write_items(&mut terminal.out, terminal.width, items)?;
    writeln!(terminal.out)
}
