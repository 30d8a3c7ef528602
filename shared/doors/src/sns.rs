//! Notifications of SNS: a function that is subscribed gets them as records, a queue as the body of a message.

use hosted_connection::{CorrelationId, InvalidRequest, KeyAttribute, KeySource, Origin, Via};
use serde_json::value::RawValue;

use crate::attribute::{Attributes, Spelling};
use crate::content::{self, Content};
use crate::envelope::Members;

/// What SNS sends to subscribers.
#[derive(Debug)]
pub struct Notification<'a>(Members<'a>);

impl<'a> Notification<'a> {
    /// The notification in a record; `None` when it is not SNS's.
    pub fn of(record: &'a RawValue) -> Option<Notification<'a>> {
        let members = Members::of(record)?;
        let is_from_sns = members.text("EventSource").as_deref() == Some("aws:sns");
        is_from_sns.then(|| Notification(members.object("Sns").unwrap_or_default()))
    }

    /// The notification that a message's body is; `None` when it is none.
    pub(crate) fn within(body: &Members<'a>) -> Option<Notification<'a>> {
        let is_notification = body.text("Type").as_deref() == Some("Notification");
        (is_notification && body.text("TopicArn").is_some()).then(|| Notification(body.clone()))
    }

    /// Reads the request in it. `invocation` names it where SNS's id is missing.
    pub fn content<T>(
        &self,
        invocation: &str,
        parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
    ) -> Content<T> {
        let id = self.0.text("MessageId").filter(|id| !id.is_empty());
        let origin = |via, correlation_id: Option<CorrelationId>| Origin::Sns {
            message_id: id.unwrap_or_else(|| invocation.to_owned()),
            topic_arn: self.topic_arn(),
            via,
            correlation_id: self.correlation_id().or(correlation_id),
        };
        content::of_text(&self.message(), self.keys(), origin, parse)
    }

    /// The text that was published; empty when there is none.
    pub(crate) fn message(&self) -> Vec<u8> {
        self.0.bytes("Message").unwrap_or_default().into_owned()
    }

    pub(crate) fn keys(&self) -> Vec<KeyAttribute> {
        self.attributes().keys()
    }

    pub(crate) fn correlation_id(&self) -> Option<CorrelationId> {
        self.attributes().correlation_id()
    }

    pub(crate) fn via(&self) -> Via {
        Via::sns(&self.topic_arn())
    }

    fn attributes(&self) -> Attributes<'a> {
        Attributes::of(self.0.object("MessageAttributes"), Spelling::Sns)
    }

    fn topic_arn(&self) -> String {
        self.0.text("TopicArn").unwrap_or_default()
    }
}
