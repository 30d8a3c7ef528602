//! What this process knows of parents: whether they have a policy, and of which LAG they are members.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::InFlight;
use hosted_connection::ParentConnection;

/// How long a process goes by what it knew of a parent: so long the first policy of a parent may be overlooked.
pub const PLACE_KNOWN_FOR: Duration = Duration::from_secs(30);

/// What an order has to know of a parent before it is claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) has_policy: bool,
    /// The LAG that it is a member of, as far as tracking has noted it.
    pub(crate) lag: Option<ParentConnection>,
}

/// What this process knows of parents, for as long as that is worth something.
#[derive(Debug, Clone, Default)]
pub(crate) struct KnownPlaces(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    known: Mutex<BTreeMap<ParentConnection, (Standing, u64)>>,
    /// A batch of orders asks for its parent all at once.
    asked: InFlight<ParentConnection, Standing>,
}

impl KnownPlaces {
    pub(crate) fn get(&self, parent: &ParentConnection, now_ms: u64) -> Option<Standing> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (standing, since_ms) = known.get(parent)?;
        (u128::from(now_ms.saturating_sub(*since_ms)) < PLACE_KNOWN_FOR.as_millis())
            .then(|| standing.clone())
    }

    pub(crate) fn learn(&self, parent: &ParentConnection, standing: Standing, now_ms: u64) {
        let mut known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(parent.clone(), (standing, now_ms));
    }

    /// Who asks the table for a parent at this moment.
    pub(crate) fn asked(&self) -> &InFlight<ParentConnection, Standing> {
        &self.0.asked
    }
}
