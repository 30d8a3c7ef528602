//! Events of EventBridge: a function that is a rule's target gets them as they are, a queue as the body of a message.

use hosted_connection::{Event as Own, InvalidRequest, KeySource, Origin, Via};
use serde_json::value::RawValue;

use crate::content::{self, Content};
use crate::envelope::Members;

/// An event, whose detail is the request.
#[derive(Debug)]
pub struct Event<'a> {
    members: Members<'a>,
    source: String,
    detail_type: String,
    detail: &'a RawValue,
}

impl<'a> Event<'a> {
    /// The event that these are the members of; `None` when they are not an event's.
    pub fn of(members: &Members<'a>) -> Option<Event<'a>> {
        let detail = members.get("detail")?;
        Members::of(detail)?;
        Some(Event {
            source: members.text("source")?,
            detail_type: members.text("detail-type")?,
            detail,
            members: members.clone(),
        })
    }

    /// Reads the request in it. `invocation` names it where EventBridge's id is missing.
    pub fn content<T>(
        &self,
        invocation: &str,
        parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
    ) -> Content<T> {
        let origin = Origin::EventBridge {
            id: self.id().unwrap_or_else(|| invocation.to_owned()),
            source: self.source.clone(),
            detail_type: self.detail_type.clone(),
        };
        let detail = self.detail();
        let request = parse(detail, KeySource::Body);
        if self.is_own() || (request.is_err() && content::is_own(detail)) {
            return Content::OwnEvent(origin);
        }
        let request = request.map_err(|invalid| invalid.with_received(detail));
        Content::Request { request, origin }
    }

    /// Whether it is one of those that we publish.
    pub(crate) fn is_own(&self) -> bool {
        self.source == Own::SOURCE
    }

    /// The detail's JSON.
    pub(crate) fn detail(&self) -> &'a [u8] {
        self.detail.get().as_bytes()
    }

    pub(crate) fn via(&self) -> Via {
        Via::event_bridge(&self.source, &self.detail_type, self.id().as_deref())
    }

    fn id(&self) -> Option<String> {
        self.members.text("id").filter(|id| !id.is_empty())
    }
}
