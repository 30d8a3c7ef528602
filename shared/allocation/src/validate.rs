//! Validation needs no AWS: an order arrives parsed, or with everything that is wrong with it.

use hosted_connection::{Event, InvalidRequest, Origin, Outcome, ReceiptStatus, Timestamp};

use crate::attempt::{Publication, Settled};

/// An invalid order is a final rejection. It is published but not recorded: nothing was claimed, and the same key may
/// still come with a valid request.
pub(crate) fn reject(invalid: &InvalidRequest, origin: &Origin, occurred_at: Timestamp) -> Settled {
    Settled {
        outcome: Outcome::Rejected(invalid.rejection()),
        key_and_parent: None,
        status: ReceiptStatus::Allocated,
        replayed: false,
        publication: Some(Publication {
            event: Event::invalid(invalid, origin, occurred_at),
            mark: None,
            trace: None,
        }),
    }
}
