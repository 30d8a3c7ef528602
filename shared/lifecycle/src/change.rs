//! What a change means for a record: its next lifecycle, the events that are owed for it, and its VLAN lease.

use allocation::is_living;
use aws::failure::{CallError, Cause};
use hosted_connection::{
    Connection, Event, Move, Origin, ParentConnection, StateChange, Timestamp,
};
use ledger::Services;
use ledger::{
    HistoryEntry, LeaseChange, Lifecycle, Moving, Record, Refused, Release, Saved, State, shortened,
};

/// Rounds of losing against somebody else who writes the same record.
const TRIES: usize = 5;

/// What is to be written, and what becomes of the lease with it.
pub(crate) type Amendment = Option<(Lifecycle, LeaseChange)>;

/// Writes what `amend` makes of the record, and of whatever somebody else made of it meanwhile, until that is nothing
/// more or it is written. Answers with the record as it is then; one that has been forgotten as it was read.
pub(crate) async fn write(
    aws: &Services,
    mut record: Record,
    amend: impl Fn(&Record) -> Amendment,
) -> Result<Record, CallError> {
    for _ in 0..TRIES {
        // Until the allocation itself is told, nothing that came after it may be.
        if record.state != State::Allocated || !record.published {
            return Ok(record);
        }
        let Some((lifecycle, lease)) = amend(&record) else {
            return Ok(record);
        };
        match aws.ledger.save_lifecycle(&record, lifecycle, lease).await? {
            Saved::Done(written) => return Ok(*written),
            Saved::Changed(newer) => record = *newer,
            Saved::Forgotten => return Ok(record),
        }
    }
    Err(CallError {
        operation: "writing a lifecycle",
        cause: Cause::Unavailable,
        message: "the record changes faster than it is read".into(),
    })
}

/// The connection as it was last seen.
pub(crate) fn last_seen(record: &Record) -> Option<&Connection> {
    record.lifecycle.connection.as_ref().or(record.connection())
}

pub(crate) fn state_of(connection: Option<&Connection>) -> &str {
    connection
        .and_then(|connection| connection.connection_state.as_deref())
        .unwrap_or_default()
}

/// A look, and what is known of when it was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// When it began.
    pub(crate) began_at_ms: u64,
    /// The revision that the record had before the look, where that is known: whatever it says of the connection, the look
    /// is newer.
    pub(crate) after_revision: Option<u64>,
}

impl Seen {
    /// Whether somebody who looked later may have been faster in writing it down.
    ///
    /// Clocks of two processes differ. A moment that has not come yet was noted by one whose clock runs ahead, and says
    /// nothing; a revision that was there before the look says more than any clock.
    fn is_older_than(self, record: &Record, at: Timestamp) -> bool {
        let noted_ms = record.lifecycle.looked_at_ms;
        self.after_revision != Some(record.revision())
            && self.began_at_ms < noted_ms
            && noted_ms <= at.as_ms()
    }
}

/// A look shows the connection like this.
pub(crate) fn shown(
    record: &Record,
    connection: &Connection,
    seen: Seen,
    at: Timestamp,
) -> Amendment {
    let before = known_state(last_seen(record));
    let now = state_of(Some(connection));
    // What a list leaves out is no news.
    let is_no_news = now.is_empty() || before == now;
    if record.lifecycle.gone_at_ms.is_some() || is_no_news || seen.is_older_than(record, at) {
        return None;
    }
    let mut next = record.lifecycle.clone();
    next.looked_at_ms = seen.began_at_ms.min(at.as_ms());
    next.changes += 1;
    let change = StateChange {
        previous_state: before,
        number: next.changes,
        sequence: next.count_event(),
        age_seconds: None,
    };
    next.owed.push(changed(record, &change, connection, at));
    next.connection = Some(connection.clone());
    note(&mut next, at, now);
    if is_living(connection) {
        return Some((next, LeaseChange::Keep));
    }
    next.gone_at_ms = Some(at.as_ms());
    if let Some(release) = &mut next.release {
        release.released_at_ms = Some(at.as_ms());
        let origin = release.origin.clone();
        let sequence = next.count_event();
        next.owed
            .push(released(record, connection, sequence, &origin, at));
        note(&mut next, at, "released");
    }
    Some((next, LeaseChange::Free))
}

/// Direct Connect knows the connection no more, on no parent. Said only after asking it to delete the connection.
pub(crate) fn vanished(record: &Record, seen: Seen, at: Timestamp) -> Amendment {
    let deleted = Connection {
        connection_state: Some("deleted".into()),
        ..last_seen(record)?.clone()
    };
    shown(record, &deleted, seen, at)
}

/// The state that a connection counts as being in: a new one of which Direct Connect did not say it waits for its owner.
pub(crate) fn known_state(connection: Option<&Connection>) -> &str {
    match state_of(connection) {
        "" => "ordering",
        state => state,
    }
}

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

