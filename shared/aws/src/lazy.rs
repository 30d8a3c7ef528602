//! SDK clients that are built when they are first needed.
//!
//! Building one reads the SDK's list of AWS's partitions, which was most of our own part of init (ADR 24).

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

type Build<T> = Box<dyn FnOnce() -> T + Send>;

/// A `T` that its first use makes. Cheap to clone; all clones share it.
pub struct Lazy<T>(Arc<LazyLock<T, Build<T>>>);

impl<T> Lazy<T> {
    /// A `T` that `build` makes when it is first used.
    pub fn new(build: impl FnOnce() -> T + Send + 'static) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(build))))
    }

    /// Makes it now, unless it is made.
    pub fn build(&self) {
        LazyLock::force(&self.0);
    }
}

impl<T> Clone for Lazy<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Debug> fmt::Debug for Lazy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
