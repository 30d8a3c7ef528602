//! Writes on the record, by the table of transitions that the ledger writes by: whether one is let through, and what it
//! makes of the record. The table's attributes and values are told here in terms of the model: moments are ages, of a
//! token and of a start it is known whether they are still the record's, and what the model leaves out is not there.

use transitions::{Attribute, Change, Changing, Fact, Given, Name, State, Write, holds, play};

use crate::given::Protocol;
use crate::world::{Age, Claim, Late, Outcome, Record, Vlan, World};

/// The value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Value {
    There,
    State(State),
    Flag(bool),
    /// Before all moments.
    Zero,
    /// A moment, and whether it is the record's start of a call. Two starts of the same age are not the same one.
    Ago(Age, bool),
    /// The end of a claim that nobody may take over yet.
    Later,
    /// The record's token. Who has another one brings none.
    Token,
    Vlan(Vlan),
    Outcome(Outcome),
}

/// What a writer brings.
pub(crate) type Brought = Vec<(Given, Value)>;

impl Fact for Value {
    fn state(state: State) -> Self {
        Self::State(state)
    }

    fn yes() -> Self {
        Self::Flag(true)
    }

    fn zero() -> Self {
        Self::Zero
    }
}

impl Changing for Value {
    // Lists and sums are left out, and nobody brings what would be added to them.
    fn plus(self, _: Self) -> Self {
        self
    }

    fn minus(self, _: Self) -> Self {
        self
    }
}

impl Record {
    /// What a put begins with.
    const BLANK: Self = Self {
        state: State::Waiting,
        vlan: None,
        leased: false,
        call_started: Age::SETTLED,
        unanswered: false,
        outcome: None,
        marked: false,
    };

    fn attribute(&self, attribute: Attribute) -> Option<Value> {
        let claimed_until = if self.leased {
            Value::Later
        } else {
            Value::Zero
        };
        match attribute {
            Attribute::Item => Some(Value::There),
            Attribute::State => Some(Value::State(self.state)),
            Attribute::Vlan => self.vlan.map(Value::Vlan),
            Attribute::Token => Some(Value::Token),
            Attribute::ClaimedUntil => Some(claimed_until),
            Attribute::CallStartedAt => Some(Value::Ago(self.call_started, true)),
            Attribute::Unanswered => Some(Value::Flag(self.unanswered)),
            Attribute::Outcome => self.outcome.map(Value::Outcome),
            Attribute::Published => Some(Value::Flag(self.marked)),
            // Left out, expiry and the lifecycle among it.
            _ => None,
        }
    }

    fn set(&mut self, attribute: Attribute, value: Option<Value>) {
        match (attribute, value) {
            (Attribute::State, Some(Value::State(state))) => self.state = state,
            (Attribute::Vlan, Some(Value::Vlan(vlan))) => self.vlan = Some(vlan),
            (Attribute::ClaimedUntil, until) => self.leased = until == Some(Value::Later),
            (Attribute::CallStartedAt, Some(Value::Ago(age, _))) => self.call_started = age,
            (Attribute::Unanswered, Some(Value::Flag(is_so))) => self.unanswered = is_so,
            (Attribute::Outcome, Some(Value::Outcome(outcome))) => self.outcome = Some(outcome),
            (Attribute::Published, Some(Value::Flag(is_so))) => self.marked = is_so,
            (_, _) => {}
        }
    }
}

/// What a write makes of the record.
struct Written {
    record: Record,
    /// Whether it has another token now.
    token: bool,
    /// And another start of the latest call.
    start: bool,
}

impl Protocol {
    /// Whether who finds `record` may try `name`, by the model's clock.
    pub(crate) fn may(&self, name: Name, record: &Record) -> bool {
        let brought = |given| (given == Given::Now).then_some(Value::Ago(Age::NEW, false));
        let found = |attribute| record.attribute(attribute);
        holds(self.table[name].seen, &found, &brought)
    }

    /// Whether a write is let through on `record`.
    pub(crate) fn lets(&self, name: Name, record: Option<&Record>, brought: &Brought) -> bool {
        self.row(name)
            .is_some_and(|write| is_let_through(&write, record, brought))
    }

    /// A write of somebody who has no claim.
    pub(crate) fn write(&self, world: &mut World, name: Name, brought: &Brought) -> bool {
        let Some(written) = self.written(name, world.record.as_ref(), brought) else {
            return false;
        };
        take(world, written);
        true
    }

