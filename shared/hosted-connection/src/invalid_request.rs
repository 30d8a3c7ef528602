//! A request that was refused before anything was done about it.

use crate::report::Report;
use crate::request::IdempotencyKey;
use crate::{Code, Fingerprint, Rejection, Violation, ViolationCode};

/// Everything that is wrong with an order, and what of it can still be used to answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {} violation(s)", violations.len())]
pub struct InvalidRequest {
    /// `InvalidRequest`, `MissingIdempotencyKey`, `InvalidIdempotencyKey` or `PayloadTooLarge`.
    pub code: Code,
    /// What is wrong, never empty. When there are too many to list, the last one is `TooMany` at `""`.
    pub violations: Vec<Violation>,
    /// The key, when that at least is in order.
    pub key: Option<IdempotencyKey>,
    /// SHA-256 of the body's bytes as they came.
    pub body_digest: Fingerprint,
}

impl InvalidRequest {
    pub(crate) fn new(report: Report, key: Option<IdempotencyKey>, body: &[u8]) -> Self {
        let violations = report.into_violations();
        Self {
            code: code_for(&violations),
            violations,
            key,
            body_digest: Fingerprint::of(body),
        }
    }

    /// The final no to this request, with all its violations.
    pub fn rejection(&self) -> Rejection {
        Rejection {
            code: self.code,
            message: self.message(),
            violations: self.violations.clone(),
        }
    }

    /// The violations in a sentence.
    fn message(&self) -> String {
        match self.violations.as_slice() {
            [Violation { field, message, .. }] if field.is_empty() => message.clone(),
            [Violation { field, message, .. }] if field.len() <= 100 => {
                format!("{field}: {message}")
            }
            violations => format!("{} violations; see the list", violations.len()),
        }
    }
}

/// The key's own codes are for requests that have nothing else wrong with them.
fn code_for(violations: &[Violation]) -> Code {
    let is_about_key = |violation: &Violation| {
        violation.field == IdempotencyKey::POINTER && violation.code != ViolationCode::UnknownField
    };
    match violations {
        [only] if only.field.is_empty() && only.code == ViolationCode::OutOfRange => {
            Code::PayloadTooLarge
        }
        [only] if is_about_key(only) && only.code == ViolationCode::Missing => {
            Code::MissingIdempotencyKey
        }
        all if all.iter().all(is_about_key) => Code::InvalidIdempotencyKey,
        _ => Code::InvalidRequest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeySource, Order};

    #[test]
    fn a_rejection_says_the_one_reason_or_how_many_there_are() {
        let rejection = |body: &str| {
            Order::parse(body.as_bytes(), KeySource::Header(&["k"]))
                .unwrap_err()
                .rejection()
        };
        let order = r#"{"connectionId": "dxcon-ffabc123", "ownerAccount": "123456789012", "bandwidth": "1Gbps""#;
        assert_eq!(
            rejection(&format!("{order}}}")).message,
            "/connectionName: is required"
        );
        assert_eq!(
            rejection(&format!("{order}, \"vlan\": 0}}")).message,
            "2 violations; see the list"
        );
        assert_eq!(rejection("[]").message, "must be an object, not a list");
    }

    #[test]
    fn a_rejection_carries_code_and_violations() {
        let invalid = Order::parse(b"{}", KeySource::Body).unwrap_err();
        assert_eq!(invalid.rejection().code, invalid.code);
        assert_eq!(invalid.rejection().violations, invalid.violations);
    }

    #[test]
    fn the_digest_is_over_the_bytes_as_they_came() {
        let digest = |body: &[u8]| Order::parse(body, KeySource::Body).unwrap_err().body_digest;
        assert_eq!(digest(b"{}"), Fingerprint::of(b"{}"));
        assert_ne!(digest(b"{}"), digest(b"{ }"));
    }
}
