//! An order's record as an operator sees it: what its caller may see, and the claim besides.

use hosted_connection::{Connection, IdempotencyKey, Origin, Timestamp};
use inspect::Allocation;
use ledger::{Record, State};
use serde::Serialize;

use crate::reason;

/// One order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown<'r> {
    #[serde(flatten)]
    allocation: Allocation<'r>,
    /// Whether anything is left to do for it.
    unfinished: bool,
    claim: Claim<'r>,
    /// What Direct Connect answered with in place of what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_instead: Option<&'r Connection>,
    /// From when on its key counts as new.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// Who is at an order, or was last.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Claim<'r> {
    attempts: u32,
    /// Until when nobody else takes over; absent when it was given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    lease_expires_at: Option<Timestamp>,
    /// When the latest call was about to be sent.
    call_started_at: Timestamp,
    /// Whether an earlier call ended without an answer.
    earlier_call_unanswered: bool,
    /// Why the order is not done yet: an error code, or a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<&'r str>,
}

impl<'r> Shown<'r> {
    /// The order with its history.
    pub fn whole(record: &'r Record) -> Self {
        Self::with(record, Allocation::whole(record))
    }

    /// The order without it.
    pub fn brief(record: &'r Record) -> Self {
        Self::with(record, Allocation::brief(record))
    }

    fn with(record: &'r Record, allocation: Allocation<'r>) -> Self {
        Self {
            allocation,
            unfinished: record.is_unfinished(),
            claim: Claim {
                attempts: record.attempts,
                lease_expires_at: leased_until_ms(record).map(Timestamp::from_ms),
                call_started_at: Timestamp::from_ms(record.call_started_at_ms),
                earlier_call_unanswered: record.unanswered,
                last_error: reason::recorded(record),
            },
            answered_instead: record.instead.as_ref(),
            expires_at: record.expires_at(),
        }
    }
}

/// Until when nobody else takes over the order. One that is final, or was given back, has no such moment.
pub fn leased_until_ms(record: &Record) -> Option<u64> {
    match record.state {
        State::Calling | State::Unresolved | State::Waiting => {
            (record.lease_expires_at_ms > 0).then_some(record.lease_expires_at_ms)
        }
        State::Allocated | State::Rejected | State::Quarantined => None,
    }
}

/// The connection as it was last seen.
pub fn connection(record: &Record) -> Option<&Connection> {
    record.lifecycle.connection.as_ref().or(record.connection())
}

/// A text member, or nothing.
pub fn text(text: Option<&String>) -> &str {
    text.map(String::as_str).unwrap_or_default()
}

/// Reads a key from the command line.
pub fn key(text: &str) -> Result<IdempotencyKey, String> {
    IdempotencyKey::parse(text).map_err(|violation| violation.message)
}

/// The VLAN with a space in front of it, for after the word; nothing where there is none yet.
pub fn vlan(record: &Record) -> String {
    record
        .vlan
        .map_or_else(String::new, |vlan| format!(" {}", vlan.get()))
}

/// A connection's id, or nothing.
pub fn id(connection: Option<&Connection>) -> &str {
    text(connection.and_then(|connection| connection.connection_id.as_ref()))
}

/// A connection's state, or nothing.
pub fn state(connection: Option<&Connection>) -> &str {
    text(connection.and_then(|connection| connection.connection_state.as_ref()))
}

/// What a request id of this command starts with. Lambda's own never do.
pub const BY_OPERATOR: &str = "operator-";

/// The door through which something arrived, and its id there.
pub fn door(origin: &Origin) -> String {
    match origin {
        Origin::Sqs {
            message_id,
            queue_arn,
            ..
        } => {
            let queue = queue_arn.rsplit(':').next().unwrap_or(queue_arn);
            format!("the queue {queue} (message {message_id})")
        }
        Origin::Http { request_id, .. } => format!("HTTP (request {request_id})"),
        Origin::Direct { request_id, .. } if request_id.starts_with(BY_OPERATOR) => {
            "`operator release`".to_owned()
        }
        Origin::Direct { request_id, .. } => format!("a direct invocation ({request_id})"),
        Origin::EventBridge { id, source, .. } => format!("EventBridge (event {id} of {source})"),
        Origin::Sns {
            message_id,
            topic_arn,
            ..
        } => {
            let topic = topic_arn.rsplit(':').next().unwrap_or(topic_arn);
            format!("the topic {topic} (message {message_id})")
        }
        Origin::Adoption { .. } => "`operator adopt`".to_owned(),
    }
}
