//! A row of the table: one thing that may happen, in one request.

use crate::name::{LeaseWrite, PolicyWrite};
use crate::write::{Check, Write};

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
