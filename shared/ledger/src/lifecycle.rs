//! What became of a connection after its allocation, and the events that are owed for it.
//!
//! One attribute of the allocation record, read and written whole. Each write is conditional on the revision that was
//! read, so of two who saw the same change one records it, and the events that it owes are the same ones for everybody.

use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use hosted_connection::{Connection, Event, Origin};
use serde::{Deserialize, Serialize};

use super::{Ledger, RETENTION, keys};
use crate::history::HistoryEntry;
use crate::item::{self, Item, corrupt, n, s};
use crate::leases::{Counted, build_error};
use crate::outcome::COUNTED_TRIES;
use crate::record::{self, Record};
use crate::transact::Write;
use aws::failure::CallError;

pub(crate) const LIFECYCLE: &str = "lifecycle";
pub(crate) const REVISION: &str = "lifecycleRevision";

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

    /// Whether something is left to do that nobody may ask for: an event to publish, a release to end.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        let releasing = |release: &Release| release.released_at_ms.is_none();
        !self.owed.is_empty() || self.release.as_ref().is_some_and(releasing)
    }
}

/// What a write on a lifecycle does to the VLAN lease, in the same transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseChange {
    /// Nothing.
    Keep,
    /// It carries the connection's state, so that the next look at the parent needs no record.
    Note,
    /// The connection is no more: its VLAN and its bandwidth may be sold again.
    Free,
}

/// How a write on a lifecycle ended.
#[derive(Debug)]
pub enum Saved {
    /// Written; the record as it is now.
    Done(Box<Record>),
    /// Somebody else wrote first; the record as they left it.
    Changed(Box<Record>),
}

impl Ledger {
    /// Replaces the lifecycle of `seen`, provided that nobody has since it was read and that the allocation's own event
    /// is out. What is left unfinished by it goes into the index; a connection that is gone and owes nothing starts
    /// its retention.
    ///
    /// # Errors
    /// When the table cannot be written, or holds something that we did not write.
    pub async fn save_lifecycle(
        &self,
        seen: &Record,
        lifecycle: Lifecycle,
        lease: LeaseChange,
    ) -> Result<Saved, CallError> {
        let mut next = seen.clone();
        next.lifecycle = lifecycle;
        next.revision = seen.revision + 1;
        let mut counted = Counted::by(seen.counted);
        for _ in 0..COUNTED_TRIES {
            let mut actions = vec![self.put_lifecycle(seen, &next)?];
            actions.extend(self.change_lease(&next, lease, counted)?);
            let refusals = match self.transact(actions).await? {
                Write::Done => return Ok(Saved::Done(Box::new(next))),
                Write::Refused(refusals) => refusals,
            };
            let mut refusals = refusals.into_iter();
            if let Some(refusal) = refusals.next().flatten() {
                let item = refusal.item.ok_or_else(|| corrupt(keys::PK))?;
                let found = Record::from_item(&item)?;
                // The answer to our own write was lost, and this is its repetition.
                return Ok(
                    if found.revision == next.revision && found.lifecycle == next.lifecycle {
                        Saved::Done(Box::new(found))
                    } else {
                        Saved::Changed(Box::new(found))
                    },
                );
            }
            counted = self.after_refused_lease(&seen.key, counted, refusals.next().flatten())?;
        }
        Err(self.changed_meanwhile())
    }

    pub(crate) fn put_lifecycle(
        &self,
        seen: &Record,
        next: &Record,
    ) -> Result<TransactWriteItem, CallError> {
        let now_ms = self.clock.now_ms();
        let lifecycle = &next.lifecycle;
        let mut set = "SET lifecycle = :lifecycle, lifecycleRevision = :next".to_owned();
        let mut remove = Vec::new();
        let mut values = Item::from([
            (":lifecycle".into(), s(super::outcome::json(lifecycle))),
            (":next".into(), n(next.revision)),
            (":seen".into(), n(seen.revision)),
            (":allocated".into(), s(record::State::Allocated.as_str())),
            (
                ":yes".into(),
                aws_sdk_dynamodb::types::AttributeValue::Bool(true),
            ),
        ]);
        if lifecycle.is_unfinished() {
            set.push_str(", unfinishedShard = :shard, unfinishedAtMs = :now");
            values.insert(":shard".into(), s(keys::shard(&seen.key)));
            values.insert(":now".into(), n(now_ms));
        } else {
            remove.extend([record::UNFINISHED_SHARD, record::UNFINISHED_AT]);
        }
        if lifecycle.gone_at_ms.is_some() && !lifecycle.is_unfinished() {
            set.push_str(", expiresAt = :expires");
            values.insert(":expires".into(), n(now_ms / 1000 + RETENTION.as_secs()));
        }
        if next.lease_parent != seen.lease_parent {
            set.push_str(", leaseParentId = :place");
            values.insert(":place".into(), s(next.lease_parent.as_str()));
        }
        if !remove.is_empty() {
            set.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        let unchanged = if seen.revision == 0 {
            // DynamoDB refuses a value that no expression mentions.
            "(attribute_not_exists(lifecycleRevision) OR lifecycleRevision = :seen)"
        } else {
            "lifecycleRevision = :seen"
        };
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::allocation(&seen.key)))
            .update_expression(set)
            .condition_expression(format!(
                "allocationState = :allocated AND eventPublished = :yes AND {unchanged}"
            ))
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }

    fn change_lease(
        &self,
        next: &Record,
        change: LeaseChange,
        counted: Counted,
    ) -> Result<Vec<TransactWriteItem>, CallError> {
        let Some(vlan) = next.vlan else {
            return Ok(Vec::new());
        };
        let (parent, key) = (&next.lease_parent, &next.key);
        match change {
            LeaseChange::Keep => Ok(Vec::new()),
            LeaseChange::Free => self.free(parent, vlan, key, next.request.bandwidth, counted),
            LeaseChange::Note => {
                let shown = next.lifecycle.connection.as_ref().or(next.connection());
                let note = ConnectionNote::of(shown, next.lifecycle.reminded);
                Ok(vec![self.note_action(parent, vlan, key, &note)?])
            }
        }
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

pub(crate) fn read(item: &Item) -> Result<Lifecycle, CallError> {
    if !item.contains_key(LIFECYCLE) {
        return Ok(Lifecycle::default());
    }
    let mut lifecycle: Lifecycle =
        serde_json::from_str(item::text(item, LIFECYCLE)?).map_err(|_| corrupt(LIFECYCLE))?;
    lifecycle.number_events();
    Ok(lifecycle)
}
