//! `operator adopt`: gives connections that were there before a record, so that they are followed, replayed and released like
//! those of orders.
//!
//! It allocates, changes and deletes nothing at Direct Connect. What it may write, and when, is the crate `adoption`'s business.

use std::io;
use std::path::{Path, PathBuf};

use adoption::{Adopter, Fate, Item, Plan, Report, Wanted};
use clap::Args;
use hosted_connection::{ParentConnection, Vlan};
use serde_json::{Value, json};
use terminal::{BOLD, DIM, PLAIN, Terminal, Verdict, progress, tables};

use super::failure::Failure;
use super::list;
use super::place::{Access, Place, Services};
use super::shown::BY_OPERATOR;

const EXAMPLES: &str = "\
Examples:
  operator adopt dxcon-ffabc123 --dry-run         what would become of each
  operator adopt dxcon-ffabc123                   every orphan, key = its id
  operator adopt dxcon-ffabc123 --from keys.csv   those named, with your keys
  operator adopt dxlag-ffabc789 --from - --json < keys.jsonl

The file has the header connectionId,idempotencyKey and a line for each
connection, or is JSON Lines with these two members. A key has 1 to 255 visible
ASCII characters. If a line cannot be understood, nothing is done.

Each connection gets its record and its VLAN in one transaction, or is refused
with a reason, and the others go on. `Hosted Connection Adopted` is published at
once; without EVENT_BUS_NAME, track publishes it within its next run. The
command can be stopped and run again at any time: it goes on where it was.
`operator forget KEY` drops a record again.

It needs the rights of track: it reads Direct Connect and the table, writes the
table and publishes.

Exit status: 0 done · 1 connections were refused · 2 it could not be carried
out";

