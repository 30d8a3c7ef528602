//! What is kept in the table, as far as the scenes need it, told attribute by attribute as the table of transitions does.

use transitions::{Attribute as A, Change, Changing, Fact, Given, State, Write, holds, play};

/// The value of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub(crate) enum Value {
    State(State),
    Yes,
    Number(i8),
    Life(Life),
}

impl Fact for Value {
    fn state(state: State) -> Self {
        Self::State(state)
    }

    fn yes() -> Self {
        Self::Yes
    }

    fn zero() -> Self {
        Self::Number(0)
    }
}

impl Changing for Value {
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => Self::Number(one + other),
            (other, _) => other,
        }
    }

    fn minus(self, other: Self) -> Self {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => Self::Number(one - other),
            (other, _) => other,
        }
    }
}

/// A number that is not negative, as a value.
pub(crate) fn number(number: u8) -> Value {
    Value::Number(i8::try_from(number).unwrap_or(i8::MAX))
}

fn told(value: Option<Value>) -> Option<u8> {
    match value {
        Some(Value::Number(number)) => u8::try_from(number).ok(),
        Some(Value::State(_) | Value::Yes | Value::Life(_)) | None => None,
    }
}

/// A move that a person asked for and that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Moving {
    pub(crate) to: u8,
    /// Tells one call from another, as the moment of the call does.
    pub(crate) call: u8,
    /// Whether the settle time of that call is over by now.
    pub(crate) settled: bool,
    pub(crate) unanswered: bool,
}

/// The lifecycle, which is written whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Life {
    pub(crate) moving: Option<Moving>,
    pub(crate) release: bool,
    pub(crate) gone: bool,
    /// The sequences of the events that are owed, each a bit.
    pub(crate) owed: u8,
    /// The sequence of the latest event.
    pub(crate) events: u8,
}

impl Life {
    /// One event more, which is owed.
    pub(crate) fn owe(&mut self) {
        self.events += 1;
        self.owed |= 1 << self.events;
    }

    pub(crate) fn is_unfinished(self) -> bool {
        self.owed != 0 || self.moving.is_some() || (self.release && !self.gone)
    }
}

/// An allocation record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Record {
    pub(crate) state: State,
    pub(crate) token: u8,
    /// The place of its VLAN lease.
    pub(crate) at: u8,
    /// Without one it has no place either.
    pub(crate) has_vlan: bool,
    /// Tells one call of the order from another, as the moment of the call does.
    pub(crate) start: u8,
    pub(crate) adopted: bool,
    pub(crate) outcome: Option<u8>,
    pub(crate) published: bool,
    /// Whether it is in the index of what is unfinished.
    pub(crate) indexed: bool,
    pub(crate) expires: bool,
    pub(crate) life: Option<Life>,
    pub(crate) revision: Option<u8>,
    /// Whether the settle time of the order's latest call is over.
    pub(crate) settled: bool,
}

impl Record {
    /// What was found of its lifecycle.
    pub(crate) fn life(&self) -> Life {
        self.life.unwrap_or_default()
    }

    pub(crate) fn revision(&self) -> u8 {
        self.revision.unwrap_or_default()
    }

    pub(crate) fn is_final(&self) -> bool {
        matches!(self.state, State::Allocated | State::Rejected)
    }

    pub(crate) fn is_unfinished(&self) -> bool {
        !self.is_final() || !self.published || self.life().is_unfinished()
    }

    /// The connection that is the record's own: an outcome that is no rejection.
    pub(crate) fn connection(&self) -> Option<u8> {
        self.outcome.filter(|_| self.state == State::Allocated)
    }
}

/// A VLAN lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Lease {
    pub(crate) holder: Option<u8>,
    pub(crate) connection: Option<u8>,
    pub(crate) counted: bool,
}

/// A parent's policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Policy {
    pub(crate) sold: i8,
    pub(crate) limit: i8,
}

/// An item of the table.
pub(crate) trait Item: Copy {
    /// What a put begins with.
    const BLANK: Self;
    fn get(&self, attribute: A) -> Option<Value>;
    fn set(&mut self, attribute: A, value: Option<Value>);
}

impl Item for Record {
    const BLANK: Self = Self {
        state: State::Waiting,
        token: 0,
        at: 0,
        has_vlan: false,
        start: 0,
        adopted: false,
        outcome: None,
        published: false,
        indexed: false,
        expires: false,
        life: None,
        revision: None,
        settled: false,
    };

