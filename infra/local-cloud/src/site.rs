//! What a service may know and use beside its own state: whose account it is, where, how it behaves, and what time it is.

use std::time::SystemTime;

use crate::{clock::epoch_ms, direct_connect::Rules, random::Random};

/// Whose account it is, and where.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) account: String,
    pub(crate) region: String,
}

/// What a service may know and use beside its own state.
pub(crate) struct Context<'a> {
    pub(crate) site: &'a Site,
    pub(crate) rules: &'a Rules,
    pub(crate) random: &'a mut Random,
    pub(crate) now: SystemTime,
}

impl Context<'_> {
    /// Milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> u64 {
        epoch_ms(self.now)
    }
}
