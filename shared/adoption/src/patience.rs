//! Waiting for a service that asks for fewer requests or does not answer: a person waits for the command, not a caller.

use std::time::Duration;

use aws::direct_connect::ReadError;
use aws::failure::{CallError, Cause};

/// Waits between tries: half a second, and each twice as long as the one before.
const TRIES: u32 = 7;
const FIRST: Duration = Duration::from_millis(500);

/// What comes of `work`, tried again for half a minute while a service asks for fewer requests or cannot be reached.
pub(crate) async fn patiently<T, E: MayPass>(work: impl AsyncFn() -> Result<T, E>) -> Result<T, E> {
    let mut tries = 0;
    loop {
        match work().await {
            Err(error) if tries + 1 < TRIES && error.may_pass() => {
                tokio::time::sleep(FIRST * 2_u32.pow(tries)).await;
                tries += 1;
            }
            ended => return ended,
        }
    }
}

/// An error that may be another one the next time, or none.
pub(crate) trait MayPass {
    /// Whether trying again may help.
    fn may_pass(&self) -> bool;
}

impl MayPass for CallError {
    fn may_pass(&self) -> bool {
        match self.cause {
            Cause::Throttled | Cause::Unavailable => true,
            Cause::Misconfigured => false,
        }
    }
}

impl MayPass for ReadError {
    fn may_pass(&self) -> bool {
        match self {
            Self::Failed(error) => error.may_pass(),
            Self::Refused(_) => false,
        }
    }
}
