//! For how long an order has been unfinished, and whether that is too long.

use hosted_connection::OrderStatus;
use ledger::{Record, State};

use crate::shown::leased_until_ms;

/// For how long it has been stuck, if it counts as that.
pub fn stuck_for_ms(record: &Record, now_ms: u64, stuck_after_ms: u64) -> Option<u64> {
    if !record.is_unfinished() || record.state == State::Quarantined {
        return None;
    }
    let age_ms = unfinished_for_ms(record, now_ms);
    (age_ms >= stuck_after_ms).then_some(age_ms)
}

/// For how long it has been unfinished: since it was claimed, its release was asked for, or an event became due.
pub fn unfinished_for_ms(record: &Record, now_ms: u64) -> u64 {
    let since_ms = match (&record.lifecycle.release, record.published) {
        (Some(release), true) => release.requested_at_ms,
        (None, true) => newest_ms(record),
        (_, false) => record.claimed_at_ms,
    };
    now_ms.saturating_sub(since_ms)
}

/// When anything last happened to it.
pub fn newest_ms(record: &Record) -> u64 {
    let entries = record.history.iter().chain(&record.lifecycle.history);
    let newest = entries.map(|entry| entry.at_ms).max();
    newest.unwrap_or(record.claimed_at_ms)
}

/// Whether an attempt owns the order now.
pub fn is_leased(record: &Record, now_ms: u64) -> bool {
    leased_until_ms(record).is_some_and(|until_ms| until_ms > now_ms)
}

/// Whether its release is asked for and has not ended.
pub fn is_releasing(record: &Record) -> bool {
    match inspect::status(record) {
        OrderStatus::Releasing => true,
        OrderStatus::InProgress
        | OrderStatus::Unresolved
        | OrderStatus::Waiting
        | OrderStatus::Allocated
        | OrderStatus::Rejected
        | OrderStatus::Quarantined
        | OrderStatus::Released => false,
    }
}
