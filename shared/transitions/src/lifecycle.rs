//! What is written after an allocation, about what becomes of the connection. Each write is conditional on the revision that was
//! read, so of two who saw the same change one records it.

use crate::name::{FREE, LeaseWrite, MOVE_TO, PolicyWrite};
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, Set, Value, Write};
use crate::{Attribute as A, Given as G, State};

/// Until the allocation itself is told, nothing that came after it may be. The token tells the record from another one that the key
/// got after this one was forgotten: both begin with the same revision.
const TOLD_AND_AS_SEEN: &[Check] = &[
    Check::Is(A::Token, Value::Given(G::Token)),
    Check::StateIn(&[State::Allocated]),
    Check::Is(A::Published, Value::Yes(":yes")),
    Check::RevisionAsSeen,
];
const OWN: &[Check] = &[
    Check::Is(A::Token, Value::Given(G::Token)),
    Check::Is(A::LifecycleRevision, Value::Given(G::NextRevision)),
    Check::Is(A::Lifecycle, Value::Given(G::Lifecycle)),
];
const LIFECYCLE: Set = Set::To(A::Lifecycle, Value::Given(G::Lifecycle));
const REVISION: Set = Set::To(A::LifecycleRevision, Value::Given(G::NextRevision));
const SHARD: Set = Set::To(A::UnfinishedShard, Value::Given(G::Shard));
/// An entry that is there stays as it is: its key in the index does not change.
const SINCE_NOW: Set = Set::OrKeep(A::UnfinishedAt, G::Now);
/// Whoever writes a lifecycle writes the outcome again, in short: the two together are smaller than what was there.
const OUTCOME: Set = Set::To(A::Outcome, Value::Given(G::Outcome));
const OUT_OF_THE_INDEX: &[A] = &[A::UnfinishedShard, A::UnfinishedAt];
/// A connection that is gone leaves its VLAN free. A living one's lease is noted apart, before its event is marked as published.
const FREE_OR_KEEP: LeaseSteps = LeaseSteps::AtMostOne(&[FREE]);

/// The lifecycle is written, and the record is one that somebody has to look after.
const LEFT_TO_DO: Option<Write> = Some(Write {
    condition: TOLD_AND_AS_SEEN,
    change: Change::Update(&[OUTCOME, LIFECYCLE, REVISION, SHARD, SINCE_NOW], &[]),
    own: OWN,
    tells: true,
});

pub(crate) const FOLLOW_UNFINISHED: Transition = Transition {
    about: "Something became of the connection, and something is left to do: an event to publish, a release to end.",
    seen: &[],
    record: LEFT_TO_DO,
    lease: FREE_OR_KEEP,
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::WhatTheLifecycleHolds,
};

pub(crate) const FOLLOW_SETTLED: Transition = Transition {
    about: "The connection lives, and nothing is left to do.",
    seen: &[],
    record: Some(Write {
        condition: TOLD_AND_AS_SEEN,
        change: Change::Update(&[OUTCOME, LIFECYCLE, REVISION], OUT_OF_THE_INDEX),
        own: OWN,
        tells: true,
    }),
    lease: FREE_OR_KEEP,
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::Nothing,
};

pub(crate) const FOLLOW_GONE: Transition = Transition {
    about: "The connection is gone and nothing is left to do: the record's retention begins.",
    seen: &[],
    record: Some(Write {
        condition: TOLD_AND_AS_SEEN,
        change: Change::Update(
            &[
                OUTCOME,
                LIFECYCLE,
                REVISION,
                Set::To(A::ExpiresAt, Value::Given(G::Expires)),
            ],
            OUT_OF_THE_INDEX,
        ),
        own: OWN,
        tells: true,
    }),
    lease: FREE_OR_KEEP,
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::Nothing,
};

pub(crate) const BEGIN_MOVE: Transition = Transition {
    about: "A person has the connection moved. Before the call its VLAN is leased on the other parent as well, so that no order takes \
            it meanwhile; that lease is given back where the connection does not get there.",
    seen: &[],
    record: LEFT_TO_DO,
    lease: LeaseSteps::All(&[&[LeaseWrite::Reserve]]),
    policy: Some(PolicyWrite::Sell),
    owes: Owes::WhatTheLifecycleHolds,
};

pub(crate) const MOVE: Transition = Transition {
    about: "The connection is on another parent: its lease and what is counted for it move there, the lists have it there, and an event tells of it.",
    seen: &[],
    record: Some(Write {
        condition: TOLD_AND_AS_SEEN,
        change: Change::Update(
            &[
                OUTCOME,
                LIFECYCLE,
                REVISION,
                SHARD,
                SINCE_NOW,
                Set::To(A::LeaseParentId, Value::Given(G::Place)),
                Set::To(A::ParentId, Value::Given(G::Place)),
            ],
            &[],
        ),
        own: OWN,
        tells: true,
    }),
    lease: LeaseSteps::All(&[MOVE_TO, FREE]),
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::WhatTheLifecycleHolds,
};
