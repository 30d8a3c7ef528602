//! What an attempt writes after its claim, and what is written when its outcome is out. Each write of an attempt is fenced by its
//! token and by the states that it may come from, so that neither an attempt that was overtaken nor a write that arrives late
//! can undo what came after it.

use crate::name::{FREE, LeaseWrite, PolicyWrite};
use crate::transition::{LeaseSteps, Owes, Transition};
use crate::write::{Change, Check, Set, Value, Write, lead_to, set};
use crate::{Attribute as A, Given as G, State};

const OWNED: Check = Check::Is(A::Token, Value::Given(G::Token));
const OPEN: Check = Check::StateIn(&[State::Calling, State::Unresolved]);
/// A late repetition of an earlier write must not set the moment back.
const START_AS_SEEN: Check = Check::Is(A::CallStartedAt, Value::Given(G::SeenStart));
const ENTRY: Set = Set::Append(A::History, G::Entry);
const CLAIM_OVER: Set = Set::To(A::ClaimedUntil, Value::Zero);

pub(crate) const BEGIN_CALL: Transition = Transition {
    about: "An attempt notes the moment right before a further call: whoever finds the record counts the settle time from there.",
    seen: &[],
    record: Some(Write {
        condition: &[OWNED, OPEN, START_AS_SEEN],
        change: Change::Update(
            &[
                lead_to(State::Calling),
                set(A::CallStartedAt, G::Now),
                ENTRY,
            ],
            &[],
        ),
        own: &[
            OWNED,
            Check::StateIn(&[State::Calling]),
            Check::Is(A::CallStartedAt, Value::Given(G::Now)),
        ],
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::AnEnd,
};

pub(crate) const LEAVE_UNRESOLVED: Transition = Transition {
    about: "An attempt gives the record back: its call may have taken effect.",
    seen: &[],
    record: Some(Write {
        condition: &[OWNED, OPEN],
        change: Change::Update(
            &[
                lead_to(State::Unresolved),
                CLAIM_OVER,
                set(A::UnfinishedAt, G::Now),
                Set::To(A::Unanswered, Value::Yes(":yes")),
                ENTRY,
            ],
            &[],
        ),
        own: &[OWNED, Check::StateIn(&[State::Unresolved])],
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::AnEnd,
};

pub(crate) const LEAVE_WAITING: Transition = Transition {
    about: "An attempt gives the record back: its call certainly had no effect.",
    seen: &[],
    record: Some(Write {
        condition: &[OWNED, OPEN],
        change: Change::Update(
            &[
                lead_to(State::Waiting),
                CLAIM_OVER,
                set(A::UnfinishedAt, G::Now),
                set(A::WaitsFor, G::WaitsFor),
                ENTRY,
            ],
            &[],
        ),
        own: &[OWNED, Check::StateIn(&[State::Waiting])],
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::AnEnd,
};

pub(crate) const SWITCH_VLAN: Transition = Transition {
    about: "The order goes to another VLAN and a new call begins. Only after a definite refusal: an order whose call is \
            unanswered keeps its VLAN.",
    seen: &[],
    record: Some(Write {
        condition: &[
            OWNED,
            Check::StateIn(&[State::Calling]),
            Check::Is(A::Vlan, Value::Given(G::OldVlan)),
            START_AS_SEEN,
        ],
        change: Change::Update(
            &[
                lead_to(State::Calling),
                set(A::CallStartedAt, G::Now),
                set(A::Vlan, G::Vlan),
                ENTRY,
            ],
            &[],
        ),
        own: &[OWNED, Check::Is(A::Vlan, Value::Given(G::Vlan))],
        tells: true,
    }),
    // What is counted moves along: the new lease has it now.
    lease: LeaseSteps::All(&[&[LeaseWrite::Take], FREE]),
    policy: None,
    owes: Owes::AnEnd,
};

pub(crate) const PASS_OVER: Transition = Transition {
    about: "The parent that was chosen for an order by place does not do: the order is set aside until another is chosen. Only \
            after a definite refusal: an order whose call is unanswered keeps its parent.",
    seen: &[],
    record: Some(Write {
        condition: &[
            OWNED,
            Check::StateIn(&[State::Calling]),
            Check::Is(A::Vlan, Value::Given(G::OldVlan)),
            START_AS_SEEN,
        ],
        change: Change::Update(
            &[
                lead_to(State::Waiting),
                CLAIM_OVER,
                set(A::UnfinishedAt, G::Now),
                set(A::WaitsFor, G::WaitsFor),
                ENTRY,
            ],
            &[A::Vlan, A::ParentId, A::LeaseParentId, A::Counted],
        ),
        own: &[
            OWNED,
            Check::StateIn(&[State::Waiting]),
            Check::HasNot(A::Vlan),
        ],
        tells: true,
    }),
    lease: LeaseSteps::All(&[FREE]),
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::AnEnd,
};

pub(crate) const RECORD_ALLOCATED: Transition = Transition {
    about: "The connection exists.",
    seen: &[],
    record: Some(Write {
        condition: &[OWNED, OPEN],
        change: Change::Update(
            &[
                lead_to(State::Allocated),
                set(A::Outcome, G::Outcome),
                set(A::OccurredAt, G::At),
                // Its entry in the index stays as the claim made it, and shows when that has ended: another key would cost
                // two writes, and every order pays them.
                CLAIM_OVER,
                ENTRY,
            ],
            &[],
        ),
        own: &[OWNED, Check::StateIn(&[State::Allocated])],
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::ItsEvent,
};

pub(crate) const RECORD_REJECTED: Transition = Transition {
    about: "The final no, with which the VLAN is free again.",
    seen: &[],
    record: Some(Write {
        condition: &[OWNED, OPEN],
        change: Change::Update(
            &[
                lead_to(State::Rejected),
                set(A::Outcome, G::Outcome),
                set(A::OccurredAt, G::At),
                CLAIM_OVER,
                set(A::UnfinishedAt, G::At),
                ENTRY,
            ],
            &[],
        ),
        own: &[OWNED, Check::StateIn(&[State::Rejected])],
        tells: true,
    }),
    lease: LeaseSteps::All(&[FREE]),
    policy: Some(PolicyWrite::GiveBack),
    owes: Owes::ItsEvent,
};

pub(crate) const QUARANTINE: Transition = Transition {
    about: "Direct Connect answered with a connection that was not asked for: the record is set aside for a person, and nothing is \
            called again.",
    seen: &[],
    record: Some(Write {
        condition: &[OWNED, OPEN],
        change: Change::Update(
            &[
                lead_to(State::Quarantined),
                set(A::Outcome, G::Outcome),
                set(A::OccurredAt, G::At),
                CLAIM_OVER,
                set(A::UnfinishedAt, G::At),
                ENTRY,
            ],
            &[],
        ),
        own: &[OWNED, Check::StateIn(&[State::Quarantined])],
        tells: true,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::APerson,
};

/// The token says in which state the record is: it is there with an outcome, or with another token. So the state is not compared
/// as well. A mark that arrives late must not hide that another record of the key, made after this one was forgotten, owes
/// its event; nor must it take a record out of the index that is in it for its lifecycle.
const NOT_FOLLOWED: Check = Check::HasNot(A::LifecycleRevision);
const PUBLISHED: Set = Set::To(A::Published, Value::Yes(":yes"));
const OUT_OF_THE_INDEX: &[A] = &[A::UnfinishedShard, A::UnfinishedAt];

pub(crate) const MARK_ALLOCATED: Transition = Transition {
    about: "The event of an allocation is out.",
    seen: &[Check::StateIn(&[State::Allocated])],
    record: Some(Write {
        condition: &[OWNED, NOT_FOLLOWED],
        change: Change::Update(&[PUBLISHED], OUT_OF_THE_INDEX),
        own: &[],
        tells: false,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::Nothing,
};

pub(crate) const MARK_REJECTED: Transition = Transition {
    about: "The event of a rejection is out, and the record's retention begins.",
    seen: &[Check::StateIn(&[State::Rejected])],
    record: Some(Write {
        condition: &[OWNED, NOT_FOLLOWED],
        change: Change::Update(
            &[PUBLISHED, set(A::ExpiresAt, G::Expires)],
            OUT_OF_THE_INDEX,
        ),
        own: &[],
        tells: false,
    }),
    lease: LeaseSteps::NONE,
    policy: None,
    owes: Owes::Nothing,
};
