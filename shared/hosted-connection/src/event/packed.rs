//! An event that is owed, as it is stored: what the record says already is left out, and comes back to the letter.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{DetailType, Event};
use crate::json::text_of;
use crate::{AllocationRequest, Connection, IdempotencyKey, Origin};

/// The schema that packed events are of.
const SCHEMA: &str = "1";
/// The member of a difference that lists what is not there any more. No member of a connection has that name.
const WITHOUT: &str = "without";

/// What is known from the record that owes the event.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Its key.
    pub key: &'a IdempotencyKey,
    /// The request that came with the key first.
    pub request: &'a AllocationRequest,
    /// Where that came from.
    pub origin: &'a Origin,
    /// Where the request to release came from, if there is one.
    pub release_origin: Option<&'a Origin>,
    /// The connection as it was allocated.
    pub connection: &'a Connection,
}

/// What an event says beside that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Packed {
    #[serde(with = "super::stored::uuid_text")]
    event_id: Uuid,
    detail_type: Kind,
    sequence: u32,
    occurred_at: String,
    /// Absent where it is the order's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<By>,
    /// How the connection differs from the one that was allocated.
    connection: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    age_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent_connection_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_parent_connection_id: Option<String>,
}

/// The events that are owed for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Changed,
    Released,
    Moved,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum By {
    Release,
}

/// The detail of such an event, in its order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Told {
    schema_version: String,
    #[serde(with = "super::stored::uuid_text")]
    event_id: Uuid,
    idempotency_key: String,
    sequence: u32,
    occurred_at: String,
    origin: Box<RawValue>,
    request: Box<RawValue>,
    connection: Connection,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    age_seconds: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent_connection_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_parent_connection_id: Option<String>,
}

impl Packed {
    /// Packs `event`; none where it would not come back to the letter.
    #[must_use]
    pub fn of(event: &Event, known: Known<'_>) -> Option<Self> {
        let told: Told = serde_json::from_str(&event.detail).ok()?;
        let is_by_release = told.origin.get() != text_of(known.origin);
        let packed = Self {
            event_id: event.event_id,
            detail_type: match event.detail_type {
                DetailType::StateChanged => Kind::Changed,
                DetailType::Released => Kind::Released,
                DetailType::Moved => Kind::Moved,
                DetailType::Allocated | DetailType::Rejected | DetailType::Adopted => return None,
            },
            sequence: told.sequence,
            occurred_at: told.occurred_at,
            origin: is_by_release.then_some(By::Release),
            connection: difference(known.connection, &told.connection),
            previous_state: told.previous_state,
            age_seconds: told.age_seconds,
            parent_connection_id: told.parent_connection_id,
            previous_parent_connection_id: told.previous_parent_connection_id,
        };
        let is_to_the_letter = packed.clone().event(known).as_ref() == Some(event);
        is_to_the_letter.then_some(packed)
    }

    /// The event. None where the record does not say what it said when the event was packed.
    #[must_use]
    pub fn event(self, known: Known<'_>) -> Option<Event> {
        let origin = match self.origin {
            None => known.origin,
            Some(By::Release) => known.release_origin?,
        };
        let connection = differing(known.connection, self.connection)?;
        let resources = connection.arn().into_iter().collect();
        let told = Told {
            schema_version: SCHEMA.to_owned(),
            event_id: self.event_id,
            idempotency_key: known.key.to_string(),
            sequence: self.sequence,
            occurred_at: self.occurred_at,
            origin: RawValue::from_string(text_of(origin)).ok()?,
            request: RawValue::from_string(known.request.to_json()).ok()?,
            connection,
            previous_state: self.previous_state,
            age_seconds: self.age_seconds,
            parent_connection_id: self.parent_connection_id,
            previous_parent_connection_id: self.previous_parent_connection_id,
        };
        Some(Event {
            event_id: self.event_id,
            detail_type: match self.detail_type {
                Kind::Changed => DetailType::StateChanged,
                Kind::Released => DetailType::Released,
                Kind::Moved => DetailType::Moved,
            },
            resources,
            detail: text_of(&told),
        })
    }
}

/// The members of `now` that `first` has not, or has otherwise; and the names of those that only `first` has.
#[must_use]
pub fn difference(first: &Connection, now: &Connection) -> Map<String, Value> {
    let (mut first, mut now) = (members(first), members(now));
    now.retain(|name, value| {
        let before = first.remove(name);
        before.as_ref() != Some(value)
    });
    if !first.is_empty() {
        let names: Vec<_> = first
            .into_iter()
            .map(|(name, _)| Value::String(name))
            .collect();
        now.insert(WITHOUT.to_owned(), Value::Array(names));
    }
    now
}

