//! An SQS batch: its messages, and which of them go back.
//!
//! It reads records leniently, one by one, because a record it cannot read must not take its neighbours along.

use std::borrow::Cow;

use hosted_connection::{CorrelationId, Origin};
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::envelope::Members;
use crate::failed::internal;

/// The message attribute that may carry the key; SQS attribute names are case-sensitive.
const KEY_ATTRIBUTE: &str = "Idempotency-Key";
const CORRELATION_ATTRIBUTE: &str = "Correlation-Id";

/// One record of a batch.
#[derive(Debug)]
pub struct Message<'a>(Members<'a>);

impl<'a> Message<'a> {
    /// Reads a record; `None` when it is not SQS's.
    pub fn of(record: &'a RawValue) -> Option<Message<'a>> {
        let members = Members::of(record)?;
        let is_from_sqs = members.text("eventSource").as_deref() == Some("aws:sqs");
        is_from_sqs.then_some(Message(members))
    }

    /// The queue's id for the message; `None` when it has no usable one.
    pub fn id(&self) -> Option<String> {
        self.0.text("messageId").filter(|id| !id.is_empty())
    }

    /// The body's bytes; none when it is no string. A lone surrogate makes them invalid UTF-8.
    pub fn body(&self) -> Cow<'a, [u8]> {
        self.0.bytes("body").unwrap_or_default()
    }

    /// The idempotency key that was sent as message attribute. One sent as binary has no text: it reads as an empty key,
    /// which is refused, because to go on without it could do an order twice.
    pub fn key_attribute(&self) -> Option<String> {
        let attribute = self.attribute(KEY_ATTRIBUTE)?;
        Some(attribute.text("stringValue").unwrap_or_default())
    }

    /// The FIFO message group; standard queues have none, whatever their messages say.
    pub fn group(&self) -> Option<String> {
        let attributes = self.0.object("attributes")?;
        let is_fifo = self.queue_arn().ends_with(".fifo");
        attributes.text("MessageGroupId").filter(|_| is_fifo)
    }

    /// X-Ray's trace header that the message was sent with, as it was sent.
    pub fn trace_header(&self) -> Option<String> {
        self.0.object("attributes")?.text("AWSTraceHeader")
    }

    /// The queue and the message's name in it.
    pub fn origin(&self) -> Origin {
        Origin::Sqs {
            message_id: self.0.text("messageId").unwrap_or_default(),
            queue_arn: self.queue_arn(),
            correlation_id: self.correlation_id(),
        }
    }

    fn correlation_id(&self) -> Option<CorrelationId> {
        let text = self.attribute(CORRELATION_ATTRIBUTE)?.text("stringValue")?;
        CorrelationId::parse(&text)
    }

    fn attribute(&self, name: &str) -> Option<Members<'a>> {
        self.0.object("messageAttributes")?.object(name)
    }

    fn queue_arn(&self) -> String {
        self.0.text("eventSourceARN").unwrap_or_default()
    }
}

/// A partial batch response.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

/// One message that goes back to the queue.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

