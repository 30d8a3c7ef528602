//! `operator forget`: drops the record of an adopted connection. The connection stays as it is.

use std::io::{self, BufRead, Write};

use adoption::Forgetting;
use clap::Args;
use hosted_connection::IdempotencyKey;
use ledger::Record;
use serde_json::json;
use terminal::{PLAIN, Terminal, Verdict, tables};

use super::failure::Failure;
use super::find::find;
use super::place::Services;
use super::shown::{connection, id, key};

const EXAMPLES: &str = "\
Examples:
  operator explain order-1001                   first: is it the right record?
  operator forget order-1001
  operator forget order-1001 --yes --json

It undoes `operator adopt` for one connection, and nothing else: it does not
delete the connection, and it forgets no order. No event is published.

Exit status: 0 the record is dropped · 1 it is not, and the answer says why ·
2 the command failed";

/// Drop the record of an adopted connection; the connection stays
///
/// The connection stays as it is, and its VLAN and bandwidth stay taken: it is an orphan again. It is no longer followed, and
/// an order with its key is a new order. The command says so and asks before it does anything.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Forget {
    /// The idempotency key that the connection was adopted under
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl Forget {
    /// Drops the record.
    ///
    /// # Errors
    /// It could not be carried out.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let Some(record) = find(services, terminal, &self.key).await? else {
            return Ok(Verdict::Bad);
        };
        if let Some(why) = adoption::keeps(&record) {
            return Ok(self.print(terminal, Some(why))?);
        }
        if !self.yes && !is_confirmed(terminal, &record)? {
            let why = "it was not confirmed; answer yes, or give --yes";
            return Ok(self.print(terminal, Some(why))?);
        }
        let forgetting = adoption::forget(&services.aws, &record).await;
        match forgetting.map_err(Failure::to("the record cannot be dropped"))? {
            Forgetting::Forgotten => Ok(self.print(terminal, None)?),
            Forgetting::Kept(why) => Ok(self.print(terminal, Some(&why))?),
        }
    }

    fn print(&self, terminal: &mut Terminal, kept: Option<&str>) -> io::Result<Verdict> {
        let key = &self.key;
        if terminal.json {
            let document =
                json!({"idempotencyKey": key, "forgotten": kept.is_none(), "reason": kept});
            terminal.print_json(&document)?;
        } else {
            let text = match kept {
                None => format!("The record of {key} is dropped. Its connection is as it was."),
                Some(why) => format!("The record of {key} is kept: {why}."),
            };
            terminal.print_text(PLAIN, &text)?;
        }
        Ok(Verdict::good_if(kept.is_none()))
    }
}

/// Says what is going to happen, and waits for a yes.
fn is_confirmed(terminal: &mut Terminal, record: &Record) -> io::Result<bool> {
    let text = format!(
        "This drops the record of {}. The connection {} stays as it is, with its VLAN{} and its bandwidth taken. It is no longer \
         followed, no event tells of it, and an order with this key is a new order.",
        record.key,
        id(connection(record)),
        super::shown::vlan(record),
    );
    for line in tables::folded(&text, usize::from(terminal.width)) {
        writeln!(terminal.err, "{line}")?;
    }
    write!(terminal.err, "Drop the record? [yes/no] ")?;
    terminal.err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
