//! The lines of the file, and what they say of each call together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The only version so far.
pub(super) const SCHEMA_VERSION: &str = "1";

/// What the run is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub(crate) schema_version: String,
    /// In the name of everything that the run makes.
    pub(crate) run: String,
    pub(crate) parent: String,
    pub(crate) owner_account: String,
    pub(crate) region: String,
    pub(crate) started_at: String,
    /// Ids of connections that were there before: never touched.
    pub(crate) before: BTreeSet<String>,
}

/// What happened to one call, or to its connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "camelCase")]
pub(super) enum Line {
    /// AllocateHostedConnection is about to be called.
    #[serde(rename_all = "camelCase")]
    Call { name: String, vlan: u16, at_ms: u64 },
    /// The connection of a call is known.
    Id { call: usize, id: String },
    /// The call was refused, or never sent.
    Refused { call: usize },
    /// There is nothing of it, or nothing any more.
    Gone { call: usize },
}

/// One call of AllocateHostedConnection, and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) vlan: u16,
    pub(crate) at_ms: u64,
    pub(crate) id: Option<String>,
    pub(crate) is_refused: bool,
    pub(crate) is_gone: bool,
}

pub(super) fn read(text: &str) -> Result<(Head, Vec<Entry>), usize> {
    let mut lines = text.lines().enumerate();
    let head = lines
        .next()
        .and_then(|(_, line)| serde_json::from_str(line).ok());
    let head: Head = head
        .filter(|head: &Head| head.schema_version == SCHEMA_VERSION)
        .ok_or(1usize)?;
    let mut entries = Vec::new();
    for (index, line) in lines {
        let line: Line = serde_json::from_str(line).map_err(|_| index + 1)?;
        if !apply(&mut entries, line) {
            return Err(index + 1);
        }
    }
    Ok((head, entries))
}

/// Whether there is such a call.
pub(super) fn apply(entries: &mut Vec<Entry>, line: Line) -> bool {
    let (call, change): (usize, fn(&mut Entry, Option<String>)) = match &line {
        Line::Call { name, vlan, at_ms } => {
            entries.push(Entry {
                name: name.clone(),
                vlan: *vlan,
                at_ms: *at_ms,
                id: None,
                is_refused: false,
                is_gone: false,
            });
            return true;
        }
        Line::Id { call, .. } => (*call, |entry, id| entry.id = id),
        Line::Refused { call } => (*call, |entry, _| entry.is_refused = true),
        Line::Gone { call } => (*call, |entry, _| entry.is_gone = true),
    };
    let id = match line {
        Line::Id { id, .. } => Some(id),
        Line::Call { .. } | Line::Refused { .. } | Line::Gone { .. } => None,
    };
    entries
        .get_mut(call)
        .map(|entry| change(entry, id))
        .is_some()
}
