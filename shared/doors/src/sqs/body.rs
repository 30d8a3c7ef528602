//! What a message says.

use serde_json::value::RawValue;

/// The body of a record.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// Its bytes, none when there is no body. A lone surrogate makes them invalid UTF-8.
    Text(Vec<u8>),
    /// What there is in place of a string.
    NoText(&'a RawValue),
}
