//! What is written on VLAN leases.

use crate::name::{FORGET, LeaseWrite, PolicyWrite};
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, Set, Value, Write, set};
use crate::{Attribute as A, Given as G};

const HELD_BY_KEY: Check = Check::Is(A::Holder, Value::Given(G::Key));
const HELD_BY_NOBODY: Check = Check::HasNot(A::Holder);
const SAME_CONNECTION: Check = Check::Is(A::ConnectionId, Value::Given(G::ConnectionId));
const COUNTED: Check = Check::Has(A::CountedMbps);
const UNCOUNTED: Check = Check::HasNot(A::CountedMbps);

const TAKEN: Change = Change::Put(&[
    set(A::Holder, G::Key),
    set(A::LeasedAt, G::LeasedAt),
    set(A::Mbps, G::Mbps),
    Set::Where(A::CountedMbps, G::CountedMbps),
]);
const NOTED: Change = Change::Update(
    &[
        set(A::ConnectionId, G::ConnectionId),
        set(A::ConnectionState, G::ConnectionState),
        set(A::Reminded, G::Reminded),
        set(A::NotedRevision, G::NotedRevision),
    ],
    &[],
);
/// Notes are written beside the record: one that comes late must not undo a later one.
const NOT_NOTED_LATER: Check = Check::Any(&[
    Check::HasNot(A::NotedRevision),
    Check::AtMost(A::NotedRevision, Value::Given(G::NotedRevision)),
]);
const TAKEN_BY_ORPHAN: Change = Change::Put(&[
    set(A::LeasedAt, G::LeasedAt),
    set(A::Mbps, G::Mbps),
    set(A::ConnectionId, G::ConnectionId),
    set(A::ConnectionState, G::ConnectionState),
]);
const MOVED_IN: Change = Change::Put(&[
    set(A::Holder, G::Key),
    set(A::LeasedAt, G::LeasedAt),
    set(A::Mbps, G::Mbps),
    Set::Where(A::CountedMbps, G::CountedMbps),
    set(A::ConnectionId, G::ConnectionId),
    set(A::ConnectionState, G::ConnectionState),
    set(A::Reminded, G::Reminded),
]);

const LEFT: Change = Change::Put(&[
    set(A::LeasedAt, G::LeasedAt),
    set(A::Mbps, G::Mbps),
    Set::Where(A::CountedMbps, G::CountedMbps),
    set(A::ConnectionId, G::ConnectionId),
    set(A::ConnectionState, G::ConnectionState),
]);
/// What is counted stays counted: the connection is still there.
const DISOWNED: Change = Change::Update(
    &[
        set(A::ConnectionId, G::ConnectionId),
        set(A::ConnectionState, G::ConnectionState),
    ],
    &[A::Holder, A::Reminded, A::NotedRevision],
);

