//! Publishing what was decided, for a whole batch at once: nothing final is answered before its event is out.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::event_bus::Outgoing;
use hosted_connection::{Outcome, Receipt};
use ledger::Services;
use tokio::time::Instant;

use crate::Answer;
use crate::attempt::{Decision, Publication, Settled};
use crate::failure::Failure;

/// Publishes what `decisions` still have to say, marks it, and turns them into answers. Takes at most `patience`.
pub(crate) async fn publish(
    aws: &Services,
    decisions: Vec<Decision>,
    patience: Duration,
) -> Vec<Answer> {
    let mut seen = BTreeSet::new();
    let publications: Vec<&Publication> = decisions
        .iter()
        .filter_map(|decision| decision.as_ref().ok()?.publication.as_ref())
        // Deliveries that share a decision share its event.
        .filter(|publication| seen.insert(publication.event.event_id))
        .collect();
    let published = publish_and_mark(aws, &publications, patience).await;
    decisions
        .into_iter()
        .map(|decision| answer(decision, &published))
        .collect()
}

/// The ids of the events that are out.
async fn publish_and_mark(
    aws: &Services,
    publications: &[&Publication],
    patience: Duration,
) -> BTreeSet<uuid::Uuid> {
    if publications.is_empty() {
        return BTreeSet::new();
    }
    let until = Instant::now() + patience;
    let events: Vec<_> = publications
        .iter()
        .map(|publication| Outgoing {
            event: &publication.event,
            trace: publication.trace.as_ref(),
        })
        .collect();
    let publishing = aws.event_bus.publish_traced(&events);
    let Ok(results) = tokio::time::timeout_at(until, publishing).await else {
        tracing::warn!("publishing took too long");
        return BTreeSet::new();
    };
    let mut published = BTreeSet::new();
    let mut marks = Vec::new();
    for (publication, result) in publications.iter().zip(results) {
        match result {
            Ok(()) => {
                published.insert(publication.event.event_id);
                marks.extend(publication.mark.clone());
            }
            Err(error) => {
                tracing::warn!(event.id = %publication.event.event_id, error = %error, "an event was not published");
            }
        }
    }
    // The events are out, whatever becomes of the marks and however long they take; an unmarked one goes out again with
    // the same id.
    match tokio::time::timeout_at(until, aws.ledger.mark_published(&marks)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "published events could not be marked");
        }
        Err(_) => tracing::warn!("marking published events took too long"),
    }
    published
}

fn answer(decision: Decision, published: &BTreeSet<uuid::Uuid>) -> Answer {
    let settled = match decision {
        Ok(settled) => settled,
        Err(failure) => return failure.into(),
    };
    match &settled.publication {
        Some(publication) if !published.contains(&publication.event.event_id) => {
            Failure::not_published().into()
        }
        Some(_) | None => final_answer(settled),
    }
}

fn final_answer(settled: Settled) -> Answer {
    let status = settled.status;
    match (settled.outcome, settled.key_and_parent) {
        (Outcome::Rejected(rejection), _) => Answer::Rejected(rejection),
        (Outcome::Allocated(connection), Some((idempotency_key, parent_connection_id))) => {
            Answer::Allocated {
                receipt: Receipt {
                    idempotency_key,
                    status,
                    parent_connection_id,
                    connection,
                },
                replayed: settled.replayed,
            }
        }
        (Outcome::Allocated(_), None) => Answer::Failed(Failure::Defect {
            detail: "a connection without a key".into(),
        }),
    }
}
