//! The SQS door: each message a release, each one that may still succeed handed back.

use allocation::Deadline;
use aws::trace::TraceHeader;
use doors::sqs::{BatchResponse, Message};
use hosted_connection::{KeySource, ReleaseRequest};
use lambda_runtime::Diagnostic;
use lifecycle::{ReleaseAnswer, ReleaseDelivery, Releaser};

use crate::decision;

/// Answers a batch.
///
/// # Errors
/// See [`BatchResponse::of`].
pub(crate) async fn handle(
    releaser: &Releaser,
    messages: &[Message<'_>],
    deadline: Deadline,
) -> Result<BatchResponse, Diagnostic> {
    let deliveries: Vec<ReleaseDelivery> = messages.iter().map(delivery).collect();
    let answers = releaser.run(&deliveries, deadline).await;
    for (delivery, answer) in deliveries.iter().zip(&answers) {
        let key = match &delivery.request {
            Ok(request) => Some(&request.key),
            Err(invalid) => invalid.key.as_ref(),
        };
        decision::decided(key, &delivery.origin, answer, releaser.meter());
    }
    let is_final: Vec<bool> = answers.iter().map(is_final).collect();
    BatchResponse::of(messages, &is_final)
}

/// A release that Direct Connect is at is recorded, and followed to its end without this message.
fn is_final(answer: &ReleaseAnswer) -> bool {
    match answer {
        ReleaseAnswer::Released { .. }
        | ReleaseAnswer::Releasing { .. }
        | ReleaseAnswer::Refused(_) => true,
        ReleaseAnswer::Failed(_) => false,
    }
}

fn delivery(message: &Message<'_>) -> ReleaseDelivery {
    let key = message.key_attribute();
    let source = KeySource::AttributeOrBody(key.as_deref());
    ReleaseDelivery {
        request: ReleaseRequest::parse(&message.body(), source),
        origin: message.origin(),
        group: message.group(),
        trace: message
            .trace_header()
            .and_then(|header| TraceHeader::parse(&header)),
    }
}