/// Give connections that were made before, or by hand, a record
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Adopt {
    /// Interconnect or LAG that shows the connections, `dxcon-…` or `dxlag-…`
    #[arg(value_name = "PARENT", value_parser = list::parent)]
    parent: ParentConnection,
    /// Adopt only the connections in this file, under its keys; - is standard input. Without it, adopt every connection that
    /// no record knows, under its own id as key
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Only show what would become of each connection; write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Adopt {
    /// Looks, and adopts unless told not to.
    ///
    /// # Errors
    /// The file is none, or something could not be read or written.
    pub(crate) async fn run(
        self,
        place: &Place,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let wanted = match &self.from {
            None => Wanted::Orphans,
            Some(path) => Wanted::These(read(path)?),
        };
        let access = match self.dry_run {
            true => Access::Read,
            false => Access::Change,
        };
        let (services, has_bus) = place.open_without_bus(access)?;
        let plan = Box::pin(Plan::of(&services.aws, &self.parent, &wanted)).await;
        let mut plan = plan.map_err(|failure| self.failure(failure))?;
        let report = match self.dry_run {
            true => None,
            false => Some(carry_out(&services, has_bus, &mut plan).await),
        };
        if terminal.json {
            terminal.print_json(&self.document(&plan, report.as_ref()))?;
        } else {
            self.print(terminal, &plan, report.as_ref(), has_bus)?;
        }
        if let Some(error) = report.and_then(|report| report.failed) {
            let what =
                "not all connections were adopted; run the command again, it goes on where it was";
            return Err(Failure::to(what)(error));
        }
        let is_refused = |fate: &Fate| matches!(fate, Fate::Refused(_));
        Ok(Verdict::good_if(plan.count(is_refused) == 0))
    }

    fn failure(&self, failure: adoption::Failure) -> Failure {
        match failure {
            adoption::Failure::Call(error) => {
                Failure::to("what is there cannot be read; nothing was done")(error)
            }
            adoption::Failure::NotShown(message) => Failure::ParentNotShown {
                parent: self.parent.clone(),
                message,
            },
        }
    }

    fn document(&self, plan: &Plan, report: Option<&Report>) -> Value {
        let counts = Counts::of(plan);
        json!({
            "parentConnectionId": self.parent,
            "dryRun": self.dry_run,
            "adopted": counts.adopted,
            "toBeAdopted": counts.to_be_adopted,
            "unchanged": counts.unchanged,
            "refused": counts.refused,
            "unpublished": report.map(|report| report.untold),
            "connections": plan.items.iter().map(shown).collect::<Vec<_>>(),
        })
    }

    fn print(
        &self,
        terminal: &mut Terminal,
        plan: &Plan,
        report: Option<&Report>,
        has_bus: bool,
    ) -> io::Result<()> {
        let Counts {
            adopted,
            to_be_adopted,
            unchanged,
            refused,
        } = Counts::of(plan);
        let parent = &self.parent;
        let left = match (self.dry_run, to_be_adopted) {
            (true, would_be) => format!("{would_be} would be adopted"),
            (false, 0) => format!("{adopted} adopted"),
            (false, left) => format!("{adopted} adopted, {left} left"),
        };
        let text = format!("{parent}: {left}, {unchanged} unchanged, {refused} refused.");
        terminal.print_text(BOLD, &text)?;
        let mut table = tables::table(&["line", "VLAN", "connection", "key", "what becomes of it"]);
        let is_told = |item: &&Item| self.dry_run || matches!(item.fate, Fate::Refused(_));
        for item in plan.items.iter().filter(is_told) {
            table.add_row(row(item));
        }
        let title = if self.dry_run {
            "Connections"
        } else {
            "Refused"
        };
        if self.dry_run || refused > 0 {
            tables::print(terminal, title, &mut table, "none")?;
        }
        match report.map_or(0, |report| report.untold) {
            0 if self.dry_run => terminal.print_text(DIM, "Nothing was written."),
            0 => Ok(()),
            untold => {
                let why = if has_bus {
                    "could not be published now"
                } else {
                    "are not published by this command: EVENT_BUS_NAME is not set"
                };
                let text = format!(
                    "The events `Hosted Connection Adopted` of {untold} {why}. Track publishes them within its next run."
                );
                terminal.print_text(PLAIN, &text)
            }
        }
    }
}

fn read(path: &Path) -> Result<Vec<adoption::Line>, Failure> {
    let content = terminal::read(path).map_err(|source| Failure::UnreadableList {
        path: path.into(),
        source,
    })?;
    adoption::parse(&content).map_err(|faults| Failure::NotAList {
        path: path.into(),
        faults,
    })
}

async fn carry_out(services: &Services, has_bus: bool, plan: &mut Plan) -> Report {
    let (aws, rules) = (services.aws.clone(), services.config.rules.clone());
    let request_id = format!("{BY_OPERATOR}{}", aws.clock.now_ms());
    let mut adopter = Adopter::new(aws, rules, request_id);
    if !has_bus {
        adopter = adopter.without_bus();
    }
    let bar = progress::bar(
        plan.items.len(),
        "{bar:24.cyan/dim} {pos}/{len} adopted or refused",
    );
    let tell = |done: usize| bar.set_position(u64::try_from(done).unwrap_or_default());
    let report = Box::pin(adopter.carry_out(plan, &tell)).await;
    bar.finish_and_clear();
    report
}

/// How many of each there are.
struct Counts {
    adopted: usize,
    to_be_adopted: usize,
    unchanged: usize,
    refused: usize,
}

impl Counts {
    fn of(plan: &Plan) -> Self {
        Self {
            adopted: plan.count(|fate| *fate == Fate::Adopted),
            to_be_adopted: plan.count(|fate| *fate == Fate::ToBeAdopted),
            unchanged: plan.count(|fate| *fate == Fate::Unchanged),
            refused: plan.count(|fate| matches!(fate, Fate::Refused(_))),
        }
    }
}

fn shown(item: &Item) -> Value {
    let (status, reason) = match &item.fate {
        Fate::ToBeAdopted => ("toBeAdopted", None),
        Fate::Adopted => ("adopted", None),
        Fate::Unchanged => ("unchanged", None),
        Fate::Refused(reason) => ("refused", Some(reason)),
    };
    let mut shown = json!({
        "connectionId": item.connection_id,
        "idempotencyKey": item.key,
        "vlan": item.vlan,
        "status": status,
    });
    if let Some(line) = item.line {
        shown["line"] = line.into();
    }
    if let Some(reason) = reason {
        shown["reason"] = reason.as_str().into();
    }
    shown
}

fn row(item: &Item) -> [String; 5] {
    let fate = match &item.fate {
        Fate::ToBeAdopted => "would be adopted".to_owned(),
        Fate::Adopted => "adopted".to_owned(),
        Fate::Unchanged => "has this record already".to_owned(),
        Fate::Refused(reason) => format!("refused: {reason}"),
    };
    [
        item.line.map_or_else(String::new, |line| line.to_string()),
        item.vlan
            .map_or_else(String::new, |vlan: Vlan| vlan.to_string()),
        item.connection_id.clone(),
        item.key.to_string(),
        fate,
    ]
}
