//! What happened to the order, up to its outcome.

use hosted_connection::Connection;
use ledger::{HistoryEntry, Record};

use super::{named, rejection};
use crate::Line;
use crate::shown::{door, text, vlan};
use crate::words::{count, duration, moment, place};

/// Tries that are told one by one before those like them are told as one.
const TOLD_ONE_BY_ONE: usize = 2;

pub(super) fn lines(record: &Record) -> Vec<Line> {
    let history = &record.history;
    let told = |index: usize| Line {
        at_ms: Some(history[index].at_ms),
        text: happened(record, index),
    };
    let mut lines = Vec::new();
    let mut index = 0;
    while index < history.len() {
        let tries = tries_alike(&history[index..]);
        if tries <= TOLD_ONE_BY_ONE {
            lines.push(told(index));
            index += 1;
            continue;
        }
        lines.extend([told(index), told(index + 1)]);
        let end = index + 2 * tries;
        lines.push(Line {
            at_ms: Some(history[index + 2].at_ms),
            text: format!(
                "{} ended in the same way, the last at {}.",
                count(tries - 1, "more attempt"),
                moment(history[end - 1].at_ms)
            ),
        });
        index = end;
    }
    lines.extend(left_out(record));
    lines
}

/// A stuck order is tried again and again, and each time it ends alike: how often, from the first entry on.
fn tries_alike(history: &[HistoryEntry]) -> usize {
    let end_of = |try_: &[HistoryEntry]| match try_ {
        [begun, ended] if begun.what == "taken over" => {
            Some((ended.what.clone(), ended.detail.clone()))
        }
        _ => None,
    };
    let Some(first) = history.get(..2).and_then(end_of) else {
        return 0;
    };
    let is_open = matches!(first.0.as_str(), "unresolved" | "waiting");
    let alike = history
        .chunks(2)
        .take_while(|try_| end_of(try_).as_ref() == Some(&first));
    if is_open { alike.count() } else { 0 }
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
        text: format!(
            "({lost} more attempts are not shown: a long history keeps its beginning and its end.)"
        ),
    })
}

/// One entry in words. What it means depends on what was before.
fn happened(record: &Record, index: usize) -> String {
    let history = &record.history;
    let earlier = |back: usize| Some(history[index.checked_sub(back)?].what.as_str());
    let why = history[index].detail.as_deref();
    let before = earlier(1);
    // Whoever takes over from a call that may have landed looks first; from one that surely has not, calls at once.
    let looked = before == Some("taken over") && earlier(2) != Some("waiting");
    match (history[index].what.as_str(), before) {
        (what, None) => received(record, what, why),
        ("calling", Some(_)) if looked => format!(
            "Called again after the settle time: no connection of this order was on its VLAN. The new call was for the same \
             VLAN{}.",
            vlan(record)
        ),
        ("calling", Some(_)) if why.is_some() => format!("A new call was prepared.{}", chosen(why)),
        ("calling", Some(_)) => {
            "A new call was prepared: the VLAN chosen first was taken, or too much time had passed since the call was prepared."
                .to_owned()
        }
        ("unresolved", Some(_)) if looked => format!(
            "An attempt looked at the parent, and the outcome stayed unknown{}.",
            because(why)
        ),
        ("unresolved", Some(_)) => {
            let look = match why.is_some_and(|why| why.contains(" failed: ")) {
                true => "The look at the parent failed, too",
                false => "A look at the parent did not show the connection",
            };
            let took = history[index].at_ms.saturating_sub(history[index - 1].at_ms);
            format!(
                "The call ended after {} without an answer{}. {look}. The outcome is unknown.",
                duration(took),
                because(why)
            )
        }
        ("waiting", Some(_)) => format!("The call had no effect{}. The order waits for a retry.", because(why)),
        ("taken over", Some("calling" | "taken over")) => {
            "The attempt before ended without a word (killed, or out of time). Another attempt took over, and looked at the \
             parent first."
                .to_owned()
        }
        ("taken over", Some("waiting")) => "Another attempt took over and prepared a call.".to_owned(),
        ("taken over", Some(_)) => "Another attempt took over and looked at the parent first.".to_owned(),
        ("allocated", Some(_)) => allocated(record, why, looked),
        ("rejected", Some(_)) => format!("Rejected; this is final. {}", rejection(record)),
        ("quarantined", Some(_)) => format!(
            "Direct Connect answered with something that was not requested{}. The order is quarantined: no call is made for \
             it again.",
            record.instead.as_ref().map_or_else(String::new, |instead| format!(": {}", described(instead)))
        ),
        (what, Some(_)) => format!("{what}{}.", because(why)),
    }
}

