//! `operator get`: one order's record.

use std::io::{self, Write};

use clap::Args;
use hosted_connection::{IdempotencyKey, Outcome};
use ledger::Record;
use serde_json::json;
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::place::Services;
use super::shown::{Shown, connection, key, leased_until_ms, text};
use super::words::moment;

const EXAMPLES: &str = "\
Examples:
  operator get order-1001
  operator get order-1001 --json | jq .claim
  operator get order-1001 --data target/local-cloud

Exit status: 0 here it is · 1 there is no such order · 2 it could not be read";

/// Show an order's record: status, request, connection, claim, history
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Get {
    /// The order's idempotency key
    #[arg(value_name = "KEY", value_parser = key)]
    key: IdempotencyKey,
}

impl Get {
    /// Shows the record.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) async fn run(
        self,
        services: &Services,
        terminal: &mut Terminal,
    ) -> Result<Verdict, Failure> {
        let Some(record) = find(services, terminal, &self.key).await? else {
            return Ok(Verdict::Bad);
        };
        if terminal.json {
            terminal.print_json(&Shown::whole(&record))?;
        } else {
            print(terminal, &record)?;
        }
        Ok(Verdict::Good)
    }
}

/// The order's record; when there is none, says so.
///
/// # Errors
/// It cannot be read.
pub(crate) async fn find(
    services: &Services,
    terminal: &mut Terminal,
    key: &IdempotencyKey,
) -> Result<Option<Record>, Failure> {
    let found = services.aws.ledger.record(key).await;
    let found = found.map_err(Failure::to("the order cannot be read"))?;
    if found.is_none() {
        if terminal.json {
            terminal.print_json(&json!({"idempotencyKey": key, "found": false}))?;
        } else {
            writeln!(
                terminal.out,
                "There is no order with the key {key} in {}. It never came in, was invalid (those are published, not \
                 recorded), or its retention is over.",
                services.aws.ledger.table_name()
            )?;
        }
    }
    Ok(found)
}

fn print(terminal: &mut Terminal, record: &Record) -> io::Result<()> {
    let mut table = tables::table(&["what", "how it stands"]);
    for (name, value) in rows(record) {
        table.add_row([name, &value]);
    }
    tables::print(terminal, &format!("Order {}", record.key), &mut table, "")?;
    let mut table = tables::table(&["when (UTC)", "what"]);
    let mut history: Vec<_> = record
        .history
        .iter()
        .chain(&record.lifecycle.history)
        .collect();
    history.sort_by_key(|entry| entry.at_ms);
    for entry in history {
        table.add_row([moment(entry.at_ms), entry.what.clone()]);
    }
    tables::print(terminal, "History", &mut table, "none")
}

fn rows(record: &Record) -> Vec<(&'static str, String)> {
    let request = &record.request;
    let vlan = request
        .vlan
        .map_or("any VLAN".to_owned(), |vlan| format!("VLAN {}", vlan.get()));
    let mut rows = vec![
        ("status", inspect::status(record).as_str().to_owned()),
        (
            "asked for",
            format!(
                "{} on {}, {vlan}, for {} ({})",
                request.bandwidth.as_str(),
                request.connection_id,
                request.owner_account.as_str(),
                request.connection_name.as_str()
            ),
        ),
        ("came through", origin(record)),
        ("first claimed", moment(record.claimed_at_ms)),
        ("attempts", record.attempts.to_string()),
    ];
    let mut add = |name, value: Option<String>| rows.extend(value.map(|value| (name, value)));
    add("VLAN", record.vlan.map(|vlan| vlan.get().to_string()));
    add(
        "connection",
        connection(record).map(|c| {
            let (id, state) = (
                text(c.connection_id.as_ref()),
                text(c.connection_state.as_ref()),
            );
            format!("{id}, {state} when last seen")
        }),
    );
    add(
        "rejected",
        match &record.outcome {
            Some(Outcome::Rejected(rejection)) => {
                Some(format!("{}: {}", rejection.code, rejection.message))
            }
            Some(Outcome::Allocated(_)) | None => None,
        },
    );
    add(
        "answered instead",
        record.instead.as_ref().map(|instead| {
            let vlan = instead
                .vlan
                .map_or("no VLAN".into(), |vlan| format!("VLAN {vlan}"));
            let (id, bandwidth) = (
                text(instead.connection_id.as_ref()),
                text(instead.bandwidth.as_ref()),
            );
            format!(
                "{id}, {bandwidth}, {vlan}, for {}",
                text(instead.owner_account.as_ref())
            )
        }),
    );
    let until_ms = leased_until_ms(record);
    add("leased until", until_ms.map(moment));
    add("last call", Some(moment(record.call_started_at_ms)));
    add(
        "earlier call",
        record
            .unanswered
            .then(|| "ended without an answer".to_owned()),
    );
    add("event", Some(published(record)));
    add(
        "release",
        record.lifecycle.release.as_ref().map(|release| {
            let requested = moment(release.requested_at_ms);
            match release.released_at_ms {
                None => format!("asked for at {requested}"),
                Some(at_ms) => format!("asked for at {requested}, done at {}", moment(at_ms)),
            }
        }),
    );
    add(
        "kept until",
        record.expires_at().map(|at| moment(at.as_ms())),
    );
    rows
}

fn published(record: &Record) -> String {
    match (
        record.outcome.is_some(),
        record.published,
        record.lifecycle.owed.len(),
    ) {
        (false, _, _) => "none yet: no outcome".to_owned(),
        (true, false, _) => "owed: not published yet".to_owned(),
        (true, true, 0) => "published".to_owned(),
        (true, true, owed) => format!("published, but {owed} later ones are owed"),
    }
}

/// Where the order came from.
fn origin(record: &Record) -> String {
    super::explain::door(&record.origin)
}
