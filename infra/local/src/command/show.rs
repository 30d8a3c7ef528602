//! `local show`: the state in a data directory.

use std::{io, path::PathBuf};

use clap::Args;
use hosted_connection::{AllocationRequest, Connection, Origin};
use local_cloud::{Cloud, CloudError};
use serde_json::{Value, json};
use terminal::tables::Table;

use terminal::{Terminal, Verdict};

use super::{failure::Failure, tables, tables::text, view};

const EXAMPLES: &str = "\
Examples:
  local invoke tests/events/sqs-batch-mixed.json --data target/local-cloud
  local show
  local show --data elsewhere --json";

/// Show the connections, allocations, VLAN leases, policies and events in a data directory
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// Data directory of `invoke` or `serve`
    #[arg(long, value_name = "DIR", default_value = "target/local-cloud")]
    data: PathBuf,
}

impl Show {
    /// Prints what is kept.
    ///
    /// # Errors
    /// Nothing is kept there, or it is unreadable.
    pub(crate) fn run(self, terminal: &mut Terminal) -> Result<Verdict, Failure> {
        let cloud = Cloud::builder().data_dir(&self.data).build_copy()?;
        if terminal.json {
            terminal.print_json(&contents(&cloud)?)?;
        } else {
            print(terminal, &cloud, &Ledger::of(&cloud)?)?;
        }
        Ok(Verdict::Good)
    }
}

/// Everything in the cloud, for scripts.
///
/// # Errors
/// The table is unreadable.
pub(crate) fn contents(cloud: &Cloud) -> Result<Value, CloudError> {
    let ledger = Ledger::of(cloud)?;
    Ok(json!({
        "connections": cloud.connections().iter().map(view::connection).collect::<Vec<_>>(),
        "allocations": ledger.allocations,
        "leases": ledger.leases,
        "policies": ledger.policies,
        "events": cloud.events().iter().map(view::event).collect::<Vec<_>>(),
    }))
}

/// The function's table.
pub(crate) struct Ledger {
    /// One for each key.
    pub(crate) allocations: Vec<Value>,
    /// One for each VLAN that a key holds, or that a connection has which no order knows.
    pub(crate) leases: Vec<Value>,
    /// One for each parent that has a policy.
    pub(crate) policies: Vec<Value>,
}

impl Ledger {
    /// Reads the table.
    ///
    /// # Errors
    /// It is unreadable.
    pub(crate) fn of(cloud: &Cloud) -> Result<Self, CloudError> {
        let items = cloud.table_items()?;
        let items = items.iter().map(|item| opened(view::item(item)));
        let (allocations, others): (Vec<_>, Vec<_>) =
            items.partition(|item| text(&item["sk"]) == "allocation");
        let (policies, leases) = others
            .into_iter()
            .partition(|item| text(&item["sk"]) == "policy");
        Ok(Self {
            allocations,
            leases,
            policies,
        })
    }
}

fn print(terminal: &mut Terminal, cloud: &Cloud, ledger: &Ledger) -> io::Result<()> {
    let mut connections = tables::connections(&cloud.connections());
    let mut events = tables::events(&cloud.events());
    tables::print(terminal, "Hosted connections", &mut connections, "none")?;
    tables::print(
        terminal,
        "Allocations",
        &mut allocations(&ledger.allocations),
        "none",
    )?;
    tables::print(terminal, "VLAN leases", &mut leases(&ledger.leases), "none")?;
    tables::print(
        terminal,
        "Policies",
        &mut policies(&ledger.policies),
        "none: no parent has a limit of its own",
    )?;
    tables::print(terminal, "Events", &mut events, "none")
}

fn allocations(items: &[Value]) -> Table {
    let mut table = tables::table(&[
        "key", "state", "parent", "VLAN", "attempts", "outcome", "event",
    ]);
    for item in items {
        let (request, outcome) = (&item["orderRequest"], &item["allocationOutcome"]);
        let event = match (outcome, item["eventPublished"] == json!(true)) {
            (Value::Null, _) => "",
            (_, true) => "published",
            (_, false) => "not yet published",
        };
        let outcome = [&outcome["connectionId"], &outcome["code"]]
            .into_iter()
            .find_map(Value::as_str);
        table.add_row([
            text(&item["pk"]).trim_start_matches("allocation#"),
            text(&item["allocationState"]),
            text(&request["connectionId"]),
            &number(&item["vlan"]),
            &number(&item["attemptCount"]),
            outcome.unwrap_or_default(),
            event,
        ]);
    }
    tables::align_right(&mut table, 3);
    tables::align_right(&mut table, 4);
    table
}

fn leases(items: &[Value]) -> Table {
    let mut table = tables::table(&["parent", "VLAN", "held by", "connection", "state"]);
    for item in items {
        table.add_row([
            text(&item["pk"]).trim_start_matches("parent#"),
            text(&item["sk"])
                .trim_start_matches("vlan#")
                .trim_start_matches('0'),
            item["holder"].as_str().unwrap_or("no order"),
            [&item["connectionId"], &item["orphanConnectionId"]]
                .into_iter()
                .find_map(Value::as_str)
                .unwrap_or_default(),
            text(&item["connectionState"]),
        ]);
    }
    tables::align_right(&mut table, 1);
    table
}

fn policies(items: &[Value]) -> Table {
    let mut table = tables::table(&["parent", "policy", "sold", "free"]);
    for item in items {
        let policy = &item["parentPolicy"];
        let limited = policy.get("bandwidthLimitMbps").is_some();
        table.add_row([
            text(&item["pk"]).trim_start_matches("parent#"),
            &policy.to_string(),
            &format!("{} Mbps", item["soldMbps"]),
            &match limited {
                true => format!("{} Mbps", item["freeMbps"]),
                false => "no limit".to_owned(),
            },
        ]);
    }
    table
}

/// The item with its attributes that hold JSON as text opened up.
fn opened(mut item: Value) -> Value {
    let request = AllocationRequest::from_kept(text(&item["orderRequest"])).ok();
    let origin = Origin::from_kept(text(&item["orderOrigin"])).ok();
    let outcome = text(&item["allocationOutcome"]);
    let of_request = |request| Connection::from_kept(outcome, request).ok();
    let connection = match text(&item["allocationState"]) {
        "allocated" => request.as_ref().and_then(of_request),
        _ => None,
    };
    let held = [
        ("orderRequest", request.map(|request| json!(request))),
        ("orderOrigin", origin.map(|origin| json!(origin))),
        (
            "allocationOutcome",
            connection
                .map(|connection| json!(connection))
                .or_else(|| object(outcome)),
        ),
        ("parentPolicy", object(text(&item["parentPolicy"]))),
    ];
    for (name, held) in held {
        if let Some(held) = held {
            item[name] = held;
        }
    }
    item
}

fn object(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

fn number(value: &Value) -> String {
    value
        .as_u64()
        .map_or_else(String::new, |number| number.to_string())
}
