//! The caller's name for an order.

use std::fmt;

use serde::Serialize;

use crate::json::Json;
use crate::{Violation, ViolationCode};

/// The caller's order id: 1 to 255 characters of visible ASCII, `!` to `~`. Never an AWS message id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Where the key stands in violations, even when it came in a header or a message attribute.
    pub(crate) const POINTER: &str = "/idempotencyKey";

    /// The most characters.
    pub const MAX_CHARACTERS: usize = 255;

    /// What the characters may be, as a regular expression for schemas.
    pub const PATTERN: &str = "^[!-~]+$";

    /// Reads a key as it is; nothing is trimmed and no quotes are taken off.
    ///
    /// # Errors
    /// `OutOfRange` for none or more than 255 characters, otherwise `Malformed`.
    pub fn parse(key: &str) -> Result<Self, Violation> {
        let refuse = |code, message: &str| Err(Violation::new(Self::POINTER, code, message));
        if !(1..=Self::MAX_CHARACTERS).contains(&key.chars().count()) {
            return refuse(ViolationCode::OutOfRange, "must have 1 to 255 characters");
        }
        if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse(
                ViolationCode::Malformed,
                "must be visible ASCII characters only, without spaces",
            );
        }
        Ok(Self(key.to_owned()))
    }

    /// The key of a record, whatever the rules for callers are by now: a record that is there stays reachable.
    pub fn from_stored(key: &str) -> Self {
        Self(key.to_owned())
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(value: &Json) -> Result<Self, Violation> {
        Self::parse(value.as_text(Self::POINTER)?)
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii() {
        let all: String = ('!'..='~').collect();
        assert_eq!(IdempotencyKey::parse(&all).unwrap().as_str(), all);
        for key in ["a b", " ", "a\n", "\u{7f}", "é", "a\u{a0}"] {
            assert_eq!(
                IdempotencyKey::parse(key).unwrap_err().code,
                ViolationCode::Malformed,
                "{key:?}"
            );
        }
    }

    #[test]
    fn a_key_has_1_to_255_characters() {
        assert!(IdempotencyKey::parse(&"k".repeat(255)).is_ok());
        assert_eq!(
            IdempotencyKey::parse(&"é".repeat(255)).unwrap_err().code,
            ViolationCode::Malformed
        );
        for key in ["", &"k".repeat(256), &"é".repeat(256)] {
            assert_eq!(
                IdempotencyKey::parse(key).unwrap_err().code,
                ViolationCode::OutOfRange,
                "{key:?}"
            );
        }
    }
}
