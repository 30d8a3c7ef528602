//! What is written on a connection that was there before: it gets a record, and the record may be dropped again.

use crate::name::{LeaseWrite, MOVE_IN, PolicyWrite};
use crate::order::ABSENT_OR_EXPIRED;
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, OWN_TOKEN, Set, Value, Write, lead_to, set};
use crate::{Attribute as A, Given as G, State};

/// As an order's record is from the moment at which its connection exists. No call was made for it.
const ALLOCATED: Change = Change::Put(&[
    lead_to(State::Allocated),
    set(A::Token, G::FreshToken),
    Set::To(A::ClaimedUntil, Value::Zero),
    set(A::CallStartedAt, G::Now),
    set(A::Attempts, G::Attempts),
    set(A::Vlan, G::Vlan),
    Set::Where(A::LeaseParentId, G::LeaseParent),
    Set::Where(A::Counted, G::Counted),
    set(A::Outcome, G::Outcome),
    set(A::OccurredAt, G::Now),
    set(A::Fingerprint, G::Fingerprint),
    set(A::Request, G::Request),
    set(A::Origin, G::Origin),
    set(A::ParentId, G::Parent),
    set(A::ClaimedAt, G::ClaimedAt),
    set(A::History, G::History),
    set(A::UnfinishedShard, G::Shard),
    set(A::UnfinishedAt, G::Now),
]);

pub(crate) const ADOPT: Transition = Transition {
    about: "A connection that no order made gets a record together with its VLAN. Its bandwidth is counted even beyond the policy's \
            limit: what exists, exists.",
    seen: &[],
    record: Some(Write {
        condition: ABSENT_OR_EXPIRED,
        change: ALLOCATED,
        own: OWN_TOKEN,
        tells: true,
    }),
    lease: LeaseSteps::All(&[MOVE_IN]),
    policy: Some(PolicyWrite::Count),
    owes: Owes::ItsEvent,
};

pub(crate) const FORGET: Transition = Transition {
    about: "The record of an adopted connection is dropped; the connection stays, and its VLAN is noted as that of a connection that \
            no order made. Nothing may be owed: no event, no end of a release.",
    seen: &[],
    record: Some(Write {
        condition: &[
            Check::Is(A::Token, Value::Given(G::SeenToken)),
            Check::StateIn(&[State::Allocated]),
            Check::Is(A::Published, Value::Yes(":yes")),
            Check::HasNot(A::UnfinishedShard),
            Check::RevisionAsSeen,
        ],
        change: Change::Delete,
        own: &[],
        tells: true,
    }),
    lease: LeaseSteps::All(&[&[LeaseWrite::Disown]]),
    policy: None,
    owes: Owes::Nothing,
};
