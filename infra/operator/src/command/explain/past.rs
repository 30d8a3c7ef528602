//! What happened to an order, from its record's two histories: the flow's, and the connection's.

use hosted_connection::{Connection, Outcome};
use ledger::{HistoryEntry, Record, State};

use super::{Line, door};
use crate::command::shown::text;
use crate::command::words::{duration, moment};

/// Tries that are told one by one before those like them are told as one.
const TOLD_ONE_BY_ONE: usize = 2;

/// The story, oldest first.
pub(super) fn lines(record: &Record) -> Vec<Line> {
    let mut lines = flow(record);
    lines.extend(life(record));
    // What happened at the same moment stays in its order.
    lines.sort_by_key(|line| line.at_ms);
    if record.outcome.is_some() && record.published {
        let event = match record.state {
            State::Rejected => "Hosted Connection Rejected",
            State::Allocated
            | State::Calling
            | State::Unresolved
            | State::Waiting
            | State::Quarantined => "Hosted Connection Allocated",
        };
        let later = record.lifecycle.changes > 0 || record.lifecycle.reminded;
        let text = match later && record.lifecycle.owed.is_empty() {
            true => format!("The event `{event}` is out, and so are all that came after it."),
            false => format!("The event `{event}` is out."),
        };
        lines.push(Line { at_ms: None, text });
    }
    lines
}

fn flow(record: &Record) -> Vec<Line> {
    let history = &record.history;
    let told = |index: usize| Line {
        at_ms: Some(history[index].at_ms),
        text: happened(record, index),
    };
    let is_try = |index: usize| {
        let what = |index: usize| history.get(index).map(|entry| entry.what.as_str());
        what(index) == Some("taken over") && what(index + 1) == Some("unresolved")
    };
    let mut lines = Vec::new();
    let mut index = 0;
    while index < history.len() {
        // A stuck order is looked at every minute, and each time it is the same.
        let mut end = index;
        while is_try(end) {
            end += 2;
        }
        let tries = (end - index) / 2;
        if tries <= TOLD_ONE_BY_ONE {
            lines.push(told(index));
            index += 1;
            continue;
        }
        lines.extend([told(index), told(index + 1)]);
        let last = history[end - 1].at_ms;
        let text = format!(
            "{} more tries ended like this one, the last at {}.",
            tries - 1,
            moment(last)
        );
        lines.push(Line {
            at_ms: Some(history[index + 2].at_ms),
            text,
        });
        index = end;
    }
    if let Some(line) = left_out(record) {
        lines.push(line);
    }
    lines
}

/// A story that grew too long has lost its middle.
fn left_out(record: &Record) -> Option<Line> {
    let takeovers = record
        .history
        .iter()
        .filter(|entry| entry.what == "taken over");
    let kept = u32::try_from(takeovers.count())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
    let lost = record.attempts.saturating_sub(kept);
    let gap = record
        .history
        .windows(2)
        .max_by_key(|pair| pair[1].at_ms.saturating_sub(pair[0].at_ms))?;
    (lost > 0).then(|| Line {
        at_ms: Some(gap[0].at_ms),
        text: format!("({lost} more attempts were made than the record tells of: it keeps the beginning and the end.)"),
    })
}

/// One entry in words. What it means depends on what was before.
fn happened(record: &Record, index: usize) -> String {
    let history = &record.history;
    let earlier = |back: usize| Some(history[index.checked_sub(back)?].what.as_str());
    let gap = || {
        duration(
            history[index]
                .at_ms
                .saturating_sub(history[index - 1].at_ms),
        )
    };
    let before = earlier(1);
    // Whoever takes over from a call that may have landed looks first; from one that surely has not, calls at once.
    let looked = before == Some("taken over") && earlier(2) != Some("waiting");
    match (history[index].what.as_str(), before) {
        (what, None) => came_in(record, what),
        ("calling", Some(_)) if looked => format!(
            "Nothing of this order was on its VLAN, and the settle time was over: a new call was about to be sent, with the \
             same VLAN{}.",
            vlan(record)
        ),
        ("calling", Some(_)) => {
            "A call was about to be sent, anew: the VLAN that was chosen first turned out to be taken, or the moment noted \
             before had passed without a call."
                .to_owned()
        }
        ("unresolved", Some(_)) if looked => {
            "Looked at the parent: the connection was not there, but the call could still land; or the look failed. The \
             question stayed open."
                .to_owned()
        }
        ("unresolved", Some(_)) => format!(
            "The call ended after {} without an answer that says what came of it. A look at the parent did not show the \
             connection, or failed. The claim was given back with the question open.",
            gap()
        ),
        ("waiting", Some(_)) => {
            "The call certainly had no effect: AWS asked for fewer requests, did not let us or could not be reached, or the \
             time was up before it was sent. The claim was given back."
                .to_owned()
        }
        ("taken over", Some("calling" | "taken over")) => {
            "Whoever was at it had not been heard of until its lease was over: killed, or out of time. Another attempt took \
             the order over, to look before anything else."
                .to_owned()
        }
        ("taken over", Some("waiting")) => "Another attempt took it up; a call was about to be sent.".to_owned(),
        ("taken over", Some(_)) => "Another attempt took it up, to look first.".to_owned(),
        ("allocated", Some(_)) if looked => format!(
            "Looked at the parent, and there it was: the earlier call had landed. {} was adopted.",
            first_connection(record)
        ),
        ("allocated", Some(_)) if record.unanswered => format!(
            "{} exists: this call was answered, or ran into what an earlier one had left. Recorded.",
            first_connection(record)
        ),
        ("allocated", Some(_)) => format!(
            "Direct Connect has allocated {}. Recorded.",
            first_connection(record)
        ),
        ("rejected", Some(_)) => format!("No, for good. {}", rejection(record)),
        ("quarantined", Some(_)) => format!(
            "Direct Connect answered with something that was not asked for: {}. The order was set aside; no call is made for \
             it ever again.",
            record.instead.as_ref().map_or_else(String::new, described)
        ),
        (what, Some(_)) => format!("{what}."),
    }
}

