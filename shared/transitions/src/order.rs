//! How an order gets its record, and how an attempt gets hold of it.

use crate::name::{LeaseWrite, PolicyWrite};
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, OWN_TOKEN, Set, Value, Write, lead_to, set};
use crate::{Attribute as A, Given as G, State};

/// There is no record, or one whose retention is over.
pub(crate) const ABSENT_OR_EXPIRED: &[Check] = &[Check::Any(&[
    Check::HasNot(A::Item),
    Check::AtMost(A::ExpiresAt, Value::Given(G::NowSeconds)),
])];
/// The record is the one that was set aside, as it was read.
const AS_SET_ASIDE: &[Check] = &[
    Check::Is(A::Token, Value::Given(G::Token)),
    Check::StateIn(&[State::Waiting]),
    Check::HasNot(A::Vlan),
];
const AS_SEEN: Check = Check::Is(A::Token, Value::Given(G::SeenToken));

const CALLING_WITH_VLAN: Change = Change::Put(&[
    lead_to(State::Calling),
    set(A::Token, G::FreshToken),
    set(A::ClaimedUntil, G::ClaimEnd),
    set(A::CallStartedAt, G::Now),
    set(A::Attempts, G::Attempts),
    set(A::Vlan, G::Vlan),
    Set::Where(A::LeaseParentId, G::LeaseParent),
    Set::Where(A::Counted, G::Counted),
    set(A::Fingerprint, G::Fingerprint),
    set(A::Request, G::Request),
    set(A::Origin, G::Origin),
    Set::Where(A::ParentId, G::Parent),
    set(A::ClaimedAt, G::ClaimedAt),
    set(A::History, G::History),
    set(A::UnfinishedShard, G::Shard),
    set(A::UnfinishedAt, G::ClaimEnd),
]);

const WAITING_WITHOUT_VLAN: Change = Change::Put(&[
    lead_to(State::Waiting),
    set(A::Token, G::FreshToken),
    Set::To(A::ClaimedUntil, Value::Zero),
    set(A::CallStartedAt, G::Now),
    set(A::Attempts, G::Attempts),
    set(A::WaitsFor, G::WaitsFor),
    set(A::Fingerprint, G::Fingerprint),
    set(A::Request, G::Request),
    set(A::Origin, G::Origin),
    Set::Where(A::ParentId, G::Parent),
    set(A::ClaimedAt, G::ClaimedAt),
    set(A::History, G::History),
    set(A::UnfinishedShard, G::Shard),
    set(A::UnfinishedAt, G::Now),
]);

const REJECTED_WITHOUT_VLAN: Change = Change::Put(&[
    lead_to(State::Rejected),
    set(A::Token, G::FreshToken),
    Set::To(A::ClaimedUntil, Value::Zero),
    set(A::CallStartedAt, G::Now),
    set(A::Attempts, G::Attempts),
    set(A::Outcome, G::Outcome),
    set(A::OccurredAt, G::Now),
    set(A::Fingerprint, G::Fingerprint),
    set(A::Request, G::Request),
    set(A::Origin, G::Origin),
    Set::Where(A::ParentId, G::Parent),
    set(A::ClaimedAt, G::ClaimedAt),
    set(A::History, G::History),
    set(A::UnfinishedShard, G::Shard),
    set(A::UnfinishedAt, G::Now),
]);

pub(crate) const CLAIM: Transition = Transition {
    about: "The first delivery of a key claims it together with its VLAN, before anything is sent to Direct Connect.",
    seen: &[],
    record: Some(Write {
        condition: ABSENT_OR_EXPIRED,
        change: CALLING_WITH_VLAN,
        own: OWN_TOKEN,
        tells: true,
    }),
    lease: LeaseSteps::All(&[&[LeaseWrite::Take]]),
    policy: Some(PolicyWrite::Sell),
    owes: Owes::AnEnd,
};

pub(crate) const CLAIM_SET_ASIDE: Transition = Transition {
    about: "An order that was set aside is claimed together with the VLAN that was chosen for it.",
    record: Some(Write {
        condition: AS_SET_ASIDE,
        change: CALLING_WITH_VLAN,
        own: OWN_TOKEN,
        tells: true,
    }),
    ..CLAIM
};

pub(crate) const SET_ASIDE: Transition = Transition {
    about: "An order is set aside: what has to be looked at before it can have a VLAN cannot be looked at now.",
    seen: &[],
    record: Some(Write {
        condition: ABSENT_OR_EXPIRED,
        change: WAITING_WITHOUT_VLAN,
        own: OWN_TOKEN,
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::AnEnd,
};

pub(crate) const REJECT_UNCLAIMED: Transition = Transition {
    about: "An order is rejected before it has a VLAN: it is taken, none is free, or the policy does not allow it.",
    seen: &[],
    record: Some(Write {
        condition: ABSENT_OR_EXPIRED,
        change: REJECTED_WITHOUT_VLAN,
        own: OWN_TOKEN,
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::ItsEvent,
};

pub(crate) const REJECT_SET_ASIDE: Transition = Transition {
    about: "An order that was set aside is rejected, for the same reasons.",
    record: Some(Write {
        condition: AS_SET_ASIDE,
        change: REJECTED_WITHOUT_VLAN,
        own: OWN_TOKEN,
        tells: true,
    }),
    ..REJECT_UNCLAIMED
};

pub(crate) const TAKE_OVER: Transition = Transition {
    about: "An attempt that ended without an outcome is taken over. Its call may have taken effect, so Direct Connect is \
            looked at first; the start of the call stays, because the settle time runs from there.",
    seen: &[Check::AtMost(A::ClaimedUntil, Value::Given(G::Now))],
    record: Some(Write {
        condition: &[
            AS_SEEN,
            Check::StateAsSeen(&[State::Calling, State::Unresolved]),
            // Its owner may have begun another call since, with the token that was seen. That one would be forgotten.
            Check::Is(A::CallStartedAt, Value::Given(G::KeptStart)),
        ],
        change: Change::Update(
            &[
                set(A::Token, G::FreshToken),
                Set::To(A::State, Value::State(State::Unresolved, ":state")),
                set(A::ClaimedUntil, G::ClaimEnd),
                set(A::UnfinishedAt, G::ClaimEnd),
                set(A::Attempts, G::Attempts),
                set(A::CallStartedAt, G::KeptStart),
                Set::To(A::Unanswered, Value::Yes(":unanswered")),
                set(A::History, G::History),
            ],
            &[],
        ),
        own: OWN_TOKEN,
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::AnEnd,
};

pub(crate) const TRY_AGAIN: Transition = Transition {
    about: "An order that has its VLAN, and whose latest call certainly had no effect, is tried again.",
    seen: &[
        Check::AtMost(A::ClaimedUntil, Value::Given(G::Now)),
        Check::Has(A::Vlan),
    ],
    record: Some(Write {
        condition: &[AS_SEEN, Check::StateAsSeen(&[State::Waiting])],
        change: Change::Update(
            &[
                set(A::Token, G::FreshToken),
                Set::To(A::State, Value::State(State::Calling, ":state")),
                set(A::ClaimedUntil, G::ClaimEnd),
                set(A::UnfinishedAt, G::ClaimEnd),
                set(A::Attempts, G::Attempts),
                set(A::CallStartedAt, G::FreshStart),
                set(A::Unanswered, G::KeptUnanswered),
                set(A::History, G::History),
            ],
            &[],
        ),
        own: OWN_TOKEN,
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::AnEnd,
};
