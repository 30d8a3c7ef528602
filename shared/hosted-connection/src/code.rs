//! The codes by which callers tell problems and rejections apart.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why there is no hosted connection (yet). In problems, and in the rejection of a `Rejected` event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Code {
    /// The body breaks rules; the violations say which.
    InvalidRequest,
    /// There is no idempotency key.
    MissingIdempotencyKey,
    /// There is an idempotency key, but not a usable one.
    InvalidIdempotencyKey,
    /// The key belongs to another request.
    IdempotencyKeyReused,
    /// The same key is being worked on right now.
    InProgress,
    /// The VLAN is taken on the parent.
    VlanInUse,
    /// Every VLAN of the range is taken on the parent.
    NoVlanAvailable,
    /// The parent has too little bandwidth left.
    CapacityExceeded,
    /// No parent that the order's placement allows can take it; the candidates say why.
    NoParentAvailable,
    /// There is no connection that the order could be kept apart from.
    DiverseFromUnknown,
    /// Direct Connect refused the request.
    RefusedByDirectConnect,
    /// AWS asked for fewer requests; nothing was allocated.
    Throttled,
    /// A call may have taken effect; it is being found out.
    OutcomeUnknown,
    /// Something that the answer depends on is down; nothing was allocated.
    Unavailable,
    /// No such route or record.
    NotFound,
    /// The route has no such method.
    MethodNotAllowed,
    /// The body is larger than [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    PayloadTooLarge,
    /// The body is not JSON by its `content-type`.
    UnsupportedMediaType,
    /// Our fault.
    Internal,
}

impl Code {
    /// Every code, in the order of the contract.
    pub const ALL: [Self; 19] = [
        Self::InvalidRequest,
        Self::MissingIdempotencyKey,
        Self::InvalidIdempotencyKey,
        Self::IdempotencyKeyReused,
        Self::InProgress,
        Self::VlanInUse,
        Self::NoVlanAvailable,
        Self::CapacityExceeded,
        Self::NoParentAvailable,
        Self::DiverseFromUnknown,
        Self::RefusedByDirectConnect,
        Self::Throttled,
        Self::OutcomeUnknown,
        Self::Unavailable,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::Internal,
    ];

    /// The code as it is written in problems and events: `VlanInUse`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequest",
            Self::MissingIdempotencyKey => "MissingIdempotencyKey",
            Self::InvalidIdempotencyKey => "InvalidIdempotencyKey",
            Self::IdempotencyKeyReused => "IdempotencyKeyReused",
            Self::InProgress => "InProgress",
            Self::VlanInUse => "VlanInUse",
            Self::NoVlanAvailable => "NoVlanAvailable",
            Self::CapacityExceeded => "CapacityExceeded",
            Self::NoParentAvailable => "NoParentAvailable",
            Self::DiverseFromUnknown => "DiverseFromUnknown",
            Self::RefusedByDirectConnect => "RefusedByDirectConnect",
            Self::Throttled => "Throttled",
            Self::OutcomeUnknown => "OutcomeUnknown",
            Self::Unavailable => "Unavailable",
            Self::NotFound => "NotFound",
            Self::MethodNotAllowed => "MethodNotAllowed",
            Self::PayloadTooLarge => "PayloadTooLarge",
            Self::UnsupportedMediaType => "UnsupportedMediaType",
            Self::Internal => "Internal",
        }
    }

    /// The code in kebab case, as the problem's `type` ends: `vlan-in-use`.
    pub fn kebab(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid-request",
            Self::MissingIdempotencyKey => "missing-idempotency-key",
            Self::InvalidIdempotencyKey => "invalid-idempotency-key",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::InProgress => "in-progress",
            Self::VlanInUse => "vlan-in-use",
            Self::NoVlanAvailable => "no-vlan-available",
            Self::CapacityExceeded => "capacity-exceeded",
            Self::NoParentAvailable => "no-parent-available",
            Self::DiverseFromUnknown => "diverse-from-unknown",
            Self::RefusedByDirectConnect => "refused-by-direct-connect",
            Self::Throttled => "throttled",
            Self::OutcomeUnknown => "outcome-unknown",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::PayloadTooLarge => "payload-too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::Internal => "internal",
        }
    }

    /// The problem's `type`: `urn:hosted-connections:problem:vlan-in-use`.
    pub fn urn(self) -> String {
        format!("urn:hosted-connections:problem:{}", self.kebab())
    }

    /// One short sentence that is the same for every problem with this code.
    pub fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is not valid.",
            Self::MissingIdempotencyKey => "The request has no idempotency key.",
            Self::InvalidIdempotencyKey => "The idempotency key is not valid.",
            Self::IdempotencyKeyReused => "The idempotency key belongs to another request.",
            Self::InProgress => "The same order is being worked on right now.",
            Self::VlanInUse => "The VLAN is already in use on this parent.",
            Self::NoVlanAvailable => "No VLAN is available on this parent.",
            Self::CapacityExceeded => "The parent has not enough bandwidth left.",
            Self::NoParentAvailable => "No interconnect or LAG can take the order.",
            Self::DiverseFromUnknown => "There is no connection to be kept apart from.",
            Self::RefusedByDirectConnect => "Direct Connect refused the request.",
            Self::Throttled => "There are too many requests; try again later.",
            Self::OutcomeUnknown => "The outcome is not known yet; ask again with the same key.",
            Self::Unavailable => "A service this depends on is unavailable; try again later.",
            Self::NotFound => "There is nothing at this address.",
            Self::MethodNotAllowed => "The method is not allowed at this address.",
            Self::PayloadTooLarge => "The body is too large.",
            Self::UnsupportedMediaType => "The body must be application/json.",
            Self::Internal => "Something went wrong on our side.",
        }
    }

    /// The HTTP status that goes with the code.
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::MissingIdempotencyKey | Self::InvalidIdempotencyKey => 400,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::InProgress => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::IdempotencyKeyReused
            | Self::VlanInUse
            | Self::NoVlanAvailable
            | Self::CapacityExceeded
            | Self::NoParentAvailable
            | Self::DiverseFromUnknown
            | Self::RefusedByDirectConnect => 422,
            Self::Throttled => 429,
            Self::Internal => 500,
            Self::OutcomeUnknown | Self::Unavailable => 503,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Code {
    type Err = UnknownCode;

    /// Reads what [`as_str`](Self::as_str) wrote.
    ///
    /// # Errors
    /// The text is none of the codes.
    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownCode)
    }
}

/// The text is none of the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such problem code")]
pub struct UnknownCode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_read_back_and_serialised_as_it_is_written() {
        for code in Code::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(format!("{code:?}"), code.as_str());
        }
        assert_eq!("Nonsense".parse::<Code>(), Err(UnknownCode));
    }

    #[test]
    fn the_kebab_case_of_a_code_is_the_code_with_hyphens() {
        for code in Code::ALL {
            let mut kebab = String::new();
            for letter in code.as_str().chars() {
                if letter.is_ascii_uppercase() && !kebab.is_empty() {
                    kebab.push('-');
                }
                kebab.push(letter.to_ascii_lowercase());
            }
            assert_eq!(code.kebab(), kebab);
        }
    }

    #[test]
    fn statuses_are_those_of_the_contract() {
        let statuses = Code::ALL.map(Code::status);
        assert_eq!(
            statuses,
            [
                400, 400, 400, 422, 409, 422, 422, 422, 422, 422, 422, 429, 503, 503, 404, 405,
                413, 415, 500
            ]
        );
    }
}
