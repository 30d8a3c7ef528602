//! Somebody who looks on: at every request and what its sender was answered, or who answers in Direct Connect's place.

use serde_json::Value;

/// Told of every request to any service, and then of what came of it.
pub trait Witness: Send + Sync {
    /// A request has arrived. `target` is its header `X-Amz-Target`. The other half is called with what came of it.
    fn arrived(&self, target: &str, body: &[u8]) -> Box<dyn FnOnce(Outcome<'_>) + Send>;
}

/// What came of a request, as its sender sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// An answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body.
        body: &'a [u8],
    },
    /// None, and in which way.
    Lost(&'static str),
}

/// Answers what is asked of Direct Connect in place of the cloud's own, which is not asked then.
pub trait Script: Send + Sync {
    /// HTTP status and body of the answer.
    fn answer(&self, operation: &str, request: &Value) -> (u16, Value);
}
