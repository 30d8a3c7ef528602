//! What an operator may have done from a page: the functions' own code does it, with the operator's own credentials.

mod adopting;
mod orders;

use std::time::Duration;

use allocation::Deadline;
use hosted_connection::{IdempotencyKey, ParentConnection, ParentPolicy};
use lifecycle::Tracker;
use maud::Markup;
use queues::MoveStatus;
use story::forecast::Which;

use crate::home::Home;
use crate::letters;

/// How long an action may take.
const PATIENCE_MS: u64 = 50_000;

/// Something to do, understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Deletes an order's connection and frees its VLAN.
    Release(IdempotencyKey),
    /// Moves the dead letters of a queue back.
    Redrive(Which),
    /// Tries everything that is unfinished on a parent, now.
    Finish(ParentConnection),
    /// Gives the connections on a parent that no order made a record.
    Adopt(ParentConnection),
    /// Moves an order's connection to another parent.
    Move(IdempotencyKey, ParentConnection),
    /// Ends a quarantine with the connection of this id.
    Take(IdempotencyKey, String),
    /// Rejects an order that has no final outcome, for this reason.
    Reject(IdempotencyKey, String),
    /// Sets what may be sold on a parent.
    Policy(ParentConnection, Box<ParentPolicy>),
}

impl Action {
    /// Does it, and says what came of it.
    ///
    /// # Errors
    /// It could not be done, and why.
    pub(crate) async fn apply(&self, home: &Home) -> Result<String, String> {
        match self {
            Self::Release(key) => orders::release(home, key).await,
            Self::Move(key, to) => orders::move_to(home, key, to).await,
            Self::Take(key, id) => orders::take(home, key, id).await,
            Self::Reject(key, reason) => orders::reject(home, key, reason).await,
            Self::Adopt(parent) => adopting::adopt(home, parent).await,
            Self::Redrive(which) => redrive(home, *which).await,
            Self::Finish(parent) => finish(home, parent).await,
            Self::Policy(parent, policy) => set_policy(home, parent, policy).await,
        }
    }

    /// What it would do, where that has to be looked up first. Only reads.
    ///
    /// # Errors
    /// It could not be looked up, and why.
    pub(crate) async fn forecast(&self, home: &Home) -> Result<Option<Markup>, String> {
        match self {
            Self::Adopt(parent) => adopting::forecast(home, parent).await.map(Some),
            Self::Release(_) | Self::Move(..) | Self::Take(..) | Self::Reject(..) => Ok(None),
            Self::Redrive(_) | Self::Finish(_) | Self::Policy(..) => Ok(None),
        }
    }
}

/// By when an action that begins now has to be done.
fn deadline(home: &Home) -> Deadline {
    Deadline::at_ms(home.now_ms() + PATIENCE_MS)
}

async fn redrive(home: &Home, which: Which) -> Result<String, String> {
    let url = match which {
        Which::Orders => &home.urls.orders,
        Which::Releases => &home.urls.releases,
    };
    let url = url.as_ref().ok_or("The queue's URL is not known here.")?;
    let queues = &home.queues;
    let failed = |error: aws::failure::CallError| error.to_string();
    let dead = letters::dead(queues, url).await.map_err(failed)?;
    let dead = dead.ok_or("The queue has no dead-letter queue.")?;
    queues
        .start_move(&dead.arn, &dead.of_arn)
        .await
        .map_err(failed)?;
    let task = queues.watch_move(&dead.arn, Duration::from_secs(20)).await;
    match task.map_err(failed)? {
        None => Ok("The move has started; SQS shows no progress yet.".to_owned()),
        Some(task) => match task.status {
            MoveStatus::Completed => Ok(format!(
                "{} messages were moved back to their queue.",
                task.moved
            )),
            MoveStatus::Running => Ok(format!("SQS is still moving: {} so far.", task.moved)),
            MoveStatus::Ended => Err(format!(
                "SQS stopped after {}: {}. Nothing is lost.",
                task.moved,
                task.failure.as_deref().unwrap_or("cancelled")
            )),
        },
    }
}

async fn finish(home: &Home, parent: &ParentConnection) -> Result<String, String> {
    let tracker = Tracker::new(home.acting.clone(), &home.config);
    let report = Box::pin(tracker.finish_on(parent, deadline(home))).await;
    let report = report.map_err(|error| error.to_string())?;
    let mut told = format!(
        "Everything unfinished on {parent} was tried: {} finished, {} still unfinished, {} quarantined.",
        report.finished,
        report.unfinished,
        report.quarantined.len()
    );
    for failure in &report.failures {
        told.push_str(&format!(" {failure}."));
    }
    Ok(told)
}

async fn set_policy(
    home: &Home,
    parent: &ParentConnection,
    policy: &ParentPolicy,
) -> Result<String, String> {
    let parents = home.acting.direct_connect.parents().await;
    let parents = parents.map_err(|error| error.to_string())?;
    if !parents.ids().any(|id| id == parent) {
        return Err(format!(
            "Direct Connect shows no interconnect or LAG {parent}."
        ));
    }
    let set = home.acting.ledger.set_policy(parent, policy).await;
    let set = set.map_err(|error| error.to_string())?;
    Ok(format!(
        "The policy of {parent} is set; {} Mbps are sold. The first policy of a parent is in force after 30 seconds, a change \
         at once.",
        set.sold_mbps
    ))
}
