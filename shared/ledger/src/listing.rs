//! Lists of allocations, page by page: those of a parent, newest first, or all there are.
//!
//! A page costs a bounded number of reads however few allocations it is to show, so it may be short; as long as there
//! may be more, it says where the next one begins. Lists lag behind the table by a moment: they are read from an index,
//! or without waiting for all replicas.

use std::collections::HashMap;

use hosted_connection::ParentConnection;
use serde::{Deserialize, Serialize};

use crate::item::{Item, n, number, s, text};
use crate::keys;
use crate::ledger::Ledger;
use crate::record::{self, Record};
use aws::failure::{CallError, Cause};

/// The most allocations on a page.
pub const PAGE_SIZE: usize = 50;
/// Items read at once: BatchGetItem takes no more, and the table holds about two for each allocation.
const CHUNK: i32 = 100;
/// Chunks that a page may cost.
const MOST_CHUNKS: usize = 10;
/// Longest partition key of a table, in bytes.
const MAX_PK: usize = 2048;
/// Longest sort key of a table, in bytes.
const MAX_SK: usize = 1024;

/// A part of a list.
#[derive(Debug, Default)]
pub struct Page {
    /// The allocations, in the list's order.
    pub records: Vec<Record>,
    /// Where the list goes on; none at its end.
    pub next: Option<Position>,
}

/// A place in a list, between two items of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Position {
    pk: String,
    sk: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of_parent: Option<OfParent>,
}

/// What a place in the list of a parent is told by besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OfParent {
    id: String,
    claimed_at_ms: u64,
}

impl Position {
    /// Whether it is a place in the list of `parent`, or in that of all allocations. It comes from outside, and the
    /// table refuses a key that it could not hold.
    #[must_use]
    pub fn is_in_list_of(&self, parent: Option<&ParentConnection>) -> bool {
        // What a key or a parent may look like is for callers: a place behind any record that is there is one.
        let has = |prefix: &str| {
            let name = self.pk.strip_prefix(prefix);
            name.is_some_and(|name| !name.is_empty()) && self.pk.len() <= MAX_PK
        };
        let is_allocation = has(keys::ALLOCATION);
        match (&self.of_parent, parent) {
            (Some(at), Some(parent)) => {
                is_allocation && self.sk == keys::ALLOCATION_SK && at.id == parent.as_str()
            }
            (None, None) => {
                // A scan may stop at any item of the table.
                let is_ours = is_allocation
                    || has(keys::PARENT)
                    || [keys::TRACKING, keys::CALLERS].contains(&self.pk.as_str());
                is_ours && (1..=MAX_SK).contains(&self.sk.len())
            }
            (Some(_), None) | (None, Some(_)) => false,
        }
    }

    fn of_item(item: &Item) -> Result<Self, CallError> {
        Ok(Self {
            pk: text(item, keys::PK)?.to_owned(),
            sk: text(item, keys::SK)?.to_owned(),
            of_parent: None,
        })
    }

    fn of_entry(entry: &Item) -> Result<Self, CallError> {
        Ok(Self {
            of_parent: Some(OfParent {
                id: text(entry, record::PARENT_ID)?.to_owned(),
                claimed_at_ms: number(entry, record::CLAIMED_AT)?,
            }),
            ..Self::of_item(entry)?
        })
    }

    fn into_start_key(self) -> Item {
        let mut key = Item::from([(keys::PK.into(), s(self.pk)), (keys::SK.into(), s(self.sk))]);
        if let Some(at) = self.of_parent {
            key.insert(record::PARENT_ID.into(), s(at.id));
            key.insert(record::CLAIMED_AT.into(), n(at.claimed_at_ms));
        }
        key
    }
}

/// The keys of one caller's orders.
#[derive(Debug, Clone, Copy)]
pub struct OwnKeys<'a> {
    /// How many at the most on the page.
    pub most: usize,
    /// All of them begin with it.
    pub prefix: &'a str,
    /// How long to look for one, in milliseconds since the Unix epoch.
    pub until_ms: u64,
}

/// Some consecutive allocations of a list, each with the place behind it.
struct Chunk {
    records: Vec<(Position, Record)>,
    /// None at the end of the list.
    next: Option<Position>,
}

