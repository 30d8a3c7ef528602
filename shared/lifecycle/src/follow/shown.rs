//! What one look at a parent shows of the records' connections.

use std::collections::BTreeMap;

use allocation::{JUST_ALLOCATED_MS, Look};
use hosted_connection::Connection;
use ledger::Record;

use super::Ghost;
use crate::change::Seen;

/// What a look shows, by connection id.
pub(super) struct Shown<'a> {
    began_at_ms: u64,
    pub(super) by_id: BTreeMap<&'a str, &'a Connection>,
}

impl<'a> Shown<'a> {
    pub(super) fn seen(&self) -> Seen {
        Seen {
            began_at_ms: self.began_at_ms,
            // Records are read after the look.
            after_revision: None,
        }
    }

    pub(super) fn new(look: &'a Look) -> Self {
        let with_id =
            |connection: &'a Connection| Some((connection.connection_id.as_deref()?, connection));
        Self {
            began_at_ms: look.began_at_ms,
            by_id: look.connections.iter().filter_map(with_id).collect(),
        }
    }

    /// The record's connection as it is shown.
    pub(super) fn of(&self, record: &Record) -> Option<&'a Connection> {
        let id = record.connection()?.connection_id.as_deref()?;
        self.by_id.get(id).copied()
    }

    pub(super) fn ghost(&self, record: &Record) -> Option<Ghost> {
        let connection_id = record.connection()?.connection_id.clone()?;
        let settled = record.occurred_at.as_ms() + JUST_ALLOCATED_MS < self.began_at_ms;
        let missing = self.of(record).is_none() && record.lifecycle.gone_at_ms.is_none();
        (settled && missing).then_some(Ghost {
            key: record.key.clone(),
            vlan: record.vlan?,
            connection_id,
        })
    }
}
