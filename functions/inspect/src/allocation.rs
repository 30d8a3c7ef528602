//! An allocation as its caller may see it. Claims, tokens, leases and attempts' times stay inside.

use hosted_connection::{
    AllocationRequest, Connection, IdempotencyKey, OrderStatus, Origin, Outcome, ParentConnection,
    Rejection, Timestamp, Vlan,
};
use ledger::{HistoryEntry, Record, State};
use serde::Serialize;

use crate::status;

/// One allocation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Allocation<'r> {
    idempotency_key: &'r IdempotencyKey,
    status: OrderStatus,
    /// Named or chosen; absent of an order by place that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_connection_id: Option<&'r ParentConnection>,
    request: &'r AllocationRequest,
    /// The VLAN that it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<Vlan>,
    /// As Direct Connect first answered, and every receipt shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<&'r Connection>,
    /// As Direct Connect last showed it; absent while nothing has changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_now: Option<&'r Connection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<&'r Rejection>,
    origin: &'r Origin,
    attempts: u32,
    /// Whether every event that there is by now is out.
    published: bool,
    /// When the outcome was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<Timestamp>,
    claimed_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<Happening<'r>>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    requested_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    released_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct Happening<'r> {
    at: Timestamp,
    what: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'r str>,
}

impl<'r> Allocation<'r> {
    /// The allocation without its history, as lists have it.
    #[must_use]
    pub fn brief(record: &'r Record) -> Allocation<'r> {
        let lifecycle = &record.lifecycle;
        Allocation {
            idempotency_key: &record.key,
            status: status::of(record),
            parent_connection_id: record.parent.as_ref(),
            request: &record.request,
            vlan: record.vlan.filter(|_| holds_its_vlan(record)),
            connection: record.connection(),
            connection_now: lifecycle.connection.as_ref(),
            rejection: match &record.outcome {
                Some(Outcome::Rejected(rejection)) => Some(rejection),
                Some(Outcome::Allocated(_)) | None => None,
            },
            origin: &record.origin,
            attempts: record.attempts,
            published: record.published && lifecycle.owed.is_empty(),
            occurred_at: record.outcome.as_ref().map(|_| record.occurred_at),
            claimed_at: Timestamp::from_ms(record.claimed_at_ms),
            release: lifecycle.release.as_ref().map(|release| Release {
                requested_at: Timestamp::from_ms(release.requested_at_ms),
                released_at: release.released_at_ms.map(Timestamp::from_ms),
            }),
            history: None,
        }
    }

    /// The allocation with everything that happened to it and to its connection, oldest first.
    #[must_use]
    pub fn whole(record: &'r Record) -> Allocation<'r> {
        let mut history: Vec<&HistoryEntry> = record
            .history
            .iter()
            .chain(&record.lifecycle.history)
            .collect();
        history.sort_by_key(|entry| entry.at_ms);
        let happening = |entry: &'r HistoryEntry| Happening {
            at: Timestamp::from_ms(entry.at_ms),
            what: &entry.what,
            detail: entry.detail.as_deref(),
        };
        Allocation {
            history: Some(history.into_iter().map(happening).collect()),
            ..Allocation::brief(record)
        }
    }
}

/// Whether nobody else can have its VLAN.
fn holds_its_vlan(record: &Record) -> bool {
    match record.state {
        State::Rejected => false,
        State::Allocated => record.lifecycle.gone_at_ms.is_none(),
        State::Calling | State::Unresolved | State::Waiting | State::Quarantined => true,
    }
}
