//! Whose hosted connection it will be.

use std::fmt;

use serde::Serialize;

use crate::json::Json;
use crate::{Violation, ViolationCode};

/// The customer's AWS account: exactly 12 ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct OwnerAccount(String);

impl OwnerAccount {
    pub(crate) const POINTER: &str = "/ownerAccount";

    /// The form, as a regular expression for schemas.
    pub const PATTERN: &str = "^[0-9]{12}$";

    /// Reads 12 digits.
    ///
    /// # Errors
    /// `Malformed` for anything else.
    pub fn parse(id: &str) -> Result<Self, Violation> {
        if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(id.to_owned()));
        }
        let message = "must be an AWS account id of exactly 12 digits";
        Err(Violation::new(
            Self::POINTER,
            ViolationCode::Malformed,
            message,
        ))
    }

    /// The account of a stored request, whatever the rules are by now.
    pub(super) fn from_stored(id: String) -> Self {
        Self(id)
    }

    /// The 12 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn read(value: &Json) -> Result<Self, Violation> {
        Self::parse(value.as_text(Self::POINTER)?)
    }
}

impl fmt::Display for OwnerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_ascii_digits_are_an_account() {
        assert_eq!(
            OwnerAccount::parse("012345678901").unwrap().as_str(),
            "012345678901"
        );
    }

    #[test]
    fn anything_else_is_malformed() {
        for id in [
            "",
            "12345678901",
            "1234567890123",
            "12345678901a",
            "1234-5678-901",
            "１２３４",
            " 12345678901",
        ] {
            assert_eq!(
                OwnerAccount::parse(id).unwrap_err().code,
                ViolationCode::Malformed,
                "{id:?}"
            );
        }
    }
}
