//! A brake on work that may wait: once AWS asks for fewer requests, what has begun goes on and nothing more is begun.

use std::sync::atomic::{AtomicBool, Ordering};

use aws::Meter;
use ledger::Services;

/// One for all work that stops together.
///
/// It goes on by itself when Direct Connect throttles a call, whoever made it: its limits are the account's, and other
/// invocations of this process have the same account. DynamoDB and EventBridge throttle for reasons of their own.
#[derive(Debug)]
pub struct Brake {
    meter: Meter,
    /// Calls that Direct Connect had throttled before.
    before: usize,
    pulled: AtomicBool,
}

impl Brake {
    /// A brake that is off.
    #[must_use]
    pub fn new(aws: &Services) -> Self {
        Self {
            before: aws.meter.calls_throttled_by_direct_connect(),
            meter: aws.meter.clone(),
            pulled: AtomicBool::new(false),
        }
    }

    /// Puts it on: for work that stops for more reasons than Direct Connect's.
    pub fn pull(&self) {
        self.pulled.store(true, Ordering::Relaxed);
    }

    /// Whether nothing more is to be begun.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.pulled.load(Ordering::Relaxed)
            || self.meter.calls_throttled_by_direct_connect() > self.before
    }
}
