//! The order that another one is to be kept apart from.

use aws::direct_connect::Parents;
use hosted_connection::{
    Apart, Code, DiverseBy, DiverseFrom, IdempotencyKey, Placement, Rejection,
};
use ledger::{Record, Services, State};

use crate::failure::{Failure, seconds_until};
use crate::returned::Returned;

/// No key of an order: it has spaces in it. What a caller may not ask about takes the same calls as what is not there.
const NOBODYS: &str = "another caller's order";
/// Seconds after which an order that is open may have its end.
const OPEN_S: u64 = 5;

/// What an order is kept apart from.
pub(crate) enum Kept {
    /// Nothing.
    Free,
    /// This.
    Apart(Apart),
    /// There is no connection to be kept apart from.
    Unknown(Rejection),
}

/// What an order is to be kept apart from, as far as it is known. The order of a key in `returned` comes again, though it may
/// have no record.
///
/// # Errors
/// The other order is open, or cannot be read.
pub(crate) async fn kept_apart(
    aws: &Services,
    placement: &Placement,
    parents: &Parents,
    returned: &Returned,
) -> Result<Kept, Failure> {
    let Some(from) = &placement.diverse_from else {
        return Ok(Kept::Free);
    };
    let key = &from.idempotency_key;
    let record = if placement.scope.sees(key) {
        aws.ledger.record(key).await?
    } else {
        let nobodys = IdempotencyKey::from_stored(NOBODYS);
        aws.ledger.record(&nobodys).await?
    };
    let Some(record) = record else {
        if placement.scope.sees(key) && returned.has(key) {
            return Err(is_open(key, 0));
        }
        return Ok(unknown("There is no order with that key"));
    };
    match record.state {
        State::Allocated if record.lifecycle.gone_at_ms.is_some() => {
            Ok(unknown("The connection of that order is gone"))
        }
        State::Allocated => Ok(Kept::Apart(apart_from(from, &record, parents))),
        State::Rejected => Ok(unknown("That order was rejected")),
        State::Calling | State::Unresolved | State::Waiting | State::Quarantined => {
            let lease_s = seconds_until(record.lease_expires_at_ms, aws.clock.now_ms());
            Err(is_open(key, lease_s))
        }
    }
}

fn unknown(why: &str) -> Kept {
    let message = format!("{why}: there is no connection to be kept apart from.");
    Kept::Unknown(Rejection::new(Code::DiverseFromUnknown, message))
}

/// What the connection of `record` is on. A list that is newer says more than the answer of the day it was made; where it
/// was moved to, only the parent says it.
fn apart_from(from: &DiverseFrom, record: &Record, parents: &Parents) -> Apart {
    let place = record.lease_parent.as_ref();
    let site = parents
        .sites()
        .into_iter()
        .find(|site| Some(&site.id) == place);
    let was_moved = place != record.request.parent();
    let connection = record.lifecycle.connection.as_ref().or(record.connection());
    let own = connection.filter(|_| !was_moved);
    let name = match from.by {
        DiverseBy::Device => own
            .and_then(|own| own.aws_logical_device_id.clone())
            .or_else(|| site?.device),
        DiverseBy::Location => own
            .and_then(|own| own.location.clone())
            .or_else(|| site?.location),
    };
    Apart {
        by: from.by,
        from: name,
    }
}

/// Certainly nothing was done for this order, and it may be asked for again.
fn is_open(other: &IdempotencyKey, lease_s: u64) -> Failure {
    Failure::Transient {
        code: Code::InProgress,
        detail: format!(
            "Order {other}, which this one is to be kept apart from, is not allocated yet."
        ),
        retry_after_s: lease_s.max(OPEN_S),
    }
}
