//! `operator reconcile`: what the table and Direct Connect say of one parent at this moment, and where they disagree.
//!
//! It looks as `GET /parents/{connectionId}` does. It mends nothing itself: what is unfinished it finishes only when told
//! to, the way that track does; orphans and ghosts are a person's business.

mod difference;

use std::io::{self, Write};

use allocation::Deadline;
use clap::Args;
use hosted_connection::ParentConnection;
use ledger::Record;
use lifecycle::{Report, Tracker};
use serde_json::{Value, json};
use terminal::{DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::list;
use super::place::Services;
use super::shown::Shown;
use super::words::count;
use difference::Sight;

const EXAMPLES: &str = "\
Examples:
  operator reconcile dxcon-ffabc123
  operator reconcile dxcon-ffabc123 --finish         and takes up what is unfinished there, as track would
  operator reconcile dxlag-ffabc789 --json | jq .orphans

Reading is all it does without --finish. With it, orders are taken up under a claim of their own, as by any delivery: it
needs the rights of track, and may allocate, delete and publish what orders and releases have asked for.

Exit status: 0 all agrees and nothing is unfinished · 1 something to look at · 2 it could not be looked at";

/// How long --finish goes on: as long as a run of track.
const FINISH_MS: u64 = 55_000;

/// Compare the table with Direct Connect on one interconnect or LAG
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reconcile {
    /// Interconnect or LAG, `dxcon-…` or `dxlag-…`
    #[arg(value_name = "PARENT", value_parser = list::parent)]
    parent: ParentConnection,
    /// Take up what is unfinished on it, now
    #[arg(long)]
    finish: bool,
}

/// Everything that was looked at.
struct Looked {
    /// As `GET /parents/{connectionId}` shows it.
    view: Value,
    sight: Sight,
    unfinished: Vec<Record>,
    /// What --finish came to.
    report: Option<Report>,
}

impl Reconcile {
    /// Looks, and finishes if told to.
    ///
    /// # Errors
    /// Table or Direct Connect do not answer.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let report = match self.finish {
            true => Some(finish(services, &self.parent).await?),
            false => None,
        };
        let looked = look(services, &self.parent, report).await?;
        if terminal.json {
            terminal.print_json(&looked.document())?;
        } else {
            looked.print(terminal, &self.parent, services.aws.clock.now_ms())?;
        }
        let agrees = looked.sight.differences.is_empty() && looked.unfinished.is_empty();
        Ok(Verdict::good_if(agrees))
    }
}

async fn finish(services: &Services, parent: &ParentConnection) -> Result<Report, Failure> {
    let tracker = Tracker::new(services.aws.clone(), &services.config);
    let deadline = Deadline::at_ms(services.aws.clock.now_ms() + FINISH_MS);
    let finished = Box::pin(tracker.finish_on(parent, deadline)).await;
    finished.map_err(Failure::to("the unfinished orders cannot be read"))
}

async fn look(
    services: &Services,
    parent: &ParentConnection,
    report: Option<Report>,
) -> Result<Looked, Failure> {
    let view = Box::pin(inspect::parent_as_json(&services.aws, parent)).await;
    let view: Value = serde_json::from_str(&view.map_err(Failure::Refused)?)?;
    let unfinished =
        list::unfinished(services, |record| record.request.connection_id == *parent).await?;
    Ok(Looked {
        sight: serde_json::from_value::<difference::Parent>(view.clone())?.sight(),
        view,
        unfinished,
        report,
    })
}

impl Looked {
    fn document(&self) -> Value {
        let mut document = self.view.clone();
        let unfinished: Vec<_> = self.unfinished.iter().map(Shown::brief).collect();
        document["unfinished"] = json!(unfinished);
        document["inProgress"] = json!(self.sight.open);
        if let Some(report) = &self.report {
            let stuck = report.stuck.iter().map(|stuck| {
                json!({"idempotencyKey": stuck.key, "ageSeconds": stuck.age_s, "reason": stuck.reason})
            });
            document["finished"] = json!({
                "finished": report.finished,
                "unfinished": report.unfinished,
                "stuck": stuck.collect::<Vec<_>>(),
                "quarantined": report.quarantined,
            });
        }
        document
    }

    fn print(
        &self,
        terminal: &mut Terminal,
        parent: &ParentConnection,
        now_ms: u64,
    ) -> io::Result<()> {
        if let Some(report) = &self.report {
            print_report(terminal, report)?;
        }
        let Sight {
            taken,
            agreed,
            open,
            differences,
        } = &self.sight;
        let capacity = &self.view["capacity"];
        let limit = match (
            capacity["limitMbps"].as_u64(),
            capacity["freeMbps"].as_i64(),
        ) {
            (Some(limit), Some(free)) => format!(" of {limit} Mbps that may be; {free} Mbps free"),
            (_, _) => "; no limit is set".to_owned(),
        };
        writeln!(
            terminal.out,
            "{} in use on {parent}, {agreed} as they should be, {} without a connection yet. {} Mbps sold{limit}.\n",
            count(*taken, "VLAN"),
            open.len(),
            capacity["soldMbps"]
        )?;
        let mut table =
            tables::table(&["VLAN", "key", "connection", "what is wrong", "what to do"]);
        for difference in differences {
            table.add_row(difference.row(parent));
        }
        tables::align_right(&mut table, 0);
        let agrees = "none: the table and Direct Connect agree";
        tables::print(terminal, "Differences", &mut table, agrees)?;
        let mut table = list::table(&self.unfinished, now_ms);
        let none = "none, beside what somebody is at right now";
        tables::print(terminal, "Unfinished", &mut table, none)?;
        if !self.unfinished.is_empty() {
            let out = &mut terminal.out;
            writeln!(
                out,
                "{DIM}`operator explain KEY` tells each one's story.{DIM:#}"
            )?;
            if self.report.is_none() {
                writeln!(
                    out,
                    "{DIM}Track takes them up once a minute; --finish does now.{DIM:#}"
                )?;
            }
        }
        Ok(())
    }
}

fn print_report(terminal: &mut Terminal, report: &Report) -> io::Result<()> {
    writeln!(
        terminal.out,
        "Finished {}; {} still unfinished, {} set aside.",
        count(report.finished, "order"),
        report.unfinished,
        report.quarantined.len()
    )?;
    let mut table = tables::table(&["key", "for", "why it is stuck"]);
    for stuck in &report.stuck {
        let age = super::words::duration(stuck.age_s.saturating_mul(1000));
        table.add_row([stuck.key.as_str(), &age, &stuck.reason]);
    }
    writeln!(terminal.out)?;
    if report.stuck.is_empty() {
        return Ok(());
    }
    tables::print(terminal, "Stuck", &mut table, "none")
}
