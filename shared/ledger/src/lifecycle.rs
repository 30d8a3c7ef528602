//! What became of a connection after its allocation, and the events that are owed for it.
//!
//! One attribute of the allocation record, read and written whole. It is stored small: what the outcome says of the connection
//! already is left out, and so is of an event what the record says (ADR 32).

use std::borrow::Cow;

use hosted_connection::{
    Connection, Event, Known, Origin, Packed, ParentConnection, Shorthand, difference, differing,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use transitions::Attribute;

use crate::history::HistoryEntry;
use crate::item::{self, Item, corrupt};
use aws::failure::CallError;

const LIFECYCLE: &str = Attribute::Lifecycle.name();
pub(crate) const REVISION: &str = Attribute::LifecycleRevision.name();

/// The part of a record that is written after its allocation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle {
    /// The connection as Direct Connect last showed it; none while nothing has changed since it was allocated.
    pub connection: Option<Connection>,
    /// When the look began that showed it so, in milliseconds since the Unix epoch: an older look has no news.
    pub looked_at_ms: u64,
    /// Changes of state so far: what tells their events apart.
    pub changes: u32,
    /// Events after the allocation's so far, those owed included: the sequence of the latest.
    pub events: u32,
    /// Whether the owner's silence about an `ordering` connection has been published.
    pub reminded: bool,
    /// When the connection was seen to be no more, in milliseconds since the Unix epoch.
    pub gone_at_ms: Option<u64>,
    /// Set once somebody asked to release it.
    pub release: Option<Release>,
    /// A release that Direct Connect refused for good, until whoever asks next is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_release: Option<Refused>,
    /// A move that a person asked for, until it is known where the connection is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moving: Option<Moving>,
    /// Events that have to go out, in this order.
    pub owed: Vec<Event>,
    /// What happened, oldest first; the middle is left out when there is too much.
    pub history: Vec<HistoryEntry>,
}

/// A release that somebody asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// When, in milliseconds since the Unix epoch.
    pub requested_at_ms: u64,
    /// Where the request came from.
    pub origin: Origin,
    /// When Direct Connect showed the connection gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released_at_ms: Option<u64>,
    /// Set while Direct Connect's refusal of it may not be the last word: nothing more is sent until that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// A move to another parent that has not ended. The VLAN is leased on both until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moving {
    /// The interconnect or LAG that the connection is to be on.
    pub to: String,
    /// When Direct Connect was about to be asked, the last time, in milliseconds since the Unix epoch: until the settle time is
    /// over, the connection may still get there.
    pub called_at_ms: u64,
    /// Whether an earlier call may have had no answer.
    #[serde(default)]
    pub unanswered: bool,
}

impl Moving {
    /// Where the connection is to be.
    #[must_use]
    pub fn to(&self) -> ParentConnection {
        ParentConnection::from_stored(self.to.clone())
    }
}

/// A deletion that Direct Connect refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Direct Connect's own words, for people.
    pub message: String,
    /// The state in which the connection was shown right after.
    #[serde(default)]
    pub state: String,
}

impl Lifecycle {
    /// One event more: its sequence.
    pub fn count_event(&mut self) -> u32 {
        self.events += 1;
        self.events
    }

    /// Lifecycles of the first release count no events. What they hold says how many there were, and those that are
    /// owed are the last of them.
    fn number_events(&mut self) {
        if self.events > 0 {
            return;
        }
        let release = self.release.as_ref();
        let is_released = release.is_some_and(|release| release.released_at_ms.is_some());
        self.events = self.changes + u32::from(self.reminded) + u32::from(is_released);
        for (sequence, event) in (1..=self.events).rev().zip(self.owed.iter_mut().rev()) {
            event.number(sequence);
        }
    }

    /// Whether something is left to do that nobody may ask for: an event to publish, a release or a move to end.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        let releasing = |release: &Release| release.released_at_ms.is_none();
        !self.owed.is_empty()
            || self.moving.is_some()
            || self.release.as_ref().is_some_and(releasing)
    }
}

/// What a VLAN lease carries of its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionNote {
    /// The hosted connection.
    pub connection_id: String,
    /// Its state as last seen.
    pub state: String,
    /// Whether the owner's silence has been published.
    pub reminded: bool,
}