/// What a write consists of.
pub(crate) const fn write(name: LeaseWrite) -> Write {
    match name {
        LeaseWrite::Take => Write {
            condition: &[Check::Any(&[Check::HasNot(A::Item), HELD_BY_KEY])],
            change: TAKEN,
            own: &[],
            tells: true,
        },
        LeaseWrite::FreeCounted => Write {
            condition: &[HELD_BY_KEY, COUNTED],
            change: Change::Delete,
            own: &[],
            tells: true,
        },
        LeaseWrite::FreeUncounted => Write {
            condition: &[Check::Any(&[
                Check::HasNot(A::Item),
                Check::All(&[HELD_BY_KEY, UNCOUNTED]),
            ])],
            change: Change::Delete,
            own: &[],
            tells: true,
        },
        LeaseWrite::Note => Write {
            condition: &[HELD_BY_KEY, NOT_NOTED_LATER],
            change: NOTED,
            own: &[],
            tells: true,
        },
        LeaseWrite::Reserve => Write {
            condition: &[Check::HasNot(A::Item)],
            change: TAKEN,
            own: &[],
            tells: true,
        },
        LeaseWrite::Arrive => Write {
            condition: &[HELD_BY_KEY],
            change: NOTED,
            own: &[],
            tells: true,
        },
        LeaseWrite::KeepCounted => Write {
            condition: &[HELD_BY_KEY, COUNTED],
            change: MOVED_IN,
            own: &[],
            tells: true,
        },
        LeaseWrite::KeepUncounted => Write {
            condition: &[HELD_BY_KEY, UNCOUNTED],
            change: MOVED_IN,
            own: &[],
            tells: true,
        },
        LeaseWrite::LeaveCounted => Write {
            condition: &[HELD_BY_KEY, COUNTED],
            change: LEFT,
            own: &[],
            tells: true,
        },
        LeaseWrite::LeaveUncounted => Write {
            condition: &[HELD_BY_KEY, UNCOUNTED],
            change: LEFT,
            own: &[],
            tells: true,
        },
        LeaseWrite::MoveIn => Write {
            condition: &[Check::HasNot(A::Item)],
            change: MOVED_IN,
            own: &[],
            tells: true,
        },
        LeaseWrite::MoveInOverCounted => Write {
            condition: &[HELD_BY_NOBODY, SAME_CONNECTION, COUNTED],
            change: MOVED_IN,
            own: &[],
            tells: true,
        },
        LeaseWrite::MoveInOverUncounted => Write {
            condition: &[HELD_BY_NOBODY, SAME_CONNECTION, UNCOUNTED],
            change: MOVED_IN,
            own: &[],
            tells: true,
        },
        LeaseWrite::NoteOrphan => Write {
            condition: &[Check::HasNot(A::Item)],
            change: TAKEN_BY_ORPHAN,
            own: &[],
            tells: false,
        },
        LeaseWrite::ForgetCounted => Write {
            condition: &[HELD_BY_NOBODY, SAME_CONNECTION, COUNTED],
            change: Change::Delete,
            own: &[],
            tells: false,
        },
        LeaseWrite::ForgetUncounted => Write {
            condition: &[HELD_BY_NOBODY, SAME_CONNECTION, UNCOUNTED],
            change: Change::Delete,
            own: &[],
            tells: false,
        },
        // The same lease: a VLAN may have changed hands, with another bandwidth.
        LeaseWrite::Count => Write {
            condition: &[
                UNCOUNTED,
                Check::Is(A::LeasedAt, Value::Given(G::LeasedAt)),
                Check::Is(A::Mbps, Value::Given(G::Mbps)),
            ],
            change: Change::Update(&[Set::Copy(A::CountedMbps, A::Mbps)], &[]),
            own: &[],
            tells: false,
        },
        LeaseWrite::Disown => Write {
            condition: &[HELD_BY_KEY],
            change: DISOWNED,
            own: &[],
            tells: true,
        },
    }
}

pub(crate) const NOTE_CONNECTION: Transition = Transition {
    about: "A lease carries what was last seen of its connection, so that the next look at the parent needs no record.",
    seen: &[],
    record: None,
    lease: LeaseSteps::All(&[&[LeaseWrite::Note]]),
    policy: None,
    owes: Owes::Nothing,
};

pub(crate) const NOTE_ORPHAN: Transition = Transition {
    about: "A connection that no order made has the VLAN, so no order is tried on it.",
    seen: &[],
    record: None,
    lease: LeaseSteps::All(&[&[LeaseWrite::NoteOrphan]]),
    policy: None,
    owes: Owes::Nothing,
};

pub(crate) const FORGET_ORPHAN: Transition = Transition {
    about: "A connection that no order made is gone: its VLAN is free.",
    seen: &[],
    record: None,
    lease: LeaseSteps::All(&[FORGET]),
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::Nothing,
};

pub(crate) const COUNT_LEASE: Transition = Transition {
    about: "A lease from before there was a policy is counted in it.",
    seen: &[],
    record: None,
    lease: LeaseSteps::All(&[&[LeaseWrite::Count]]),
    policy: Some(PolicyWrite::Count),
    owes: Owes::Nothing,
};
