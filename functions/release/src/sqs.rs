//! The SQS door: each message a release, each one that may still succeed handed back.

use allocation::Deadline;
use aws::trace::TraceHeader;
use doors::Content;
use doors::sqs::{BatchResponse, Message};
use hosted_connection::{Origin, ReleaseRequest};
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
    let mut deliveries = Vec::with_capacity(messages.len());
    let mut is_release = Vec::with_capacity(messages.len());
    for message in messages {
        let delivery = delivery(message);
        is_release.push(delivery.is_ok());
        match delivery {
            Ok(delivery) => deliveries.push(delivery),
            Err(origin) => decision::left_alone(&origin, releaser.meter()),
        }
    }
    let answers = releaser.run(&deliveries, deadline).await;
    for (delivery, answer) in deliveries.iter().zip(&answers) {
        let key = match &delivery.request {
            Ok(request) => Some(&request.key),
            Err(invalid) => invalid.key.as_ref(),
        };
        decision::decided(key, &delivery.origin, answer, releaser.meter());
    }
    let mut answers = answers.iter();
    // An event of our own is not to come again.
    let place = |is_release: bool| !is_release || answers.next().is_some_and(is_final);
    let is_final: Vec<bool> = is_release.into_iter().map(place).collect();
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

/// The release that a message holds, or how an event of our own came in: to refuse that would be to publish the next.
fn delivery(message: &Message<'_>) -> Result<ReleaseDelivery, Origin> {
    match message.content(ReleaseRequest::parse) {
        Content::OwnEvent(origin) => Err(origin),
        Content::Request { request, origin } => Ok(ReleaseDelivery {
            request,
            origin,
            group: message.group(),
            trace: message
                .trace_header()
                .and_then(|header| TraceHeader::parse(&header)),
        }),
    }
}
