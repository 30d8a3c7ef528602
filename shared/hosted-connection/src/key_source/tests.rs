//! Where a key may stand, and what is said of one that is wrong.

use super::*;
use crate::json::Json;

/// The key, or the codes of what is wrong with it.
fn resolve(source: KeySource<'_>, body: &str) -> Result<String, Vec<ViolationCode>> {
    let body = Json::parse(body.as_bytes()).unwrap();
    let mut report = Report::default();
    let key = source.resolve(body.as_object(), &mut report);
    key.map(|key| key.to_string()).ok_or_else(|| codes(report))
}

fn codes(report: Report) -> Vec<ViolationCode> {
    let violations = report.into_violations();
    assert!(
        violations
            .iter()
            .all(|violation| violation.field == "/idempotencyKey"),
        "{violations:?}"
    );
    violations
        .into_iter()
        .map(|violation| violation.code)
        .collect()
}

#[test]
fn a_header_is_a_structured_field_string_or_bare() {
    let cases = [
        ("order-1", Ok("order-1")),
        (" order-1\t", Ok("order-1")),
        (r#""order-1""#, Ok("order-1")),
        (r#""a\"b\\c""#, Ok(r#"a"b\c"#)),
        (r#"a"b\c"#, Ok(r#"a"b\c"#)),
        ("", Err(ViolationCode::OutOfRange)),
        (r#""""#, Err(ViolationCode::OutOfRange)),
        (r#"""#, Err(ViolationCode::Malformed)),
        (r#""a"#, Err(ViolationCode::Malformed)),
        (r#""a"b""#, Err(ViolationCode::Malformed)),
        (r#""a";x=1"#, Ok("a")),
        (r#""a" ; x="1,2\""; y"#, Ok("a")),
        (r#""a"x=1"#, Err(ViolationCode::Malformed)),
        (r#""a";x="1"#, Err(ViolationCode::Malformed)),
        (r#""a,b""#, Ok("a,b")),
        ("a;b", Ok("a;b")),
        ("a,b", Err(ViolationCode::Malformed)),
        ("a, a", Err(ViolationCode::Malformed)),
        (r#""a","a""#, Err(ViolationCode::Duplicate)),
        (r#""a";x=1, "a";x=1"#, Err(ViolationCode::Duplicate)),
        (r#""a\b""#, Err(ViolationCode::Malformed)),
        (r#""a\"#, Err(ViolationCode::Malformed)),
        (r#""a b""#, Err(ViolationCode::Malformed)),
        ("\"a\tb\"", Err(ViolationCode::Malformed)),
        ("\"é\"", Err(ViolationCode::Malformed)),
        ("a b", Err(ViolationCode::Malformed)),
        ("é", Err(ViolationCode::Malformed)),
    ];
    for (value, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(|code| vec![code]);
        assert_eq!(
            resolve(KeySource::Header(&[value]), "{}"),
            expected,
            "{value:?}"
        );
    }
}

#[test]
fn there_must_be_exactly_one_header() {
    assert_eq!(
        resolve(KeySource::Header(&[]), "{}"),
        Err(vec![ViolationCode::Missing])
    );
    assert_eq!(
        resolve(KeySource::Header(&["a", "a"]), "{}"),
        Err(vec![ViolationCode::Duplicate])
    );
}

#[test]
fn attribute_and_body_may_both_hold_the_key_if_they_agree() {
    use ViolationCode::{Duplicate, Malformed, Missing, OutOfRange, WrongType};
    let cases = [
        (Some("a"), "{}", Ok("a")),
        (None, r#"{"idempotencyKey": "a"}"#, Ok("a")),
        (Some("a"), r#"{"idempotencyKey": "a"}"#, Ok("a")),
        (
            Some("a"),
            r#"{"idempotencyKey": "b"}"#,
            Err(vec![Duplicate]),
        ),
        (
            Some(r#""a""#),
            r#"{"idempotencyKey": "a"}"#,
            Err(vec![Duplicate]),
        ),
        (None, "{}", Err(vec![Missing])),
        (Some(""), "{}", Err(vec![OutOfRange])),
        (
            Some("a"),
            r#"{"idempotencyKey": null}"#,
            Err(vec![WrongType]),
        ),
        (
            Some("a b"),
            r#"{"idempotencyKey": "a"}"#,
            Err(vec![Malformed]),
        ),
        (
            Some("a b"),
            r#"{"idempotencyKey": ""}"#,
            Err(vec![Malformed, OutOfRange]),
        ),
        (None, r#"{"idempotencyKey": 1}"#, Err(vec![WrongType])),
    ];
    for (attribute, body, expected) in cases {
        let expected = expected.map(str::to_owned);
        let attributes: Vec<_> = attribute.map(KeyAttribute::text).into_iter().collect();
        assert_eq!(
            resolve(KeySource::AttributeOrBody(&attributes), body),
            expected,
            "{attribute:?} {body}"
        );
        if attribute.is_none() {
            assert_eq!(resolve(KeySource::Body, body), expected, "{body}");
        }
    }
}

#[test]
fn an_attribute_is_a_string_or_a_number_whatever_label_it_has() {
    let read = |data_type: Option<&str>, text: Option<&str>| {
        let attribute = KeyAttribute::new(data_type.map(Into::into), text.map(Into::into));
        resolve(KeySource::AttributeOrBody(&[attribute]), "{}")
    };
    for data_type in ["String", "Number", "Number.int", "String.uuid"] {
        assert_eq!(read(Some(data_type), Some("1")), Ok("1".into()));
    }
    for data_type in ["Binary", "Binary.png", "String.Array", "string", ""] {
        let wrong = Err(vec![ViolationCode::WrongType]);
        assert_eq!(read(Some(data_type), Some("1")), wrong, "{data_type}");
    }
    assert_eq!(read(None, Some("1")), Ok("1".into()));
    assert_eq!(read(None, None), Err(vec![ViolationCode::WrongType]));
}

/// What is wrong with the key, in words.
fn words(attributes: &[KeyAttribute], body: &str) -> Vec<String> {
    let body = Json::parse(body.as_bytes()).unwrap();
    let mut report = Report::default();
    let source = KeySource::AttributeOrBody(attributes);
    assert_eq!(source.resolve(body.as_object(), &mut report), None);
    let violations = report.into_violations().into_iter();
    violations.map(|violation| violation.message).collect()
}

#[test]
fn what_is_wrong_with_attributes_is_told_by_where_it_is() {
    let nothing = KeyAttribute::new(Some("String".into()), None);
    assert_eq!(
        words(&[nothing], "{}"),
        ["the attribute has no stringValue (in SNS: no Value)"]
    );
    let different = [KeyAttribute::text("a"), KeyAttribute::text("b")];
    for body in ["{}", r#"{"idempotencyKey": "a"}"#] {
        assert_eq!(
            words(&different, body),
            ["the message attributes hold different idempotency keys"]
        );
    }
    assert_eq!(
        words(&different[..1], r#"{"idempotencyKey": "b"}"#),
        ["message attributes and body hold different idempotency keys"]
    );
}

#[test]
fn several_attributes_are_one_key_if_they_agree() {
    let resolve = |texts: &[&str], body: &str| {
        let attributes: Vec<_> = texts.iter().copied().map(KeyAttribute::text).collect();
        resolve(KeySource::AttributeOrBody(&attributes), body)
    };
    assert_eq!(resolve(&["a", "a"], "{}"), Ok("a".into()));
    let different = Err(vec![ViolationCode::Duplicate]);
    assert_eq!(resolve(&["a", "b"], "{}"), different);
    assert_eq!(
        resolve(&["a", "a"], r#"{"idempotencyKey": "b"}"#),
        different
    );
    let malformed = Err(vec![ViolationCode::Malformed]);
    assert_eq!(resolve(&["a", "a b"], "{}"), malformed);
}

#[test]
fn a_body_that_cannot_be_read_is_not_said_to_lack_the_key() {
    let mut report = Report::default();
    assert_eq!(KeySource::Body.resolve(None, &mut report), None);
    assert_eq!(
        KeySource::AttributeOrBody(&[]).resolve(None, &mut report),
        None
    );
    assert!(report.is_empty());
    assert_eq!(KeySource::Header(&[]).resolve(None, &mut report), None);
    assert_eq!(codes(report), [ViolationCode::Missing]);
}
