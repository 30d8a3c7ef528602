//! Which orders of a batch have to come again, for those that are to be kept apart from them.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hosted_connection::IdempotencyKey;

/// The keys of a batch whose orders have to come again. Such an order may have left no record.
#[derive(Debug, Default)]
pub(crate) struct Returned(Mutex<BTreeSet<IdempotencyKey>>);

impl Returned {
    pub(crate) fn note(&self, key: &IdempotencyKey) {
        self.keys().insert(key.clone());
    }

    pub(crate) fn has(&self, key: &IdempotencyKey) -> bool {
        self.keys().contains(key)
    }

    fn keys(&self) -> MutexGuard<'_, BTreeSet<IdempotencyKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
