//! An order as it arrives: a body, and a key that may be somewhere else.

use crate::request::FIELDS;
use crate::{AllocationRequest, IdempotencyKey, InvalidRequest, KeySource, body};

/// A request for a hosted connection, and the caller's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The caller's order id.
    pub key: IdempotencyKey,
    /// What is ordered.
    pub request: AllocationRequest,
}

impl Order {
    /// The members of an order's JSON object, apart from the key.
    pub const FIELDS: [&str; 7] = FIELDS;

    /// The same order with no parent chosen for it, where that is to be chosen.
    #[must_use]
    pub fn unplaced(&self) -> Self {
        Self {
            key: self.key.clone(),
            request: self.request.clone().with_chosen(None, None),
        }
    }

    /// Reads an order: `body` is UTF-8 JSON of at most [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    ///
    /// # Errors
    /// Everything that is wrong with body and key, together. What is too large is not looked at any further.
    pub fn parse(body: &[u8], key: KeySource<'_>) -> Result<Self, InvalidRequest> {
        body::read_with_key(body, key, ("an order", &FIELDS), AllocationRequest::read)
            .map(|(key, request)| Self { key, request })
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests;
