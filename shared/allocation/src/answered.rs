//! Which keys this process has lately answered for good. An order that is likely to have a record is looked up before it is
//! claimed: DynamoDB bills a claim that is refused like one that is made.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hosted_connection::IdempotencyKey;

/// A key takes the place of the one that was noted there before.
const PLACES: usize = 1024;

/// Hashes of the latest keys. It may have forgotten a key, or take one for another; then an order costs a call more or a few units,
/// and is done like any other. Cheap to clone; all clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Answered(Arc<[AtomicU64]>);

impl Default for Answered {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Answered {
    pub(crate) fn note(&self, key: &IdempotencyKey) {
        let (place, hash) = place_of(key);
        if let Some(place) = self.0.get(place) {
            place.store(hash, Ordering::Relaxed);
        }
    }

    pub(crate) fn has(&self, key: &IdempotencyKey) -> bool {
        let (place, hash) = place_of(key);
        let noted = self.0.get(place);
        noted.is_some_and(|noted| noted.load(Ordering::Relaxed) == hash)
    }
}

fn place_of(key: &IdempotencyKey) -> (usize, u64) {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    // An empty place holds zero.
    let hash = hasher.finish() | 1;
    let place = usize::try_from(hash >> 1).unwrap_or_default() % PLACES;
    (place, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> IdempotencyKey {
        IdempotencyKey::from_stored(&format!("order-{number}"))
    }

    #[test]
    fn it_has_what_was_noted_until_another_key_takes_the_place() {
        let answered = Answered::default();
        assert!((0..100).all(|number| !answered.has(&key(number))));
        for number in 0..10 * PLACES {
            answered.note(&key(number));
            assert!(answered.clone().has(&key(number)));
        }
        let kept = (0..10 * PLACES).filter(|number| answered.has(&key(*number)));
        assert!((1..=PLACES).contains(&kept.count()));
    }
}