fn because(why: Option<&str>) -> String {
    why.map_or_else(String::new, |why| {
        format!(" ({})", why.trim_end_matches('.'))
    })
}

/// Why an order by place got its parent, as its record says: `chosen dxcon-…: 95.00 % … are free after the order, …`.
fn chosen(why: Option<&str>) -> String {
    let chosen = why.and_then(|why| why.strip_prefix("chosen ")?.split_once(": "));
    chosen.map_or_else(String::new, |(parent, share)| {
        format!(" {parent} was chosen: {share}.")
    })
}

/// Records of earlier versions do not say how; what came before does.
fn allocated(record: &Record, how: Option<&str>, looked: bool) -> String {
    let connection = record
        .connection()
        .map_or_else(|| "the connection".to_owned(), named);
    match (how, looked) {
        (Some(how), _) if how.contains("quarantine") => format!("{connection} was {how}."),
        (Some(how), _) => {
            format!("{connection} was {how}: a look showed that the earlier call had taken effect.")
        }
        (None, true) => format!(
            "{connection} was adopted: a look at the parent showed that the earlier call had taken effect."
        ),
        (None, false) => format!("Direct Connect allocated {connection}."),
    }
}

fn received(record: &Record, what: &str, why: Option<&str>) -> String {
    let request = &record.request;
    let asked = request
        .vlan
        .map_or("any VLAN".to_owned(), |vlan| format!("VLAN {}", vlan.get()));
    let received = format!(
        "Received through {}: {} {}, {asked}, for {}.",
        door(&record.origin),
        request.bandwidth.as_str(),
        place(request),
        request.owner_account.as_str()
    );
    match what {
        "adopted" => format!(
            "{} was there before, and was adopted by an operator: {} {}, for {}.",
            record.connection().map_or_else(String::new, named),
            request.bandwidth.as_str(),
            place(request),
            request.owner_account.as_str()
        ),
        "calling" => format!(
            "{received}{} {} A call was prepared.",
            chosen(why),
            match (request.vlan, record.vlan, was_moved(record)) {
                (Some(_), _, _) => "Key and VLAN were claimed.".to_owned(),
                (None, Some(vlan), false) => {
                    format!(
                        "VLAN {} was free, and was claimed with the key.",
                        vlan.get()
                    )
                }
                (None, _, _) => "The key was claimed, with a VLAN that was free.".to_owned(),
            }
        ),
        "rejected" => format!(
            "{received} Rejected without a call; this is final. {}",
            rejection(record)
        ),
        "waiting" => format!(
            "{received} It waits for a retry: what had to be read before the call could not be read."
        ),
        other => format!("{received} {other}."),
    }
}

/// Whether another VLAN may have been chosen since: then the record does not know the first one.
fn was_moved(record: &Record) -> bool {
    let mut whats = record.history.windows(2);
    whats.any(|pair| pair[0].what == "calling" && pair[1].what == "calling")
}

fn described(connection: &Connection) -> String {
    format!(
        "{}, {}, for {}",
        named(connection),
        text(connection.bandwidth.as_ref()),
        text(connection.owner_account.as_ref())
    )
}
