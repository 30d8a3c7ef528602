//! `operator get`: one order's record.

use std::io;

use clap::Args;
use hosted_connection::{IdempotencyKey, Outcome};
use ledger::Record;
use terminal::{Terminal, Verdict, tables};

use super::failure::Failure;
use super::find::find;
use super::place::Services;
use super::reason;
use super::shown::{Shown, connection, door, key, leased_until_ms, text};
use super::words::moment;

const EXAMPLES: &str = "\
Examples:
  operator get order-1001
  operator get order-1001 --json | jq .claim
  operator get order-1001 --data target/local-cloud

Exit status: 0 shown · 1 no such order · 2 the order could not be read";

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

fn print(terminal: &mut Terminal, record: &Record) -> io::Result<()> {
    let mut table = tables::table(&["field", "value"]);
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
        let what = match &entry.detail {
            Some(detail) => format!("{}: {detail}", entry.what),
            None => entry.what.clone(),
        };
        table.add_row([moment(entry.at_ms), what]);
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
            "requested",
            format!(
                "{} {}, {vlan}, for {} ({})",
                request.bandwidth.as_str(),
                story::words::place(request),
                request.owner_account.as_str(),
                request.connection_name.as_str()
            ),
        ),
        ("received through", door(&record.origin)),
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
            Some(Outcome::Rejected(rejection)) => Some(story::words::rejection(rejection)),
            Some(Outcome::Allocated(_)) | None => None,
        },
    );
    add(
        "answered with",
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
    add("owned until", until_ms.map(moment));
    add("last call", Some(moment(record.call_started_at_ms)));
    add("last error", reason::recorded(record).map(str::to_owned));
    add(
        "earlier call",
        record
            .unanswered
            .then(|| "ended without an answer: its outcome is unknown".to_owned()),
    );
    add("event", Some(published(record)));
    add(
        "release",
        record.lifecycle.release.as_ref().map(|release| {
            let requested = moment(release.requested_at_ms);
            match release.released_at_ms {
                None => format!("requested at {requested}"),
                Some(at_ms) => format!("requested at {requested}, complete at {}", moment(at_ms)),
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
        (false, _, _) => "none yet: there is no outcome".to_owned(),
        (true, false, _) => "not published yet".to_owned(),
        (true, true, 0) => "published".to_owned(),
        (true, true, owed) => format!("published; {owed} later events are not published yet"),
    }
}
