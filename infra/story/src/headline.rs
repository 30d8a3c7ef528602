//! Where an order stands, in one sentence.

use hosted_connection::OrderStatus;
use ledger::Record;

use crate::Times;
use crate::look::Seen;
use crate::reason;
use crate::shown::{connection, id, state};
use crate::stuck::{is_leased, stuck_for_ms};
use crate::words::duration;

/// Where it stands.
pub(super) fn headline(record: &Record, times: Times, seen: &Seen) -> String {
    let stands = stands(record, times, seen);
    match stuck_for_ms(record, times.now_ms, times.stuck_after_ms) {
        Some(age_ms) => format!("stuck for {}: {stands}", duration(age_ms)),
        None => stands,
    }
}

fn stands(record: &Record, times: Times, seen: &Seen) -> String {
    let is_leased = is_leased(record, times.now_ms);
    let id = id(connection(record));
    match inspect::status(record) {
        OrderStatus::InProgress if is_leased => "in progress: an attempt owns it now".to_owned(),
        OrderStatus::InProgress => {
            "in progress, but no attempt owns it any more; the outcome of its call is unknown"
                .to_owned()
        }
        OrderStatus::Unresolved if is_leased => {
            "an attempt is checking the outcome of its call".to_owned()
        }
        OrderStatus::Unresolved => with_reason(record, "the outcome of its call is not known yet"),
        OrderStatus::Waiting => with_reason(record, "not allocated yet; waiting for a retry"),
        OrderStatus::Quarantined => "quarantined; a person has to look".to_owned(),
        OrderStatus::Rejected => "rejected; this is final".to_owned(),
        OrderStatus::Allocated if record.lifecycle.gone_at_ms.is_some() => {
            match state(connection(record)) {
                "rejected" => format!("was allocated; the customer declined it ({id})"),
                state => format!("was allocated; {id} is {state}"),
            }
        }
        OrderStatus::Allocated => format!("allocated; {}", shown(record, seen)),
        OrderStatus::Releasing => format!("being released; {}", shown(record, seen)),
        OrderStatus::Released => format!("released; {id} is deleted"),
    }
}

fn with_reason(record: &Record, stands: &str) -> String {
    match reason::recorded(record) {
        Some(reason) => format!("{stands}; last error: {reason}"),
        None => stands.to_owned(),
    }
}

fn shown(record: &Record, seen: &Seen) -> String {
    let id = id(connection(record));
    match seen {
        Seen::Shown { state, .. } if !state.is_empty() => format!("{id} is {state}"),
        Seen::Nowhere { is_new: true } => {
            format!("Direct Connect does not show {id} at this moment")
        }
        Seen::Nowhere { is_new: false } => format!("Direct Connect no longer shows {id}"),
        Seen::Shown { .. } | Seen::LookAlike { .. } | Seen::NotLooked | Seen::Failed(_) => {
            format!("{id} was {} when last seen", state(connection(record)))
        }
    }
}
