//! What became of the connection after its allocation.

use ledger::{HistoryEntry, Record};

use crate::Line;
use crate::shown::{door, state, vlan};
use crate::words::duration;

pub(super) fn lines(record: &Record) -> Vec<Line> {
    let mut before = state(record.connection());
    let mut lines = Vec::new();
    for entry in &record.lifecycle.history {
        lines.push(Line {
            at_ms: Some(entry.at_ms),
            text: happened(record, entry, before),
        });
        let what = entry.what.as_str();
        let is_step = matches!(what, "reminded" | "released")
            || what.starts_with("release ")
            || what.starts_with("moved to ")
            || what.starts_with("move to ");
        if !is_step {
            before = what;
        }
    }
    lines
}

fn happened(record: &Record, entry: &HistoryEntry, before: &str) -> String {
    let HistoryEntry {
        at_ms,
        what,
        detail,
    } = entry;
    let why = detail
        .as_ref()
        .map_or_else(String::new, |detail| format!(": {detail}"));
    match what.as_str() {
        "reminded" => {
            let since = duration(at_ms.saturating_sub(record.occurred_at.as_ms()));
            format!(
                "The owner had neither confirmed nor declined the connection for {since}: a reminder was due on the event bus."
            )
        }
        "release requested" => match &record.lifecycle.release {
            Some(release) if release.requested_at_ms == *at_ms => {
                format!("Its release was requested through {}.", door(&release.origin))
            }
            Some(_) | None => "Its release was requested.".to_owned(),
        },
        "release refused for now" => format!(
            "Direct Connect refused to delete the connection{why}. Whether that is final is known when the settle time is over."
        ),
        "release to be asked for again" => {
            "The connection was being set up, or its parent was being changed, when the release was refused: the release is \
             requested again."
                .to_owned()
        }
        "release refused" => format!(
            "Direct Connect refused to delete the connection{why}. The release was withdrawn; the connection is as it was."
        ),
        "released" => format!("Connection deleted; release complete. Its VLAN{} is free again.", vlan(record)),
        "pending" if before == "ordering" => changed(before, what, "its owner has confirmed it"),
        "rejected" => changed(before, what, "its owner has declined it"),
        "available" => changed(before, what, "it is up"),
        "down" => changed(before, what, "its link is down"),
        "deleting" => changed(before, what, "somebody has requested its deletion"),
        "deleted" => changed(before, what, "it no longer exists"),
        other if other.starts_with("move to ") => asked_to_move(other),
        other => match other.strip_prefix("moved to ") {
            Some(parent) => format!(
                "The connection is on {parent} now: it was moved there, or its interconnect joined that LAG. Its VLAN lease was \
                 moved, too."
            ),
            None => format!("State changed from {before} to {other}."),
        },
    }
}

fn asked_to_move(what: &str) -> String {
    let target = what.strip_prefix("move to ").unwrap_or_default();
    match target.strip_suffix(" begun") {
        Some(parent) => format!(
            "`operator move` was to bring the connection to {parent}. Its VLAN was leased there as well, before Direct Connect was \
             asked."
        ),
        None => {
            let parent = target.strip_suffix(" given up").unwrap_or(target);
            format!(
                "The connection did not get to {parent}: what was kept free for it there was given back."
            )
        }
    }
}

fn changed(before: &str, state: &str, meaning: &str) -> String {
    format!("State changed from {before} to {state}: {meaning}.")
}