/// Nobody has confirmed the connection for `age_seconds`. Told once.
pub(crate) fn reminder(record: &Record, age_seconds: u64, at: Timestamp) -> Amendment {
    let connection = last_seen(record)?;
    let state = state_of(Some(connection));
    if record.lifecycle.reminded || state != "ordering" {
        return None;
    }
    let mut next = record.lifecycle.clone();
    next.reminded = true;
    let change = StateChange {
        previous_state: state,
        number: next.changes,
        sequence: next.count_event(),
        age_seconds: Some(age_seconds),
    };
    next.owed.push(changed(record, &change, connection, at));
    note(&mut next, at, "reminded");
    Some((next, LeaseChange::Keep))
}

/// Somebody wants the connection released. If it is gone already, it is released with that.
pub(crate) fn release_requested(record: &Record, origin: &Origin, at: Timestamp) -> Amendment {
    // First it has to be known where the connection is, and what is leased for it.
    if record.lifecycle.release.is_some() || record.lifecycle.moving.is_some() {
        return None;
    }
    let mut next = record.lifecycle.clone();
    let gone = next.gone_at_ms.is_some();
    next.release = Some(Release {
        requested_at_ms: at.as_ms(),
        origin: origin.clone(),
        released_at_ms: gone.then_some(at.as_ms()),
        refused: None,
    });
    next.refused_release = None;
    note(&mut next, at, "release requested");
    if gone {
        let (connection, sequence) = (last_seen(record)?, next.count_event());
        next.owed
            .push(released(record, connection, sequence, origin, at));
        note(&mut next, at, "released");
    }
    Some((next, LeaseChange::Keep))
}

/// Direct Connect refused the release, and that may not be its last word. `None` for `refused` takes it back: it will be
/// asked again.
pub(crate) fn refusal_noted(
    record: &Record,
    refused: Option<&Refused>,
    at: Timestamp,
) -> Amendment {
    let mut next = record.lifecycle.clone();
    let release = next.release.as_mut()?;
    if release.released_at_ms.is_some() || release.refused.is_some() == refused.is_some() {
        return None;
    }
    release.refused = refused.cloned();
    let what = match refused {
        Some(_) => "release refused for now",
        None => "release to be asked for again",
    };
    let why = refused.map(|refused| refused.message.as_str());
    note_why(&mut next, at, what, why);
    Some((next, LeaseChange::Keep))
}

/// Direct Connect refused the release for good: everything is as it was before, and whoever asks next is told.
pub(crate) fn release_refused(record: &Record, at: Timestamp) -> Amendment {
    let release = record.lifecycle.release.as_ref()?;
    if release.released_at_ms.is_some() {
        return None;
    }
    let mut next = record.lifecycle.clone();
    let why = release.refused.as_ref();
    let why = why.map(|refused| refused.message.as_str());
    note_why(&mut next, at, "release refused", why);
    next.refused_release = next.release.take().and_then(|release| release.refused);
    Some((next, LeaseChange::Keep))
}

/// Whoever asked has been told that the release was refused.
pub(crate) fn refusal_told(record: &Record) -> Amendment {
    let mut next = record.lifecycle.clone();
    next.refused_release.take()?;
    Some((next, LeaseChange::Keep))
}

/// The first events of those owed are out.
pub(crate) fn paid(record: &Record, published: &[Event]) -> Amendment {
    let mut next = record.lifecycle.clone();
    next.owed.retain(|event| {
        !published
            .iter()
            .any(|published| published.event_id == event.event_id)
    });
    (next.owed.len() < record.lifecycle.owed.len()).then_some((next, LeaseChange::Keep))
}

fn note(lifecycle: &mut Lifecycle, at: Timestamp, what: &str) {
    note_why(lifecycle, at, what, None);
}

/// As [`note`], with the reason for it.
fn note_why(lifecycle: &mut Lifecycle, at: Timestamp, what: &str, why: Option<&str>) {
    let mut history = std::mem::take(&mut lifecycle.history);
    history.push(HistoryEntry::new(at.as_ms(), what).with_detail(why));
    lifecycle.history = shortened(history);
}

fn changed(
    record: &Record,
    change: &StateChange<'_>,
    connection: &Connection,
    at: Timestamp,
) -> Event {
    let arn = connection.arn();
    Event::state_changed(
        &record.key,
        &record.request,
        change,
        connection,
        arn,
        &record.origin,
        at,
    )
}

fn released(
    record: &Record,
    connection: &Connection,
    sequence: u32,
    origin: &Origin,
    at: Timestamp,
) -> Event {
    let arn = connection.arn();
    Event::released(
        &record.key,
        &record.request,
        connection,
        arn,
        sequence,
        origin,
        at,
    )
}
