//! The tables that several commands print, in one style: a rule under the header, no boxes, folded to the window.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use comfy_table::{
    CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
};
use local_cloud::{BusEvent, HostedConnection, RequestRecord};
use serde_json::Value;

use super::terminal::{BOLD, DIM, Terminal};

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none().junction(' '))
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .content_lines(ContentLineStyle::none().junction(' '));

/// Marks that are coloured wherever they stand. Each stands beside a word that says the same.
const MARKS: [(char, Style); 4] = [
    ('✓', AnsiColor::Green.on_default()),
    ('✗', AnsiColor::Red.on_default()),
    ('↺', AnsiColor::Cyan.on_default()),
    ('…', AnsiColor::Yellow.on_default()),
];

/// Characters of an id that tell it from the others.
const SHORT_ID: usize = 8;

/// An empty table with these columns.
pub(crate) fn table(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(columns.iter().copied());
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    table
}

/// Puts a column of numbers flush right.
pub(crate) fn align_right(table: &mut Table, column: usize) {
    if let Some(column) = table.column_mut(column) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Prints a title and the table, or what there is instead when it has no rows.
///
/// # Errors
/// The output is closed.
pub(crate) fn print(
    terminal: &mut Terminal,
    title: &str,
    table: &mut Table,
    instead: &str,
) -> io::Result<()> {
    write(&mut terminal.out, terminal.width, title, table, instead)
}

/// As [`print()`], to any output of this width.
///
/// # Errors
/// The output is closed.
pub(crate) fn write(
    out: &mut dyn Write,
    width: u16,
    title: &str,
    table: &mut Table,
    instead: &str,
) -> io::Result<()> {
    table.set_width(width);
    writeln!(out, "{BOLD}{title}{BOLD:#}")?;
    if table.is_empty() {
        return writeln!(out, "{DIM}{instead}{DIM:#}\n");
    }
    let mut in_header = true;
    for line in table.trim_fmt().lines() {
        if in_header {
            writeln!(out, "{DIM}{line}{DIM:#}")?;
        } else {
            writeln!(out, "{}", colour(line))?;
        }
        // The rule ends the header.
        in_header &= !line.starts_with('─');
    }
    writeln!(out)
}

/// The line with its marks coloured. After folding, because escapes would count as columns before.
pub(crate) fn colour(line: &str) -> String {
    MARKS.iter().fold(line.to_owned(), |line, (mark, style)| {
        line.replace(*mark, &format!("{style}{mark}{style:#}"))
    })
}

/// Hosted connections, by parent.
pub(crate) fn connections(connections: &[HostedConnection]) -> Table {
    let mut table = table(&[
        "parent",
        "connection",
        "VLAN",
        "bandwidth",
        "owner",
        "name",
        "state",
    ]);
    let mut sorted: Vec<_> = connections.iter().collect();
    sorted.sort_by_key(|connection| (&connection.parent, connection.vlan));
    let mut parent = "";
    for connection in sorted {
        // Each parent is named once, where its connections begin.
        let named = if connection.parent == parent {
            ""
        } else {
            &connection.parent
        };
        parent = &connection.parent;
        table.add_row([
            named,
            &connection.id,
            &connection.vlan.to_string(),
            &connection.bandwidth,
            &connection.owner_account,
            &connection.name,
            &connection.state,
        ]);
    }
    align_right(&mut table, 2);
    align_right(&mut table, 3);
    table
}

/// Events, in the order of their publication.
pub(crate) fn events(events: &[BusEvent]) -> Table {
    let mut table = table(&["detail type", "key", "event id", "what it says"]);
    for event in events {
        let detail = &event.detail;
        let id: String = text(&detail["eventId"]).chars().take(SHORT_ID).collect();
        let connection = &detail["connection"];
        let says = match (&detail["rejection"], &detail["previousState"]) {
            (Value::Null, Value::Null) => text(&connection["connectionId"]).to_owned(),
            (Value::Null, before) => {
                format!(
                    "{} → {}",
                    text(before),
                    text(&connection["connectionState"])
                )
            }
            (rejection, _) => text(&rejection["code"]).to_owned(),
        };
        let key = detail["idempotencyKey"].as_str().unwrap_or("none");
        table.add_row([&event.detail_type, key, &id, &says]);
    }
    table
}

/// Calls on AWS, counted by operation in the order of their first use.
pub(crate) fn calls(requests: &[RequestRecord]) -> Table {
    let mut order: Vec<&str> = Vec::new();
    let mut counted: BTreeMap<&str, (String, usize, Vec<String>)> = BTreeMap::new();
    for request in requests {
        let (_, count, faults) = counted.entry(&request.operation).or_insert_with(|| {
            order.push(&request.operation);
            (request.service.to_string(), 0, Vec::new())
        });
        *count += 1;
        faults.extend(request.fault.as_ref().map(|fault| fault.kind.to_string()));
    }
    let mut table = table(&["service", "operation", "calls", "faults injected"]);
    for operation in order {
        if let Some((service, count, faults)) = counted.get(operation) {
            table.add_row([service, operation, &count.to_string(), &faults.join(", ")]);
        }
    }
    align_right(&mut table, 2);
    table
}

/// A string member, or nothing.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
