//! Wall-clock time as the cloud sees it, injected so that a test decides what time it is.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where every timestamp of the cloud comes from. Sleeps use tokio's clock, so a test that pauses tokio wants
/// [`Clock::following_tokio`] here, or the two drift apart.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The computer's own clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the cloud's one clock; it shares none with the code it tests"
    )]
    pub fn system() -> Self {
        Self::new(SystemTime::now)
    }

    /// A clock that shows `start` now and then moves with tokio's time, paused or not.
    ///
    /// Needs no runtime when time is not paused; with paused time call it inside the runtime.
    pub fn following_tokio(start: SystemTime) -> Self {
        let origin = tokio::time::Instant::now();
        Self::new(move || start + origin.elapsed())
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }

    fn since_epoch(&self) -> Duration {
        self.now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// Milliseconds since 1970, which is what SQS counts in.
pub(crate) fn epoch_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    millis(since)
}

/// The duration in milliseconds, the most there can be if it is longer than that.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl dynoxide::storage_backend::Clock for Clock {
    fn now_unix_secs(&self) -> u64 {
        self.since_epoch().as_secs()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.since_epoch().as_secs_f64()
    }
}
