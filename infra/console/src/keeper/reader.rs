//! Reads into what is known, one thing at a time. What cannot be read is told on the pages, until it can be read again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use aws::direct_connect::ParentSite;
use hosted_connection::IdempotencyKey;
use ledger::PAGE_SIZE;

use super::apart;
use crate::home::Home;
use crate::parent;
use crate::snapshot::{Known, Snapshot, shared};

/// Unfinished orders that are listed.
const UNFINISHED: usize = 200;

/// What reads, and what it has read.
pub(super) struct Reader {
    home: Arc<Home>,
    pub(super) known: Snapshot,
    /// What cannot be read, and why.
    troubles: BTreeMap<&'static str, String>,
}

impl Reader {
    pub(super) fn new(home: Arc<Home>) -> Self {
        Self {
            home,
            known: Snapshot::default(),
            troubles: BTreeMap::new(),
        }
    }

    /// What cannot be read, in sentences.
    pub(super) fn troubles(&self) -> Vec<String> {
        self.troubles.values().cloned().collect()
    }

    /// What was read; none, and a note for the pages, if it cannot be.
    fn noted<T, E: Display>(&mut self, what: &'static str, read: Result<T, E>) -> Option<T> {
        match read {
            Ok(read) => {
                self.troubles.remove(what);
                Some(read)
            }
            Err(error) => {
                let text = format!("{what} cannot be read: {error}");
                self.troubles.insert(what, text);
                None
            }
        }
    }

    /// The interconnects and LAGs, and where they stand.
    pub(super) async fn sites(&mut self) {
        let read = self.home.aws.direct_connect.parent_sites().await;
        if let Some(sites) = self.noted("The interconnects and LAGs", read) {
            self.keep_sites(sites);
        }
    }

    fn keep_sites(&mut self, sites: Vec<ParentSite>) {
        let mut parents = BTreeMap::new();
        for site in sites {
            let id = site.id.as_str().to_owned();
            let known = match self.known.parents.remove(&id) {
                Some(known) => Known { site, ..known },
                None => Known {
                    site,
                    data: None,
                    newest: Arc::default(),
                },
            };
            parents.insert(id, known);
        }
        self.known.parents = parents;
    }

    /// The newest orders on a parent.
    pub(super) async fn newest(&mut self, id: &str) {
        let Some(known) = self.known.parents.get(id) else {
            return;
        };
        let (ledger, parent) = (&self.home.aws.ledger, Some(&known.site.id));
        let page = ledger.page(parent, None, PAGE_SIZE, |_| true).await;
        if let Some(page) = self.noted("The newest orders", page)
            && let Some(known) = self.known.parents.get_mut(id)
        {
            known.newest = shared(page.records);
        }
    }

    /// The orders without a parent that were there before anybody looked.
    pub(super) async fn apart_from_before(&mut self) {
        let read = apart::from_before(&self.home.aws.ledger).await;
        if let Some(records) = self.noted(apart::WHAT, read) {
            self.known.apart = records;
        }
    }

    /// These orders, if they have no parent.
    pub(super) async fn apart(&mut self, keys: BTreeSet<IdempotencyKey>) {
        let read = apart::read(&self.home.aws.ledger, keys, &mut self.known.apart).await;
        self.noted(apart::WHAT, read);
    }

    /// One parent, from Direct Connect too if `look`. Says whether there is news.
    pub(super) async fn parent(&mut self, id: &str, look: bool) -> bool {
        let Some(known) = self.known.parents.get(id) else {
            return false;
        };
        let read = parent::read(&self.home, &known.site, look).await;
        let Some(data) = self.noted("A parent", read) else {
            return true;
        };
        let Some(known) = self.known.parents.get_mut(id) else {
            return false;
        };
        let is_news = known.data.as_deref() != Some(&data);
        if is_news {
            known.data = Some(Arc::new(data));
        }
        is_news
    }

    /// The unfinished orders, those that have waited longest first.
    pub(super) async fn unfinished(&mut self) {
        let ledger = &self.home.aws.ledger;
        let read = async {
            let keys = ledger.unfinished(UNFINISHED).await?;
            ledger.records(&keys).await
        };
        let read = read.await;
        if let Some(mut records) = self.noted("The unfinished orders", read) {
            records.retain(ledger::Record::is_unfinished);
            records.sort_by_key(|record| record.claimed_at_ms);
            self.known.unfinished = shared(records);
        }
    }

    /// How many messages each dead-letter queue holds.
    pub(super) async fn dead_letters(&mut self) {
        let home = self.home.clone();
        let urls = [&home.urls.orders, &home.urls.releases];
        for (at, url) in urls.into_iter().enumerate() {
            let Some(url) = url else { continue };
            let read = crate::letters::waiting(&home.queues, url).await;
            if let Some(waiting) = self.noted("The dead-letter queues", read) {
                self.known.dead[at] = Some(waiting);
            }
        }
    }
}
