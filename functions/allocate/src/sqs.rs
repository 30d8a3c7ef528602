//! The SQS door: each record a delivery, each answer that may still change a message handed back.
//!
//! It never decides which messages of a FIFO group go back: [`Allocator::run`] answers for all of them.

use allocation::{Admitted, Allocator, Answer, Deadline, Failure};
use aws::trace::TraceHeader;
use aws_lambda_events::sqs::SqsBatchResponse;
use doors::sqs::{Message, NAMELESS, batch_response};
use lambda_runtime::Diagnostic;

use crate::incoming::{self, Incoming};

/// Answers a batch.
///
/// # Errors
/// See [`batch_response`].
pub(crate) async fn handle(
    allocator: &Allocator,
    admitted: &Admitted,
    messages: &[Message<'_>],
    deadline: Deadline,
) -> Result<SqsBatchResponse, Diagnostic> {
    let incoming = messages
        .iter()
        .map(|message| incoming(admitted, message))
        .collect();
    let answers = incoming::answer(allocator, incoming, deadline).await;
    answer(messages, &answers)
}

/// Translates one message.
fn incoming(admitted: &Admitted, message: &Message<'_>) -> Incoming {
    // What could not be handed back is not begun: the whole batch goes back, and with it this message.
    let permit = match message.id() {
        Some(_) => admitted.permit(|| message.sender()),
        None => Err(Failure::Defect {
            detail: NAMELESS.into(),
        }),
    };
    let trace = message.trace_header().and_then(TraceHeader::parse);
    let incoming = Incoming::read(
        permit,
        |parse| message.content(parse),
        message.group(),
        trace,
    );
    match message.was_delivered_before() {
        true => incoming.again(),
        false => incoming,
    }
}

/// Names the messages that go back. An event of our own does not.
fn answer(
    messages: &[Message<'_>],
    answers: &[Option<Answer>],
) -> Result<SqsBatchResponse, Diagnostic> {
    let is_final = |answer: &Option<Answer>| answer.as_ref().is_none_or(Answer::is_final);
    let is_final: Vec<bool> = answers.iter().map(is_final).collect();
    batch_response(messages, &is_final)
}

#[cfg(test)]
mod tests;
