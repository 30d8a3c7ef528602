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
use hosted_connection::{Code, Connection, ParentConnection};
use ledger::Services;

use self::known::Known;
use self::places::Places;
use self::view::View;
use crate::answer::Body;
use crate::refusal;

/// What is on `parent`.
///
/// # Errors
/// 404 when Direct Connect does not show the parent to us.
pub(crate) async fn read(aws: &Services, parent: &ParentConnection) -> Result<Body, Refusal> {
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
    Body::of(&View::of(
        parent,
        &Places::of(&known, &living),
        &ghosts,
        &known,
    )?)
}

fn unreadable(error: ReadError) -> Refusal {
    match error {
        ReadError::Refused(_) => Refusal::plain(
            Code::NotFound,
            "Direct Connect shows no such interconnect or LAG.",
        ),
        ReadError::Failed(error) => refusal::of_call(error),
    }
}

/// A connection's id; Direct Connect gives every one a name.
fn id_of(connection: &Connection) -> &str {
    connection.connection_id.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests;
