//! What EventBridge is told, in the words of the contract.
//!
//! The same fact always gets the same event id, so that consumers can drop repeats. Nothing here sends anything.

mod detail;
mod lifecycle;
mod packed;
mod stored;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

use crate::{
    AllocationRequest, Connection, IdempotencyKey, InvalidRequest, Origin, Rejection, Timestamp,
};
use detail::Detail;
pub use lifecycle::{Move, StateChange};
pub use packed::{Known, Packed, difference, differing};

/// The namespace of all event ids. It must never change: a repeat after a deployment would look like news.
const EVENT_IDS: Uuid = uuid!("6d0f9a3c-52f1-4f0e-9c07-3b8e1d4a7c21");

/// What an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DetailType {
    /// The connection exists.
    #[serde(rename = "Hosted Connection Allocated")]
    Allocated,
    /// Final no.
    #[serde(rename = "Hosted Connection Rejected")]
    Rejected,
    /// The connection's lifecycle went on.
    #[serde(rename = "Hosted Connection State Changed")]
    StateChanged,
    /// The connection was deleted on request.
    #[serde(rename = "Hosted Connection Released")]
    Released,
    /// A connection that was there before got a record.
    #[serde(rename = "Hosted Connection Adopted")]
    Adopted,
    /// The connection is on another parent than before.
    #[serde(rename = "Hosted Connection Moved")]
    Moved,
}

impl DetailType {
    /// Every one, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Allocated,
        Self::Rejected,
        Self::StateChanged,
        Self::Released,
        Self::Adopted,
        Self::Moved,
    ];

    /// The text of the entry's `DetailType`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allocated => "Hosted Connection Allocated",
            Self::Rejected => "Hosted Connection Rejected",
            Self::StateChanged => "Hosted Connection State Changed",
            Self::Released => "Hosted Connection Released",
            Self::Adopted => "Hosted Connection Adopted",
            Self::Moved => "Hosted Connection Moved",
        }
    }
}

/// One entry for EventBridge, apart from the bus. Smaller than the 256 KiB that EventBridge takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// UUIDv5: the same for every repeat of the same fact.
    #[serde(with = "stored::uuid_text")]
    pub event_id: Uuid,
    /// What the event tells.
    pub detail_type: DetailType,
    /// ARN of the hosted connection, where there is one.
    pub resources: Vec<String>,
    /// The detail as JSON text.
    pub detail: String,
}

impl Event {
    /// The entry's `Source`.
    pub const SOURCE: &str = "hosted-connections";

    /// The detail's `schemaVersion`.
    pub const SCHEMA_VERSION: &str = "1";

    /// The connection exists: `Allocated`, or `Adopted` where `origin` is an adoption. One id per key and connection; of an
    /// adopted one, per adoption.
    pub fn allocated(
        key: &IdempotencyKey,
        request: &AllocationRequest,
        connection: &Connection,
        arn: Option<String>,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let connection_id = connection.connection_id.as_deref().unwrap_or_default();
        // What the first event of a record says is the same either way; where it came from tells which it is.
        let (detail_type, name) = if origin.is_adoption() {
            (DetailType::Adopted, "adopted")
        } else {
            (DetailType::Allocated, "allocated")
        };
        let event_id = event_id([name, key.as_str(), &life(connection_id, origin)]);
        let detail = Detail {
            request: Some(request),
            connection: Some(connection),
            parent_connection_id: request.chosen_parent(),
            ..Detail::new(event_id, Some(key), origin, occurred_at)
        };
        Self::new(detail_type, arn.into_iter().collect(), &detail)
    }

    /// A final no to a well-formed request. One id per key, request and claim of the key, which was made at
    /// `claimed_at_ms`, in milliseconds since the Unix epoch: a reused key is told once per request that reused it, and
    /// `request` is that offending one. Once a record is forgotten, its key can be claimed again, and a new no is news.
    pub fn rejected(
        key: &IdempotencyKey,
        request: &AllocationRequest,
        rejection: &Rejection,
        claimed_at_ms: u64,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let fingerprint = request.fingerprint();
        let event_id = event_id([
            "rejected",
            key.as_str(),
            &format!("{fingerprint}\n{claimed_at_ms}"),
        ]);
        let detail = Detail {
            request: Some(request),
            parent_connection_id: request.chosen_parent(),
            rejection: Some(detail::bounded(rejection)),
            ..Detail::new(event_id, Some(key), origin, occurred_at)
        };
        Self::new(DetailType::Rejected, Vec::new(), &detail)
    }

    /// A final no to a request that was not valid, with what came instead of one if that is known. One id per key and body;
    /// without a usable key, one per message or request id.
    pub fn invalid(invalid: &InvalidRequest, origin: &Origin, occurred_at: Timestamp) -> Self {
        let event_id = match &invalid.key {
            Some(key) => event_id(["invalid", key.as_str(), &invalid.body_digest.to_string()]),
            None => event_id(["invalid without key", "", origin.delivery_id()]),
        };
        let detail = Detail {
            rejection: Some(detail::bounded(&invalid.rejection())),
            ..Detail::new(event_id, invalid.key.as_ref(), origin, occurred_at)
        }
        .with_received(invalid.received.as_ref());
        Self::new(DetailType::Rejected, Vec::new(), &detail)
    }

    fn new(detail_type: DetailType, resources: Vec<String>, detail: &Detail<'_>) -> Self {
        Self {
            event_id: detail.event_id,
            detail_type,
            resources,
            detail: crate::json::text_of(detail),
        }
    }
}

/// The connection in the name of a fact. An adopted record may be forgotten and the connection adopted again under the same key.
/// Everything is counted from the beginning then, and what happens is news although it has the number of something before.
fn life<'a>(connection_id: &'a str, origin: &Origin) -> Cow<'a, str> {
    match origin.is_adoption() {
        true => Cow::Owned(format!("{connection_id}\n{}", origin.delivery_id())),
        false => Cow::Borrowed(connection_id),
    }
}

/// The id of a fact that is named by a kind and two parts. Only the last part can hold a newline, so no two lists of
/// parts make the same name.
fn event_id(parts: [&str; 3]) -> Uuid {
    Uuid::new_v5(&EVENT_IDS, parts.join("\n").as_bytes())
}

#[cfg(test)]
mod tests;
