//! A release as it arrives over a queue.

use crate::body;
use crate::json::{Json, Object};
use crate::report::Report;
use crate::request::required;
use crate::{IdempotencyKey, InvalidRequest, KeySource, Violation, ViolationCode};

const POINTER: &str = "/action";

/// A request to delete the hosted connection of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRequest {
    /// The order's key.
    pub key: IdempotencyKey,
}

impl ReleaseRequest {
    /// The `action` of a release. It says what a message wants, so that an order that strayed into the queue of releases
    /// releases nothing.
    pub const ACTION: &str = "release";

    /// Reads `{"action": "release", "idempotencyKey": "…"}`: UTF-8 JSON of at most
    /// [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    ///
    /// # Errors
    /// Everything that is wrong with body and key, together. What is too large is not looked at any further.
    pub fn parse(body: &[u8], key: KeySource<'_>) -> Result<Self, InvalidRequest> {
        body::read_with_key(body, key, ("a release", &["action"]), read_action)
            .map(|(key, ())| Self { key })
    }
}

fn read_action(body: &Object, _: Option<&IdempotencyKey>, report: &mut Report) -> Option<()> {
    required(body, POINTER, is_release, report)
}

fn is_release(value: &Json) -> Result<(), Violation> {
    match value.as_text(POINTER)? {
        ReleaseRequest::ACTION => Ok(()),
        _ => Err(Violation::new(
            POINTER,
            ViolationCode::Malformed,
            "must be release",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, KeyAttribute, MAX_BODY_BYTES, ViolationCode::*};

    const RELEASE: &str = r#"{"action": "release", "idempotencyKey": "order-1001"}"#;

    fn parse(body: &str) -> Result<ReleaseRequest, InvalidRequest> {
        ReleaseRequest::parse(body.as_bytes(), KeySource::AttributeOrBody(&[]))
    }

    /// Pointer and code of everything that is wrong, in the order it is told.
    fn wrong(body: &str) -> Vec<(String, ViolationCode)> {
        let told = parse(body).unwrap_err().violations.into_iter();
        told.map(|violation| (violation.field, violation.code))
            .collect()
    }

    fn list(expected: &[(&str, ViolationCode)]) -> Vec<(String, ViolationCode)> {
        expected
            .iter()
            .map(|(field, code)| ((*field).to_owned(), *code))
            .collect()
    }

    #[test]
    fn a_release_names_the_order_in_body_or_attribute() {
        assert_eq!(parse(RELEASE).unwrap().key.as_str(), "order-1001");
        let attribute = [KeyAttribute::text("order-1001")];
        for body in [RELEASE, r#"{"action": "release"}"#] {
            let release =
                ReleaseRequest::parse(body.as_bytes(), KeySource::AttributeOrBody(&attribute))
                    .unwrap();
            assert_eq!(release.key.as_str(), "order-1001");
        }
        let other = [KeyAttribute::text("order-1002")];
        let invalid = ReleaseRequest::parse(RELEASE.as_bytes(), KeySource::AttributeOrBody(&other))
            .unwrap_err();
        assert_eq!(invalid.code, Code::InvalidIdempotencyKey);
        assert_eq!(invalid.key, None);
    }

    #[test]
    fn the_only_action_is_release() {
        let with_action = |json: &str| format!(r#"{{"action": {json}, "idempotencyKey": "k"}}"#);
        for json in [r#""""#, r#""Release""#, r#""allocate""#, r#"" release""#] {
            assert_eq!(wrong(&with_action(json)), list(&[("/action", Malformed)]));
        }
        for json in ["null", "1", "1.5", "true", r#"["release"]"#] {
            assert_eq!(wrong(&with_action(json)), list(&[("/action", WrongType)]));
        }
        assert_eq!(
            wrong(r#"{"idempotencyKey": "k"}"#),
            list(&[("/action", Missing)])
        );
        let invalid = parse(&with_action(r#""allocate""#)).unwrap_err();
        assert_eq!(invalid.rejection().message, "/action: must be release");
        assert_eq!(invalid.key.unwrap().as_str(), "k");
    }

    #[test]
    fn everything_wrong_with_a_release_is_told_at_once() {
        assert_eq!(
            wrong("{}"),
            list(&[("/idempotencyKey", Missing), ("/action", Missing)])
        );
        assert_eq!(
            wrong(
                r#"{"action": 1, "action": "release", "idempotencyKey": "a b", "connectionId": "dxcon-ffabc123"}"#
            ),
            list(&[
                ("/idempotencyKey", Malformed),
                ("/action", WrongType),
                ("/connectionId", UnknownField),
                ("/action", Duplicate),
            ])
        );
        for body in ["[]", "null", "\"release\""] {
            assert_eq!(wrong(body), list(&[("", WrongType)]));
        }
        for body in ["", "{", "release"] {
            assert_eq!(wrong(body), list(&[("", Malformed)]));
        }
    }

    #[test]
    fn an_order_is_no_release() {
        let order =
            r#"{"connectionId": "dxcon-ffabc123", "vlan": 101, "idempotencyKey": "order-1001"}"#;
        assert_eq!(
            wrong(order),
            list(&[
                ("/action", Missing),
                ("/connectionId", UnknownField),
                ("/vlan", UnknownField),
            ])
        );
    }

    #[test]
    fn the_largest_release_is_256_kib() {
        let padded = |bytes: usize| RELEASE.to_owned() + &" ".repeat(bytes - RELEASE.len());
        assert!(parse(&padded(MAX_BODY_BYTES)).is_ok());
        let invalid = parse(&padded(MAX_BODY_BYTES + 1)).unwrap_err();
        assert_eq!(invalid.code, Code::PayloadTooLarge);
    }
}
