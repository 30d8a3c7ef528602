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