impl BatchResponse {
    /// Consumes the messages whose answer is final, in the order of `messages`, and hands the others back.
    ///
    /// # Errors
    /// The whole batch goes back when a message has to that SQS gave no id for (an empty `itemIdentifier` would have the
    /// same effect, silently), or when there is not one answer per message.
    pub fn of(messages: &[Message<'_>], is_final: &[bool]) -> Result<BatchResponse, Diagnostic> {
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
        let failures = returned.map(|(message, _)| match message.id() {
            Some(item_identifier) => Ok(BatchItemFailure { item_identifier }),
            None => Err(internal(
                "a message that has to go back to its queue has no messageId".into(),
            )),
        });
        Ok(BatchResponse {
            batch_item_failures: failures.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
    use serde_json::json;

    use super::*;

    fn message(json: &str) -> Message<'_> {
        Message::of(serde_json::from_str(json).unwrap()).unwrap()
    }

    /// A record as SQS sends it, with some members replaced.
    fn record(replaced: serde_json::Value) -> String {
        let mut record = json!({
            "messageId": "m-1",
            "body": "{}",
            "attributes": {"MessageGroupId": "g-1"},
            "messageAttributes": {"Idempotency-Key": {"stringValue": "order-1", "dataType": "String"}},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders",
        });
        for (name, value) in replaced.as_object().unwrap() {
            record[name] = value.clone();
        }
        record.to_string()
    }

    #[test]
    fn the_key_comes_from_the_attribute_of_exactly_that_name() {
        let sent = record(json!({}));
        assert_eq!(message(&sent).key_attribute().as_deref(), Some("order-1"));
        let misspelt =
            record(json!({"messageAttributes": {"idempotency-key": {"stringValue": "order-1"}}}));
        assert_eq!(message(&misspelt).key_attribute(), None);
        let binary = record(
            json!({"messageAttributes": {"Idempotency-Key": {"binaryValue": "b3JkZXItMQ=="}}}),
        );
        assert_eq!(message(&binary).key_attribute().as_deref(), Some(""));
    }

    #[test]
    fn a_correlation_id_and_a_trace_come_with_the_message_or_not_at_all() {
        let none = record(json!({}));
        assert_eq!(message(&none).origin().correlation_id(), None);
        assert_eq!(message(&none).trace_header(), None);
        let trace = "Root=1-6957-1;Sampled=1";
        let sent = record(json!({
            "attributes": {"AWSTraceHeader": trace},
            "messageAttributes": {"Correlation-Id": {"stringValue": "ticket-1", "dataType": "String"}},
        }));
        let origin = message(&sent).origin();
        assert_eq!(
            origin.correlation_id(),
            CorrelationId::parse("ticket-1").as_ref()
        );
        assert_eq!(message(&sent).trace_header().as_deref(), Some(trace));
        let unusable =
            record(json!({"messageAttributes": {"Correlation-Id": {"stringValue": "a ticket"}}}));
        assert_eq!(message(&unusable).origin().correlation_id(), None);
    }

    #[test]
    fn only_a_fifo_queue_has_groups() {
        assert_eq!(message(&record(json!({}))).group(), None);
        let fifo =
            record(json!({"eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:orders.fifo"}));
        assert_eq!(message(&fifo).group().as_deref(), Some("g-1"));
    }

    #[test]
    fn what_is_not_final_goes_back_in_order() {
        let sent: Vec<String> = (0..4)
            .map(|n| record(json!({"messageId": format!("m-{n}")})))
            .collect();
        let messages: Vec<_> = sent.iter().map(|record| message(record)).collect();
        let response = BatchResponse::of(&messages, &[true, false, true, false]).unwrap();
        let response = serde_json::to_string(&response).unwrap();
        assert_eq!(
            response,
            r#"{"batchItemFailures":[{"itemIdentifier":"m-1"},{"itemIdentifier":"m-3"}]}"#
        );
        let as_read_by_lambda: SqsBatchResponse = serde_json::from_str(&response).unwrap();
        assert_eq!(as_read_by_lambda.batch_item_failures.len(), 2);
        let none = BatchResponse::of(&messages, &[true; 4]).unwrap();
        assert_eq!(
            serde_json::to_string(&none).unwrap(),
            r#"{"batchItemFailures":[]}"#
        );
    }

    #[test]
    fn a_message_without_an_id_fails_the_invocation_only_when_it_has_to_go_back() {
        for message_id in [json!(""), json!(null), json!(7)] {
            let sent = record(json!({ "messageId": message_id }));
            let messages = [message(&sent)];
            assert!(BatchResponse::of(&messages, &[true]).is_ok());
            let failure = BatchResponse::of(&messages, &[false]).unwrap_err();
            assert_eq!(failure.error_type, "Internal");
        }
    }

    #[test]
    fn a_missing_answer_is_never_taken_for_a_final_one() {
        let sent = record(json!({}));
        assert!(BatchResponse::of(&[message(&sent)], &[]).is_err());
    }

    #[test]
    fn the_example_batch_is_read_as_the_published_event_type_reads_it() {
        let json = include_str!("../../../tests/events/sqs-fifo-batch.json");
        let members = Members::of(serde_json::from_str(json).unwrap()).unwrap();
        let records = members.array("Records").unwrap();
        let published: SqsEvent = serde_json::from_str(json).unwrap();
        assert_eq!(records.len(), published.records.len());
        for (record, published) in records.into_iter().zip(published.records) {
            let message = Message::of(record).unwrap();
            assert_eq!(message.id(), published.message_id);
            assert_eq!(*message.body(), *published.body.unwrap().as_bytes());
            let group = published.attributes.get("MessageGroupId");
            assert_eq!(message.group().as_ref(), group);
            let origin = Origin::Sqs {
                message_id: published.message_id.unwrap(),
                queue_arn: published.event_source_arn.unwrap(),
                correlation_id: None,
            };
            assert_eq!(message.origin(), origin);
        }
    }
}
