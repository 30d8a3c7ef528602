//! A row of the table: one thing that may happen, in one request.

use crate::lease::LeaseWrite;
use crate::policy::PolicyWrite;
use crate::write::{Check, Write};

/// What may happen, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// The first delivery of a key claims it, together with its VLAN.
    Claim,
    /// An order that was set aside is claimed, together with its VLAN.
    ClaimSetAside,
    /// An order that cannot have a VLAN yet is set aside.
    SetAside,
    /// An order is rejected before it has a VLAN.
    RejectUnclaimed,
    /// An order that was set aside is rejected.
    RejectSetAside,
    /// An attempt that ended without an outcome is taken over, after a call that may have taken effect.
    TakeOver,
    /// An order whose latest call certainly had no effect is tried again.
    TryAgain,

    /// An attempt notes the moment before a further call.
    BeginCall,
    /// An attempt ends, and its call may have taken effect.
    LeaveUnresolved,
    /// An attempt ends, and its call certainly had no effect.
    LeaveWaiting,
    /// The order goes to another VLAN.
    SwitchVlan,
    /// The connection exists.
    RecordAllocated,
    /// No, for good.
    RecordRejected,
    /// Direct Connect answered with a connection that was not asked for.
    Quarantine,
    /// The event of an allocation is out.
    MarkAllocated,
    /// The event of a rejection is out.
    MarkRejected,

    /// Something became of the connection, and something is left to do.
    FollowUnfinished,
    /// Something became of the connection, and nothing is left to do.
    FollowSettled,
    /// The connection is gone, and nothing is left to do.
    FollowGone,
    /// The connection is on another parent.
    Move,

    /// A lease carries what was last seen of its connection.
    NoteConnection,
    /// A VLAN is noted as taken by a connection that no order made.
    NoteOrphan,
    /// Such a note is dropped, because that connection is gone.
    ForgetOrphan,
    /// A lease from before there was a policy is counted in it.
    CountLease,
    /// A parent gets its first policy.
    SetPolicy,
    /// A parent gets another policy.
    ReplacePolicy,
}

impl Name {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 26] = [
        Self::Claim,
        Self::ClaimSetAside,
        Self::SetAside,
        Self::RejectUnclaimed,
        Self::RejectSetAside,
        Self::TakeOver,
        Self::TryAgain,
        Self::BeginCall,
        Self::LeaveUnresolved,
        Self::LeaveWaiting,
        Self::SwitchVlan,
        Self::RecordAllocated,
        Self::RecordRejected,
        Self::Quarantine,
        Self::MarkAllocated,
        Self::MarkRejected,
        Self::FollowUnfinished,
        Self::FollowSettled,
        Self::FollowGone,
        Self::Move,
        Self::NoteConnection,
        Self::NoteOrphan,
        Self::ForgetOrphan,
        Self::CountLease,
        Self::SetPolicy,
        Self::ReplacePolicy,
    ];
}

/// One thing that may happen: the writes on up to three items, all in one request, so that all of them take effect or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// What happens, in a sentence.
    pub about: &'static str,
    /// What the writer must have seen in the record before it tries, judged by its own clock. The condition does not repeat
    /// it: a record that somebody has written since has another token.
    pub seen: &'static [Check],
    /// The write on the allocation record.
    pub record: Option<Write>,
    /// The writes on VLAN leases.
    pub lease: LeaseSteps,
    /// The write on the parent's policy. Left out where the lease is not counted in one.
    pub policy: Option<PolicyWrite>,
    /// What somebody still has to do when it has happened.
    pub owes: Owes,
}

/// What a transition does to VLAN leases. Each step stands for the writes of which one is made, by what was seen of the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseSteps {
    /// All of these, in this order.
    All(&'static [&'static [LeaseWrite]]),
    /// One of these, or nothing, by what became of the connection.
    AtMostOne(&'static [&'static [LeaseWrite]]),
}

impl LeaseSteps {
    /// No lease is written.
    pub const NONE: Self = Self::All(&[]);

    /// The steps.
    #[must_use]
    pub const fn steps(self) -> &'static [&'static [LeaseWrite]] {
        match self {
            Self::All(steps) | Self::AtMostOne(steps) => steps,
        }
    }

    /// Whether `write` is one that the transition makes.
    #[must_use]
    pub fn include(self, write: LeaseWrite) -> bool {
        self.steps().iter().any(|step| step.contains(&write))
    }
}

/// What is left to do when something has happened. The index of unfinished allocations holds the record until it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owes {
    /// Nothing.
    Nothing,
    /// An end: the attempt goes on, or whoever finds the record.
    AnEnd,
    /// The outcome's event, and then the mark that it is out.
    ItsEvent,
    /// What the lifecycle holds: events, the end of a release.
    WhatTheLifecycleHolds,
    /// A person's decision.
    APerson,
}
