//! The caller's own name for whatever an order is part of.
//!
//! It is passed on and never looked at: no decision and no id depends on it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 1–128 characters, each in `!`–`~`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CorrelationId(String);

impl CorrelationId {
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 128;

    /// What the characters may be, as a regular expression for schemas.
    pub const PATTERN: &str = "^[!-~]+$";

    /// Reads one. `None` for anything else: a correlation id that cannot be used is no reason to refuse an order.
    pub fn parse(text: &str) -> Option<Self> {
        let is_usable = (1..=Self::MAX_CHARACTERS).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_usable.then(|| Self(text.to_owned()))
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for CorrelationId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a correlation id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_id_is_1_to_128_visible_ascii_characters() {
        for text in ["!", "~", "ticket-4711/\"a\"", &"x".repeat(128)] {
            assert_eq!(CorrelationId::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            " ",
            "a b",
            "ticket\n",
            "ücket",
            "\u{7f}",
            &"x".repeat(129),
        ] {
            assert_eq!(CorrelationId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_none_is_not_read_back_either() {
        let id: CorrelationId = serde_json::from_str("\"ticket-1\"").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"ticket-1\"");
        assert!(serde_json::from_str::<CorrelationId>("\"a b\"").is_err());
    }
}
