//! A place to stand between two requests, for tests that go through every order in which they can land.

use std::{future::Future, pin::Pin};

use crate::RequestRecord;

/// Asked before each request is applied; the request waits until the future is done.
///
/// A request whose sender has given up meanwhile still lands when the gate opens: it was on the wire.
pub trait Gate: Send + Sync {
    /// Decides how long `request` has to wait.
    fn pass<'a>(
        &'a self,
        request: &'a RequestRecord,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}
