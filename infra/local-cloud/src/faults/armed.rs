//! A fault that has been injected, counting the requests it could hit.

use super::{Fault, FaultKind, Target};
use crate::request::Call;

/// An injected fault and how far it has counted.
#[derive(Debug, Clone)]
pub(crate) struct Armed {
    pub(crate) fault: Fault,
    seen: u64,
    fired: bool,
}

impl Armed {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            seen: 0,
            fired: false,
        }
    }

    /// Starts counting from here. A fault that has fired stays spent.
    pub(crate) fn reset(&mut self) {
        self.seen = 0;
    }

    /// Counts the request if it is one of those meant, and says whether the fault is due.
    pub(crate) fn counts(&mut self, worker: &str, call: &Call) -> bool {
        let selector = &self.fault.selector;
        let meant = match &selector.target {
            Target::Request(_) => true,
            Target::Nth(name, _) | Target::Any(name) => *name == call.operation,
        };
        if !meant
            || selector
                .worker
                .as_deref()
                .is_some_and(|only| only != worker)
        {
            return false;
        }
        self.seen += 1;
        if self.fault.kind == FaultKind::ExpiredPageToken && call.text("nextToken").is_none() {
            return false;
        }
        let first = match &selector.target {
            Target::Request(n) | Target::Nth(_, n) => *n,
            Target::Any(_) => 1,
        };
        if self.fault.always {
            self.seen >= first
        } else {
            // A once-only fault that another fault has pre-empted on its request is lost, except for `Any`.
            !self.fired
                && (self.seen == first
                    || (matches!(selector.target, Target::Any(_)) && self.seen > first))
        }
    }

    /// Whether it can still strike: a fault for one request that has passed never will.
    pub(crate) fn is_pending(&self) -> bool {
        match &self.fault.selector.target {
            _ if self.fault.always => true,
            Target::Request(n) | Target::Nth(_, n) => !self.fired && self.seen < *n,
            Target::Any(_) => !self.fired,
        }
    }

    /// Marks the fault as used.
    pub(crate) fn fire(&mut self) -> Fault {
        self.fired = true;
        self.fault.clone()
    }
}
