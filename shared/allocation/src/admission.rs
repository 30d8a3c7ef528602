//! Who may do what, where callers are kept apart (ADR 28).
//!
//! It reads the registered callers, and goes by them for a while. Whether somebody may place, read or release an order, the
//! domain judges; who has sent an event, the doors find out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::config::Rules;
use aws::{Clock, InFlight};
use hosted_connection::{Callers, Identity, Permit};
use ledger::{Ledger, Services};

use crate::Deadline;
use crate::failure::Failure;

/// How long a process goes by what it has read: a caller that was removed may go on ordering for so long.
const KNOWN_FOR: Duration = Duration::from_secs(30);

/// Lets callers in. Cheap to clone; one per process.
#[derive(Debug, Clone)]
pub struct Admission(Option<Arc<Door>>);

#[derive(Debug)]
struct Door {
    ledger: Ledger,
    clock: Clock,
    known: Mutex<Option<Known>>,
    asked: InFlight<(), Arc<Callers>>,
}

#[derive(Debug)]
struct Known {
    callers: Arc<Callers>,
    since_ms: u64,
}

/// The callers of this moment, to judge several senders by.
#[derive(Debug, Clone)]
pub struct Admitted(Result<Option<Arc<Callers>>, Failure>);

impl Admission {
    /// Lets everybody in, unless `rules` have callers kept apart.
    #[must_use]
    pub fn new(services: &Services, rules: &Rules) -> Self {
        Self(rules.callers.then(|| {
            Arc::new(Door {
                ledger: services.ledger.clone(),
                clock: services.clock.clone(),
                known: Mutex::default(),
                asked: InFlight::default(),
            })
        }))
    }

    /// The callers of this moment: read, unless this process has read them a moment ago. Without callers to keep apart it
    /// asks nobody.
    pub async fn admitted(&self, deadline: Deadline) -> Admitted {
        let Some(door) = &self.0 else {
            return Admitted::everybody();
        };
        Admitted(door.callers(deadline).await.map(Some))
    }

    /// What one sender may do.
    ///
    /// # Errors
    /// As [`Admitted::permit`].
    pub async fn permit(
        &self,
        sender: impl FnOnce() -> Option<Identity>,
        deadline: Deadline,
    ) -> Result<Permit, Failure> {
        self.admitted(deadline).await.permit(sender)
    }
}

impl Admitted {
    /// Everybody, for everything.
    #[must_use]
    pub fn everybody() -> Self {
        Self(Ok(None))
    }

    /// What `sender`, who is asked for only where it matters, may do.
    ///
    /// # Errors
    /// It cannot be told, now or before somebody has mended what is registered: nobody is let in by that.
    pub fn permit(&self, sender: impl FnOnce() -> Option<Identity>) -> Result<Permit, Failure> {
        let Some(callers) = self.0.as_ref().map_err(Clone::clone)? else {
            return Ok(Permit::Everything);
        };
        let Some(identity) = sender() else {
            return Ok(Permit::Nothing(None));
        };
        match callers.find(&identity) {
            Ok(Some(caller)) => Ok(Permit::Of(caller)),
            Ok(None) => Ok(Permit::Nothing(Some(identity))),
            Err(fault) => Err(Failure::Defect {
                detail: fault.to_string(),
            }),
        }
    }
}

impl Door {
    async fn callers(&self, deadline: Deadline) -> Result<Arc<Callers>, Failure> {
        let now_ms = self.clock.now_ms();
        if let Some(callers) = self.known(now_ms) {
            return Ok(callers);
        }
        // As much is left for what comes after.
        let patience = Duration::from_millis(deadline.left_ms(now_ms) / 2);
        let read = self.asked.read(&(), || self.read(now_ms));
        match tokio::time::timeout(patience, read).await {
            Ok(callers) => Ok(callers?),
            Err(_) => Err(Failure::no_time()),
        }
    }

    async fn read(&self, now_ms: u64) -> Result<Arc<Callers>, aws::failure::CallError> {
        let callers = Arc::new(self.ledger.callers().await?);
        let known = Known {
            callers: Arc::clone(&callers),
            // What was read is as old as the question.
            since_ms: now_ms,
        };
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(callers)
    }

    fn known(&self, now_ms: u64) -> Option<Arc<Callers>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref()?;
        let age_ms = now_ms.checked_sub(known.since_ms)?;
        (u128::from(age_ms) < KNOWN_FOR.as_millis()).then(|| Arc::clone(&known.callers))
    }
}
