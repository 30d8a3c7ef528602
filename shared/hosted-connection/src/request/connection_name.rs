//! What a hosted connection is called.

use std::fmt;

use serde::Serialize;

use crate::json::Json;
use crate::{Violation, ViolationCode};

/// A name of 1 to 100 characters, without control characters, not only white space. A hint, never an identity: the
/// owner may rename the connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct ConnectionName(String);

impl ConnectionName {
    pub(crate) const POINTER: &str = "/connectionName";

    /// The most characters.
    pub const MAX_CHARACTERS: usize = 100;

    /// What the characters may be, as a regular expression for schemas: no control characters, and one at least that is
    /// no white space. Spelt out, because what `\s` matches differs between regular expression engines.
    pub const PATTERN: &str = concat!(
        r"^[^\u0000-\u001f\u007f-\u009f]*",
        r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
        r"[^\u0000-\u001f\u007f-\u009f]*$"
    );

    /// Reads a name as it is; nothing is trimmed.
    ///
    /// # Errors
    /// `OutOfRange` for none or more than 100 characters, otherwise `Malformed`.
    pub fn parse(name: &str) -> Result<Self, Violation> {
        let refuse = |code, message: &str| Err(Violation::new(Self::POINTER, code, message));
        if !(1..=Self::MAX_CHARACTERS).contains(&name.chars().count()) {
            return refuse(ViolationCode::OutOfRange, "must have 1 to 100 characters");
        }
        if name.chars().any(char::is_control) {
            return refuse(ViolationCode::Malformed, "must have no control characters");
        }
        if name.chars().all(char::is_whitespace) {
            return refuse(ViolationCode::Malformed, "must not be only white space");
        }
        Ok(Self(name.to_owned()))
    }

    /// The name in a stored request, whatever the rules are by now.
    pub(super) fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(value: &Json) -> Result<Self, Violation> {
        Self::parse(value.as_text(Self::POINTER)?)
    }
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_counted_in_characters_not_bytes() {
        assert!(ConnectionName::parse("x").is_ok());
        assert!(ConnectionName::parse(&"é".repeat(100)).is_ok());
        for name in ["", &"é".repeat(101), &"\n".repeat(101)] {
            assert_eq!(
                ConnectionName::parse(name).unwrap_err().code,
                ViolationCode::OutOfRange,
                "{name:?}"
            );
        }
    }

    #[test]
    fn control_characters_and_mere_white_space_are_malformed() {
        for name in [
            "a\nb",
            "a\0",
            "\u{7f}",
            "\u{85}",
            " ",
            "\u{a0}\u{2003}",
            "\t",
        ] {
            assert_eq!(
                ConnectionName::parse(name).unwrap_err().code,
                ViolationCode::Malformed,
                "{name:?}"
            );
        }
    }

    #[test]
    fn a_name_is_kept_as_it_was_written() {
        assert_eq!(
            ConnectionName::parse(" Kunde \"A\" ").unwrap().as_str(),
            " Kunde \"A\" "
        );
    }
}
