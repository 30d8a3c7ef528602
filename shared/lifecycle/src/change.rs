//! What a change means for a record: its next lifecycle, the events that are owed for it, and its VLAN lease.

mod moves;
mod releases;

use allocation::is_living;
use aws::failure::{CallError, Cause};
use hosted_connection::{Connection, Event, Origin, StateChange, Timestamp};
use ledger::Services;
use ledger::{HistoryEntry, LeaseChange, Lifecycle, Record, Saved, State, shortened};

pub(crate) use moves::{move_begun, move_called, move_given_up, moved};
pub(crate) use releases::{refusal_noted, refusal_told, release_refused, release_requested};

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
