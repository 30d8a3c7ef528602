//! What is known at one moment, and from which everything is drawn. A page is drawn without asking anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ledger::Record;

use crate::parent::ParentData;

/// Orders, shared by the lists that they are on.
pub(crate) type Records = Arc<Vec<Arc<Record>>>;

/// So many orders, shared.
pub(crate) fn shared(records: Vec<Record>) -> Records {
    Arc::new(records.into_iter().map(Arc::new).collect())
}

/// An event as it was published, or, at AWS, as the record says that it was.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    pub(crate) at_ms: u64,
    pub(crate) detail_type: String,
    pub(crate) key: Option<String>,
    pub(crate) connection_id: Option<String>,
    /// The event's detail, indented; none where the console cannot read the bus.
    pub(crate) detail: Option<String>,
    pub(crate) is_published: bool,
}

/// One parent's place in a snapshot: those that have not been read yet have no data.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) site: aws::direct_connect::ParentSite,
    pub(crate) data: Option<Arc<ParentData>>,
    /// The newest orders on it, newest first.
    pub(crate) newest: Records,
}

/// Everything that is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Snapshot {
    /// Grows with each change.
    pub(crate) version: u64,
    pub(crate) at_ms: u64,
    /// Whether everything was read once.
    pub(crate) is_whole: bool,
    /// By id.
    pub(crate) parents: BTreeMap<String, Known>,
    /// Orders without a parent, newest first: those by place for which none is chosen yet, or none could be.
    pub(crate) apart: Records,
    /// The newest orders of all parents and of none, newest first, each once.
    pub(crate) newest: Records,
    /// Oldest first.
    pub(crate) unfinished: Records,
    /// Newest first.
    pub(crate) events: Arc<Vec<Told>>,
    /// Messages in the dead-letter queues of orders and releases, where that is known.
    pub(crate) dead: [Option<u64>; 2],
    /// What cannot be read, and why.
    pub(crate) troubles: Vec<String>,
}

impl Snapshot {
    /// Lists the newest orders anew, from those of each parent and those of none.
    pub(crate) fn list_newest(&mut self) {
        let parents = self.parents.values();
        let mut all: Vec<&Arc<Record>> = parents.flat_map(|known| known.newest.iter()).collect();
        let mut listed: BTreeSet<&str> = all.iter().map(|record| record.key.as_str()).collect();
        let unfinished = self.unfinished.iter();
        let without = unfinished.filter(|record| record.lease_parent.is_none());
        let without = self.apart.iter().chain(without);
        all.extend(without.filter(|record| listed.insert(record.key.as_str())));
        all.sort_by(|a, b| {
            let newest_first = b.claimed_at_ms.cmp(&a.claimed_at_ms);
            newest_first.then_with(|| a.key.as_str().cmp(b.key.as_str()))
        });
        all.dedup_by(|a, b| a.key == b.key);
        self.newest = Arc::new(all.into_iter().cloned().collect());
    }

    /// The parent that is meant, or else the first that has anything on it, or the first.
    pub(crate) fn chosen<'s>(&'s self, id: Option<&str>) -> Option<&'s Known> {
        let meant = id.and_then(|id| self.parents.get(id));
        let is_used = |known: &&Known| {
            let data = known.data.as_ref();
            data.is_some_and(|data| !data.cells.is_empty())
        };
        meant
            .or_else(|| self.parents.values().find(is_used))
            .or_else(|| self.parents.values().next())
    }
}

impl Told {
    /// An event of the local cloud's bus.
    pub(crate) fn of_bus(event: local_cloud::BusEvent) -> Self {
        let since = event.time.duration_since(std::time::UNIX_EPOCH);
        let text = |member: &serde_json::Value| member.as_str().map(str::to_owned);
        Self {
            at_ms: u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX),
            detail_type: event.detail_type,
            key: text(&event.detail["idempotencyKey"]),
            connection_id: text(&event.detail["connection"]["connectionId"]),
            detail: Some(format!("{:#}", event.detail)),
            is_published: true,
        }
    }

    /// The events of the newest orders, as their records tell them: a bus cannot be read.
    pub(crate) fn of_records(known: &Snapshot) -> Vec<Self> {
        let mut all = Vec::new();
        for record in known.newest.iter() {
            let key = Some(record.key.as_str().to_owned());
            let id = record
                .connection()
                .and_then(|shown| shown.connection_id.clone());
            let told = |at_ms, detail_type: &str, is_published| Self {
                at_ms,
                detail_type: detail_type.to_owned(),
                key: key.clone(),
                connection_id: id.clone(),
                detail: None,
                is_published,
            };
            if let Some(outcome) = &record.outcome {
                let name = match outcome {
                    hosted_connection::Outcome::Allocated(_) => "Hosted Connection Allocated",
                    hosted_connection::Outcome::Rejected(_) => "Hosted Connection Rejected",
                };
                all.push(told(record.occurred_at.as_ms(), name, record.published));
            }
            for event in &record.lifecycle.owed {
                let at_ms = story::stuck::newest_ms(record);
                all.push(told(at_ms, event.detail_type.as_str(), false));
            }
        }
        all.sort_by_key(|told| std::cmp::Reverse(told.at_ms));
        all
    }
}
