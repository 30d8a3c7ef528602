//! `operator list`: orders, of a parent or all, in a state or in any; or those that are unfinished.

use std::io;

use clap::Args;
use hosted_connection::{OrderStatus, ParentConnection};
use ledger::Record;
use serde_json::json;
use terminal::{DIM, Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::Services;
use super::shown::{Shown, connection, id, state};
use super::words::{away, moment};

const EXAMPLES: &str = "\
Examples:
  operator list --unfinished                     what is not done, oldest first
  operator list --parent dxcon-ffabc123          newest first
  operator list --parent dxcon-ffabc123 --state rejected
  operator list --state quarantined --json | jq -r .allocations[].idempotencyKey

--unfinished reads a small index and is cheap however large the table is. Orders
that an attempt owns at this moment are not in it. A list without it and without
--parent reads the whole table.

Exit status: 0 done · 2 the table could not be read";

/// List orders
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// Only orders on this interconnect or LAG
    #[arg(long, value_name = "PARENT", value_parser = parent)]
    parent: Option<ParentConnection>,
    /// Only orders in this state
    #[arg(long, value_name = "STATE", value_parser = status)]
    state: Option<OrderStatus>,
    /// Only orders that are not done or not published, and that no attempt owns now
    #[arg(long)]
    unfinished: bool,
    /// The most orders to show
    #[arg(long, visible_alias = "limit", value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    most: u32,
}

/// A list, and whether there is more of it.
struct Listed {
    records: Vec<Record>,
    more: bool,
}

impl List {
    /// Lists.
    ///
    /// # Errors
    /// The table cannot be read.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        let mut listed = if self.unfinished {
            let records = unfinished(services, |record| self.wants(record)).await?;
            Listed {
                records,
                more: false,
            }
        } else {
            self.pages(services, most).await?
        };
        listed.more |= listed.records.len() > most;
        listed.records.truncate(most);
        if terminal.json {
            let shown: Vec<_> = listed.records.iter().map(Shown::brief).collect();
            terminal.print_json(&json!({"allocations": shown, "more": listed.more}))?;
        } else {
            print(terminal, &listed, services.aws.clock.now_ms())?;
        }
        Ok(Verdict::Good)
    }

    fn wants(&self, record: &Record) -> bool {
        let parent = record.parent.as_ref();
        self.parent
            .as_ref()
            .is_none_or(|wanted| Some(wanted) == parent)
            && self
                .state
                .is_none_or(|wanted| wanted == inspect::status(record))
    }

    async fn pages(&self, services: &Services, most: usize) -> Result<Listed, Failure> {
        let mut records = Vec::new();
        let mut next = None;
        loop {
            let ledger = &services.aws.ledger;
            let page = ledger.page(self.parent.as_ref(), next, usize::MAX, |record| {
                self.wants(record)
            });
            let page = page
                .await
                .map_err(Failure::to("the orders cannot be listed"))?;
            records.extend(page.records);
            next = page.next;
            if next.is_none() || records.len() >= most {
                let more = next.is_some();
                return Ok(Listed { records, more });
            }
        }
    }
}

/// Unfinished orders that `wanted` lets through, those that have waited longest first.
///
/// # Errors
/// The table cannot be read.
pub(crate) async fn unfinished(
    services: &Services,
    wanted: impl Fn(&Record) -> bool,
) -> Result<Vec<Record>, Failure> {
    let keys = services.aws.ledger.unfinished(usize::MAX).await;
    let keys = keys.map_err(Failure::to("the index of unfinished orders cannot be read"))?;
    let records = services.aws.ledger.records(&keys).await;
    let mut records = records.map_err(Failure::to("the unfinished orders cannot be read"))?;
    // The index may be a little behind.
    records.retain(|record| record.is_unfinished() && wanted(record));
    records.sort_by_key(|record| record.claimed_at_ms);
    Ok(records)
}

/// Reads an interconnect or LAG from the command line.
pub(crate) fn parent(text: &str) -> Result<ParentConnection, String> {
    ParentConnection::parse(text).map_err(|violation| violation.message)
}

fn status(text: &str) -> Result<OrderStatus, String> {
    OrderStatus::parse(text).map_err(|violation| violation.message)
}

fn print(terminal: &mut Terminal, listed: &Listed, now_ms: u64) -> io::Result<()> {
    let mut table = table(&listed.records, now_ms);
    let title = match listed.records.len() {
        1 => "1 order".to_owned(),
        many => format!("{many} orders"),
    };
    tables::print(terminal, &title, &mut table, "none")?;
    if listed.more {
        let most = listed.records.len() * 10;
        let text = format!("There are more orders; --most {most} shows more.");
        terminal.print_text(DIM, &text)?;
    }
    Ok(())
}

/// Orders, one a row.
pub(crate) fn table(records: &[Record], now_ms: u64) -> tables::Table {
    let columns = [
        "key",
        "status",
        "parent",
        "VLAN",
        "connection",
        "claimed (UTC)",
    ];
    let mut table = tables::table(&columns);
    for record in records {
        let connection = connection(record);
        let connection = [id(connection), state(connection)].join(" ");
        let claimed_ms = record.claimed_at_ms;
        table.add_row([
            record.key.as_str(),
            inspect::status(record).as_str(),
            record.parent.as_ref().map_or("", ParentConnection::as_str),
            &record
                .vlan
                .map_or(String::new(), |vlan| vlan.get().to_string()),
            connection.trim(),
            &format!("{} ({})", moment(claimed_ms), away(claimed_ms, now_ms)),
        ]);
    }
    tables::align_right(&mut table, 3);
    table
}
