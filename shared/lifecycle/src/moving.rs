//! Ending a move that a person asked for: the connection is where it was to go, or what was kept free for it there is given back.
//!
//! Nothing here asks Direct Connect to move anything, so tracking can end what a killed command has left.

use allocation::{Looks, Whereabouts, is_living};
use aws::failure::CallError;
use ledger::{LeaseChange, Moved, Moving, Record, Services};

use crate::change;

/// Where a move stands.
#[derive(Debug)]
pub(crate) enum EndedMove {
    /// The connection is where it was to go, and so is its lease.
    Moved(Box<Record>),
    /// It is not, and what was kept free for it there may be sold again.
    GivenBack(Box<Record>),
    /// A call may still take effect until then, in milliseconds since the Unix epoch.
    Open {
        /// When.
        settled_at_ms: u64,
    },
    /// Somebody else has written the record meanwhile.
    Changed,
}

/// Ends the open move of `record`, as far as `looks` tell. `was_refused` says that its one call certainly had no effect; otherwise
/// it may have until the settle time is over.
///
/// # Errors
/// When the table or a parent that may show the connection cannot be read or written.
pub(crate) async fn end(
    aws: &Services,
    record: Record,
    looks: &Looks,
    settle_ms: u64,
    was_refused: bool,
) -> Result<EndedMove, CallError> {
    let Some(moving) = record.lifecycle.moving.clone() else {
        return Ok(EndedMove::Changed);
    };
    let connection = record.connection();
    let id = connection.and_then(|connection| connection.connection_id.clone());
    let (Some(id), None) = (id, record.lifecycle.gone_at_ms) else {
        return give_back(aws, record, &moving, LeaseChange::GiveBack).await;
    };
    let to = moving.to();
    let settled_at_ms = moving.called_at_ms.saturating_add(settle_ms);
    let whereabouts = Box::pin(looks.whereabouts(aws, &id, &to)).await?;
    let (began_at_ms, lives) = match &whereabouts {
        Whereabouts::Shown {
            parent, connection, ..
        } if *parent == to && is_living(connection) => {
            let at = aws.clock.timestamp();
            let Some(lifecycle) = change::moved(&record, connection, &to, at) else {
                return Ok(EndedMove::Changed);
            };
            return Ok(
                match aws.ledger.move_lease(&record, lifecycle, &to).await? {
                    Moved::Done(record) => EndedMove::Moved(record),
                    // Nothing was kept free after all. Tracking reports it as drift.
                    Moved::VlanTaken => {
                        return give_back(aws, record, &moving, LeaseChange::Keep).await;
                    }
                    Moved::Changed(_) => EndedMove::Changed,
                },
            );
        }
        Whereabouts::Shown {
            connection,
            began_at_ms,
            ..
        } => (*began_at_ms, is_living(connection)),
        Whereabouts::Nowhere { began_at_ms } => (*began_at_ms, true),
    };
    if lives && !was_refused && began_at_ms < settled_at_ms {
        return Ok(EndedMove::Open { settled_at_ms });
    }
    give_back(aws, record, &moving, LeaseChange::GiveBack).await
}

async fn give_back(
    aws: &Services,
    record: Record,
    moving: &Moving,
    lease: LeaseChange,
) -> Result<EndedMove, CallError> {
    let at = aws.clock.timestamp();
    let given_up = |record: &Record| change::move_given_up(record, moving, lease, at);
    let record = change::write(aws, record, given_up).await?;
    Ok(match record.lifecycle.moving {
        None => EndedMove::GivenBack(Box::new(record)),
        Some(_) => EndedMove::Changed,
    })
}
