//! `GET /parents/{connectionId}`: what the ledger and Direct Connect say at this moment, and where they disagree.
//!
//! The two are not read at one instant, so the order of reading matters. What the ledger knew before Direct Connect was
//! asked and Direct Connect does not show is gone; what Direct Connect shows and the ledger does not know even
//! afterwards is an orphan. The other way round, every order in between would look like drift.

mod known;
mod places;
mod view;

use allocation::is_living;
use aws::direct_connect::ReadError;
use doors::Refusal;
use hosted_connection::{Caller, Code, ParentConnection};
use ledger::Services;

use self::known::Known;
use self::places::Places;
use self::view::View;
use crate::answer::Body;
use crate::refusal;

/// What is on `parent`; for a caller that sees nothing but its `own`, as much of it as is its own. For such a caller there
/// are no parents but those that it may order on, whether they are there or not.
///
/// # Errors
/// 404 when Direct Connect does not show the parent to us.
pub(crate) async fn read(
    aws: &Services,
    parent: &ParentConnection,
    own: Option<&Caller>,
) -> Result<Body, Refusal> {
    if own.is_some_and(|caller| !caller.may_order_on(parent)) {
        return Err(not_shown());
    }
    let before = Known::of(aws, parent).await.map_err(refusal::of_call)?;
    let connections = aws.direct_connect.connections(parent).await;
    let mut living = connections.map_err(unreadable)?.connections;
    living.retain(is_living);
    let ghosts = before.ghosts(&living);
    let known = if Places::of(&before, &living).are_all_explained() {
        before
    } else {
        Known::of(aws, parent).await.map_err(refusal::of_call)?
    };
    let ghosts = known::confirmed(aws, ghosts, &known)
        .await
        .map_err(refusal::of_call)?;
    let places = Places::of(&known, &living);
    let Some(caller) = own else {
        return Body::of(&View::of(parent, &places, &ghosts, known.policy.as_ref())?);
    };
    let places = places.only(|key| caller.owns(key));
    let ghosts: Vec<_> = ghosts
        .into_iter()
        .filter(|ghost| caller.owns(&ghost.key))
        .collect();
    // What the partner sells on it altogether is nobody else's business.
    Body::of(&View::of(parent, &places, &ghosts, None)?)
}

fn not_shown() -> Refusal {
    Refusal::plain(
        Code::NotFound,
        "Direct Connect shows no such interconnect or LAG.",
    )
}

fn unreadable(error: ReadError) -> Refusal {
    match error {
        ReadError::Refused(_) => not_shown(),
        ReadError::Failed(error) => refusal::of_call(error),
    }
}

#[cfg(test)]
mod tests;
