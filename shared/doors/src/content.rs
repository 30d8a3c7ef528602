//! What a message holds: a request, or an envelope of SNS's or EventBridge's with a request in it.
//!
//! An envelope is recognised by its own members, and opened once. An event of our own is recognised however deep it is
//! wrapped, because an answer to it would be the next event.

use hosted_connection::{
    CorrelationId, InvalidRequest, KeyAttribute, KeySource, Origin, Via, ViolationCode,
};

use crate::envelope::Members;
use crate::event_bridge;
use crate::sns::{Notification, Published};

/// Envelopes within each other that are looked through for an event of our own. A rule that feeds a topic that feeds a
/// queue makes two.
const DEEPEST: usize = 4;

/// The members by which the detail of an event of ours is known where a rule hands on nothing else. A request has none.
const OWN_DETAIL: [&str; 4] = ["schemaVersion", "eventId", "occurredAt", "origin"];

const NESTED: &str = "the body is an envelope inside an envelope: send the order itself, or the order in one envelope";
const NO_MESSAGE: &str = "Message must be a string";

/// What was in a message.
#[derive(Debug)]
pub enum Content<T> {
    /// An event of our own: never a request, and never to be answered with an event. And how it came in.
    OwnEvent(Origin),
    /// What somebody wants.
    Request {
        /// The request, or everything that is wrong with what came instead, and that itself.
        request: Result<T, InvalidRequest>,
        /// The door and, if there was one, the envelope.
        origin: Origin,
    },
}

impl Notification {
    /// Reads the request in it. `invocation` names it where SNS's id is missing.
    pub fn content<T>(
        &self,
        invocation: &str,
        parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
    ) -> Content<T> {
        let origin = |via, correlation_id: Option<CorrelationId>| Origin::Sns {
            message_id: self.id().unwrap_or(invocation).to_owned(),
            topic_arn: self.topic_arn().to_owned(),
            via,
            correlation_id: self.correlation_id().or(correlation_id),
        };
        match self.published() {
            Published::Text(text) => of_text(text, self.keys(), origin, parse),
            Published::NoText(json) => {
                let request = no_text(json, NO_MESSAGE, &self.keys(), parse);
                Content::Request {
                    request: request.map_err(|invalid| invalid.with_received(json)),
                    origin: origin(None, None),
                }
            }
        }
    }
}

impl event_bridge::Event {
    /// Reads the request in it. `invocation` names it where EventBridge's id is missing.
    pub fn content<T>(
        &self,
        invocation: &str,
        parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
    ) -> Content<T> {
        let origin = Origin::EventBridge {
            id: self.id().unwrap_or(invocation).to_owned(),
            source: self.source().to_owned(),
            detail_type: self.detail_type().to_owned(),
        };
        let detail = self.detail();
        let request = parse(detail, KeySource::Body);
        if self.is_own() || (request.is_err() && is_own(detail)) {
            return Content::OwnEvent(origin);
        }
        let told = |invalid| in_envelope(invalid, detail).with_received(detail);
        let request = request.map_err(told);
        Content::Request { request, origin }
    }
}

/// Reads a message's text. `keys` are its attributes that may hold the key; `origin` is told the envelope inside of it and
/// the correlation id that the envelope has.
pub(crate) fn of_text<T>(
    text: &[u8],
    mut keys: Vec<KeyAttribute>,
    origin: impl FnOnce(Option<Via>, Option<CorrelationId>) -> Origin,
    parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
) -> Content<T> {
    // An envelope has members that no request has: what is a request is not looked at any further.
    let invalid = match parse(text, KeySource::AttributeOrBody(&keys)) {
        Ok(request) => {
            let (request, origin) = (Ok(request), origin(None, None));
            return Content::Request { request, origin };
        }
        Err(invalid) => invalid,
    };
    if is_own(text) {
        return Content::OwnEvent(origin(None, None));
    }
    let (request, origin) = match Wrapped::in_text(text) {
        None => (Err(invalid), origin(None, None)),
        Some(wrapped) => {
            keys.extend(wrapped.keys);
            let request = match &wrapped.published {
                Published::Text(inner) => parse(inner, KeySource::AttributeOrBody(&keys))
                    .map_err(|invalid| in_envelope(invalid, inner)),
                Published::NoText(_) => no_text(text, NO_MESSAGE, &keys, parse),
            };
            (request, origin(Some(wrapped.via), wrapped.correlation_id))
        }
    };
    let request = request.map_err(|invalid| invalid.with_received(text));
    Content::Request { request, origin }
}

/// The refusal of what is no text, and so not even looked into. `json` is what came in its place. Nothing is parsed
/// instead of it, which tells whether its sender is a caller at all.
pub(crate) fn no_text<T>(
    json: &[u8],
    message: &str,
    keys: &[KeyAttribute],
    parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
) -> Result<T, InvalidRequest> {
    parse(b"", KeySource::AttributeOrBody(keys))
        .map_err(|invalid| invalid.instead(json, ViolationCode::WrongType, message))
}

/// The refusal of what was in an envelope: where that is the next envelope, its sender is told so.
fn in_envelope(invalid: InvalidRequest, text: &[u8]) -> InvalidRequest {
    // An order with some members of an envelope is refused for those.
    let is_no_order = invalid.violations.iter().any(|one| one.field.is_empty());
    if is_no_order && Wrapped::in_text(text).is_some() {
        return invalid.instead(text, ViolationCode::WrongType, NESTED);
    }
    invalid
}

/// Whether it is an event of our own, or holds one.
fn is_own(text: &[u8]) -> bool {
    let mut text = text.to_vec();
    for _ in 0..=DEEPEST {
        let has = |members: &Members<'_>, name: &&str| members.get(name).is_some();
        if Members::read(&text).is_some_and(|read| OWN_DETAIL.iter().all(|name| has(&read, name))) {
            return true;
        }
        match Wrapped::in_text(&text) {
            Some(wrapped) if wrapped.is_own => return true,
            Some(Wrapped {
                published: Published::Text(inner),
                ..
            }) => text = inner,
            Some(_) | None => return false,
        }
    }
    false
}

/// What is in an envelope.
struct Wrapped {
    published: Published,
    keys: Vec<KeyAttribute>,
    correlation_id: Option<CorrelationId>,
    via: Via,
    is_own: bool,
}

impl Wrapped {
    /// What is in the envelope that `text` is; `None` when it is none.
    fn in_text(text: &[u8]) -> Option<Wrapped> {
        let members = Members::read(text)?;
        if let Some(notification) = Notification::within(text, &members) {
            return Some(Wrapped {
                keys: notification.keys(),
                correlation_id: notification.correlation_id(),
                via: notification.via(),
                is_own: false,
                published: notification.into_published(),
            });
        }
        let event = event_bridge::Event::of(text, &members)?;
        Some(Wrapped {
            published: Published::Text(event.detail().to_vec()),
            keys: Vec::new(),
            correlation_id: None,
            via: event.via(),
            is_own: event.is_own(),
        })
    }
}

#[cfg(test)]
mod tests;
