//! `operator reconcile`: what the table and Direct Connect say of parents at this moment, and where they disagree.
//!
//! It looks as `GET /parents/{connectionId}` does. It fixes nothing itself: what is unfinished it finishes only when told to,
//! as track does; orphans and ghosts are for a person.

mod difference;

use std::io::{self, Write};

use allocation::{Deadline, Looks};
use clap::Args;
use hosted_connection::ParentConnection;
use ledger::Record;
use lifecycle::{Report, Tracker};
use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::list;
use super::place::{Access, Services};
use super::shown::Shown;
use super::words::count;
use difference::Sight;

const EXAMPLES: &str = "\
Examples:
  operator reconcile                             all interconnects and LAGs
  operator reconcile dxcon-ffabc123
  operator reconcile dxcon-ffabc123 --finish     retry what is unfinished there
  operator reconcile dxlag-ffabc789 --json | jq .orphans

Without --finish it only reads. With --finish, unfinished orders are retried as
by any delivery or run of track. That may allocate, delete and publish what
orders and releases have requested, and needs the rights of track.

Exit status: 0 no differences, nothing unfinished · 1 something to look at · 2
it could not be read";

/// How long --finish goes on: as long as a run of track.
const FINISH_MS: u64 = 55_000;

/// Compare the table with Direct Connect, for one, several or all parents
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reconcile {
    /// Interconnects or LAGs, `dxcon-…` or `dxlag-…`; without any, all that Direct Connect shows
    #[arg(value_name = "PARENT", value_parser = list::parent)]
    parents: Vec<ParentConnection>,
    /// Retry what is unfinished there, now
    #[arg(long)]
    finish: bool,
}

/// One parent.
struct Looked {
    parent: ParentConnection,
    /// As `GET /parents/{connectionId}` shows it.
    view: Value,
    sight: Sight,
    unfinished: Vec<Record>,
    /// What --finish came to.
    report: Option<Report>,
}

impl Reconcile {
    /// What it does to the place that it looks at.
    pub(crate) fn access(&self) -> Access {
        Access::changing(self.finish)
    }

    /// Looks, and finishes if told to.
    ///
    /// # Errors
    /// Table or Direct Connect do not answer.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let parents = match self.parents.is_empty() {
            true => all_parents(services).await?,
            false => self.parents.clone(),
        };
        let mut all = Vec::new();
        // What was moved is looked for on the same parents again and again.
        let mut looks = Looks::shared();
        for parent in &parents {
            let report = match self.finish {
                true => Some(finish(services, parent).await?),
                false => None,
            };
            if report.is_some() {
                // It may have changed what was seen.
                looks = Looks::shared();
            }
            let looked = look(services, (parent, &looks), report).await?;
            if !terminal.json {
                looked.print(terminal, services.aws.clock.now_ms())?;
            }
            all.push(looked);
        }
        if terminal.json {
            terminal.print_json(&self.document(&all))?;
        } else if all.is_empty() {
            writeln!(
                terminal.out,
                "Direct Connect shows no interconnect and no LAG."
            )?;
        }
        Ok(Verdict::good_if(all.iter().all(Looked::agrees)))
    }

    /// Of one parent that was named, its own document.
    fn document(&self, all: &[Looked]) -> Value {
        match (self.parents.as_slice(), all) {
            ([_], [one]) => one.document(),
            (_, all) => json!({"parents": all.iter().map(Looked::document).collect::<Vec<_>>()}),
        }
    }
}

/// All parents that show connections of their own.
async fn all_parents(services: &Services) -> Result<Vec<ParentConnection>, Failure> {
    let parents = services.aws.direct_connect.parents().await;
    let parents = parents.map_err(Failure::to("the interconnects and LAGs cannot be listed"))?;
    let showing = parents.ids().filter(|id| parents.shows_its_own(id));
    Ok(showing.cloned().collect())
}

async fn finish(services: &Services, parent: &ParentConnection) -> Result<Report, Failure> {
    let tracker = Tracker::new(services.aws.clone(), &services.config);
    let deadline = Deadline::at_ms(services.aws.clock.now_ms() + FINISH_MS);
    let finished = Box::pin(tracker.finish_on(parent, deadline)).await;
    finished.map_err(Failure::to("the unfinished orders cannot be read"))
}

async fn look(
    services: &Services,
    (parent, looks): (&ParentConnection, &Looks),
    report: Option<Report>,
) -> Result<Looked, Failure> {
    let view = Box::pin(inspect::parent_as_json(&services.aws, parent, looks)).await;
    let view: Value = serde_json::from_str(&view.map_err(Failure::to_look_at(parent))?)?;
    let unfinished =
        list::unfinished(services, |record| record.parent.as_ref() == Some(parent)).await?;
    let without_connection: Vec<_> = unfinished
        .iter()
        .filter(|record| record.connection().is_none())
        .map(|record| record.key.as_str())
        .collect();
    let seen = serde_json::from_value::<difference::Parent>(view.clone())?;
    Ok(Looked {
        parent: parent.clone(),
        sight: seen.sight(&without_connection),
        view,
        unfinished,
        report,
    })
}

impl Looked {
    fn agrees(&self) -> bool {
        self.sight.differences.is_empty() && self.unfinished.is_empty()
    }

    fn document(&self) -> Value {
        let mut document = self.view.clone();
        let unfinished = self.unfinished.iter().map(|record| {
            let mut shown = json!(Shown::brief(record));
            if let Some(connection) = self.sight.on_its_vlan(record.key.as_str()) {
                shown["connectionOnItsVlan"] = connection;
            }
            shown
        });
        document["unfinished"] = unfinished.collect();
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

    fn print(&self, terminal: &mut Terminal, now_ms: u64) -> io::Result<()> {
        let parent = &self.parent;
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
            (Some(limit), Some(free)) if free < 0 => {
                format!(", {} more than the limit of {limit} Mbps", -free)
            }
            (Some(limit), Some(free)) => format!(" of {limit} Mbps; {free} Mbps free"),
            (_, _) => "; no limit is set".to_owned(),
        };
        let text = format!(
            "{parent}: {} in use, {agreed} with order and connection, {} without a connection yet. {} Mbps sold{limit}.",
            count(*taken, "VLAN"),
            open.len(),
            capacity["soldMbps"]
        );
        terminal.print_text(BOLD, &text)?;
        writeln!(terminal.out)?;
        let mut table = tables::table(&["VLAN", "key", "connection", "difference", "what to do"]);
        for difference in differences {
            table.add_row(difference.row());
        }
        tables::align_right(&mut table, 0);
        let agrees = "none: the table and Direct Connect agree";
        tables::print(terminal, "Differences", &mut table, agrees)?;
        let mut table = list::table(&self.unfinished, now_ms);
        let none = "none, except orders that an attempt owns now";
        tables::print(terminal, "Unfinished", &mut table, none)?;
        if !self.unfinished.is_empty() {
            let out = &mut terminal.out;
            writeln!(
                out,
                "{DIM}`operator explain KEY` explains each one.{DIM:#}\n"
            )?;
            if self.report.is_none() {
                writeln!(
                    out,
                    "{DIM}Track retries them once a minute; --finish retries them now.{DIM:#}\n"
                )?;
            }
        }
        Ok(())
    }
}

fn print_report(terminal: &mut Terminal, report: &Report) -> io::Result<()> {
    writeln!(
        terminal.out,
        "Finished {}; {} still unfinished, {} quarantined.",
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
