//! The caller's own name for whatever an order is part of.
//!
//! It is passed on and never looked at: no decision and no id depends on it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// 1–128 characters, each in `!`–`~`. Read back as it was stored: the rule is for callers, and origins have to stay
/// readable whatever it is by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
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
    fn what_was_stored_is_read_back_whatever_the_rule_for_callers_is() {
        for text in ["ticket-1", "a b", &"x".repeat(129)] {
            let stored = format!("\"{text}\"");
            let id: CorrelationId = serde_json::from_str(&stored).unwrap();
            assert_eq!(id.as_str(), text);
            assert_eq!(serde_json::to_string(&id).unwrap(), stored);
        }
    }
}
