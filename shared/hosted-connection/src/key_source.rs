//! Finds the idempotency key: each door has its own place for it.

use crate::json::Object;
use crate::report::Report;
use crate::request::IDEMPOTENCY_KEY;
use crate::{IdempotencyKey, Violation, ViolationCode};

/// What somebody needs who has sent the key elsewhere, over HTTP.
pub(crate) const SEND_AS_HEADER: &str = "send it as the header Idempotency-Key";

/// Where the door looks for the idempotency key.
#[derive(Debug, Clone, Copy)]
pub enum KeySource<'a> {
    /// HTTP: the values of the header `Idempotency-Key` — none, one or several; each an RFC 8941 string in quotes, whose
    /// parameters are ignored, or bare. A body member `idempotencyKey` is an unknown field there.
    Header(&'a [&'a str]),
    /// SQS and SNS: the message attributes of that name, however it is spelt, or the body member; all that are there have
    /// to say the same.
    AttributeOrBody(&'a [KeyAttribute]),
    /// Direct invocation: the body member.
    Body,
}

/// A message attribute that is there to hold the key, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    data_type: Option<String>,
    text: Option<String>,
}

impl KeyAttribute {
    /// An attribute with its data type and its text, as far as it has them.
    pub fn new(data_type: Option<String>, text: Option<String>) -> Self {
        Self { data_type, text }
    }

    /// An attribute of type String.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Some("String".into()), Some(text.into()))
    }

    /// To go on without a key that is there but cannot be read could do an order twice.
    fn read(&self) -> Result<IdempotencyKey, Violation> {
        if !self.is_text() {
            return Err(violation(
                ViolationCode::WrongType,
                "the message attribute with the idempotency key must be of type String or Number",
            ));
        }
        let Some(text) = &self.text else {
            return Err(violation(
                ViolationCode::Malformed,
                "the attribute has no stringValue (in SNS: no Value)",
            ));
        };
        IdempotencyKey::parse(text)
    }

    /// Behind a dot, senders may put a label of their own: `Number.int`. `String.Array` is a list, and a type of SNS's.
    fn is_text(&self) -> bool {
        // AWS always names the type. Events that were written by hand often do not.
        let Some(data_type) = &self.data_type else {
            return self.text.is_some();
        };
        let (base, label) = data_type
            .split_once('.')
            .unwrap_or((data_type.as_str(), ""));
        ["String", "Number"].contains(&base) && label != "Array"
    }
}

impl KeySource<'_> {
    /// Whether the body may have a member `idempotencyKey`.
    pub(crate) fn is_in_body(self) -> bool {
        match self {
            Self::Header(_) => false,
            Self::AttributeOrBody(_) | Self::Body => true,
        }
    }

    /// What somebody needs who has sent no key.
    fn advice(self) -> &'static str {
        match self {
            Self::Header(_) => SEND_AS_HEADER,
            Self::AttributeOrBody(_) => {
                "send it as the message attribute Idempotency-Key or the field idempotencyKey"
            }
            Self::Body => "send it as the field idempotencyKey",
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
            Self::Header([]) => report.keep(Err(self.missing())),
            Self::Header([value]) => report.keep(from_header(value)),
            Self::Header([_, _, ..]) => report.keep(Err(several())),
            Self::AttributeOrBody(attributes) => self.attribute_or_body(attributes, body, report),
            Self::Body => self.attribute_or_body(&[], body, report),
        }
    }

    fn attribute_or_body(
        self,
        attributes: &[KeyAttribute],
        body: Option<&Object>,
        report: &mut Report,
    ) -> Option<IdempotencyKey> {
        let member = body.and_then(|body| body.first(IDEMPOTENCY_KEY));
        if attributes.is_empty() && member.is_none() {
            // A body that cannot be read may well hold the key.
            body?;
            return report.keep(Err(self.missing()));
        }
        let read = attributes.iter().map(KeyAttribute::read);
        let in_attributes: Vec<_> = read.filter_map(|key| report.keep(key)).collect();
        let in_body = member.and_then(|member| report.keep(IdempotencyKey::read(member)));
        let first = in_attributes.first().or(in_body.as_ref())?.clone();
        let differs = |key: &IdempotencyKey| *key != first;
        let message = if in_attributes.iter().any(differs) {
            "the message attributes hold different idempotency keys"
        } else if in_body.as_ref().is_some_and(differs) {
            "message attributes and body hold different idempotency keys"
        } else {
            let is_all_read =
                in_attributes.len() == attributes.len() && in_body.is_some() == member.is_some();
            return is_all_read.then_some(first);
        };
        report.keep(Err(violation(ViolationCode::Duplicate, message)))
    }

    fn missing(self) -> Violation {
        let message = format!("an idempotency key is required: {}", self.advice());
        violation(ViolationCode::Missing, &message)
    }
}

fn from_header(value: &str) -> Result<IdempotencyKey, Violation> {
    IdempotencyKey::parse(&plain(value.trim_matches([' ', '\t']))?)
}

/// The text of a structured-field string (RFC 8941, section 3.3.3), or the value itself if it is bare.
fn plain(value: &str) -> Result<String, Violation> {
    if let Some(quoted) = value.strip_prefix('"') {
        return unquote(quoted);
    }
    // Gateways join a repeated header to one value, and a bare key would hide that.
    if value.contains(',') {
        return Err(violation(
            ViolationCode::Malformed,
            "a key with a comma has to be quoted, as in \"a,b\": without quotes it looks like two Idempotency-Key headers",
        ));
    }
    Ok(value.to_owned())
}

/// Reads what stands behind the first quotation mark.
fn unquote(quoted: &str) -> Result<String, Violation> {
    let mut text = String::new();
    let mut characters = quoted.chars();
    loop {
        match characters.next().ok_or_else(malformed)? {
            '"' => return only_parameters(characters.as_str()).map(|()| text),
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => text.push(escaped),
                Some(_) | None => return Err(malformed()),
            },
            plain @ (' ' | '!' | '#'..='~') => text.push(plain),
            _ => return Err(malformed()),
        }
    }
}

/// Nothing, or parameters (RFC 8941, section 3.1.2), which are ignored. A comma outside of their quotes begins another
/// value.
fn only_parameters(rest: &str) -> Result<(), Violation> {
    let rest = rest.trim_start_matches([' ', '\t']);
    if !(rest.is_empty() || rest.starts_with([';', ','])) {
        return Err(malformed());
    }
    let mut in_quotes = false;
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => in_quotes = !in_quotes,
            '\\' if in_quotes => {
                characters.next();
            }
            ',' if !in_quotes => return Err(several()),
            _ => {}
        }
    }
    if in_quotes {
        return Err(malformed());
    }
    Ok(())
}

fn malformed() -> Violation {
    violation(
        ViolationCode::Malformed,
        "the quoted idempotency key must end with a quotation mark; in it, quotation marks and backslashes need a backslash",
    )
}

fn several() -> Violation {
    violation(
        ViolationCode::Duplicate,
        "there must be one Idempotency-Key header, not several",
    )
}

fn violation(code: ViolationCode, message: &str) -> Violation {
    Violation::new(IdempotencyKey::POINTER, code, message)
}

#[cfg(test)]
mod tests;