impl ConnectionNote {
    /// The note of a connection.
    #[must_use]
    pub fn of(connection: Option<&Connection>, reminded: bool) -> Self {
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        Self {
            connection_id: text(connection.and_then(|c| c.connection_id.as_ref())),
            state: text(connection.and_then(|c| c.connection_state.as_ref())),
            reminded,
        }
    }
}

/// The lifecycle as it is stored.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stored {
    /// How the connection differs from the one that was allocated.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "is_default")]
    looked_at_ms: u64,
    #[serde(skip_serializing_if = "is_default")]
    changes: u32,
    #[serde(skip_serializing_if = "is_default")]
    events: u32,
    #[serde(skip_serializing_if = "is_default")]
    reminded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone_at_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<Release>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused_release: Option<Refused>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moving: Option<Moving>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    owed: Vec<Owed>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<HistoryEntry>,
}

/// An owed event as it is stored. Whole where it says what its record does not.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Owed {
    Whole(Event),
    Packed(Packed),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The lifecycle as it is stored in a record of which that is known, its release apart; whole where there is no connection.
pub(crate) fn stored(lifecycle: Lifecycle, known: Option<Known<'_>>) -> String {
    let Some(known) = known else {
        return item::json(&lifecycle);
    };
    let release = lifecycle.release.clone();
    let known = with_release(known, release.as_ref());
    let owed = |event: Event| match Packed::of(&event, known) {
        Some(packed) => Owed::Packed(packed),
        None => Owed::Whole(event),
    };
    let stored = Stored {
        connection: lifecycle
            .connection
            .map(|connection| difference(known.connection, &connection)),
        looked_at_ms: lifecycle.looked_at_ms,
        changes: lifecycle.changes,
        events: lifecycle.events,
        reminded: lifecycle.reminded,
        gone_at_ms: lifecycle.gone_at_ms,
        release: lifecycle.release,
        refused_release: lifecycle.refused_release,
        moving: lifecycle.moving,
        owed: lifecycle.owed.into_iter().map(owed).collect(),
        history: lifecycle.history,
    };
    Shorthand::LIFECYCLE.write(&item::json(&stored))
}

fn with_release<'a>(known: Known<'a>, release: Option<&'a Release>) -> Known<'a> {
    Known {
        release_origin: release.map(|release| &release.origin),
        ..known
    }
}

/// The lifecycle in an item of which that is known, its release apart. A version that stored it whole wrote plain JSON.
pub(crate) fn read(item: &Item, known: Option<Known<'_>>) -> Result<Lifecycle, CallError> {
    if !item.contains_key(LIFECYCLE) {
        return Ok(Lifecycle::default());
    }
    let text = item::text(item, LIFECYCLE)?;
    match Shorthand::LIFECYCLE.read(text) {
        Cow::Borrowed(whole) => {
            let mut lifecycle: Lifecycle =
                serde_json::from_str(whole).map_err(|_| corrupt(LIFECYCLE))?;
            lifecycle.number_events();
            Ok(lifecycle)
        }
        Cow::Owned(json) => {
            let stored: Stored = serde_json::from_str(&json).map_err(|_| corrupt(LIFECYCLE))?;
            unpacked(stored, known).ok_or_else(|| corrupt(LIFECYCLE))
        }
    }
}

fn unpacked(stored: Stored, known: Option<Known<'_>>) -> Option<Lifecycle> {
    let known = with_release(known?, stored.release.as_ref());
    let event = |owed| match owed {
        Owed::Whole(event) => Some(event),
        Owed::Packed(packed) => packed.event(known),
    };
    let owed: Option<Vec<_>> = stored.owed.into_iter().map(event).collect();
    let connection = match stored.connection {
        Some(difference) => Some(differing(known.connection, difference)?),
        None => None,
    };
    Some(Lifecycle {
        connection,
        looked_at_ms: stored.looked_at_ms,
        changes: stored.changes,
        events: stored.events,
        reminded: stored.reminded,
        gone_at_ms: stored.gone_at_ms,
        owed: owed?,
        release: stored.release,
        refused_release: stored.refused_release,
        moving: stored.moving,
        history: stored.history,
    })
}
