//! What a message holds: a request, or an envelope of SNS's or EventBridge's with a request in it.
//!
//! An envelope is recognised by its own members, and opened once. An event of our own is recognised however deep it is
//! wrapped, because an answer to it would be the next event.

use hosted_connection::{CorrelationId, InvalidRequest, KeyAttribute, KeySource, Origin, Via};

use crate::envelope::Members;
use crate::event_bridge;
use crate::sns::Notification;

/// Envelopes within each other that are looked through for an event of our own. A rule that feeds a topic that feeds a
/// queue makes two.
const DEEPEST: usize = 4;

/// The members by which the detail of an event of ours is known where a rule hands on nothing else. A request has none.
const OWN_DETAIL: [&str; 4] = ["schemaVersion", "eventId", "occurredAt", "origin"];

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
        of_text(self.text(), self.keys(), origin, parse)
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
        let request = request.map_err(|invalid| invalid.with_received(detail));
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
            let request = parse(&wrapped.text, KeySource::AttributeOrBody(&keys));
            (request, origin(Some(wrapped.via), wrapped.correlation_id))
        }
    };
    let request = request.map_err(|invalid| invalid.with_received(text));
    Content::Request { request, origin }
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
            Some(wrapped) => text = wrapped.text,
            None => return false,
        }
    }
    false
}

/// What is in an envelope.
struct Wrapped {
    text: Vec<u8>,
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
                text: notification.text().to_vec(),
                keys: notification.keys(),
                correlation_id: notification.correlation_id(),
                via: notification.via(),
                is_own: false,
            });
        }
        let event = event_bridge::Event::of(text, &members)?;
        Some(Wrapped {
            text: event.detail().to_vec(),
            keys: Vec::new(),
            correlation_id: None,
            via: event.via(),
            is_own: event.is_own(),
        })
    }
}

#[cfg(test)]
mod tests;
