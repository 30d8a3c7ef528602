//! `operator doctor`: whether everything that the functions need exists, is reachable and is allowed. For each thing that
//! is wrong, how to fix it.
//!
//! It only asks what changes nothing. So it cannot tell whether a role may allocate, delete or publish.

mod callers;
mod checks;
mod orders;
mod orphans;
mod queues;
mod report;

mod checkup;

use std::io;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::{Access, Place};
use checkup::{Checkup, Finding};

const EXAMPLES: &str = "\
Examples:
  operator doctor
  eval \"$(aws configure export-credentials --profile NAME --format env)\"
  operator doctor --report conformance.json
  operator doctor --json | jq -r '.checks[] | select(.fix) | .fix'

It checks the environment, credentials and clock, the table with its keys,
indexes and expiry, the callers, Direct Connect, the event bus, the queues (if
their URLs are set), and whether orders are stuck. It counts orphans
(connections that no order made) on the first 10 parents; they are a warning. No
check changes anything. So it cannot tell whether a role may allocate, delete
and publish; template.yaml allows that.

Exit status: 0 all is well · 1 something has to be fixed · 2 it could not check";

/// Check environment, table, Direct Connect, event bus and queues, and what is stuck
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Doctor {
    /// Also compare the configuration with a report of `operator conformance`
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

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
        let (services, wrong) = place.open_leniently(Access::Read)?;
        let mut checkup = Checkup::default();
        checks::environment(&mut checkup, &wrong);
        match &services {
            Some(services) => {
                Box::pin(checks::of(&mut checkup, services)).await;
                if let Some(path) = &self.report {
                    Box::pin(report::measured(&mut checkup, services, path)).await;
                }
            }
            None => checkup.skip("everything else", "the environment has to be fixed first"),
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
    let mut table = tables::table(&["", "check", "found", "how to fix it"]);
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
        number => format!("{} to fix", super::words::count(number, "problem")),
    };
    tables::print(terminal, &title, &mut table, "no checks")
}
