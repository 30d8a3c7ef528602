//! What a record is made of.

use hosted_connection::{ClaimToken, Order, Origin};
use transitions::Given;

use crate::draft::Brought;
use crate::history::{self, HistoryEntry};
use crate::item::{n, s};
use crate::keys;
use crate::record::Record;

/// What every record is made of from its first write on; `what` its history begins with, or goes on with. One that was set aside goes on with what is known of it since then.
pub(crate) fn first_record(
    order: &Order,
    origin: &Origin,
    parked: Option<&Record>,
    what: &str,
    token: &ClaimToken,
    now_ms: u64,
) -> Brought {
    let placement = order.request.placement();
    let why = placement.and_then(|placement| placement.why.as_deref());
    let (origin, claimed_at_ms, attempts, history) = match parked {
        None => (origin, now_ms, 1, history::first(what, why, now_ms)),
        Some(parked) => {
            let entry = HistoryEntry::new(now_ms, what).with_detail(why);
            let history = history::with(&parked.history, entry);
            (
                &parked.origin,
                parked.claimed_at_ms,
                parked.attempts + 1,
                history,
            )
        }
    };
    let mut brought = Vec::with_capacity(16);
    brought.extend([
        (Given::FreshToken, s(token.as_str())),
        (Given::Now, n(now_ms)),
        (Given::Attempts, n(attempts)),
        (
            Given::Fingerprint,
            s(order.request.fingerprint().to_string()),
        ),
        (Given::Request, s(order.request.kept())),
        (Given::Origin, s(origin.kept())),
        (Given::ClaimedAt, n(claimed_at_ms)),
        (Given::History, history),
        (Given::Shard, s(keys::shard(&order.key))),
    ]);
    // An order by place has none before one is chosen.
    if let Some(parent) = order.request.parent() {
        brought.push((Given::Parent, s(parent.as_str())));
    }
    match parked {
        None => brought.push((Given::NowSeconds, n(now_ms / 1000))),
        Some(parked) => brought.push((Given::Token, s(parked.token.as_str()))),
    }
    brought
}
