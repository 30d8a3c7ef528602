//! Dropping the record of an adopted connection: everything is as before it was adopted.

use aws::failure::CallError;
use ledger::{Forgotten, Record, Services};

/// What became of a record that was to be forgotten.
#[derive(Debug)]
pub enum Forgetting {
    /// There is none any more.
    Forgotten,
    /// It is still there, for this reason.
    Kept(String),
}

/// Why the record cannot be forgotten; none if it can.
#[must_use]
pub fn keeps(record: &Record) -> Option<&'static str> {
    let lifecycle = &record.lifecycle;
    if !record.origin.is_adoption() {
        Some(
            "an order made its connection; only the record of an adopted connection can be forgotten",
        )
    } else if lifecycle.release.is_some() {
        Some("its release was requested; a release cannot be undone")
    } else if lifecycle.gone_at_ms.is_some() {
        Some("its connection is gone; the record is removed when its retention time is over")
    } else if lifecycle.moving.is_some() {
        Some(
            "a move of its connection has not ended; track ends it within a minute, or `operator move` again does; try again then",
        )
    } else if record.is_unfinished() {
        Some(
            "one of its events is not published yet; track publishes it within a minute, try again then",
        )
    } else {
        None
    }
}

/// Drops `record`, which is as it was read. The connection stays as it is, and its VLAN stays taken.
///
/// # Errors
/// The table cannot be written.
pub async fn forget(aws: &Services, record: &Record) -> Result<Forgetting, CallError> {
    if let Some(why) = keeps(record) {
        return Ok(Forgetting::Kept(why.to_owned()));
    }
    Ok(match aws.ledger.forget(record).await? {
        Forgotten::Done => Forgetting::Forgotten,
        Forgotten::Changed(now) => {
            let why = keeps(&now)
                .unwrap_or("somebody else changed it at the same time; look at it and try again");
            Forgetting::Kept(why.to_owned())
        }
    })
}
