//! Keeps what is known fresh, for as long as somebody looks. Beside the local cloud it reads again what a request has touched;
//! at AWS it asks again every few seconds, and asks nothing while no page is open.

mod apart;
mod reader;
mod stale;
mod thread;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::home::Home;
use crate::live::Live;
use crate::snapshot::{Snapshot, Told};
use reader::Reader;
use stale::Stale;
pub(crate) use thread::Thread;

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
    reader: Reader,
    events: VecDeque<Told>,
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
            reader: Reader::new(home.clone()),
            home,
            publisher,
            live,
            events: VecDeque::new(),
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
            self.reader.sites().await;
            self.stale.everything(self.reader.known.parents.keys());
            // Once: a table at AWS is not read through for them.
            if self.home.bench.is_some() && !self.reader.known.is_whole {
                self.reader.apart_from_before().await;
            }
        } else if self.home.bench.is_none() {
            let wanted = self.live.attention().wanted();
            self.stale.orders(self.reader.known.parents.keys());
            self.stale.parents.extend(wanted);
        }
        // At AWS each count is a request that is paid for; beside the local cloud it is free.
        if is_whole || self.home.bench.is_some() {
            self.reader.dead_letters().await;
        }
        self.reader.known.at_ms = self.home.now_ms();
        self.reader.unfinished().await;
        self.read_stale().await;
        if is_whole {
            self.reader.known.is_whole = true;
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
                .extend(self.reader.known.parents.keys().cloned());
        }
        self.stale.note(&requests, &self.reader.known.parents);
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

    /// Reads what is stale, what is looked at first, and tells of each.
    async fn read_stale(&mut self) {
        let wanted = self.live.attention().wanted();
        let stale = std::mem::take(&mut self.stale);
        for id in &stale.orders {
            self.reader.newest(id).await;
        }
        self.reader.apart(stale.unlisted).await;
        self.publish();
        self.let_pages_ask().await;
        let (first, others): (Vec<_>, Vec<_>) = stale
            .parents
            .into_iter()
            .partition(|id| Some(id) == wanted.as_ref());
        for id in first.iter().chain(&others) {
            let look = wanted.as_ref() == Some(id);
            if self.reader.parent(id, look).await {
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

    fn publish(&mut self) {
        let known = &mut self.reader.known;
        known.version += 1;
        known.list_newest();
        let events = match self.home.bench {
            Some(_) => self.events.iter().cloned().collect(),
            None => Told::of_records(known),
        };
        known.events = Arc::new(events);
        let troubles = self.reader.troubles();
        let known = &mut self.reader.known;
        known.troubles = troubles;
        // Nobody may be listening, and then nobody is told.
        self.publisher.send_replace(Arc::new(known.clone()));
    }
}
