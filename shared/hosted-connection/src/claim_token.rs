//! The token that fences one attempt's writes from another's.

use std::fmt;

/// Names one attempt at an order. Opaque: made fresh for each attempt, compared, and never read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimToken(String);

impl ClaimToken {
    /// The token as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ClaimToken {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Display for ClaimToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
