//! What happened to an order, from its record's two histories: the order's own, and its connection's.

mod life;
mod order;

use hosted_connection::{Connection, Outcome};
use ledger::{Record, State};

use crate::shown::text;
use crate::{Line, words};

/// The story, oldest first.
pub(super) fn lines(record: &Record) -> Vec<Line> {
    let mut lines = order::lines(record);
    lines.extend(life::lines(record));
    // What happened at the same moment stays in its order.
    lines.sort_by_key(|line| line.at_ms);
    if record.outcome.is_some() && record.published {
        let event = match record.state {
            State::Rejected => "Hosted Connection Rejected",
            State::Allocated if record.origin.is_adoption() => "Hosted Connection Adopted",
            State::Allocated
            | State::Calling
            | State::Unresolved
            | State::Waiting
            | State::Quarantined => "Hosted Connection Allocated",
        };
        let later = record.lifecycle.changes > 0 || record.lifecycle.reminded;
        let text = match later && record.lifecycle.owed.is_empty() {
            true => format!("The event `{event}` and all later events are published."),
            false => format!("The event `{event}` is published."),
        };
        lines.push(Line { at_ms: None, text });
    }
    lines
}

/// Its id, and its VLAN.
fn named(connection: &Connection) -> String {
    let id = text(connection.connection_id.as_ref());
    match connection.vlan {
        Some(vlan) => format!("{id} (VLAN {vlan})"),
        None => id.to_owned(),
    }
}

fn rejection(record: &Record) -> String {
    match &record.outcome {
        Some(Outcome::Rejected(rejection)) => words::rejection(rejection),
        Some(Outcome::Allocated(_)) | None => String::new(),
    }
}