impl Ledger {
    /// The next page of the allocations that `keep` lets through, of `most` and [`PAGE_SIZE`] at the most: of `parent`,
    /// newest first, or all, in the table's own order. It begins `after` a place that [`Position::is_in_list_of`] has been asked about.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn page(
        &self,
        parent: Option<&ParentConnection>,
        mut after: Option<Position>,
        most: usize,
        keep: impl Fn(&Record) -> bool,
    ) -> Result<Page, CallError> {
        let most = most.clamp(1, PAGE_SIZE);
        let mut page = Page::default();
        for _ in 0..MOST_CHUNKS {
            let chunk = match parent {
                Some(parent) => self.chunk_of_parent(parent, after, "").await?,
                None => self.chunk_of_all(after, "", Some(CHUNK)).await?,
            };
            for (behind, record) in chunk.records {
                if !keep(&record) {
                    continue;
                }
                page.records.push(record);
                if page.records.len() == most {
                    page.next = Some(behind);
                    return Ok(page);
                }
            }
            after = chunk.next;
            if after.is_none() {
                return Ok(page);
            }
        }
        page.next = after;
        Ok(page)
    }

    /// As [`page`](Self::page), of the allocations of `own` keys. Where the list goes on, only such a key may tell: a place
    /// behind somebody else's would show that key. So it reads on until it has met one, or the end, or the time is over.
    ///
    /// # Errors
    /// When the table cannot be read, or the time is over before it has met one.
    pub async fn own_page(
        &self,
        parent: Option<&ParentConnection>,
        mut after: Option<Position>,
        own: OwnKeys<'_>,
        keep: impl Fn(&Record) -> bool,
    ) -> Result<Page, CallError> {
        let most = own.most.clamp(1, PAGE_SIZE);
        let mut page = Page::default();
        let mut met = None;
        loop {
            let chunk = match parent {
                Some(parent) => self.chunk_of_parent(parent, after, own.prefix).await?,
                None => self.chunk_of_all(after, own.prefix, None).await?,
            };
            for (behind, record) in chunk.records {
                met = Some(behind.clone());
                if keep(&record) {
                    page.records.push(record);
                }
                if page.records.len() == most {
                    page.next = met;
                    return Ok(page);
                }
            }
            after = chunk.next;
            if after.is_none() {
                return Ok(page);
            }
            if self.clock.now_ms() >= own.until_ms {
                page.next = met;
                return match page.next {
                    Some(_) => Ok(page),
                    None => Err(no_time()),
                };
            }
        }
    }

    /// Those whose keys begin with `prefix`.
    async fn chunk_of_parent(
        &self,
        parent: &ParentConnection,
        after: Option<Position>,
        prefix: &str,
    ) -> Result<Chunk, CallError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::PARENT_INDEX);
        let entries = query
            .key_condition_expression("parentConnectionId = :parent")
            .expression_attribute_values(":parent", s(parent.as_str()))
            .scan_index_forward(false)
            .limit(CHUNK)
            .set_exclusive_start_key(after.map(Position::into_start_key))
            .send()
            .await
            .map_err(|error| CallError::new("Query", &error))?;
        let places = entries
            .items()
            .iter()
            .map(|entry| Ok((keys::key_of(entry)?, Position::of_entry(entry)?)));
        let mut places: Vec<_> = places.collect::<Result<_, CallError>>()?;
        places.retain(|(key, _)| key.as_str().starts_with(prefix));
        let wanted: Vec<_> = places.iter().map(|(key, _)| key.clone()).collect();
        let found = self.records(&wanted).await?.into_iter();
        // They come in no order.
        let mut found: HashMap<_, _> = found.map(|record| (record.key.clone(), record)).collect();
        let records = places
            .into_iter()
            .filter_map(|(key, place)| Some((place, found.remove(&key)?)));
        let next = entries.last_evaluated_key.as_ref();
        Ok(Chunk {
            records: records.collect(),
            next: next.map(Position::of_entry).transpose()?,
        })
    }

    /// Those whose keys begin with `prefix`, among so many items or as many as DynamoDB reads at once: 1 MB.
    async fn chunk_of_all(
        &self,
        after: Option<Position>,
        prefix: &str,
        limit: Option<i32>,
    ) -> Result<Chunk, CallError> {
        let scan = self.client.scan().table_name(&self.table);
        let items = scan
            .filter_expression("begins_with(pk, :allocation)")
            .expression_attribute_values(":allocation", s(format!("{}{prefix}", keys::ALLOCATION)))
            .set_limit(limit)
            .set_exclusive_start_key(after.map(Position::into_start_key))
            .send()
            .await
            .map_err(|error| CallError::new("Scan", &error))?;
        let now_ms = self.clock.now_ms();
        let mut records = Vec::new();
        for item in items.items() {
            let record = self.understood(item);
            if let Some(record) = record.filter(|record| !record.is_expired(now_ms)) {
                records.push((Position::of_item(item)?, record));
            }
        }
        let next = items.last_evaluated_key.as_ref();
        Ok(Chunk {
            records,
            next: next.map(Position::of_item).transpose()?,
        })
    }
}

fn no_time() -> CallError {
    CallError {
        operation: "listing a caller's orders",
        cause: Cause::Unavailable,
        message: "none was met in the time that there was".into(),
    }
}

#[cfg(test)]
mod tests;
