//! An SQS batch: its messages, and which of them go back.
//!
//! It reads records leniently, one by one, because a record it cannot read must not take its neighbours along.

use std::borrow::Cow;
use std::collections::HashSet;

use hosted_connection::{CorrelationId, Identity, InvalidRequest, KeySource, Origin, Via};
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::attribute::{Attributes, Spelling};
use crate::caller;
use crate::content::{self, Content};
use crate::envelope::Members;
use crate::failed::internal;

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

    /// Who has put it into the queue, by SQS's word.
    pub fn sender(&self) -> Option<Identity> {
        caller::of_message(&self.0.object("attributes")?)
    }

    /// Reads the request in it.
    pub fn content<T>(
        &self,
        parse: impl Fn(&[u8], KeySource<'_>) -> Result<T, InvalidRequest>,
    ) -> Content<T> {
        let keys = self.attributes().keys();
        let origin = |via, correlation_id| self.origin(via, correlation_id);
        match self.body() {
            Ok(text) => content::of_text(&text, keys, origin, parse),
            Err(other) => {
                let json = other.get().as_bytes();
                let message = "the body of the message is no text";
                let invalid =
                    InvalidRequest::unread(json, KeySource::AttributeOrBody(&keys), message);
                Content::Request {
                    request: Err(invalid.with_received(json)),
                    origin: origin(None, None),
                }
            }
        }
    }

    /// The body's bytes, none when there is no body; or else what there is in place of a string. A lone surrogate makes
    /// the bytes invalid UTF-8.
    fn body(&self) -> Result<Cow<'a, [u8]>, &'a RawValue> {
        let body = self.0.get("body").filter(|body| body.get() != "null");
        match (body, self.0.bytes("body")) {
            (None, _) => Ok(Cow::default()),
            (Some(_), Some(bytes)) => Ok(bytes),
            (Some(other), None) => Err(other),
        }
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

    /// The queue and the message's name in it, and what the envelope in it says of itself.
    fn origin(&self, via: Option<Via>, correlation_id: Option<CorrelationId>) -> Origin {
        Origin::Sqs {
            message_id: self.0.text("messageId").unwrap_or_default(),
            queue_arn: self.queue_arn(),
            via,
            correlation_id: self.attributes().correlation_id().or(correlation_id),
        }
    }

    fn attributes(&self) -> Attributes<'a> {
        Attributes::of(self.0.object("messageAttributes"), Spelling::Sqs)
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
        let (mut named, mut batch_item_failures) = (HashSet::new(), Vec::new());
        for (message, _) in returned {
            let Some(item_identifier) = message.id() else {
                let detail = "a message that has to go back to its queue has no messageId";
                return Err(internal(detail.into()));
            };
            // A queue may deliver a message twice in one batch: it goes back once.
            if named.insert(item_identifier.clone()) {
                batch_item_failures.push(BatchItemFailure { item_identifier });
            }
        }
        Ok(BatchResponse {
            batch_item_failures,
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
    use hosted_connection::{ReleaseRequest, ViolationCode};
    use serde_json::json;

    use super::*;

    fn message(json: &str) -> Message<'_> {
        Message::of(serde_json::from_str(json).unwrap()).unwrap()
    }

    /// A record as SQS sends it, with some members replaced.
    fn record(replaced: serde_json::Value) -> String {
        let mut record = json!({
            "messageId": "m-1",
            "body": r#"{"action": "release"}"#,
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

    /// The key that an order would have, and the origin; the codes of what is wrong with the key instead.
    fn read(record: &str) -> (Result<String, Vec<ViolationCode>>, Origin) {
        let parse = |body: &[u8], source: KeySource<'_>| ReleaseRequest::parse(body, source);
        let Content::Request { request, origin } = message(record).content(parse) else {
            panic!("an event of our own: {record}");
        };
        let codes = |invalid: InvalidRequest| {
            let violations = invalid.violations.into_iter();
            violations.map(|violation| violation.code).collect()
        };
        let key = request.map(|release| release.key.to_string());
        (key.map_err(codes), origin)
    }

    #[test]
    fn the_key_comes_from_the_attribute_whose_name_may_be_in_any_case() {
        for name in ["Idempotency-Key", "idempotency-key", "IDEMPOTENCY-KEY"] {
            let sent = record(json!({"messageAttributes": {name: {"stringValue": "order-1"}}}));
            assert_eq!(read(&sent).0.as_deref(), Ok("order-1"), "{name}");
        }
        let two = |second: &str| {
            record(json!({"messageAttributes": {
                "Idempotency-Key": {"stringValue": "order-1", "dataType": "String"},
                "idempotency-key": {"stringValue": second, "dataType": "String"},
            }}))
        };
        assert_eq!(read(&two("order-1")).0.as_deref(), Ok("order-1"));
        assert_eq!(read(&two("order-2")).0, Err(vec![ViolationCode::Duplicate]));
        for wrong in [
            json!({"binaryValue": "b3JkZXItMQ==", "dataType": "Binary"}),
            json!({"binaryValue": "b3JkZXItMQ=="}),
            json!("order-1"),
            json!(null),
        ] {
            let sent = record(json!({"messageAttributes": {"Idempotency-Key": wrong}}));
            assert_eq!(read(&sent).0, Err(vec![ViolationCode::WrongType]), "{sent}");
        }
    }

    #[test]
    fn a_body_that_is_no_text_is_told_apart_from_none() {
        let invalid = |body: serde_json::Value| {
            let sent = record(json!({ "body": body }));
            let parse = |body: &[u8], source: KeySource<'_>| ReleaseRequest::parse(body, source);
            let Content::Request { request, .. } = message(&sent).content(parse) else {
                panic!("an event of our own: {sent}");
            };
            let invalid = request.unwrap_err();
            let received = invalid.received.clone().unwrap();
            (invalid.rejection().message, received.text().to_owned())
        };
        let empty = ("the body is empty".to_owned(), String::new());
        assert_eq!(
            [json!(null), json!("")].map(invalid),
            [empty.clone(), empty]
        );
        let no_text = "the body of the message is no text".to_owned();
        assert_eq!(invalid(json!({"a": 1})), (no_text, r#"{"a":1}"#.into()));
    }

    #[test]
    fn a_correlation_id_and_a_trace_come_with_the_message_or_not_at_all() {
        let none = record(json!({}));
        assert_eq!(read(&none).1.correlation_id(), None);
        assert_eq!(message(&none).trace_header(), None);
        let trace = "Root=1-6957-1;Sampled=1";
        let sent = record(json!({
            "attributes": {"AWSTraceHeader": trace},
            "messageAttributes": {"Correlation-Id": {"stringValue": "ticket-1", "dataType": "String"}},
        }));
        let origin = read(&sent).1;
        assert_eq!(
            origin.correlation_id(),
            CorrelationId::parse("ticket-1").as_ref()
        );
        assert_eq!(message(&sent).trace_header().as_deref(), Some(trace));
        let unusable =
            record(json!({"messageAttributes": {"Correlation-Id": {"stringValue": "a ticket"}}}));
        assert_eq!(read(&unusable).1.correlation_id(), None);
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
    fn a_message_that_is_there_twice_goes_back_once() {
        let sent = record(json!({}));
        let twice = [message(&sent), message(&sent)];
        let response = BatchResponse::of(&twice, &[false, false]).unwrap();
        assert_eq!(response.batch_item_failures.len(), 1);
        let one_of_them = BatchResponse::of(&twice, &[true, false]).unwrap();
        assert_eq!(one_of_them, response, "the queue knows only one of it");
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
            assert_eq!(
                *message.body().unwrap(),
                *published.body.unwrap().as_bytes()
            );
            let group = published.attributes.get("MessageGroupId");
            assert_eq!(message.group().as_ref(), group);
            let origin = Origin::Sqs {
                message_id: published.message_id.unwrap(),
                queue_arn: published.event_source_arn.unwrap(),
                via: None,
                correlation_id: None,
            };
            assert_eq!(message.origin(None, None), origin);
        }
    }
}
