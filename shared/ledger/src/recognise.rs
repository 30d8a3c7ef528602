//! What a refused write found in the table: its own doing, whose answer was lost, or somebody else's.

use std::cmp::Ordering;

use aws::failure::CallError;
use aws_sdk_dynamodb::types::AttributeValue;
use transitions::{Attribute, Fact, Given, Name, State, Value, holds};

use crate::draft::{self, Brought};
use crate::item::{Item, n, s};
use crate::ledger::Ledger;
use crate::record::Record;

/// The record that refused a write.
#[derive(Debug)]
pub(crate) enum Found {
    /// As the write leaves it: an earlier try of it took effect, and its answer was lost.
    Own(Record),
    /// Somebody else's.
    Other(Record),
}

impl Ledger {
    /// Whose doing `item` is, which refused the transition's write on the record.
    pub(crate) fn recognise(
        &self,
        name: Name,
        item: &Item,
        brought: &Brought,
    ) -> Result<Found, CallError> {
        let record = Record::from_item(item)?;
        let own = self
            .sheet
            .transition(name)
            .record
            .map_or(&[][..], |write| write.own);
        let found = |attribute: Attribute| item.get(attribute.name()).cloned().map(Stored);
        let is_own = !own.is_empty() && holds(own, &found, &given(brought));
        Ok(if is_own {
            Found::Own(record)
        } else {
            Found::Other(record)
        })
    }

    /// Whether the transition may be tried, as far as can be told from the record as it was read.
    pub(crate) fn may(&self, name: Name, seen: &Record) -> bool {
        let now = vec![(Given::Now, n(self.clock.now_ms()))];
        let found = |attribute: Attribute| seen.attribute(attribute).map(Stored);
        holds(self.sheet.transition(name).seen, &found, &given(&now))
    }
}

fn given(brought: &Brought) -> impl Fn(Given) -> Option<Stored> {
    |given| draft::of(brought, Value::Given(given)).map(Stored)
}

/// A value as it stands in the table.
#[derive(Debug, PartialEq)]
struct Stored(AttributeValue);

impl Stored {
    fn number(&self) -> Option<f64> {
        match &self.0 {
            AttributeValue::N(number) => number.parse().ok(),
            _ => None,
        }
    }
}

impl PartialOrd for Stored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self == other {
            return Some(Ordering::Equal);
        }
        self.number()?.partial_cmp(&other.number()?)
    }
}

impl Fact for Stored {
    fn state(state: State) -> Self {
        Self(s(state.as_str()))
    }

    fn yes() -> Self {
        Self(AttributeValue::Bool(true))
    }

    fn zero() -> Self {
        Self(n(0))
    }

    fn contains(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (AttributeValue::Ss(set), AttributeValue::S(one))
            | (AttributeValue::Ns(set), AttributeValue::N(one)) => set.contains(one),
            (_, _) => false,
        }
    }
}