    fn get(&self, attribute: A) -> Option<Value> {
        match attribute {
            A::Item => Some(Value::Yes),
            A::State => Some(Value::State(self.state)),
            A::Token => Some(number(self.token)),
            // One VLAN on two parents. Nothing that the scenes play tells two VLANs of one parent by it.
            A::Vlan => self.has_vlan.then_some(Value::Number(0)),
            A::ParentId | A::LeaseParentId => Some(number(self.at)),
            A::Origin => Some(number(u8::from(self.adopted))),
            A::Outcome => self.outcome.map(number),
            A::Published => self.published.then_some(Value::Yes),
            A::UnfinishedShard => self.indexed.then_some(Value::Yes),
            A::ExpiresAt => self.expires.then_some(Value::Number(1)),
            A::Lifecycle => self.life.map(Value::Life),
            A::LifecycleRevision => self.revision.map(number),
            A::CallStartedAt => Some(number(self.start)),
            _ => None,
        }
    }

    fn set(&mut self, attribute: A, value: Option<Value>) {
        match (attribute, value) {
            (A::State, Some(Value::State(state))) => self.state = state,
            (A::Token, _) => self.token = told(value).unwrap_or_default(),
            (A::Vlan | A::ParentId | A::LeaseParentId, Some(_)) => {
                self.at = told(value).unwrap_or_default();
                self.has_vlan |= attribute == A::Vlan;
            }
            (A::Vlan, None) => (self.at, self.has_vlan) = (0, false),
            (A::CallStartedAt, Some(_)) => {
                let start = told(value).unwrap_or_default();
                self.settled &= start == self.start;
                self.start = start;
            }
            (A::Origin, _) => self.adopted = told(value) == Some(1),
            (A::Outcome, _) => self.outcome = told(value),
            (A::Published, _) => self.published = value.is_some(),
            (A::UnfinishedShard, _) => self.indexed = value.is_some(),
            (A::ExpiresAt, _) => self.expires = value.is_some(),
            (A::Lifecycle, Some(Value::Life(life))) => self.life = Some(life),
            (A::LifecycleRevision, _) => self.revision = told(value),
            _ => {}
        }
    }
}

impl Item for Lease {
    const BLANK: Self = Self {
        holder: None,
        connection: None,
        counted: false,
    };

    fn get(&self, attribute: A) -> Option<Value> {
        match attribute {
            A::Item => Some(Value::Yes),
            A::Holder => self.holder.map(number),
            A::ConnectionId => self.connection.map(number),
            A::CountedMbps => self.counted.then_some(Value::Number(1)),
            A::LeasedAt => Some(Value::Number(0)),
            A::Mbps => Some(Value::Number(1)),
            _ => None,
        }
    }

    fn set(&mut self, attribute: A, value: Option<Value>) {
        match attribute {
            A::Holder => self.holder = told(value),
            A::ConnectionId => self.connection = told(value),
            A::CountedMbps => self.counted = value.is_some(),
            _ => {}
        }
    }
}

impl Item for Policy {
    const BLANK: Self = Self { sold: 0, limit: 0 };

    fn get(&self, attribute: A) -> Option<Value> {
        match attribute {
            A::Item => Some(Value::Yes),
            A::SoldMbps => Some(Value::Number(self.sold)),
            A::FreeMbps => Some(Value::Number(self.limit - self.sold)),
            A::VlanFirst => Some(Value::Number(0)),
            A::VlanLast => Some(Value::Number(9)),
            _ => None,
        }
    }

    // What is free goes with what is sold.
    fn set(&mut self, attribute: A, value: Option<Value>) {
        if let (A::SoldMbps, Some(Value::Number(sold))) = (attribute, value) {
            self.sold = sold;
        }
    }
}

/// Whether all of `checks` hold for the item.
pub(crate) fn fits<I: Item>(
    checks: &[transitions::Check],
    item: Option<&I>,
    given: &impl Fn(Given) -> Option<Value>,
) -> bool {
    holds(checks, &|of| item.and_then(|item| item.get(of)), given)
}

/// What the write makes of the item, if it is let through.
pub(crate) fn written<I: Item>(
    write: &Write,
    item: Option<I>,
    given: &impl Fn(Given) -> Option<Value>,
) -> Option<Option<I>> {
    if !fits(write.condition, item.as_ref(), given) {
        return None;
    }
    let mut next = match write.change {
        Change::Delete => return Some(None),
        Change::Put(_) => I::BLANK,
        Change::Update(_, _) => item.unwrap_or(I::BLANK),
    };
    let found = |of| item.and_then(|item| item.get(of));
    play(&write.change, &found, given, |of, value| {
        next.set(of, value)
    });
    Some(Some(next))
}
