//! Where the order of a record stands.

use hosted_connection::OrderStatus;
use ledger::{Record, State};

/// The status of a record.
#[must_use]
pub fn of(record: &Record) -> OrderStatus {
    match record.state {
        State::Calling => OrderStatus::InProgress,
        State::Unresolved => OrderStatus::Unresolved,
        State::Waiting => OrderStatus::Waiting,
        State::Rejected => OrderStatus::Rejected,
        State::Quarantined => OrderStatus::Quarantined,
        State::Allocated => allocation::status(&record.lifecycle).into(),
    }
}
