//! What a move of the connection means for its record, by hand or by command.

use hosted_connection::{Connection, Event, Move, ParentConnection, Timestamp};
use ledger::{LeaseChange, Lifecycle, Moving, Record};

use super::{Amendment, last_seen, note};

/// The connection is on `parent` now, because somebody has moved it. Its state is told on its own.
pub(crate) fn moved(
    record: &Record,
    connection: &Connection,
    parent: &ParentConnection,
    at: Timestamp,
) -> Option<Lifecycle> {
    let is_it = record.connection()?.connection_id == connection.connection_id;
    let moving = record.lifecycle.moving.as_ref();
    // Where a move to another parent has not ended, what is kept free there comes first.
    let ends_it = moving.is_none_or(|moving| moving.to == parent.as_str());
    let is_gone = record.lifecycle.gone_at_ms.is_some();
    if !is_it || is_gone || !ends_it || record.lease_parent.as_ref() == Some(parent) {
        return None;
    }
    let mut next = record.lifecycle.clone();
    next.moving = None;
    next.connection = Some(Connection {
        connection_state: last_seen(record)?.connection_state.clone(),
        ..connection.clone()
    });
    let moved = Move {
        previous_parent: record.lease_parent.as_ref()?,
        parent,
        sequence: next.count_event(),
    };
    next.owed.push(Event::moved(
        &record.key,
        &record.request,
        &moved,
        connection,
        connection.arn(),
        &record.origin,
        at,
    ));
    note(&mut next, at, &format!("moved to {parent}"));
    Some(next)
}

/// A person has the connection moved to `parent`, and Direct Connect is about to be asked.
pub(crate) fn move_begun(record: &Record, parent: &ParentConnection, at: Timestamp) -> Lifecycle {
    let mut next = record.lifecycle.clone();
    next.moving = Some(Moving {
        to: parent.as_str().to_owned(),
        called_at_ms: at.as_ms(),
        unanswered: false,
    });
    note(&mut next, at, &format!("move to {parent} begun"));
    next
}

/// Direct Connect is about to be asked for the same move: once more, where an earlier call may have had no answer (`unanswered`), or
/// later than was noted.
pub(crate) fn move_called(
    record: &Record,
    seen: Option<&Moving>,
    unanswered: bool,
    at: Timestamp,
) -> Amendment {
    if record.lifecycle.moving.as_ref() != seen {
        return None;
    }
    let mut next = record.lifecycle.clone();
    let moving = next.moving.as_mut()?;
    moving.called_at_ms = at.as_ms();
    moving.unanswered = unanswered;
    Some((next, LeaseChange::Keep))
}

/// The connection did not get to where it was to be moved: the move is over, and `lease` says what becomes of what was kept free
/// there.
pub(crate) fn move_given_up(
    record: &Record,
    seen: &Moving,
    lease: LeaseChange,
    at: Timestamp,
) -> Amendment {
    let mut next = record.lifecycle.clone();
    let moving = next.moving.take_if(|moving| moving == seen)?;
    note(&mut next, at, &format!("move to {} given up", moving.to));
    Some((next, lease))
}
