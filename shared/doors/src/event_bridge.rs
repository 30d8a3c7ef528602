//! Events of EventBridge: a function that is a rule's target gets them as they are, a queue as the body of a message.
//!
//! They are read as `aws_lambda_events` has them, and leniently where the type refuses one.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use hosted_connection::{Event as Own, Via};
use serde_json::value::RawValue;

use crate::envelope::{self, Members};

/// An event, whose detail is the request.
#[derive(Debug)]
pub struct Event {
    id: Option<String>,
    source: String,
    detail_type: String,
    detail: Box<RawValue>,
}

impl Event {
    /// The event that `json` is; `None` when it is none. `members` are its own.
    pub fn of(json: &[u8], members: &Members<'_>) -> Option<Event> {
        let detail = members.get("detail")?;
        Members::of(detail)?;
        match envelope::published(json) {
            Some(sent) => Some(Event::as_published(sent)),
            None => Event::leniently(members, detail),
        }
    }

    fn as_published(sent: EventBridgeEvent<Box<RawValue>>) -> Event {
        Event {
            id: sent.id,
            source: sent.source,
            detail_type: sent.detail_type,
            detail: sent.detail,
        }
    }

    /// An event that the type refuses: one that was made by hand, without a date as EventBridge writes it, or with one of
    /// its members twice.
    fn leniently(members: &Members<'_>, detail: &RawValue) -> Option<Event> {
        Some(Event {
            id: members.text("id"),
            source: members.text("source")?,
            detail_type: members.text("detail-type")?,
            detail: detail.to_owned(),
        })
    }

    /// Whether it is one of those that we publish.
    pub(crate) fn is_own(&self) -> bool {
        self.source == Own::SOURCE
    }

    /// The detail's JSON.
    pub(crate) fn detail(&self) -> &[u8] {
        self.detail.get().as_bytes()
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn detail_type(&self) -> &str {
        &self.detail_type
    }

    pub(crate) fn via(&self) -> Via {
        Via::event_bridge(&self.source, &self.detail_type, self.id())
    }

    /// EventBridge's id for it; `None` when it has no usable one.
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }
}

#[cfg(test)]
mod tests;
