//! The SQS door: each message a release, each one that may still succeed handed back.

use allocation::{Admitted, Deadline, Failure};
use aws::trace::TraceHeader;
use aws_lambda_events::sqs::SqsBatchResponse;
use doors::Content;
use doors::sqs::{Message, NAMELESS, batch_response};
use hosted_connection::{InvalidRequest, Origin, Permit, ReleaseRequest};
use lambda_runtime::Diagnostic;
use lifecycle::{ReleaseAnswer, ReleaseDelivery, Releaser};

use crate::decision;

/// Answers a batch.
///
/// # Errors
/// See [`batch_response`].
pub(crate) async fn handle(
    releaser: &Releaser,
    admitted: &Admitted,
    messages: &[Message<'_>],
    deadline: Deadline,
) -> Result<SqsBatchResponse, Diagnostic> {
    let mut deliveries = Vec::with_capacity(messages.len());
    let mut is_release = Vec::with_capacity(messages.len());
    for message in messages {
        // What could not be handed back is not begun: the whole batch goes back, and with it this message.
        let permit = match message.id() {
            Some(_) => admitted.permit(|| message.sender()),
            None => Err(Failure::Defect {
                detail: NAMELESS.into(),
            }),
        };
        // While nobody can tell what its sender may do, it is read and not begun.
        let (permit, held) = match permit {
            Ok(permit) => (permit, None),
            Err(failure) => (Permit::Everything, Some(failure)),
        };
        let content = message.content(|body, key| permit.release(body, key));
        is_release.push(matches!(content, Content::Request { .. }));
        match content {
            // To refuse that would be to publish the next one.
            Content::OwnEvent(origin) => decision::left_alone(&origin, releaser.meter()),
            Content::Request { request, origin } => {
                deliveries.push(delivery(message, request, origin, held));
            }
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
    batch_response(messages, &is_final)
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

fn delivery(
    message: &Message<'_>,
    request: Result<ReleaseRequest, InvalidRequest>,
    origin: Origin,
    held: Option<Failure>,
) -> ReleaseDelivery {
    ReleaseDelivery {
        request,
        origin,
        held,
        group: message.group(),
        trace: message.trace_header().and_then(TraceHeader::parse),
    }
}
