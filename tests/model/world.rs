//! What the world consists of: one key's record, the attempts at it, Direct Connect's parent, and the events.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

use transitions::{Name, State};

/// VLANs there are: an order with a given VLAN wants the first, an automatic one may get either.
pub(crate) const VLANS: usize = 2;
/// Requests whose senders do not wait any more and that may still land. More of them are lost.
const STRAYS: usize = 2;

/// Index of a VLAN.
pub(crate) type Vlan = usize;

/// Ticks since a call was noted to begin.
///
/// The first tick is the send window. After the last, the settle time is over and nobody can tell ages apart any more,
/// which keeps the world finite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Age(u8);

impl Age {
    pub(crate) const NEW: Self = Self(0);
    pub(crate) const SETTLED: Self = Self(2);

    pub(crate) fn in_send_window(self) -> bool {
        self == Self::NEW
    }

    pub(crate) fn is_settled(self) -> bool {
        self == Self::SETTLED
    }

    pub(crate) fn tick(&mut self) {
        *self = Self(self.0 + 1).min(Self::SETTLED);
    }
}

/// A final outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Outcome {
    Allocated(Vlan),
    Rejected,
}

/// The allocation's record. Who owns it is noted with the attempts: [`Claim::owns`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    pub(crate) state: State,
    /// None where nothing could be chosen from, or there was nothing to choose.
    pub(crate) vlan: Option<Vlan>,
    /// Whether nobody else may take over yet.
    pub(crate) leased: bool,
    pub(crate) call_started: Age,
    /// Whether some earlier call ended without an answer.
    pub(crate) unanswered: bool,
    pub(crate) outcome: Option<Outcome>,
    /// Whether it is marked as published.
    pub(crate) marked: bool,
}

impl Record {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Calling | State::Unresolved)
    }

    /// Set aside before it had a VLAN.
    pub(crate) fn is_parked(&self) -> bool {
        self.state == State::Waiting && self.vlan.is_none()
    }

    /// The outcome of a record that says so.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.state {
            State::Allocated | State::Rejected => self.outcome,
            State::Calling | State::Unresolved | State::Waiting | State::Quarantined => None,
        }
    }
}

/// What an attempt knows of the record, from when it claimed it or read it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Claim {
    /// Whether the record still carries this attempt's token, or the one that it read.
    pub(crate) owns: bool,
    pub(crate) vlan: Vlan,
    pub(crate) call_started: Age,
    /// Whether that is still what the record says.
    pub(crate) knows_start: bool,
    pub(crate) unanswered: bool,
}

impl Claim {
    /// Of an attempt that has none, or does not need it any more.
    pub(crate) const NONE: Self = Self {
        owns: false,
        vlan: 0,
        call_started: Age::SETTLED,
        knows_start: false,
        unanswered: false,
    };
}

/// Why an attempt looks at the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Why {
    /// It took over what somebody left behind.
    TookOver,
    /// Its own call had no answer.
    NoAnswer,
    /// Its own call was refused. `passing`: for a state of the parent, which the attempt is not told.
    Refused { passing: bool },
}

/// What Direct Connect shows on the claim's VLAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sight {
    Ours,
    Foreign,
    Absent,
    /// None, and the parent is in a state that passes.
    InTransition,
}

/// The ids under which the parent's connections may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id {
    Parent,
    Lag,
}

/// What an attempt does next: one request to AWS, or waiting for the answer to one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Next {
    /// Write the record with the VLAN that was chosen, if there is one. `parked`: where the order was seen set aside.
    Claim {
        vlan: Option<Vlan>,
        parked: bool,
    },
    /// Take the record over that was read in that state.
    TakeOver(State),
    /// Send AllocateHostedConnection, or note a new start first.
    Call,
    /// Wait: the request is on the wire.
    Await,
    Look(Why),
    /// Look at the other id, and at the state of the parent. `here`: what the first look has shown.
    LookAround {
        why: Why,
        here: Sight,
        settled: bool,
    },
    /// Go by what was seen. `settled`: whether the settle time was over when the look began.
    Decide {
        why: Why,
        sight: Sight,
        settled: bool,
    },
    MoveToOtherVlan,
    LeaveUnresolved,
    LeaveWaiting,
    Record(Outcome),
    Publish(Outcome),
    Mark(Outcome),
}

/// One worker's attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Attempt {
    pub(crate) claim: Claim,
    pub(crate) next: Next,
}

