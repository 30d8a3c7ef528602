//! What a change means for a record: its next lifecycle, the events that are owed for it, and its VLAN lease.

use allocation::{connection_arn, is_living};
use aws::Aws;
use aws::failure::{CallError, Cause};
use aws::ledger::{HistoryEntry, LeaseChange, Lifecycle, Record, Release, Saved, State, shortened};
use hosted_connection::{Connection, Event, Origin, StateChange, Timestamp};

/// Rounds of losing against somebody else who writes the same record.
const TRIES: usize = 5;

/// What is to be written, and what becomes of the lease with it.
pub(crate) type Amendment = Option<(Lifecycle, LeaseChange)>;

/// Writes what `amend` makes of the record, and of whatever somebody else made of it meanwhile, until that is nothing
/// more or it is written. Answers with the record as it is then.
pub(crate) async fn write(
    aws: &Aws,
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

/// A look that began at `looked_at_ms` shows the connection like this.
pub(crate) fn shown(
    record: &Record,
    connection: &Connection,
    looked_at_ms: u64,
    at: Timestamp,
) -> Amendment {
    let before = state_of(last_seen(record));
    let now = state_of(Some(connection));
    // Somebody who looked later may have been faster in writing it down.
    let is_old = looked_at_ms < record.lifecycle.looked_at_ms;
    if record.lifecycle.gone_at_ms.is_some() || is_old || before == now {
        return None;
    }
    let mut next = record.lifecycle.clone();
    next.looked_at_ms = looked_at_ms;
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
        return Some((next, LeaseChange::Note));
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

/// Direct Connect knows the connection no more. Said only after asking it to delete the connection.
pub(crate) fn vanished(record: &Record, looked_at_ms: u64, at: Timestamp) -> Amendment {
    let deleted = Connection {
        connection_state: Some("deleted".into()),
        ..last_seen(record)?.clone()
    };
    shown(record, &deleted, looked_at_ms, at)
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
    Some((next, LeaseChange::Note))
}

/// Somebody wants the connection released. If it is gone already, it is released with that.
pub(crate) fn release_requested(record: &Record, origin: &Origin, at: Timestamp) -> Amendment {
    if record.lifecycle.release.is_some() {
        return None;
    }
    let mut next = record.lifecycle.clone();
    let gone = next.gone_at_ms.is_some();
    next.release = Some(Release {
        requested_at_ms: at.as_ms(),
        origin: origin.clone(),
        released_at_ms: gone.then_some(at.as_ms()),
    });
    note(&mut next, at, "release requested");
    if gone {
        let (connection, sequence) = (last_seen(record)?, next.count_event());
        next.owed
            .push(released(record, connection, sequence, origin, at));
        note(&mut next, at, "released");
    }
    Some((next, LeaseChange::Keep))
}

/// Direct Connect refused the release: everything is as it was before.
pub(crate) fn release_refused(record: &Record, at: Timestamp) -> Amendment {
    let release = record.lifecycle.release.as_ref()?;
    if release.released_at_ms.is_some() {
        return None;
    }
    let mut next = record.lifecycle.clone();
    next.release = None;
    note(&mut next, at, "release refused");
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
    let mut history = std::mem::take(&mut lifecycle.history);
    history.push(HistoryEntry::new(at.as_ms(), what));
    lifecycle.history = shortened(history);
}

fn changed(
    record: &Record,
    change: &StateChange<'_>,
    connection: &Connection,
    at: Timestamp,
) -> Event {
    let arn = connection_arn(connection);
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
    let arn = connection_arn(connection);
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
