//! Keeps what is known fresh, for as long as somebody looks. Beside the local cloud it reads again what a request has touched;
//! at AWS it asks again every few seconds, and asks nothing while no page is open.

mod apart;
mod stale;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aws::direct_connect::ParentSite;
use aws::failure::CallError;
use hosted_connection::IdempotencyKey;
use ledger::PAGE_SIZE;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::home::Home;
use crate::live::Live;
use crate::parent;
use crate::snapshot::{Known, Snapshot, Told};
use stale::Stale;

/// How often the local cloud is asked whether it was stirred.
const BENCH_TICK: Duration = Duration::from_millis(40);
/// How often AWS is asked.
const AWS_TICK: Duration = Duration::from_secs(5);
/// How often everything is read again, whatever has happened.
const WHOLE_TICK: Duration = Duration::from_secs(30);
/// How long somebody who has asked once counts as looking.
const ATTENTION: Duration = Duration::from_secs(20);
/// How long open pages are given to ask for what has changed, before thousands of items are read on the same thread.
const PAGES_FIRST: Duration = Duration::from_millis(150);
/// Events that are remembered.
const EVENTS: usize = 200;

/// Has to run beside the console.
pub struct Keeper {
    home: Arc<Home>,
    publisher: watch::Sender<Arc<Snapshot>>,
    live: Live,
    known: Snapshot,
    events: VecDeque<Told>,
    troubles: BTreeMap<&'static str, String>,
    stale: Stale,
    seen: Seen,
}

/// What was seen at the last look.
#[derive(Default)]
struct Seen {
    stirs: u64,
    sequence: u64,
    events: usize,
    pressed: u64,
    asked: u64,
    asked_at: Option<Instant>,
    looked_at: Option<Instant>,
    whole_at: Option<Instant>,
}

impl Keeper {
    pub(crate) fn new(
        home: Arc<Home>,
        publisher: watch::Sender<Arc<Snapshot>>,
        live: Live,
    ) -> Self {
        Self {
            home,
            publisher,
            live,
            known: Snapshot::default(),
            events: VecDeque::new(),
            troubles: BTreeMap::new(),
            stale: Stale::default(),
            seen: Seen::default(),
        }
    }

    /// Keeps everything fresh, for ever.
    pub async fn run(mut self) -> Infallible {
        loop {
            self.due().await;
            self.refresh().await;
        }
    }

    /// Waits until somebody looks and there may be news.
    async fn due(&mut self) {
        let attention = self.live.attention();
        loop {
            let now = Instant::now();
            let asked = attention.asked();
            if asked != self.seen.asked {
                self.seen.asked = asked;
                self.seen.asked_at = Some(now);
            }
            let is_recent = |at: Option<Instant>, time| at.is_some_and(|at| now - at < time);
            if self.live.open_streams() == 0 && !is_recent(self.seen.asked_at, ATTENTION) {
                attention.woken().await;
                continue;
            }
            let tick = match &self.home.bench {
                Some(bench) if bench.cloud.stirs() != self.seen.stirs => return,
                Some(_) => BENCH_TICK,
                None => AWS_TICK / 10,
            };
            let is_pressed = attention.pressed() != self.seen.pressed;
            if is_pressed || !is_recent(self.seen.looked_at, AWS_TICK) {
                return;
            }
            // Whoever wakes it early is somebody who presses.
            let _ = tokio::time::timeout(tick, attention.woken()).await;
        }
    }

    async fn refresh(&mut self) {
        let now = Instant::now();
        self.seen.looked_at = Some(now);
        let pressed = self.live.attention().pressed();
        let is_whole = self.seen.whole_at.is_none_or(|at| now - at >= WHOLE_TICK)
            || (pressed != self.seen.pressed && self.home.bench.is_none());
        self.seen.pressed = pressed;
        self.note_stirs();
        if is_whole {
            self.seen.whole_at = Some(now);
            self.read_sites().await;
            self.stale.everything(self.known.parents.keys());
            self.read_dead_letters().await;
            self.read_apart_from_before().await;
        } else if self.home.bench.is_none() {
            let wanted = self.live.attention().wanted();
            self.stale.orders(self.known.parents.keys());
            self.stale.parents.extend(wanted);
        }
        self.known.at_ms = self.home.now_ms();
        self.read_unfinished().await;
        self.read_stale().await;
        if is_whole {
            self.known.is_whole = true;
            self.publish();
        }
    }

    /// Notes what the local cloud's requests and switches have touched.
    fn note_stirs(&mut self) {
        let Some(bench) = &self.home.bench else {
            return;
        };
        let cloud = &bench.cloud;
        let stirs = cloud.stirs();
        let requests = cloud.requests_after(self.seen.sequence);
        if stirs != self.seen.stirs && requests.is_empty() {
            // A switch: what it was is not told.
            self.stale
                .parents
                .extend(self.known.parents.keys().cloned());
        }
        self.stale.note(&requests, &self.known.parents);
        // A request is there from its arrival; what it changed may come later, and stirs again.
        let settled = requests
            .iter()
            .take_while(|request| request.status.is_some());
        self.seen.sequence = settled
            .last()
            .map_or(self.seen.sequence, |last| last.sequence);
        self.seen.stirs = stirs;
        let new = cloud.events_after(self.seen.events);
        self.seen.events += new.len();
        for event in new {
            self.events.push_front(Told::of_bus(event));
        }
        self.events.truncate(EVENTS);
    }