fn came_in(record: &Record, what: &str) -> String {
    let request = &record.request;
    let asked = request
        .vlan
        .map_or("any VLAN".to_owned(), |vlan| format!("VLAN {}", vlan.get()));
    let came = format!(
        "Came in through {}: {} on {}, {asked}, for {}.",
        door(&record.origin),
        request.bandwidth.as_str(),
        request.connection_id,
        request.owner_account.as_str()
    );
    match what {
        "calling" => format!(
            "{came} {} A call was about to be sent.",
            match (request.vlan, record.vlan, was_moved(record)) {
                (Some(_), _, _) => "Key and VLAN were claimed.".to_owned(),
                (None, Some(vlan), false) => {
                    format!("VLAN {} was free, and claimed with the key.", vlan.get())
                }
                (None, _, _) => "The key was claimed, and a VLAN that was free.".to_owned(),
            }
        ),
        "rejected" => format!(
            "{came} No, for good, and without a call. {}",
            rejection(record)
        ),
        other => format!("{came} {other}."),
    }
}

/// Whether another VLAN may have been chosen since: then the record does not know the first one.
fn was_moved(record: &Record) -> bool {
    let mut whats = record.history.windows(2);
    whats.any(|pair| pair[0].what == "calling" && pair[1].what == "calling")
}

fn vlan(record: &Record) -> String {
    record
        .vlan
        .map_or_else(String::new, |vlan| format!(" {}", vlan.get()))
}

fn first_connection(record: &Record) -> String {
    record
        .connection()
        .map_or_else(|| "the connection".to_owned(), named)
}

fn named(connection: &Connection) -> String {
    let id = text(connection.connection_id.as_ref());
    match connection.vlan {
        Some(vlan) => format!("{id} (VLAN {vlan})"),
        None => id.to_owned(),
    }
}

fn described(connection: &Connection) -> String {
    format!(
        "{}, {}, for {}",
        named(connection),
        text(connection.bandwidth.as_ref()),
        text(connection.owner_account.as_ref())
    )
}

fn rejection(record: &Record) -> String {
    match &record.outcome {
        Some(Outcome::Rejected(rejection)) => format!("{}: {}", rejection.code, rejection.message),
        Some(Outcome::Allocated(_)) | None => String::new(),
    }
}

/// What became of the connection.
fn life(record: &Record) -> Vec<Line> {
    let mut state = text(
        record
            .connection()
            .and_then(|c| c.connection_state.as_ref()),
    );
    let mut lines = Vec::new();
    for HistoryEntry { at_ms, what, .. } in &record.lifecycle.history {
        let text = lived(record, what, state, *at_ms);
        let is_step = matches!(what.as_str(), "reminded" | "released")
            || what.starts_with("release ")
            || what.starts_with("moved to ");
        if !is_step {
            state = what;
        }
        lines.push(Line {
            at_ms: Some(*at_ms),
            text,
        });
    }
    lines
}

fn lived(record: &Record, what: &str, before: &str, at_ms: u64) -> String {
    match what {
        "reminded" => {
            let since = duration(at_ms.saturating_sub(record.occurred_at.as_ms()));
            format!(
                "Its owner had neither confirmed nor declined it for {since}: a reminder was due on the event bus."
            )
        }
        "release requested" => match &record.lifecycle.release {
            Some(release) if release.requested_at_ms == at_ms => {
                format!(
                    "Its release was asked for through {}.",
                    door(&release.origin)
                )
            }
            Some(_) | None => "Its release was asked for.".to_owned(),
        },
        "release refused for now" => {
            "Direct Connect did not take the release. Whether that was its last word shows when the settle time is over."
                .to_owned()
        }
        "release to be asked for again" => {
            "It was being set up, or its parent was being changed, when the release was refused: it is asked for again."
                .to_owned()
        }
        "release refused" => {
            "Direct Connect did not delete it; the release was withdrawn, and nothing has changed."
                .to_owned()
        }
        "released" => format!(
            "It was gone, and with that released. Its VLAN{} was free again.",
            vlan(record)
        ),
        "pending" if before == "ordering" => seen(before, what, "its owner had confirmed it"),
        "rejected" => seen(before, what, "its owner had declined it"),
        "available" => seen(before, what, "it was up"),
        "down" => seen(before, what, "its link was down"),
        "deleting" => seen(before, what, "somebody had asked to delete it"),
        "deleted" => seen(before, what, "it was no more"),
        other => match other.strip_prefix("moved to ") {
            Some(parent) => format!(
                "Somebody had moved it to {parent}, or its interconnect had joined that LAG. Its VLAN lease moved along."
            ),
            None => format!("Direct Connect showed it {other}; it was {before} before."),
        },
    }
}

fn seen(before: &str, state: &str, meaning: &str) -> String {
    format!("Direct Connect showed it {state}: {meaning}. It was {before} before.")
}