/// The connection that differs from `first` by that; none where it is no difference of connections.
#[must_use]
pub fn differing(first: &Connection, mut difference: Map<String, Value>) -> Option<Connection> {
    let mut members = members(first);
    if let Some(names) = difference.remove(WITHOUT) {
        for name in names.as_array()? {
            members.remove(name.as_str()?);
        }
    }
    members.extend(difference);
    serde_json::from_value(Value::Object(members)).ok()
}

fn members(connection: &Connection) -> Map<String, Value> {
    match serde_json::to_value(connection) {
        Ok(Value::Object(members)) => members,
        Ok(_) | Err(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Move, ParentConnection, StateChange, Timestamp};

    fn first() -> Connection {
        serde_json::from_str(
            r#"{"ownerAccount":"123456789012","connectionId":"dxcon-1","connectionState":"ordering","region":"eu-west-1",
            "vlan":101,"tags":[{"key":"k"}]}"#,
        )
        .unwrap()
    }

    fn request() -> AllocationRequest {
        AllocationRequest::from_stored_json(
            r#"{"connectionId":"dxcon-ffabc123","ownerAccount":"123456789012","bandwidth":"100Mbps","connectionName":"€ \" é",
            "vlan":101,"tags":[{"key":"k"}]}"#,
        )
        .unwrap()
    }

    fn origin(id: &str) -> Origin {
        Origin::Direct {
            request_id: id.to_owned(),
            correlation_id: None,
        }
    }

    fn packed(event: &Event, release_origin: Option<&Origin>) -> Option<Packed> {
        let key = IdempotencyKey::from_stored("order-1");
        let known = Known {
            key: &key,
            request: &request(),
            origin: &origin("r-1"),
            release_origin,
            connection: &first(),
        };
        let packed = Packed::of(event, known)?;
        let stored = serde_json::to_string(&packed).unwrap();
        let read: Packed = serde_json::from_str(&stored).unwrap();
        assert_eq!(read.event(known).as_ref(), Some(event), "{stored}");
        assert!(stored.len() < event.to_json().len() / 2, "{stored}");
        Some(packed)
    }

    fn changed(origin: &Origin, age_seconds: Option<u64>) -> Event {
        let now = Connection {
            connection_state: Some("pending".into()),
            lag_id: Some("dxlag-1".into()),
            tags: None,
            ..first()
        };
        let change = StateChange {
            previous_state: "ordering",
            number: 1,
            sequence: 1,
            age_seconds,
        };
        let key = IdempotencyKey::from_stored("order-1");
        let at = Timestamp::from_ms(1_767_323_045_678);
        Event::state_changed(&key, &request(), &change, &now, now.arn(), origin, at)
    }

    #[test]
    fn every_event_that_is_owed_for_a_connection_comes_back_to_the_letter() {
        let key = IdempotencyKey::from_stored("order-1");
        let at = Timestamp::from_ms(1_767_323_045_678);
        let (ours, theirs) = (origin("r-1"), origin("r-2"));
        assert!(packed(&changed(&ours, None), None).is_some());
        assert!(packed(&changed(&ours, Some(3600)), None).is_some());
        let arn = first().arn();
        let released = Event::released(&key, &request(), &first(), arn.clone(), 2, &theirs, at);
        assert!(packed(&released, Some(&theirs)).is_some());
        let (from, to) = ("dxcon-ffabc123", "dxlag-ffabc123");
        let moved = Move {
            previous_parent: &ParentConnection::parse(from).unwrap(),
            parent: &ParentConnection::parse(to).unwrap(),
            sequence: 3,
        };
        let moved = Event::moved(&key, &request(), &moved, &first(), arn, &ours, at);
        assert!(packed(&moved, None).is_some());
    }

    #[test]
    fn what_would_come_back_otherwise_is_not_packed() {
        let of_another_origin = changed(&origin("r-3"), None);
        assert_eq!(packed(&of_another_origin, None), None);
        let mut longer = changed(&origin("r-1"), None);
        longer.detail = longer
            .detail
            .replace("{\"schemaVersion\"", "{\"more\":1,\"schemaVersion\"");
        assert_eq!(packed(&longer, None), None);
        let mut elsewhere = changed(&origin("r-1"), None);
        elsewhere.resources.clear();
        assert_eq!(packed(&elsewhere, None), None);
    }
}
