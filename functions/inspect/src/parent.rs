//! `GET /parents/{connectionId}`: what the ledger and Direct Connect say at this moment, and where they disagree.
//!
//! The two are not read at one instant, so the order of reading matters. What the ledger knew before Direct Connect was
//! asked and Direct Connect does not show is gone; what Direct Connect shows and the ledger does not know even
//! afterwards is an orphan. The other way round, every order in between would look like drift.

mod known;
mod moved;
mod places;
mod view;

use std::fmt;

use allocation::{Looks, is_living};
use aws::direct_connect::ReadError;
use aws::failure::CallError;
use doors::Refusal;
use hosted_connection::{Caller, Code, ParentConnection};
use ledger::Services;

use self::known::{Ghost, Known};
use self::moved::Moved;
use self::places::{Place, Places};
use self::view::{Drift, View};
use crate::answer::Body;
use crate::refusal;

/// Why a parent cannot be shown.
#[derive(Debug)]
pub enum Unshown {
    /// The table or Direct Connect did not answer.
    Failed(CallError),
    /// There is no such parent, or none for whoever asks.
    Refused(Refusal),
}

impl fmt::Display for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Refused(refusal) => write!(f, "{}: {}", refusal.code(), refusal.detail()),
        }
    }
}

impl From<CallError> for Unshown {
    fn from(error: CallError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Unshown {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Unshown> for Refusal {
    fn from(unshown: Unshown) -> Self {
        match unshown {
            Unshown::Failed(error) => refusal::of_call(error),
            Unshown::Refused(refusal) => refusal,
        }
    }
}

/// Orphans up to which the table is asked about each. Of more, those are left out that tracking has noted: a run that notes an
/// orphan follows what was moved, too.
const MANY: usize = 100;

/// What is on `parent`; for a caller that sees nothing but its `own`, as much of it as is its own. For such a caller there
/// are no parents but those that it may order on, whether they are there or not.
///
/// # Errors
/// 404 when Direct Connect does not show the parent to us.
pub(crate) async fn read(
    aws: &Services,
    parent: &ParentConnection,
    own: Option<&Caller>,
    looks: &Looks,
) -> Result<Body, Unshown> {
    if own.is_some_and(|caller| !caller.may_order_on(parent)) {
        return Err(not_shown().into());
    }
    let before = Known::of(aws, parent).await?;
    let connections = aws.direct_connect.connections(parent).await;
    let mut living = connections.map_err(unreadable)?.connections;
    living.retain(is_living);
    let ghosts = before.ghosts(&living);
    let known = if Places::of(&before, &living).are_all_explained() {
        before
    } else {
        Known::of(aws, parent).await?
    };
    let mut ghosts = known::confirmed(aws, ghosts, &known).await?;
    let mut places = Places::of(&known, &living);
    if let Some(caller) = own {
        places = places.only(|key| caller.owns(key));
        ghosts.retain(|ghost| caller.owns(&ghost.key));
    }
    let moved = moved(aws, looks, parent, &mut ghosts, &places).await?;
    let drift = Drift { ghosts, moved };
    // What the partner sells on it altogether is nobody else's business.
    let policy = known.policy.as_ref().filter(|_| own.is_none());
    Ok(Body::of(&View::of(parent, &places, &drift, policy)?)?)
}

/// What was moved away from `parent`, which is taken out of `ghosts`, and what was moved to it.
async fn moved(
    aws: &Services,
    looks: &Looks,
    parent: &ParentConnection,
    ghosts: &mut Vec<Ghost>,
    places: &Places<'_>,
) -> Result<Vec<Moved>, CallError> {
    let mut orphans: Vec<_> = places.iter().filter_map(Place::orphan).collect();
    if orphans.len() > MANY {
        orphans = places.iter().filter_map(Place::unnoted_orphan).collect();
    }
    let mut moved = moved::away(aws, looks, parent, ghosts).await?;
    moved.extend(moved::here(aws, looks, parent, &orphans).await?);
    Ok(moved)
}

fn not_shown() -> Refusal {
    Refusal::plain(
        Code::NotFound,
        "Direct Connect shows no such interconnect or LAG.",
    )
}

fn unreadable(error: ReadError) -> Unshown {
    match error {
        ReadError::Refused(_) => Unshown::Refused(not_shown()),
        ReadError::Failed(error) => Unshown::Failed(error),
    }
}

#[cfg(test)]
mod tests;
