//! Asynchronous invocations: an event of EventBridge's, or notifications of SNS's.
//!
//! Nobody waits for the answer, and Lambda tries a failed invocation again. So what is final ends the invocation well,
//! and what may still change fails it.

use allocation::{Allocator, Answer, Deadline, Failure};
use doors::failed;
use hosted_connection::{IdempotencyKey, Permit};
use lambda_runtime::{Context, Diagnostic};
use serde::Serialize;

use crate::incoming::{self, Incoming};
use crate::refusal;

/// What became of everything in the event, for a destination of the function's successes; the events on the bus tell more.
#[derive(Debug, Serialize)]
pub(crate) struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Debug, Serialize)]
#[serde(
    tag = "status",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
enum Outcome {
    Allocated {
        idempotency_key: IdempotencyKey,
        connection_id: Option<String>,
    },
    Rejected {
        code: &'static str,
    },
    /// An event of our own.
    Ignored,
}

/// Answers one event.
pub(crate) async fn event_bridge(
    allocator: &Allocator,
    permit: Result<Permit, Failure>,
    event: &doors::event_bridge::Event,
    context: &Context,
) -> Result<Outcomes, Diagnostic> {
    let order = Incoming::read(
        permit,
        |parse| event.content(&context.request_id, parse),
        None,
        None,
    );
    let incoming = vec![order];
    answer(allocator, incoming, context).await
}

/// Answers a notification, or several.
pub(crate) async fn sns(
    allocator: &Allocator,
    permit: Result<Permit, Failure>,
    notifications: &[doors::sns::Notification],
    context: &Context,
) -> Result<Outcomes, Diagnostic> {
    let incoming = notifications.iter().map(|notification| {
        Incoming::read(
            permit.clone(),
            |parse| notification.content(&context.request_id, parse),
            None,
            None,
        )
    });
    answer(allocator, incoming.collect(), context).await
}

/// # Errors
/// The problem of the first that has to come again; the others are then answered as they were.
async fn answer(
    allocator: &Allocator,
    incoming: Vec<Incoming>,
    context: &Context,
) -> Result<Outcomes, Diagnostic> {
    let deadline = Deadline::at_ms(context.deadline);
    let answers = incoming::answer(allocator, incoming, deadline).await;
    let outcomes = answers.into_iter().map(|answer| match answer {
        None => Ok(Outcome::Ignored),
        Some(Answer::Allocated { receipt, .. }) => Ok(Outcome::Allocated {
            idempotency_key: receipt.idempotency_key,
            connection_id: receipt.connection.connection_id,
        }),
        Some(Answer::Rejected(rejection)) => Ok(Outcome::Rejected {
            code: rejection.code.as_str(),
        }),
        Some(Answer::Failed(failure)) => {
            let problem = refusal::not_now(failure).into_problem(&context.request_id);
            Err(failed::problem(&problem))
        }
    });
    let outcomes = outcomes.collect::<Result<_, _>>()?;
    Ok(Outcomes { outcomes })
}
