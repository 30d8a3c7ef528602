//! One thing that is wrong with a request, and where.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One broken rule of the request, as the caller reads it:
/// `{"field": "/vlan", "code": "OutOfRange", "message": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code} at \"{field}\": {message}")]
pub struct Violation {
    /// JSON Pointer (RFC 6901) to what is wrong; empty for the body as a whole.
    pub field: String,
    /// The kind of rule that is broken.
    pub code: ViolationCode,
    /// The rule in words. It never repeats the caller's value, so that it may be logged.
    pub message: String,
}

impl Violation {
    /// Violations of one request that are kept. Nobody reads more, and a body of 256 KiB can hold 100,000 mistakes that
    /// would each cost a record in memory.
    pub(crate) const MAX: usize = 1_000;
    /// The most that one answer lists: so many, and one to say that there are more.
    pub const MAX_LISTED: usize = Self::MAX + 1;

    /// A violation of kind `code` at the JSON Pointer `field`.
    pub fn new(field: impl Into<String>, code: ViolationCode, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// The kinds of broken rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ViolationCode {
    /// A required field is absent.
    Missing,
    /// The JSON type is not the one the field has; `null` counts as a type of its own.
    WrongType,
    /// The type is right, the text does not follow its form.
    Malformed,
    /// A number or a length is outside of its limits.
    OutOfRange,
    /// There is no such field.
    UnknownField,
    /// A list has too many entries.
    TooMany,
    /// Something that may be there once is there again.
    Duplicate,
    /// The name belongs to AWS, or the VLAN is the partner's own.
    Reserved,
}

impl ViolationCode {
    /// Every code, in the order of the contract.
    pub const ALL: [Self; 8] = [
        Self::Missing,
        Self::WrongType,
        Self::Malformed,
        Self::OutOfRange,
        Self::UnknownField,
        Self::TooMany,
        Self::Duplicate,
        Self::Reserved,
    ];

    /// The code as it is written in answers and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "Missing",
            Self::WrongType => "WrongType",
            Self::Malformed => "Malformed",
            Self::OutOfRange => "OutOfRange",
            Self::UnknownField => "UnknownField",
            Self::TooMany => "TooMany",
            Self::Duplicate => "Duplicate",
            Self::Reserved => "Reserved",
        }
    }
}

impl fmt::Display for ViolationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
