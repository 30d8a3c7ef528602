//! The SQS door: each record a delivery, each answer that may still change a message handed back.
//!
//! It reads records leniently, one by one, because a record it cannot read must not take its neighbours along.
//! It never decides which messages of a FIFO group go back: [`Allocator::run`] answers for all of them.

use allocation::{Allocator, Answer, Deadline, Delivery};
use hosted_connection::{KeySource, Order, Origin};
use lambda_runtime::Diagnostic;
use serde::Serialize;

use crate::decision::Subject;
use crate::envelope::Members;
use crate::internal;

/// The message attribute that may carry the key; SQS attribute names are case-sensitive.
const KEY_ATTRIBUTE: &str = "Idempotency-Key";

/// A partial batch response.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

/// One message that goes back to the queue.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    item_identifier: String,
}

/// Answers a batch.
///
/// # Errors
/// See [`answer`].
pub(crate) async fn handle(
    allocator: &Allocator,
    records: &[Members<'_>],
    deadline: Deadline,
) -> Result<BatchResponse, Diagnostic> {
    let deliveries: Vec<Delivery> = records.iter().map(delivery).collect();
    let subjects: Vec<Subject> = deliveries.iter().map(Subject::of).collect();
    let answers = allocator.run(deliveries, deadline).await;
    for (subject, answer) in subjects.iter().zip(&answers) {
        subject.log(answer);
    }
    answer(records, &answers)
}

/// Translates one record.
fn delivery(record: &Members<'_>) -> Delivery {
    // A body that is no string is no order; the domain says so of an empty one.
    let body = record.bytes("body").unwrap_or_default();
    let key = key_attribute(record);
    let queue_arn = record.text("eventSourceARN").unwrap_or_default();
    let group = queue_arn
        .ends_with(".fifo")
        .then(|| message_group(record))
        .flatten();
    Delivery {
        order: Order::parse(&body, KeySource::AttributeOrBody(key.as_deref())),
        origin: Origin::Sqs {
            message_id: record.text("messageId").unwrap_or_default(),
            queue_arn,
        },
        group,
    }
}

/// The key that was sent as message attribute. One sent as binary has no text: it reads as an empty key, which is
/// refused, because to go on without it could do an order twice.
fn key_attribute(record: &Members<'_>) -> Option<String> {
    let attribute = record.object("messageAttributes")?.object(KEY_ATTRIBUTE)?;
    Some(attribute.text("stringValue").unwrap_or_default())
}

fn message_group(record: &Members<'_>) -> Option<String> {
    record.object("attributes")?.text("MessageGroupId")
}

/// Names the messages that go back.
///
/// # Errors
/// The whole batch goes back when a message has to that SQS gave no id for (an empty `itemIdentifier` would have the
/// same effect, silently), or when the answers are not one per record.
fn answer(records: &[Members<'_>], answers: &[Answer]) -> Result<BatchResponse, Diagnostic> {
    if answers.len() != records.len() {
        return Err(internal(format!(
            "{} answers for {} messages",
            answers.len(),
            records.len()
        )));
    }
    let returned = records
        .iter()
        .zip(answers)
        .filter(|(_, answer)| !answer.is_final());
    let failures = returned.map(|(record, _)| match record.text("messageId") {
        Some(item_identifier) if !item_identifier.is_empty() => {
            Ok(BatchItemFailure { item_identifier })
        }
        Some(_) | None => Err(internal(
            "a message that has to go back to its queue has no messageId".into(),
        )),
    });
    Ok(BatchResponse {
        batch_item_failures: failures.collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests;
