//! What a person writes on a quarantined order, after having looked. Whoever writes first decides: the token changes with it.

use crate::name::{FREE_OR_LEAVE, KEEP, MOVE_IN, PolicyWrite};
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, OWN_TOKEN, Set, Value, Write, lead_to, set};
use crate::{Attribute as A, Given as G, State};

/// The record is in quarantine, and as it was read.
const AS_SEEN: &[Check] = &[
    Check::Is(A::Token, Value::Given(G::SeenToken)),
    Check::StateIn(&[State::Quarantined]),
];

const fn decided(change: &'static [Set]) -> Option<Write> {
    Some(Write {
        condition: AS_SEEN,
        change: Change::Update(change, &[]),
        own: OWN_TOKEN,
        tells: true,
    })
}

pub(crate) const RESOLVE_ADOPTED: Transition = Transition {
    about: "A person ends a quarantine with a connection on the order's VLAN. What its bandwidth differs from the order's by is \
            counted.",
    seen: &[],
    record: decided(&[
        lead_to(State::Allocated),
        set(A::Token, G::FreshToken),
        set(A::Vlan, G::Vlan),
        set(A::Outcome, G::Outcome),
        set(A::OccurredAt, G::At),
        set(A::UnfinishedAt, G::At),
        Set::Append(A::History, G::Entry),
    ]),
    lease: LeaseSteps::All(&[KEEP]),
    policy: Some(PolicyWrite::Count),
    owes: Owes::ItsEvent,
};

pub(crate) const RESOLVE_ADOPTED_ELSEWHERE: Transition = Transition {
    about: "A person ends a quarantine with the connection that Direct Connect answered with, on another VLAN than the order's: the \
            lease goes there, once no call of the order can take effect any more. The order's VLAN is free again, unless something \
            is shown on it: that keeps it, as a connection that no order made.",
    lease: LeaseSteps::All(&[MOVE_IN, FREE_OR_LEAVE]),
    ..RESOLVE_ADOPTED
};

pub(crate) const RESOLVE_REJECTED: Transition = Transition {
    about: "A person ends a quarantine with a final no. The VLAN is free again, unless something is shown on it: that keeps it, as a \
            connection that no order made.",
    seen: &[],
    record: decided(&[
        lead_to(State::Rejected),
        set(A::Token, G::FreshToken),
        set(A::Outcome, G::Outcome),
        set(A::OccurredAt, G::At),
        set(A::UnfinishedAt, G::At),
        Set::Append(A::History, G::Entry),
    ]),
    lease: LeaseSteps::All(&[FREE_OR_LEAVE]),
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::ItsEvent,
};
