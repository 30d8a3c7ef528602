//! What is written on VLAN leases.

use crate::policy::PolicyWrite;
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, Set, Value, Write};
use crate::{Attribute as A, Given as G};

/// A write on a VLAN lease. Where tracking may count the lease any time, the write says in its condition what it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeaseWrite {
    /// The key gets the VLAN.
    Take,
    /// The key's VLAN, which is counted in a policy, becomes free.
    FreeCounted,
    /// The key's VLAN, which is not counted, becomes free.
    FreeUncounted,
    /// The lease carries what was last seen of its connection.
    Note,
    /// The key gets the VLAN on the parent to which its connection was moved.
    MoveIn,
    /// The same, where that connection was noted as one that no order made, and counted.
    MoveInOverCounted,
    /// The same, where it was noted and not counted.
    MoveInOverUncounted,
    /// The VLAN is taken by a connection that no order made.
    NoteOrphan,
    /// That connection is gone; it was counted.
    ForgetCounted,
    /// That connection is gone; it was not counted.
    ForgetUncounted,
    /// The bandwidth of the lease is counted in the policy from now on.
    Count,
}

/// The writes that free a VLAN.
pub(crate) const FREE: &[LeaseWrite] = &[LeaseWrite::FreeCounted, LeaseWrite::FreeUncounted];
/// The writes that lease a VLAN on the parent to which a connection was moved.
pub(crate) const MOVE_IN: &[LeaseWrite] = &[
    LeaseWrite::MoveIn,
    LeaseWrite::MoveInOverCounted,
    LeaseWrite::MoveInOverUncounted,
];
/// The writes that drop the note of a connection that no order made.
const FORGET: &[LeaseWrite] = &[LeaseWrite::ForgetCounted, LeaseWrite::ForgetUncounted];

const HELD_BY_KEY: Check = Check::Is(A::Holder, Value::Given(G::Key));
const HELD_BY_NOBODY: Check = Check::HasNot(A::Holder);
const SAME_CONNECTION: Check = Check::Is(A::ConnectionId, Value::Given(G::ConnectionId));
const COUNTED: Check = Check::Has(A::CountedMbps);
const UNCOUNTED: Check = Check::HasNot(A::CountedMbps);

const fn set(attribute: A, given: G) -> Set {
    Set::To(attribute, Value::Given(given))
}

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
    ],
    &[],
);
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

impl LeaseWrite {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 11] = [
        Self::Take,
        Self::FreeCounted,
        Self::FreeUncounted,
        Self::Note,
        Self::MoveIn,
        Self::MoveInOverCounted,
        Self::MoveInOverUncounted,
        Self::NoteOrphan,
        Self::ForgetCounted,
        Self::ForgetUncounted,
        Self::Count,
    ];

    /// What it consists of.
    pub(crate) const fn write(self) -> Write {
        match self {
            Self::Take => Write {
                condition: &[Check::Any(&[Check::HasNot(A::Item), HELD_BY_KEY])],
                change: TAKEN,
                own: &[],
                tells: true,
            },
            Self::FreeCounted => Write {
                condition: &[HELD_BY_KEY, COUNTED],
                change: Change::Delete,
                own: &[],
                tells: true,
            },
            Self::FreeUncounted => Write {
                condition: &[Check::Any(&[
                    Check::HasNot(A::Item),
                    Check::All(&[HELD_BY_KEY, UNCOUNTED]),
                ])],
                change: Change::Delete,
                own: &[],
                tells: true,
            },
            Self::Note => Write {
                condition: &[HELD_BY_KEY],
                change: NOTED,
                own: &[],
                tells: true,
            },
            Self::MoveIn => Write {
                condition: &[Check::HasNot(A::Item)],
                change: MOVED_IN,
                own: &[],
                tells: true,
            },
            Self::MoveInOverCounted => Write {
                condition: &[HELD_BY_NOBODY, SAME_CONNECTION, COUNTED],
                change: MOVED_IN,
                own: &[],
                tells: true,
            },
            Self::MoveInOverUncounted => Write {
                condition: &[HELD_BY_NOBODY, SAME_CONNECTION, UNCOUNTED],
                change: MOVED_IN,
                own: &[],
                tells: true,
            },
            Self::NoteOrphan => Write {
                condition: &[Check::HasNot(A::Item)],
                change: TAKEN_BY_ORPHAN,
                own: &[],
                tells: false,
            },
            Self::ForgetCounted => Write {
                condition: &[HELD_BY_NOBODY, SAME_CONNECTION, COUNTED],
                change: Change::Delete,
                own: &[],
                tells: false,
            },
            Self::ForgetUncounted => Write {
                condition: &[HELD_BY_NOBODY, SAME_CONNECTION, UNCOUNTED],
                change: Change::Delete,
                own: &[],
                tells: false,
            },
            // The same lease: a VLAN may have changed hands, with another bandwidth.
            Self::Count => Write {
                condition: &[
                    UNCOUNTED,
                    Check::Is(A::LeasedAt, Value::Given(G::LeasedAt)),
                    Check::Is(A::Mbps, Value::Given(G::Mbps)),
                ],
                change: Change::Update(&[Set::Copy(A::CountedMbps, A::Mbps)], &[]),
                own: &[],
                tells: false,
            },
        }
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
