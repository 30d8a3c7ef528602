//! An SQS batch: its messages, and which of them go back.
//!
//! Each record is read alone, as `aws_lambda_events` has it. One that the type refuses is read leniently, because it must
//! not take its neighbours along, and has to go back by its id.

mod body;
mod lenient;

use std::collections::HashSet;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use hosted_connection::{CorrelationId, Identity, InvalidRequest, KeySource, Origin, Via};
use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;

use self::body::Body;
use crate::attribute::Attributes;
use crate::caller;
use crate::content::{self, Content};
use crate::failed::internal;
use crate::object;

/// Why a message cannot be handed back alone. Such a message must not be begun: it is never final.
pub const NAMELESS: &str = "a message that has to go back to its queue has no messageId";

/// One record of a batch.
#[derive(Debug)]
pub struct Message<'a> {
    /// All of it but what the other two hold.
    sent: SqsMessage,
    body: Body<'a>,
    attributes: Attributes,
}

impl<'a> Message<'a> {
    /// Reads a record; `None` when it is not SQS's.
    pub fn of(record: &'a RawValue) -> Option<Message<'a>> {
        let message = match object::read(record.get()) {
            Some(sent) => Message::as_published(sent),
            None => {
                let (sent, body, attributes) = lenient::read(record)?;
                Message {
                    sent,
                    body,
                    attributes,
                }
            }
        };
        let is_from_sqs = message.sent.event_source.as_deref() == Some("aws:sqs");
        is_from_sqs.then_some(message)
    }

    fn as_published(mut sent: SqsMessage) -> Message<'a> {
        Message {
            body: Body::Text(sent.body.take().unwrap_or_default().into_bytes()),
            attributes: Attributes::of_sqs(std::mem::take(&mut sent.message_attributes)),
            sent,
        }
    }

    /// The queue's id for the message; `None` when it has no usable one.
    pub fn id(&self) -> Option<&str> {
        self.sent.message_id.as_deref().filter(|id| !id.is_empty())
    }

    /// Who has put it into the queue, by SQS's word.
    pub fn sender(&self) -> Option<Identity> {
        caller::of_message(&self.sent.attributes)
    }

    /// Reads the request in it.
    pub fn content<T>(
        &self,
        parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
    ) -> Content<T> {
        let keys = self.attributes.keys();
        let origin = |via, correlation_id| self.origin(via, correlation_id);
        match &self.body {
            Body::Text(text) => content::of_text(text, keys, origin, parse),
            Body::NoText(other) => {
                let json = other.get().as_bytes();
                let request = content::no_text(json, "body must be a string", &keys, parse);
                Content::Request {
                    request: request.map_err(|invalid| invalid.with_received(json)),
                    origin: origin(None, None),
                }
            }
        }
    }

    /// The FIFO message group; standard queues have none, whatever their messages say.
    pub fn group(&self) -> Option<String> {
        let group = self.sent.attributes.get("MessageGroupId");
        let is_fifo = self.queue_arn().ends_with(".fifo");
        group.filter(|_| is_fifo).cloned()
    }

    /// Whether SQS says so.
    pub fn was_delivered_before(&self) -> bool {
        let count = self.sent.attributes.get("ApproximateReceiveCount");
        count.is_some_and(|count| count.parse().is_ok_and(|count: u32| count > 1))
    }

    /// X-Ray's trace header that the message was sent with, as it was sent.
    pub fn trace_header(&self) -> Option<&str> {
        let header = self.sent.attributes.get("AWSTraceHeader");
        header.map(String::as_str)
    }

    /// The queue and the message's name in it, and what the envelope in it says of itself.
    fn origin(&self, via: Option<Via>, correlation_id: Option<CorrelationId>) -> Origin {
        Origin::Sqs {
            message_id: self.sent.message_id.clone().unwrap_or_default(),
            queue_arn: self.queue_arn().to_owned(),
            via,
            correlation_id: self.attributes.correlation_id().or(correlation_id),
        }
    }

    fn queue_arn(&self) -> &str {
        self.sent.event_source_arn.as_deref().unwrap_or_default()
    }
}

/// The partial batch response that consumes the messages whose answer is final, in the order of `messages`, and hands the
/// others back.
///
/// # Errors
/// The whole batch goes back when a message has to that SQS gave no id for (an empty `itemIdentifier` would have the same
/// effect, silently), or when there is not one answer per message.
pub fn batch_response(
    messages: &[Message<'_>],
    is_final: &[bool],
) -> Result<SqsBatchResponse, Diagnostic> {
    if is_final.len() != messages.len() {
        return Err(internal(format!(
            "{} answers for {} messages",
            is_final.len(),
            messages.len()
        )));
    }
    let returned = messages
        .iter()
        .zip(is_final)
        .filter(|(_, is_final)| !**is_final);
    let (mut named, mut response) = (HashSet::new(), SqsBatchResponse::default());
    for (message, _) in returned {
        let Some(id) = message.id() else {
            return Err(internal(NAMELESS.into()));
        };
        // A queue may deliver a message twice in one batch: it goes back once.
        if named.insert(id) {
            response.add_failure(id);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests;
