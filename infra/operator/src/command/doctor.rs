//! `operator doctor`: is everything there that the functions need, can it be reached, and may we? For each thing that is
//! wrong, what to do.
//!
//! It only asks what changes nothing. So it cannot tell whether a role may allocate, delete or publish.

mod checks;
mod checkup;

use std::io;

use clap::Args;
use serde_json::json;
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::Place;
use checkup::{Checkup, Finding};

const EXAMPLES: &str = "\
Examples:
  operator doctor
  eval \"$(aws configure export-credentials --profile partner --format env)\"; operator doctor
  operator doctor --json | jq -r '.checks[] | select(.fix) | .fix'

Checked are the environment, credentials and clock, the table with its keys, indexes and expiry, Direct Connect, the event
bus, the queues (where their URLs are given), and what takes too long: each by a call that changes nothing. Whether a role
may allocate, delete and publish is only seen when it does; template.yaml grants it.

Exit status: 0 all is well · 1 something is to be mended · 2 it could not be found out";

/// Check environment, credentials, clock, table, Direct Connect, event bus and queues; say what to mend
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {}

impl Doctor {
    /// Checks everything.
    ///
    /// # Errors
    /// The directory that was named is unusable.
    pub(crate) async fn run(
        self,
        place: &Place,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let (services, wrong) = place.open_leniently()?;
        let mut checkup = Checkup::default();
        checks::environment(&mut checkup, &wrong);
        match &services {
            Some(services) => Box::pin(checks::of(&mut checkup, services)).await,
            None => checkup.skip("everything else", "the environment has to be mended first"),
        }
        if terminal.json {
            let all = checkup.is_good();
            terminal.print_json(&json!({"healthy": all, "checks": checkup.findings}))?;
        } else {
            print(terminal, &checkup)?;
        }
        Ok(Verdict::good_if(checkup.is_good()))
    }
}

fn print(terminal: &mut Terminal, checkup: &Checkup) -> io::Result<()> {
    let mut table = tables::table(&["", "what", "what was found", "what to do"]);
    for Finding {
        mark,
        what,
        found,
        fix,
    } in &checkup.findings
    {
        table.add_row([
            mark.as_str(),
            what,
            found,
            fix.as_deref().unwrap_or_default(),
        ]);
    }
    let title = match checkup.to_mend() {
        0 => "All is well".to_owned(),
        number => format!("{} to mend", super::words::count(number, "thing")),
    };
    tables::print(terminal, &title, &mut table, "nothing was checked")
}
