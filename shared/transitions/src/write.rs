//! What a write on one item consists of.

use crate::{Attribute, Given, State};

/// The record is this very attempt's: how most writers recognise their own doing.
pub(crate) const OWN_TOKEN: &[Check] =
    &[Check::Is(Attribute::Token, Value::Given(Given::FreshToken))];

/// The attribute gets what the writer brings.
pub(crate) const fn set(attribute: Attribute, given: Given) -> Set {
    Set::To(attribute, Value::Given(given))
}

/// The allocation gets to that state.
pub(crate) const fn lead_to(state: State) -> Set {
    Set::To(Attribute::State, Value::State(state, ":to"))
}

/// A value in a condition or a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A state, and what stands for it.
    State(State, &'static str),
    /// True, and what stands for it.
    Yes(&'static str),
    /// The number zero.
    Zero,
    /// What the writer brings.
    Given(Given),
}

impl Value {
    /// What stands for it in an expression.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::State(_, placeholder) | Self::Yes(placeholder) => placeholder,
            Self::Zero => ":zero",
            Self::Given(given) => given.placeholder(),
        }
    }
}

/// Something that has to be so for a write to take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// The attribute is there.
    Has(Attribute),
    /// The attribute is not there.
    HasNot(Attribute),
    /// The attribute has that value.
    Is(Attribute, Value),
    /// The allocation is in one of these states.
    StateIn(&'static [State]),
    /// The allocation is in the very state that the writer saw, which is one of these.
    StateAsSeen(&'static [State]),
    /// The lifecycle has the revision that the writer saw: none counts as zero.
    RevisionAsSeen,
    /// The attribute is at most that value.
    AtMost(Attribute, Value),
    /// The attribute is at least that value.
    AtLeast(Attribute, Value),
    /// The set holds that value.
    Contains(Attribute, Value),
    /// The set does not hold that value.
    ContainsNot(Attribute, Value),
    /// One of these, at least.
    Any(&'static [Check]),
    /// All of these.
    All(&'static [Check]),
}

/// What is done to one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// It gets that value.
    To(Attribute, Value),
    /// It gets that value where the writer brings one. Of an item that is there it is removed where he does not.
    Where(Attribute, Given),
    /// It gets that value unless it has one.
    OrKeep(Attribute, Given),
    /// It gets the value of another attribute.
    Copy(Attribute, Attribute),
    /// A list gets longer.
    Append(Attribute, Given),
    /// A number gets larger.
    Add(Attribute, Given),
    /// A number gets smaller.
    Subtract(Attribute, Given),
}

/// What is done to the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// These attributes and nothing else, whatever was there.
    Put(&'static [Set]),
    /// These attributes are set and those are removed; all others stay.
    Update(&'static [Set], &'static [Attribute]),
    /// The item is deleted.
    Delete,
}

/// A write on one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    /// What has to be so, all of it.
    pub condition: &'static [Check],
    /// What is done.
    pub change: Change,
    /// How a writer that was refused recognises that the item it found is its own doing: the answer to its write was lost, and this
    /// is the repetition. Empty where nobody asks.
    pub own: &'static [Check],
    /// Whether a refused write brings back the item that refused it.
    pub tells: bool,
}

impl Write {
    /// Which states the write may come from; none when it needs no record to be there.
    #[must_use]
    pub fn from(&self) -> Vec<State> {
        let states = |check: &Check| match check {
            Check::StateIn(states) | Check::StateAsSeen(states) => states.to_vec(),
            Check::Is(Attribute::State, Value::State(state, _)) => vec![*state],
            _ => Vec::new(),
        };
        self.condition.iter().flat_map(states).collect()
    }

    /// The state that the write leads to; none when it leaves the state as it is.
    #[must_use]
    pub fn to(&self) -> Option<State> {
        self.change.sets().iter().find_map(|set| match set {
            Set::To(Attribute::State, Value::State(state, _)) => Some(*state),
            _ => None,
        })
    }
}

impl Change {
    /// What is set.
    #[must_use]
    pub const fn sets(&self) -> &'static [Set] {
        match self {
            Self::Put(set) | Self::Update(set, _) => set,
            Self::Delete => &[],
        }
    }

    /// What is removed by name.
    #[must_use]
    pub const fn removes(&self) -> &'static [Attribute] {
        match self {
            Self::Update(_, remove) => remove,
            Self::Put(_) | Self::Delete => &[],
        }
    }
}
