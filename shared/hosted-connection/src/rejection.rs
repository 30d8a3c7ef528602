//! The final no.

use serde::{Deserialize, Serialize};

use crate::{Code, Violation};

/// Why an order will never become a hosted connection. Final: the same key gets the same rejection for ever after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The kind of reason.
    pub code: Code,
    /// The reason in words.
    pub message: String,
    /// Everything that is wrong with the request, when that is the reason; left out of the JSON when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<Violation>,
}

impl Rejection {
    /// A rejection without violations.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            violations: Vec::new(),
        }
    }
}
