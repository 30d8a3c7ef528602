//! What the wish to release the connection, and Direct Connect's refusals of it, mean for its record.

use hosted_connection::{Origin, Timestamp};
use ledger::{LeaseChange, Record, Refused, Release};

use super::{Amendment, last_seen, note, note_why, released};

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