    async fn read_sites(&mut self) {
        match self.home.aws.direct_connect.parent_sites().await {
            Ok(sites) => {
                self.troubles.remove("parents");
                self.keep_sites(sites);
            }
            Err(error) => {
                let text = format!("The interconnects and LAGs cannot be read: {error}");
                self.troubles.insert("parents", text);
            }
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

    /// Reads what is stale, what is looked at first, and tells of each.
    async fn read_stale(&mut self) {
        let wanted = self.live.attention().wanted();
        let stale = std::mem::take(&mut self.stale);
        for id in &stale.orders {
            self.read_newest(id).await;
        }
        self.read_apart(stale.unlisted).await;
        self.publish();
        self.let_pages_ask().await;
        let (first, others): (Vec<_>, Vec<_>) = stale
            .parents
            .into_iter()
            .partition(|id| Some(id) == wanted.as_ref());
        for id in first.iter().chain(&others) {
            let look = wanted.as_ref() == Some(id);
            if self.read_parent(id, look).await {
                self.publish();
                self.let_pages_ask().await;
            }
        }
    }

    /// At AWS nothing is urgent; beside the local cloud the rest of the news is, and there is little to read.
    async fn let_pages_ask(&self) {
        if self.home.bench.is_none() && self.live.open_streams() > 0 {
            tokio::time::sleep(PAGES_FIRST).await;
        }
    }

    async fn read_newest(&mut self, id: &str) {
        let Some(known) = self.known.parents.get_mut(id) else {
            return;
        };
        let page = self
            .home
            .aws
            .ledger
            .page(Some(&known.site.id), None, PAGE_SIZE, |_| true);
        match page.await {
            Ok(page) => {
                self.troubles.remove("orders");
                known.newest = Arc::new(page.records);
            }
            Err(error) => {
                let text = format!("The newest orders cannot be read: {error}");
                self.troubles.insert("orders", text);
            }
        }
    }

    /// Beside the local cloud, once, the orders without a parent: a table at AWS is not read through for them.
    async fn read_apart_from_before(&mut self) {
        if self.home.bench.is_some() && !self.known.is_whole {
            let read = apart::from_before(&self.home.aws.ledger).await;
            let read = read.map(|records| self.known.apart = records);
            self.note_trouble("orders without a parent", read);
        }
    }

    async fn read_apart(&mut self, keys: BTreeSet<IdempotencyKey>) {
        let read = apart::read(&self.home.aws.ledger, keys, &mut self.known.apart).await;
        self.note_trouble("orders without a parent", read);
    }

    fn note_trouble(&mut self, what: &'static str, read: Result<(), CallError>) {
        match read {
            Ok(()) => {
                self.troubles.remove(what);
            }
            Err(error) => {
                let text = format!("The {what} cannot be read: {error}");
                self.troubles.insert(what, text);
            }
        }
    }

    /// Whether there is news.
    async fn read_parent(&mut self, id: &str, look: bool) -> bool {
        let Some(known) = self.known.parents.get_mut(id) else {
            return false;
        };
        match parent::read(&self.home, &known.site, look).await {
            Ok(data) => {
                self.troubles.remove("parent");
                let is_news = known.data.as_deref() != Some(&data);
                known.data = Some(Arc::new(data));
                is_news
            }
            Err(error) => {
                let text = format!("A parent cannot be read: {error}");
                self.troubles.insert("parent", text);
                true
            }
        }
    }

    async fn read_unfinished(&mut self) {
        let ledger = &self.home.aws.ledger;
        let read = async {
            let keys = ledger.unfinished(200).await?;
            ledger.records(&keys).await
        };
        match read.await {
            Ok(mut records) => {
                self.troubles.remove("unfinished");
                records.retain(ledger::Record::is_unfinished);
                records.sort_by_key(|record| record.claimed_at_ms);
                self.known.unfinished = Arc::new(records);
            }
            Err(error) => {
                let text = format!("The unfinished orders cannot be read: {error}");
                self.troubles.insert("unfinished", text);
            }
        }
    }

    async fn read_dead_letters(&mut self) {
        let urls = [&self.home.urls.orders, &self.home.urls.releases];
        for (at, url) in urls.into_iter().enumerate() {
            let Some(url) = url else { continue };
            match crate::letters::waiting(&self.home.queues, url).await {
                Ok(waiting) => {
                    self.troubles.remove("dead letters");
                    self.known.dead[at] = Some(waiting);
                }
                Err(error) => {
                    let text = format!("The dead-letter queues cannot be read: {error}");
                    self.troubles.insert("dead letters", text);
                }
            }
        }
    }

    fn publish(&mut self) {
        self.known.version += 1;
        self.known.troubles = self.troubles.values().cloned().collect();
        let events = match self.home.bench {
            Some(_) => self.events.iter().cloned().collect(),
            None => Told::of_records(&self.known),
        };
        self.known.events = Arc::new(events);
        // Nobody may be listening, and then nobody is told.
        self.publisher.send_replace(Arc::new(self.known.clone()));
    }
}