/// A request on the wire for whose answer nobody waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Stray {
    pub(crate) vlan: Vlan,
    pub(crate) age: Age,
}

/// A repetition, still on the wire, of a write that noted the start of a call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Late {
    pub(crate) name: Name,
    /// What its writer knew.
    pub(crate) claim: Claim,
    /// The VLAN that it brings, if it does.
    pub(crate) vlan: Vlan,
    /// The start that it notes.
    pub(crate) started: Age,
}

/// Everything there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) record: Option<Record>,
    pub(crate) workers: Vec<Option<Attempt>>,
    pub(crate) strays: Vec<Stray>,
    pub(crate) late: Option<Late>,
    /// Connections of the key, on each VLAN.
    pub(crate) ours: [u8; VLANS],
    /// Whether their owner has confirmed one. Then it looks as if it had been there before.
    pub(crate) confirmed: bool,
    /// Whether somebody else has a connection there. It may look as asked; then another key's record has it.
    pub(crate) foreign: [bool; VLANS],
    /// Whether the parent has joined a LAG: then all connections are shown under the LAG's id only.
    pub(crate) joined: bool,
    /// Whether the parent is in a state in which Direct Connect refuses calls.
    pub(crate) in_transition: bool,
    /// Whether somebody has rejected the order for such a state.
    pub(crate) rejected_in_transition: bool,
    /// Whether the message was given up, and no record tells of it.
    pub(crate) dropped: bool,
    pub(crate) events: BTreeSet<Outcome>,
    /// Whether somebody got a final answer.
    pub(crate) answered: bool,
}

impl World {
    pub(crate) fn new(workers: usize) -> Self {
        Self {
            record: None,
            workers: vec![None; workers],
            strays: Vec::new(),
            late: None,
            ours: [0; VLANS],
            confirmed: false,
            foreign: [false; VLANS],
            joined: false,
            in_transition: false,
            rejected_in_transition: false,
            dropped: false,
            events: BTreeSet::new(),
            answered: false,
        }
    }

    pub(crate) fn is_occupied(&self, vlan: Vlan) -> bool {
        self.ours[vlan] > 0 || self.foreign[vlan]
    }

    /// What Direct Connect shows on that VLAN under that id.
    pub(crate) fn sight(&self, vlan: Vlan, id: Id) -> Sight {
        if self.joined != (id == Id::Lag) {
            return Sight::Absent;
        }
        match (self.ours[vlan] > 0, self.foreign[vlan]) {
            (true, _) => Sight::Ours,
            (false, true) => Sight::Foreign,
            (false, false) => Sight::Absent,
        }
    }

    /// Ends a worker's attempt, in whatever way. A request of its own on the wire stays there.
    pub(crate) fn end(&mut self, worker: usize) {
        if let Some(attempt) = self.workers[worker].take() {
            self.leave_on_the_wire(&attempt);
        }
    }

    pub(crate) fn leave_on_the_wire(&mut self, attempt: &Attempt) {
        if attempt.next == Next::Await && self.strays.len() < STRAYS {
            self.strays.push(Stray {
                vlan: attempt.claim.vlan,
                age: attempt.claim.call_started,
            });
            self.strays.sort();
        }
    }

    /// Lets time pass. With `requests_settle`, requests that are too old get lost.
    pub(crate) fn tick(&mut self, requests_settle: bool) {
        let record = self
            .record
            .iter_mut()
            .map(|record| &mut record.call_started);
        let claims = self
            .workers
            .iter_mut()
            .flatten()
            .map(|attempt| &mut attempt.claim.call_started);
        let strays = self.strays.iter_mut().map(|stray| &mut stray.age);
        record
            .chain(claims)
            .chain(strays)
            .chain(self.late.iter_mut().map(|late| &mut late.started))
            .for_each(Age::tick);
        if requests_settle {
            self.strays.retain(|stray| !stray.age.is_settled());
        }
    }
}

/// Worlds that differ only in which worker is which count as one.
impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut workers: Vec<_> = self.workers.iter().collect();
        workers.sort();
        workers.hash(state);
        self.record.hash(state);
        self.strays.hash(state);
        self.late.hash(state);
        self.ours.hash(state);
        self.confirmed.hash(state);
        self.foreign.hash(state);
        self.joined.hash(state);
        self.in_transition.hash(state);
        self.rejected_in_transition.hash(state);
        self.dropped.hash(state);
        self.events.hash(state);
        self.answered.hash(state);
    }
}
