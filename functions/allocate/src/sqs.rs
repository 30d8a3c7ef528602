//! The SQS door: each record a delivery, each answer that may still change a message handed back.
//!
//! It never decides which messages of a FIFO group go back: [`Allocator::run`] answers for all of them.

use allocation::{Allocator, Answer, Deadline, Delivery};
use aws::trace::TraceHeader;
use doors::sqs::{BatchResponse, Message};
use hosted_connection::{KeySource, Order};
use lambda_runtime::Diagnostic;

use crate::decision::Subject;

/// Answers a batch.
///
/// # Errors
/// See [`BatchResponse::of`].
pub(crate) async fn handle(
    allocator: &Allocator,
    messages: &[Message<'_>],
    deadline: Deadline,
) -> Result<BatchResponse, Diagnostic> {
    let deliveries: Vec<Delivery> = messages.iter().map(delivery).collect();
    let subjects: Vec<Subject> = deliveries.iter().map(Subject::of).collect();
    let answers = allocator.run(deliveries, deadline).await;
    for (subject, answer) in subjects.iter().zip(&answers) {
        subject.decided(answer, allocator.meter());
    }
    answer(messages, &answers)
}

/// Translates one message.
fn delivery(message: &Message<'_>) -> Delivery {
    let key = message.key_attribute();
    Delivery {
        // A body that is no string is no order; the domain says so of an empty one.
        order: Order::parse(&message.body(), KeySource::AttributeOrBody(key.as_deref())),
        origin: message.origin(),
        group: message.group(),
        trace: message
            .trace_header()
            .and_then(|header| TraceHeader::parse(&header)),
    }
}

/// Names the messages that go back.
fn answer(messages: &[Message<'_>], answers: &[Answer]) -> Result<BatchResponse, Diagnostic> {
    let is_final: Vec<bool> = answers.iter().map(Answer::is_final).collect();
    BatchResponse::of(messages, &is_final)
}

#[cfg(test)]
mod tests;
