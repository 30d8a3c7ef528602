//! What becomes of an order's VLAN lease, and of what its parent's policy counts, when a person ends a quarantine.

use hosted_connection::{Bandwidth, Connection, ParentConnection, Vlan};
use transitions::{Given, LeaseWrite};

use crate::draft::{Brought, Draft};
use crate::item::{n, s};
use crate::lease::Lease;
use crate::leases::{OwnLease, noted};
use crate::lifecycle::ConnectionNote;
use crate::record::Record;

/// The order keeps its VLAN, with the bandwidth that `connection` has.
pub(crate) fn keep<'a>(
    draft: Draft<'a>,
    (seen, next): (&Record, &Record),
    (parent, vlan): (&ParentConnection, Vlan),
    connection: &Connection,
    own: OwnLease,
) -> Draft<'a> {
    let (asked, has) = (mbps(seen.request.bandwidth), mbps(next.bandwidth()));
    let note = ConnectionNote::of(Some(connection), false);
    let kept = leased(seen, &note, has, own.counted);
    let write = match own.counted {
        true => LeaseWrite::KeepCounted,
        false => LeaseWrite::KeepUncounted,
    };
    let draft = draft.lease(write, parent, vlan, kept);
    let more = if own.counted { has - asked } else { 0 };
    count(draft, parent, more)
}

/// The order gets another VLAN, that of its connection, by the write `take` over the lease that is there. Its VLAN is ended or
/// `left` to what is shown on it.
pub(crate) fn move_over<'a>(
    draft: Draft<'a>,
    (seen, next): (&Record, &Record),
    parent: &ParentConnection,
    (note, (vlan, take, there)): (&ConnectionNote, (Vlan, LeaseWrite, Option<&Lease>)),
    (old, shown_on_old): (Vlan, Option<&Connection>),
    own: OwnLease,
) -> Draft<'a> {
    let counted_there = match (take, there) {
        (LeaseWrite::MoveInOverCounted, Some(there)) => i64::from(there.mbps),
        (_, _) => 0,
    };
    let is_counted = own.counted || take == LeaseWrite::MoveInOverCounted;
    let has = mbps(next.bandwidth());
    let draft = draft.lease(take, parent, vlan, leased(seen, note, has, is_counted));
    let (draft, more_on_old) = end(draft, seen, (parent, old), shown_on_old, own);
    let more = if is_counted { has - counted_there } else { 0 };
    count(draft, parent, more + more_on_old)
}

/// The order's lease ends. What is `shown_on_it` keeps the VLAN, and counts with as much as it takes. With it, how much more
/// is counted from now on.
pub(crate) fn end<'a>(
    draft: Draft<'a>,
    seen: &Record,
    (parent, vlan): (&ParentConnection, Vlan),
    shown_on_it: Option<&Connection>,
    own: OwnLease,
) -> (Draft<'a>, i64) {
    let asked = mbps(seen.request.bandwidth);
    let (write, brought, has) = match shown_on_it {
        None => {
            let write = match own.counted {
                true => LeaseWrite::FreeCounted,
                false => LeaseWrite::FreeUncounted,
            };
            (write, vec![(Given::Key, s(seen.key.as_str()))], 0)
        }
        Some(shown) => {
            let has = shown.bandwidth.as_deref();
            let has = has.and_then(|has| Bandwidth::parse(has).ok());
            let has = has.map_or(asked, mbps);
            let note = ConnectionNote::of(Some(shown), false);
            let write = match own.counted {
                true => LeaseWrite::LeaveCounted,
                false => LeaseWrite::LeaveUncounted,
            };
            (write, leased(seen, &note, has, own.counted), has)
        }
    };
    let more = if own.counted { has - asked } else { 0 };
    (draft.lease(write, parent, vlan, brought), more)
}

/// What a lease is made of that goes on with a connection of `has` Mbps.
fn leased(seen: &Record, note: &ConnectionNote, has: i64, is_counted: bool) -> Brought {
    let mut leased = noted(&seen.key, note);
    leased.extend([
        (Given::LeasedAt, n(seen.claimed_at_ms)),
        (Given::Mbps, n(has)),
    ]);
    if is_counted {
        leased.push((Given::CountedMbps, n(has)));
    }
    leased
}

/// `more` Mbps are counted, or less.
pub(crate) fn count<'a>(draft: Draft<'a>, parent: &ParentConnection, more: i64) -> Draft<'a> {
    match more {
        0 => draft,
        more => draft.policy(parent, vec![(Given::Mbps, n(more))]),
    }
}

fn mbps(bandwidth: Bandwidth) -> i64 {
    i64::from(bandwidth.mbps())
}
