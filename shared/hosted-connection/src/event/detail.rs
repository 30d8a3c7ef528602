//! The detail of an event, kept small enough for EventBridge.

use serde::Serialize;
use uuid::Uuid;

use crate::json::text_of;
use crate::{
    AllocationRequest, Connection, Event, IdempotencyKey, Origin, ParentConnection, Received,
    Rejection, Timestamp,
};

/// EventBridge takes 256 KiB per entry. Half of it leaves room for the largest request beside the violations.
const MAX_VIOLATIONS_BYTES: usize = 128 * 1024;

/// Messages may come from Direct Connect, which promises no limit.
const MAX_MESSAGE_CHARACTERS: usize = 2_000;

/// The members of a detail in the contract's order; exactly one of `connection` and `rejection` is there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Detail<'a> {
    pub(super) schema_version: &'static str,
    #[serde(with = "super::stored::uuid_text")]
    pub(super) event_id: Uuid,
    pub(super) idempotency_key: Option<&'a IdempotencyKey>,
    pub(super) sequence: u32,
    pub(super) occurred_at: Timestamp,
    pub(super) origin: &'a Origin,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<&'a AllocationRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connection: Option<&'a Connection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) age_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_connection_id: Option<&'a ParentConnection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_parent_connection_id: Option<&'a ParentConnection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rejection: Option<Rejection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) received: Option<&'a str>,
    /// `true`, or not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) received_truncated: Option<bool>,
}

impl<'a> Detail<'a> {
    /// The first event of an order, or one that stands for itself; what comes later says which it is.
    pub(super) fn new(
        event_id: Uuid,
        idempotency_key: Option<&'a IdempotencyKey>,
        origin: &'a Origin,
        occurred_at: Timestamp,
    ) -> Self {
        Self {
            schema_version: Event::SCHEMA_VERSION,
            event_id,
            idempotency_key,
            sequence: 0,
            occurred_at,
            origin,
            request: None,
            connection: None,
            previous_state: None,
            age_seconds: None,
            parent_connection_id: None,
            previous_parent_connection_id: None,
            rejection: None,
            received: None,
            received_truncated: None,
        }
    }

    /// The same, with what came instead of a request.
    pub(super) fn with_received(self, received: Option<&'a Received>) -> Self {
        Self {
            received: received.map(Received::text),
            received_truncated: received
                .filter(|received| received.is_truncated())
                .map(|_| true),
            ..self
        }
    }
}

/// The rejection with as much of its message and as many of its violations as an event may carry. What is left out is
/// announced in the message.
pub(super) fn bounded(rejection: &Rejection) -> Rejection {
    let mut message = cut(&rejection.message);
    let mut bytes_left = MAX_VIOLATIONS_BYTES;
    let mut violations = Vec::new();
    for violation in &rejection.violations {
        // Plus the comma between two of them.
        let bytes = text_of(violation).len() + 1;
        if bytes <= bytes_left {
            bytes_left -= bytes;
            violations.push(violation.clone());
        }
    }
    let left_out = rejection.violations.len() - violations.len();
    if left_out > 0 {
        message.push_str(&format!(
            " ({left_out} of {} violations left out for size)",
            rejection.violations.len()
        ));
    }
    Rejection {
        code: rejection.code,
        message,
        violations,
        // Bounded when it was decided.
        candidates: rejection.candidates.clone(),
    }
}

fn cut(message: &str) -> String {
    match message.char_indices().nth(MAX_MESSAGE_CHARACTERS) {
        Some((end, _)) => message[..end].to_owned(),
        None => message.to_owned(),
    }
}
