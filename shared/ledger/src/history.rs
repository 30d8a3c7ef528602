//! What happened to an allocation and when, for people to read. All that is decided by it is how
//! soon tracking tries an order again.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use transitions::Attribute;

use crate::item::{self, Item, n, s};

const HISTORY: &str = Attribute::History.name();

/// Entries kept of a long story: an order that stays stuck is tried every minute, and an item holds 400 KB.
const MOST: usize = 60;
/// Of those, how many from its beginning.
const FROM_THE_START: usize = 10;
/// Characters of a detail: sixty entries of it have room in an item beside all else.
const MOST_CHARACTERS: usize = 300;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// A state of the allocation, a state of its connection, or a step of its release.
    pub what: String,
    /// How that came about, or why: an error code, or a few words. For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl HistoryEntry {
    /// An entry.
    #[must_use]
    pub fn new(at_ms: u64, what: impl Into<String>) -> Self {
        Self {
            at_ms,
            what: what.into(),
            detail: None,
        }
    }

    /// The entry with more about it, cut where it would grow the record without end.
    #[must_use]
    pub fn with_detail(self, detail: Option<&str>) -> Self {
        let detail = detail.map(|detail| detail.chars().take(MOST_CHARACTERS).collect());
        Self { detail, ..self }
    }
}

/// Leaves out the middle of a story that has grown too long.
#[must_use]
pub fn shortened(mut history: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
    if history.len() > MOST {
        history.drain(FROM_THE_START..history.len() - (MOST - FROM_THE_START));
    }
    history
}

pub(crate) fn first(what: &str, detail: Option<&str>, at_ms: u64) -> AttributeValue {
    let entry = HistoryEntry::new(at_ms, what).with_detail(detail);
    AttributeValue::L(vec![value(&entry)])
}

/// The value of `:entry`.
pub(crate) fn entry(what: &str, detail: Option<&str>, at_ms: u64) -> AttributeValue {
    let entry = HistoryEntry::new(at_ms, what).with_detail(detail);
    AttributeValue::L(vec![value(&entry)])
}

/// The whole story, with one more entry.
pub(crate) fn with(history: &[HistoryEntry], entry: HistoryEntry) -> AttributeValue {
    let mut history = history.to_vec();
    history.push(entry);
    AttributeValue::L(shortened(history).iter().map(value).collect())
}

/// As much of the story as can be read: nothing is decided by it, so nothing in it makes a record unreadable.
pub(crate) fn read(item: &Item) -> Vec<HistoryEntry> {
    let entry = |value: &AttributeValue| {
        let members = value.as_m().ok()?;
        Some(HistoryEntry {
            at_ms: item::number(members, "atMs").ok()?,
            what: item::text(members, "what").ok()?.to_owned(),
            detail: item::text(members, "detail").ok().map(str::to_owned),
        })
    };
    match item.get(HISTORY) {
        Some(AttributeValue::L(entries)) => entries.iter().filter_map(entry).collect(),
        Some(_) | None => Vec::new(),
    }
}

fn value(entry: &HistoryEntry) -> AttributeValue {
    let mut members = Item::from([
        ("atMs".into(), n(entry.at_ms)),
        ("what".into(), s(&entry.what)),
    ]);
    members.extend(
        entry
            .detail
            .as_ref()
            .map(|detail| ("detail".into(), s(detail))),
    );
    AttributeValue::M(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_story_keeps_its_beginning_and_its_end() {
        let story: Vec<_> = (0..200)
            .map(|at| HistoryEntry::new(at, "calling"))
            .collect();
        let shortened = shortened(story);
        let times: Vec<_> = shortened.iter().map(|entry| entry.at_ms).collect();
        assert_eq!(times, (0..10).chain(150..200).collect::<Vec<_>>());
    }
}
