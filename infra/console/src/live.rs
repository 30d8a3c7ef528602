//! Telling open pages that something has changed: one number, which the latest replaces. A page that is slow misses numbers and
//! nothing else, so no stream ever holds more than one of them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::response::sse::Event;
use futures_util::stream::{self, Stream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use crate::snapshot::Snapshot;

/// Streams at once. A browser has one for each page that is in sight.
const MOST_STREAMS: usize = 100;

/// How a page hears of changes, and where it gets what is known.
#[derive(Clone)]
pub(crate) struct Live {
    snapshot: watch::Receiver<Arc<Snapshot>>,
    streams: Arc<Semaphore>,
    attention: Arc<Attention>,
}

/// Who looks, and at what: nobody is asked anything for pages that nobody has open.
#[derive(Default)]
pub(crate) struct Attention {
    /// Counts requests.
    asked: AtomicU64,
    /// Counts demands to read everything again at once.
    pressed: AtomicU64,
    wanted: std::sync::Mutex<Option<String>>,
    wake: Notify,
}

impl Attention {
    /// So many requests so far.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// So many demands so far.
    pub(crate) fn pressed(&self) -> u64 {
        self.pressed.load(Ordering::Relaxed)
    }

    /// The parent that was looked at last.
    pub(crate) fn wanted(&self) -> Option<String> {
        let wanted = self.wanted.lock();
        wanted
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// Done when somebody begins to look.
    pub(crate) async fn woken(&self) {
        self.wake.notified().await;
    }
}

/// Both ends.
pub(crate) fn channel() -> (Live, watch::Sender<Arc<Snapshot>>) {
    let (sender, snapshot) = watch::channel(Arc::new(Snapshot::default()));
    let live = Live {
        snapshot,
        streams: Arc::new(Semaphore::new(MOST_STREAMS)),
        attention: Arc::default(),
    };
    (live, sender)
}

impl Live {
    /// What is known now. Whoever asks first waits for a first look, but not for long.
    pub(crate) async fn snapshot(&self) -> Arc<Snapshot> {
        self.attend();
        let mut snapshot = self.snapshot.clone();
        let first = snapshot.wait_for(|snapshot| !snapshot.parents.is_empty() || snapshot.is_whole);
        // One that does not come in time is shown as what it is: nothing known yet.
        let _ = tokio::time::timeout(std::time::Duration::from_millis(800), first).await;
        self.snapshot.borrow().clone()
    }

    /// What is known now, after everything that was pressed for has been read again.
    pub(crate) async fn fresh(&self) -> Arc<Snapshot> {
        self.press();
        let mut snapshot = self.snapshot.clone();
        snapshot.mark_unchanged();
        let _ =
            tokio::time::timeout(std::time::Duration::from_millis(500), snapshot.changed()).await;
        self.snapshot.borrow().clone()
    }

    /// Notes that somebody looks.
    pub(crate) fn attend(&self) {
        self.attention.asked.fetch_add(1, Ordering::Relaxed);
        self.attention.wake.notify_one();
    }

    /// Asks for another look at everything.
    pub(crate) fn press(&self) {
        self.attention.pressed.fetch_add(1, Ordering::Relaxed);
        self.attend();
    }

    /// Notes which parent is looked at.
    pub(crate) fn want(&self, parent: &str) {
        let mut wanted = self
            .attention
            .wanted
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if wanted.as_deref() != Some(parent) {
            *wanted = Some(parent.to_owned());
            drop(wanted);
            self.press();
        }
    }

    pub(crate) fn attention(&self) -> Arc<Attention> {
        self.attention.clone()
    }

    /// Streams that are open.
    pub(crate) fn open_streams(&self) -> usize {
        MOST_STREAMS - self.streams.available_permits()
    }

    /// A stream of changes; none when there are too many already.
    pub(crate) fn stream(
        &self,
        boot: &str,
    ) -> Option<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let permit = self.streams.clone().try_acquire_owned().ok()?;
        self.attend();
        let hello = Event::default()
            .event("hello")
            .retry(std::time::Duration::from_secs(1))
            .data(boot);
        let state = Listener {
            snapshot: self.snapshot.clone(),
            hello: Some(hello),
            _permit: permit,
        };
        Some(stream::unfold(state, Listener::next))
    }
}

struct Listener {
    snapshot: watch::Receiver<Arc<Snapshot>>,
    hello: Option<Event>,
    _permit: OwnedSemaphorePermit,
}

impl Listener {
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if let Some(hello) = self.hello.take() {
            return Some((Ok(hello), self));
        }
        self.snapshot.changed().await.ok()?;
        let version = self.snapshot.borrow_and_update().version;
        let event = Event::default().event("changed").data(version.to_string());
        Some((Ok(event), self))
    }
}
