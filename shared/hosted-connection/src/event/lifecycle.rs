//! The events of what comes after an order: changes of state, and releases.

use super::detail::{self, Detail};
use super::{DetailType, Event, event_id, life};
use crate::{
    AllocationRequest, Connection, IdempotencyKey, InvalidRequest, Origin, ParentConnection,
    Received, Rejection, Timestamp,
};

/// What changed about a connection: the state it came from, and which of its changes that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateChange<'a> {
    /// The state before; in a reminder the state that it still has.
    pub previous_state: &'a str,
    /// Counts the changes of one connection, so that coming back to a state is news. A reminder does not count.
    pub number: u32,
    /// Counts the events of the order.
    pub sequence: u32,
    /// How long the connection has been waiting for its owner. It makes the event a reminder that nothing changed.
    pub age_seconds: Option<u64>,
}

/// That a connection is on another parent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move<'a> {
    /// Where it was before.
    pub previous_parent: &'a ParentConnection,
    /// Where it is.
    pub parent: &'a ParentConnection,
    /// Counts the events of the order.
    pub sequence: u32,
}

impl StateChange<'_> {
    fn event_id(&self, key: &IdempotencyKey, connection_id: &str, origin: &Origin) -> uuid::Uuid {
        let connection = life(connection_id, origin);
        match self.age_seconds {
            None => event_id([
                "state changed",
                key.as_str(),
                &format!("{connection}\n{}", self.number),
            ]),
            Some(_) => event_id(["ordering reminder", key.as_str(), &connection]),
        }
    }
}

impl Event {
    /// The connection went from one state to another, or is still waiting for its owner. `connection` is as Direct
    /// Connect shows it now. One id per key, connection and number; of a reminder, one per key and connection. Those of an
    /// adopted connection are of its adoption too.
    pub fn state_changed(
        key: &IdempotencyKey,
        request: &AllocationRequest,
        change: &StateChange<'_>,
        connection: &Connection,
        arn: Option<String>,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let connection_id = connection.connection_id.as_deref().unwrap_or_default();
        let event_id = change.event_id(key, connection_id, origin);
        let detail = Detail {
            sequence: change.sequence,
            request: Some(request),
            connection: Some(connection),
            previous_state: Some(change.previous_state),
            age_seconds: change.age_seconds,
            parent_connection_id: request.chosen_parent(),
            ..Detail::new(event_id, Some(key), origin, occurred_at)
        };
        Self::new(DetailType::StateChanged, arn.into_iter().collect(), &detail)
    }

    /// The connection was deleted on request, which came from `origin`. `connection` is the last that was known of it,
    /// `sequence` counts the events of the order. One id per key and connection.
    pub fn released(
        key: &IdempotencyKey,
        request: &AllocationRequest,
        connection: &Connection,
        arn: Option<String>,
        sequence: u32,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let connection_id = connection.connection_id.as_deref().unwrap_or_default();
        let event_id = event_id(["released", key.as_str(), connection_id]);
        let detail = Detail {
            sequence,
            request: Some(request),
            connection: Some(connection),
            parent_connection_id: request.chosen_parent(),
            ..Detail::new(event_id, Some(key), origin, occurred_at)
        };
        Self::new(DetailType::Released, arn.into_iter().collect(), &detail)
    }

    /// Somebody has moved the connection to another parent. `connection` is as Direct Connect shows it there. One id per key,
    /// connection and sequence, and per adoption where it was adopted.
    pub fn moved(
        key: &IdempotencyKey,
        request: &AllocationRequest,
        moved: &Move<'_>,
        connection: &Connection,
        arn: Option<String>,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let connection_id = connection.connection_id.as_deref().unwrap_or_default();
        let name = format!("{}\n{}", life(connection_id, origin), moved.sequence);
        let event_id = event_id(["moved", key.as_str(), &name]);
        let detail = Detail {
            sequence: moved.sequence,
            request: Some(request),
            connection: Some(connection),
            parent_connection_id: Some(moved.parent),
            previous_parent_connection_id: Some(moved.previous_parent),
            ..Detail::new(event_id, Some(key), origin, occurred_at)
        };
        Self::new(DetailType::Moved, arn.into_iter().collect(), &detail)
    }

    /// A final no to a release that nobody waits for: it came from a queue, and can never succeed. The order itself
    /// stays what it was, so its request is left out. One id per key and message.
    pub fn release_refused(
        key: Option<&IdempotencyKey>,
        rejection: &Rejection,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        Self::refused_release(key, rejection, None, origin, occurred_at)
    }

    /// The same to a message that is no release, with what came instead of one.
    pub fn invalid_release(
        invalid: &InvalidRequest,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let (key, received) = (invalid.key.as_ref(), invalid.received.as_ref());
        Self::refused_release(key, &invalid.rejection(), received, origin, occurred_at)
    }

    fn refused_release(
        key: Option<&IdempotencyKey>,
        rejection: &Rejection,
        received: Option<&Received>,
        origin: &Origin,
        occurred_at: Timestamp,
    ) -> Self {
        let event_id = event_id([
            "release refused",
            key.map_or("", IdempotencyKey::as_str),
            origin.delivery_id(),
        ]);
        let detail = Detail {
            rejection: Some(detail::bounded(rejection)),
            ..Detail::new(event_id, key, origin, occurred_at)
        }
        .with_received(received);
        Self::new(DetailType::Rejected, Vec::new(), &detail)
    }
}
