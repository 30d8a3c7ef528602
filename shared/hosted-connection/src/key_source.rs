//! Finds the idempotency key: each door has its own place for it.

use crate::json::Object;
use crate::report::Report;
use crate::request::IDEMPOTENCY_KEY;
use crate::{IdempotencyKey, Violation, ViolationCode};

/// Where the door looks for the idempotency key.
#[derive(Debug, Clone, Copy)]
pub enum KeySource<'a> {
    /// HTTP: the values of the header `Idempotency-Key` — none, one or several; each an RFC 8941 string in quotes, or
    /// bare. A body member `idempotencyKey` is an unknown field there.
    Header(&'a [&'a str]),
    /// SQS: the message attribute, or the body member; both are fine if they say the same.
    AttributeOrBody(Option<&'a str>),
    /// Direct invocation: the body member.
    Body,
}

impl KeySource<'_> {
    /// Whether the body may have a member `idempotencyKey`.
    pub(crate) fn is_in_body(self) -> bool {
        match self {
            Self::Header(_) => false,
            Self::AttributeOrBody(_) | Self::Body => true,
        }
    }

    /// The key, or nothing and everything that is wrong with it. Without a `body` to look into, only what the
    /// envelope holds is judged.
    pub(crate) fn resolve(
        self,
        body: Option<&Object>,
        report: &mut Report,
    ) -> Option<IdempotencyKey> {
        match self {
            Self::Header(values) => report.keep(from_header(values)),
            Self::AttributeOrBody(attribute) => from_attribute_or_body(attribute, body, report),
            Self::Body => from_attribute_or_body(None, body, report),
        }
    }
}

fn from_header(values: &[&str]) -> Result<IdempotencyKey, Violation> {
    match values {
        [] => Err(missing()),
        [value] => IdempotencyKey::parse(&unquote(value.trim_matches([' ', '\t']))?),
        [_, _, ..] => Err(violation(
            ViolationCode::Duplicate,
            "there must be one Idempotency-Key header, not several",
        )),
    }
}

/// The text of a structured-field string (RFC 8941, section 3.3.3), or the value itself if it is bare.
fn unquote(value: &str) -> Result<String, Violation> {
    let Some(quoted) = value.strip_prefix('"') else {
        return Ok(value.to_owned());
    };
    let malformed = || {
        violation(
            ViolationCode::Malformed,
            "the quoted idempotency key is no structured-field string",
        )
    };
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next().ok_or_else(malformed)? {
            '"' if characters.as_str().is_empty() => return Ok(text),
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                Some(_) | None => return Err(malformed()),
            },
            plain @ (' ' | '!' | '#'..='~') => text.push(plain),
            _ => return Err(malformed()),
        }
    }
}

fn from_attribute_or_body(
    attribute: Option<&str>,
    body: Option<&Object>,
    report: &mut Report,
) -> Option<IdempotencyKey> {
    let member = body.and_then(|body| body.first(IDEMPOTENCY_KEY));
    let from_attribute = attribute.map(IdempotencyKey::parse);
    let from_member = member.map(IdempotencyKey::read);
    match (from_attribute, from_member) {
        (None, None) => {
            // A body that cannot be read may well hold the key.
            body?;
            report.keep(Err(missing()))
        }
        (Some(Ok(attribute)), Some(Ok(member))) if attribute != member => {
            let message = "message attribute and body hold different idempotency keys";
            report.keep(Err(violation(ViolationCode::Duplicate, message)))
        }
        (Some(attribute), Some(member)) => {
            let attribute = report.keep(attribute);
            report.keep(member).and(attribute)
        }
        (Some(only), None) | (None, Some(only)) => report.keep(only),
    }
}

fn missing() -> Violation {
    violation(ViolationCode::Missing, "an idempotency key is required")
}

fn violation(code: ViolationCode, message: &str) -> Violation {
    Violation::new(IdempotencyKey::POINTER, code, message)
}

#[cfg(test)]
mod tests {
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
            (r#""a";x=1"#, Err(ViolationCode::Malformed)),
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
            assert_eq!(
                resolve(KeySource::AttributeOrBody(attribute), body),
                expected,
                "{attribute:?} {body}"
            );
            if attribute.is_none() {
                assert_eq!(resolve(KeySource::Body, body), expected, "{body}");
            }
        }
    }

    #[test]
    fn a_body_that_cannot_be_read_is_not_said_to_lack_the_key() {
        let mut report = Report::default();
        assert_eq!(KeySource::Body.resolve(None, &mut report), None);
        assert_eq!(
            KeySource::AttributeOrBody(None).resolve(None, &mut report),
            None
        );
        assert!(report.is_empty());
        assert_eq!(KeySource::Header(&[]).resolve(None, &mut report), None);
        assert_eq!(codes(report), [ViolationCode::Missing]);
    }
}
