//! Reading once what several ask for at the same time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::OnceCell;

/// Reads that are under way, by what is read. Whoever asks while one is shares it; once nobody waits for it any more, it
/// is forgotten. So nobody gets what was read before they asked, but for the moment that it took.
#[derive(Debug)]
pub struct InFlight<K, V>(Mutex<BTreeMap<K, Weak<OnceCell<V>>>>);

impl<K, V> Default for InFlight<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord + Clone, V: Clone> InFlight<K, V> {
    /// What `key` stands for, read by `read` unless it is being read.
    ///
    /// # Errors
    /// The reader's own. The next of those who wait then reads for itself.
    pub async fn read<E, F>(&self, key: &K, read: impl FnOnce() -> F) -> Result<V, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        let cell = self.cell(key);
        // Boxed, because most of those who ask never read.
        let value = cell.get_or_try_init(|| Box::pin(read())).await;
        value.cloned()
    }

    fn cell(&self, key: &K) -> Arc<OnceCell<V>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = all.get(key).and_then(Weak::upgrade) {
            return cell;
        }
        let cell = Arc::default();
        all.insert(key.clone(), Arc::downgrade(&cell));
        cell
    }
}
