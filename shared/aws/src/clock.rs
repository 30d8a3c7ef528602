//! The one clock. Leases, settle times, request signatures and event times all go by it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_smithy_async::time::TimeSource;
use hosted_connection::Timestamp;

/// Wall clock, injected so that tests can run a day in a millisecond. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Tokio(Arc<Origin>),
}

#[derive(Debug)]
struct Origin {
    wall: SystemTime,
    tokio: tokio::time::Instant,
}

impl Clock {
    /// The machine's clock. Not derived from a monotonic one: that may stand still while the sandbox is frozen.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `start` now and advances with tokio's, which tests can pause.
    #[must_use]
    pub fn virtual_from(start: SystemTime) -> Self {
        Self(Source::Tokio(Arc::new(Origin {
            wall: start,
            tokio: tokio::time::Instant::now(),
        })))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        match &self.0 {
            Source::System => system_now(),
            Source::Tokio(origin) => origin.wall + origin.tokio.elapsed(),
        }
    }

    /// The time now as records and events spell it.
    #[must_use]
    pub fn timestamp(&self) -> Timestamp {
        Timestamp::from_ms(self.now_ms())
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        let since_epoch = self
            .now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the clock that everybody else has to ask"
)]
fn system_now() -> SystemTime {
    SystemTime::now()
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        Clock::now(self)
    }
}
