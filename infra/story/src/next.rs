//! What happens to an order next without anybody's help, and when.

use hosted_connection::OrderStatus;
use ledger::{Record, State};

use crate::Times;
use crate::look::Seen;
use crate::shown::{leased_until_ms, vlan};
use crate::words::{self, away, duration, moment};

/// What happens by itself.
pub(super) fn by_itself(record: &Record, times: Times, seen: &Seen) -> Vec<String> {
    let mut next = match seen {
        Seen::LookAlike { parent, id } => vec![format!(
            "No call is made for this order as long as {parent} shows {id}. Every delivery and every run of track looks again \
             and ends with OutcomeUnknown; a matching connection on {} is adopted.",
            words::parent(&record.request)
        )],
        Seen::Shown { .. } | Seen::NotLooked | Seen::Nowhere { .. } | Seen::Failed(_) => {
            of_state(record, times)
        }
    };
    let owed = &record.lifecycle.owed;
    if !owed.is_empty() {
        let names: Vec<_> = owed
            .iter()
            .map(|event| format!("`{}`", event.detail_type.as_str()))
            .collect();
        next.push(format!(
            "The next run of track publishes these events, in this order: {}.",
            names.join(", ")
        ));
    }
    match inspect::status(record) {
        OrderStatus::Releasing => next.push(
            "Every run of track asks Direct Connect to delete the connection and checks. When the connection is gone, the VLAN \
             is free and `Hosted Connection Released` is published."
                .to_owned(),
        ),
        OrderStatus::Allocated if record.lifecycle.gone_at_ms.is_none() => {
            next.extend(of_living(record, times, seen));
        }
        OrderStatus::Allocated
        | OrderStatus::Released
        | OrderStatus::Rejected
        | OrderStatus::InProgress
        | OrderStatus::Unresolved
        | OrderStatus::Waiting
        | OrderStatus::Quarantined => {}
    }
    next.extend(answer_to_a_repetition(record));
    next
}

fn of_state(record: &Record, times: Times) -> Vec<String> {
    match record.state {
        State::Calling | State::Unresolved | State::Waiting => of_open(record, times),
        State::Quarantined => vec![
            "Nothing: no call is made for this key again, and every delivery of the order is returned to its queue.".to_owned(),
            format!("Its VLAN{} stays reserved.", vlan(record)),
        ],
        State::Allocated | State::Rejected if !record.published => vec![
            "Its event is not published yet: the next delivery of the order or the next run of track (once a minute) publishes \
             it."
                .to_owned(),
        ],
        State::Allocated | State::Rejected => Vec::new(),
    }
}

fn answer_to_a_repetition(record: &Record) -> Option<String> {
    let until = record.expires_at();
    match (until, &record.outcome) {
        (Some(at), _) => Some(format!(
            "A duplicate of the order gets the same answer until {}. After that, its key counts as new.",
            moment(at.as_ms())
        )),
        (None, Some(_)) => {
            Some("A duplicate of the order gets the same answer and makes no call.".to_owned())
        }
        (None, None) => None,
    }
}

fn of_open(record: &Record, times: Times) -> Vec<String> {
    let now_ms = times.now_ms;
    let leased_until_ms = leased_until_ms(record).filter(|until_ms| *until_ms > now_ms);
    let mut next = Vec::new();
    if let Some(until_ms) = leased_until_ms {
        next.push(format!(
            "The attempt owns the order until {} ({}). Until then every other delivery is answered with InProgress.",
            moment(until_ms),
            away(until_ms, now_ms)
        ));
    }
    let who = match leased_until_ms {
        None => "The next delivery or the next run of track (once a minute) takes over",
        Some(_) => {
            "If the attempt does not end by then, the next delivery or run of track (once a minute) takes over"
        }
    };
    next.push(match record.state {
        State::Waiting => format!("{who} and calls Direct Connect for VLAN{}.", vlan(record)),
        State::Calling
        | State::Unresolved
        | State::Allocated
        | State::Rejected
        | State::Quarantined => format!(
            "{who} and looks at all connections of {}. A matching connection on VLAN{} is adopted. {}",
            words::parent(&record.request),
            vlan(record),
            otherwise(record, times)
        ),
    });
    next
}

/// What becomes of an order whose connection is not found.
fn otherwise(record: &Record, times: Times) -> String {
    let settled_ms = record.call_started_at_ms.saturating_add(times.settle_ms);
    let settle = duration(times.settle_ms);
    if settled_ms > times.now_ms {
        return format!(
            "If there is none, the call is made again, with the same VLAN, but not before {} ({}), when the settle time of \
             {settle} is over.",
            moment(settled_ms),
            away(settled_ms, times.now_ms)
        );
    }
    format!(
        "The settle time of {settle} is over: if neither this parent nor another one shows such a connection, the call is made \
         again, with the same VLAN."
    )
}

fn of_living(record: &Record, times: Times, seen: &Seen) -> Vec<String> {
    if let Seen::Nowhere { .. } = seen {
        return Vec::new();
    }
    let mut next = Vec::new();
    if let Some(parent) = seen.moved_to(record) {
        next.push(format!(
            "Direct Connect shows the connection on {parent} now. The next run of track records that, and moves the VLAN lease."
        ));
    }
    next.push(
        "Track checks the connection once a minute and publishes every change of its state."
            .to_owned(),
    );
    let due_ms = record
        .occurred_at
        .as_ms()
        .saturating_add(times.reminder_after_ms);
    if seen.state(record) == "ordering" && due_ms > times.now_ms {
        next.push("Its owner has to confirm or decline it, in their own account.".to_owned());
        next.push(format!(
            "If the owner does neither, a reminder is published at about {} ({}).",
            moment(due_ms),
            away(due_ms, times.now_ms)
        ));
    }
    next
}
