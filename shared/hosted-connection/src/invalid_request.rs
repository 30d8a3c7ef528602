//! A request that was refused before anything was done about it.

use crate::report::Report;
use crate::request::IdempotencyKey;
use crate::{Code, Fingerprint, KeySource, Received, Rejection, Violation, ViolationCode};

/// Everything that is wrong with an order, and what of it can still be used to answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {} violation(s)", violations.len())]
pub struct InvalidRequest {
    /// `InvalidRequest`, `MissingIdempotencyKey`, `InvalidIdempotencyKey` or `PayloadTooLarge`; `NotFound` for whoever is no
    /// caller.
    pub code: Code,
    /// What is wrong, never empty. When there are too many to list, the last one is `TooMany` at `""`.
    pub violations: Vec<Violation>,
    /// The key, when that at least is in order.
    pub key: Option<IdempotencyKey>,
    /// SHA-256 of the body's bytes as they came.
    pub body_digest: Fingerprint,
    /// What came instead, for the event: where nobody is told who could still look it up.
    pub received: Option<Received>,
}

impl InvalidRequest {
    pub(crate) fn new(report: Report, key: Option<IdempotencyKey>, body: &[u8]) -> Self {
        Self::judged(report.into_violations(), key, body)
    }

    /// The refusal of a request that can be read, for what it asks.
    pub(crate) fn judged(
        violations: Vec<Violation>,
        key: Option<IdempotencyKey>,
        body: &[u8],
    ) -> Self {
        Self {
            code: code_for(&violations),
            violations,
            key,
            body_digest: Fingerprint::of(body),
            received: None,
        }
    }

    /// The same with one more violation. What is too large, or has more than can be listed, is that and nothing else.
    pub(crate) fn and(mut self, violation: Violation) -> Self {
        if self.code != Code::PayloadTooLarge && self.violations.len() < Violation::MAX_LISTED {
            self.violations.push(violation);
            self.code = code_for(&self.violations);
        }
        self
    }

    /// The refusal of a body that a door could not read as text, for the reason that `message` tells. Of the key, what the
    /// envelope holds is judged.
    pub fn unread(body: &[u8], key: KeySource<'_>, message: impl Into<String>) -> Self {
        let mut report = Report::default();
        report.push("", ViolationCode::Malformed, message);
        let key = key.resolve(None, &mut report);
        Self::new(report, key, body)
    }

    /// The refusal of the same sender's `body` for this one reason in place of what is wrong with its members. What is wrong
    /// with a key outside of it stays, and so does a sender who is no caller.
    #[must_use]
    pub fn instead(self, body: &[u8], code: ViolationCode, message: impl Into<String>) -> Self {
        if matches!(self.code, Code::NotFound | Code::PayloadTooLarge) {
            return self;
        }
        let is_about_key = |violation: &Violation| {
            violation.field == IdempotencyKey::POINTER && violation.code != ViolationCode::Missing
        };
        let mut violations = vec![Violation::new("", code, message)];
        violations.extend(self.violations.into_iter().filter(is_about_key));
        Self::judged(violations, self.key, body)
    }

    /// The same, saying what came: a message's body, which is consumed with this refusal.
    #[must_use]
    pub fn with_received(self, body: &[u8]) -> Self {
        Self {
            received: Some(Received::of(body)),
            ..self
        }
    }

    /// The final no to this request, with all its violations.
    pub fn rejection(&self) -> Rejection {
        Rejection {
            code: self.code,
            message: self.message(),
            violations: self.violations.clone(),
            candidates: Vec::new(),
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
    use crate::Order;

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
    fn another_reason_replaces_those_in_the_body_and_not_one_of_an_attribute() {
        let bad = [crate::KeyAttribute::text("a b")];
        let invalid = Order::parse(b"{}", KeySource::AttributeOrBody(&bad)).unwrap_err();
        let instead = invalid.instead(b"[]", ViolationCode::WrongType, "body must be a string");
        let told = instead.violations.iter().map(|one| (&*one.field, one.code));
        let expected = [
            ("", ViolationCode::WrongType),
            ("/idempotencyKey", ViolationCode::Malformed),
        ];
        assert_eq!(told.collect::<Vec<_>>(), expected);
        assert_eq!(instead.body_digest, Fingerprint::of(b"[]"));
        let missing = Order::parse(b"{}", KeySource::Body).unwrap_err();
        let instead = missing.instead(b"[]", ViolationCode::WrongType, "body must be a string");
        assert_eq!(instead.rejection().message, "body must be a string");
    }

    #[test]
    fn mistakes_with_a_whole_body_are_told_by_their_names() {
        let told = |body: &str| {
            let invalid = Order::parse(body.as_bytes(), KeySource::Header(&["k"])).unwrap_err();
            assert_eq!(invalid.violations.len(), 1, "{body}");
            (invalid.violations[0].code, invalid.rejection().message)
        };
        for empty in ["", " \r\n\t", "\u{feff}"] {
            assert_eq!(
                told(empty),
                (ViolationCode::Malformed, "the body is empty".into())
            );
        }
        let twice = serde_json::Value::from(r#"{"connectionId": "dxcon-ffabc123"}"#).to_string();
        let (code, message) = told(&twice);
        assert_eq!(code, ViolationCode::WrongType);
        assert!(message.contains("encoded twice"), "{message}");
        assert!(!told("\"order\"").1.contains("twice"));
        for class in [
            "software.amazon.payloadoffloading.PayloadS3Pointer",
            "com.amazon.sqs.javamessaging.MessageS3Pointer",
        ] {
            let (code, message) = told(&format!(
                r#"["{class}", {{"s3BucketName": "b", "s3Key": "k"}}]"#
            ));
            assert_eq!(code, ViolationCode::WrongType);
            assert!(message.contains("S3"), "{message}");
        }
        assert!(!told(r#"["pointer", {}]"#).1.contains("S3"));
    }

    #[test]
    fn one_byte_order_mark_is_skipped_and_a_second_one_is_not() {
        let order = r#"{"connectionId": "dxcon-ffabc123", "ownerAccount": "123456789012", "bandwidth": "1Gbps", "connectionName": "n"}"#;
        let parse = |body: &str| Order::parse(body.as_bytes(), KeySource::Header(&["k"]));
        assert_eq!(parse(&format!("\u{feff}{order}")), parse(order));
        assert!(parse(order).is_ok() && parse(&format!("\u{feff}\u{feff}{order}")).is_err());
    }

    #[test]
    fn the_digest_is_over_the_bytes_as_they_came() {
        let digest = |body: &[u8]| Order::parse(body, KeySource::Body).unwrap_err().body_digest;
        assert_eq!(digest(b"{}"), Fingerprint::of(b"{}"));
        assert_ne!(digest(b"{}"), digest(b"{ }"));
    }
}
