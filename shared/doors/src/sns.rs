//! Notifications of SNS: a function that is subscribed gets them as records, a queue as the body of a message.
//!
//! They are read as `aws_lambda_events` has them, and leniently where the type refuses one.

use aws_lambda_events::sns::{SnsMessage, SnsRecord};
use hosted_connection::{CorrelationId, KeyAttribute, Via};
use serde_json::value::RawValue;

use crate::attribute::{Attributes, Spelling};
use crate::envelope::{self, Members};
use crate::object;

/// What was published.
#[derive(Debug, PartialEq)]
pub(crate) enum Published {
    /// A text. A lone surrogate makes it invalid UTF-8.
    Text(Vec<u8>),
    /// The JSON that there is in place of a string; nothing when there is none.
    NoText(Vec<u8>),
}

/// What SNS sends to subscribers.
#[derive(Debug, PartialEq)]
pub struct Notification {
    message_id: Option<String>,
    topic_arn: String,
    published: Published,
    attributes: Attributes,
}

impl Notification {
    /// The notification in a record; `None` when it is not SNS's.
    pub fn of(record: &RawValue) -> Option<Notification> {
        let is_from_sns = |source: &str| source == "aws:sns";
        if let Some(record) = object::read::<SnsRecord>(record.get()) {
            let is_from_sns = is_from_sns(&record.event_source);
            return is_from_sns.then(|| Notification::as_published(record.sns));
        }
        let members = Members::of(record)?;
        let is_from_sns = members.text("EventSource").is_some_and(|s| is_from_sns(&s));
        is_from_sns.then(|| Notification::leniently(&members.object("Sns").unwrap_or_default()))
    }

    /// The notification that a message's body is; `None` when it is none. `members` are the body's.
    pub(crate) fn within(body: &[u8], members: &Members<'_>) -> Option<Notification> {
        let is_notification = members.text("Type").as_deref() == Some("Notification");
        if !is_notification || members.text("TopicArn").is_none() {
            return None;
        }
        Some(match envelope::published(body) {
            Some(message) => Notification::as_published(message),
            None => Notification::leniently(members),
        })
    }

    fn as_published(sent: SnsMessage) -> Notification {
        Notification {
            message_id: Some(sent.message_id),
            topic_arn: sent.topic_arn,
            published: Published::Text(sent.message.into_bytes()),
            attributes: Attributes::of_sns(sent.message_attributes),
        }
    }

    /// A notification that the type refuses: without a signature or a date as SNS writes them, an attribute that is a list,
    /// a lone surrogate.
    fn leniently(members: &Members<'_>) -> Notification {
        let attributes = members.object("MessageAttributes");
        let json = members.get("Message").map_or("", |message| message.get());
        let published = match members.bytes("Message") {
            Some(text) => Published::Text(text.into_owned()),
            None => Published::NoText(json.into()),
        };
        Notification {
            message_id: members.text("MessageId"),
            topic_arn: members.text("TopicArn").unwrap_or_default(),
            published,
            attributes: Attributes::leniently(attributes.as_ref(), Spelling::Sns),
        }
    }

    /// The id by which SNS knows it; `None` when it has no usable one.
    pub(crate) fn id(&self) -> Option<&str> {
        self.message_id.as_deref().filter(|id| !id.is_empty())
    }

    pub(crate) fn topic_arn(&self) -> &str {
        &self.topic_arn
    }

    pub(crate) fn published(&self) -> &Published {
        &self.published
    }

    pub(crate) fn into_published(self) -> Published {
        self.published
    }

    pub(crate) fn keys(&self) -> Vec<KeyAttribute> {
        self.attributes.keys()
    }

    pub(crate) fn correlation_id(&self) -> Option<CorrelationId> {
        self.attributes.correlation_id()
    }

    pub(crate) fn via(&self) -> Via {
        Via::sns(&self.topic_arn)
    }
}

#[cfg(test)]
mod tests;