    /// A write of a worker's attempt. `more` is what not every write brings.
    pub(crate) fn write_own(
        &self,
        world: &mut World,
        worker: usize,
        name: Name,
        more: &[(Given, Value)],
    ) -> bool {
        let attempt = world.workers[worker].as_ref();
        let claim = attempt.map_or(Claim::NONE, |attempt| attempt.claim.clone());
        let mut brought = brought_with(&claim, world.record.as_ref());
        brought.extend(more);
        let Some(written) = self.written(name, world.record.as_ref(), &brought) else {
            return false;
        };
        let (token, start) = (written.token, written.start);
        let started = written.record.call_started;
        take(world, written);
        if let Some(attempt) = &mut world.workers[worker] {
            attempt.claim.owns = claim.owns || token;
            attempt.claim.knows_start = claim.knows_start || start;
            if start {
                attempt.claim.call_started = started;
            }
        }
        true
    }

    fn row(&self, name: Name) -> Option<Write> {
        self.table[name].record
    }

    fn written(&self, name: Name, record: Option<&Record>, brought: &Brought) -> Option<Written> {
        let write = self.row(name)?;
        if !is_let_through(&write, record, brought) {
            return None;
        }
        let kept = match write.change {
            Change::Put(_) | Change::Delete => None,
            Change::Update(_, _) => record.cloned(),
        };
        let mut written = Written {
            record: kept.unwrap_or(Record::BLANK),
            token: false,
            start: false,
        };
        let found = |attribute| record.and_then(|record| record.attribute(attribute));
        let given = |given| look_up(brought, given);
        play(&write.change, &found, &given, |attribute, value| {
            written.token |= attribute == Attribute::Token;
            written.start |= attribute == Attribute::CallStartedAt
                && !matches!(value, Some(Value::Ago(_, true)));
            written.record.set(attribute, value);
        });
        Some(written)
    }
}

/// Whoever knew the record as it was before does so no more.
fn take(world: &mut World, written: Written) {
    let claims = world.workers.iter_mut().flatten();
    let claims = claims.map(|attempt| &mut attempt.claim);
    let late = world.late.iter_mut().map(|late| &mut late.claim);
    for claim in claims.chain(late) {
        claim.owns &= !written.token;
        claim.knows_start &= !written.start;
    }
    world.record = Some(written.record);
}

fn is_let_through(write: &Write, record: Option<&Record>, brought: &Brought) -> bool {
    let found = |attribute| record.and_then(|record| record.attribute(attribute));
    holds(write.condition, &found, &|given| look_up(brought, given))
}

fn look_up(brought: &Brought, given: Given) -> Option<Value> {
    let mut all = brought.iter();
    all.find(|(of, _)| *of == given).map(|(_, value)| *value)
}

/// How a record is taken over that was read in that state.
pub(crate) fn taking_over(seen: State) -> Name {
    match seen {
        State::Waiting => Name::TryAgain,
        State::Calling
        | State::Unresolved
        | State::Allocated
        | State::Rejected
        | State::Quarantined => Name::TakeOver,
    }
}

/// What every write brings of what its writer knows. A start that is the record's is as old as that.
pub(crate) fn brought_with(claim: &Claim, record: Option<&Record>) -> Brought {
    let start = record.filter(|_| claim.knows_start);
    let start = start.map(|record| Value::Ago(record.call_started, true));
    let kept = start.unwrap_or(Value::Ago(claim.call_started, false));
    let mut brought = vec![
        (Given::FreshToken, Value::Token),
        (Given::Now, Value::Ago(Age::NEW, false)),
        (Given::FreshStart, Value::Ago(Age::NEW, false)),
        (Given::KeptStart, kept),
        (Given::ClaimEnd, Value::Later),
        (Given::KeptUnanswered, Value::Flag(claim.unanswered)),
        (Given::OldVlan, Value::Vlan(claim.vlan)),
    ];
    brought.extend(start.map(|start| (Given::SeenStart, start)));
    if claim.owns {
        brought.push((Given::Token, Value::Token));
        brought.push((Given::SeenToken, Value::Token));
    }
    brought
}

/// What a write brings that is repeated late: the moment is that of the first time.
pub(crate) fn brought_late(late: &Late, record: Option<&Record>) -> Brought {
    let mut brought = brought_with(&late.claim, record);
    brought.retain(|(given, _)| *given != Given::Now);
    brought.extend([
        (Given::Now, Value::Ago(late.started, false)),
        (Given::Vlan, Value::Vlan(late.vlan)),
    ]);
    brought
}
