//! What a write means to an item in memory: whether its condition holds, and what it makes of the item.

use crate::write::{Change, Check, Set, Value};
use crate::{Attribute, Given, State};

/// The value of an attribute, whatever the one who plays takes for it.
pub trait Fact: PartialOrd + Sized {
    /// That state.
    fn state(state: State) -> Self;
    /// True.
    fn yes() -> Self;
    /// The number zero.
    fn zero() -> Self;
    /// Whether the set holds `other`. A fact that is no set holds what it equals.
    fn contains(&self, other: &Self) -> bool {
        self == other
    }
}

/// A value that a change can be made on.
pub trait Changing: Fact {
    /// The list with `other` behind it, or the sum.
    fn plus(self, other: Self) -> Self;
    /// The difference.
    fn minus(self, other: Self) -> Self;
}

/// Whether all of `checks` hold for an item with the attributes `found`, where the writer brings `given`. What the writer does
/// not bring equals nothing. An item that is there has the attribute [`Attribute::Item`].
pub fn holds<F: Fact>(
    checks: &[Check],
    found: &impl Fn(Attribute) -> Option<F>,
    given: &impl Fn(Given) -> Option<F>,
) -> bool {
    checks.iter().all(|check| one_holds(check, found, given))
}

fn one_holds<F: Fact>(
    check: &Check,
    found: &impl Fn(Attribute) -> Option<F>,
    given: &impl Fn(Given) -> Option<F>,
) -> bool {
    let compare = |attribute: Attribute, value: Value, how: fn(&F, &F) -> bool| {
        let both = found(attribute).zip(fact(value, given));
        both.is_some_and(|(found, wanted)| how(&found, &wanted))
    };
    match *check {
        Check::Has(attribute) => found(attribute).is_some(),
        Check::HasNot(attribute) => found(attribute).is_none(),
        Check::Is(attribute, value) => compare(attribute, value, F::eq),
        Check::AtMost(attribute, value) => compare(attribute, value, F::le),
        Check::AtLeast(attribute, value) => compare(attribute, value, F::ge),
        Check::Contains(attribute, value) => compare(attribute, value, F::contains),
        // Of a set that is not there DynamoDB says that it does not hold it.
        Check::ContainsNot(attribute, value) => !compare(attribute, value, F::contains),
        Check::StateIn(states) => states
            .iter()
            .any(|state| found(Attribute::State) == Some(F::state(*state))),
        Check::StateAsSeen(_) => compare(Attribute::State, Value::Given(Given::SeenState), F::eq),
        Check::RevisionAsSeen => {
            let revision = found(Attribute::LifecycleRevision).unwrap_or_else(F::zero);
            given(Given::SeenRevision) == Some(revision)
        }
        Check::Any(checks) => checks.iter().any(|check| one_holds(check, found, given)),
        Check::All(checks) => holds(checks, found, given),
    }
}

/// Tells `each` what `change` makes of each attribute that it touches: a value, or that it is gone. A put or a deletion leaves
/// nothing else of the item that was there; all other attributes stay. What the writer does not bring is left out.
pub fn play<F: Changing>(
    change: &Change,
    found: &impl Fn(Attribute) -> Option<F>,
    given: &impl Fn(Given) -> Option<F>,
    mut each: impl FnMut(Attribute, Option<F>),
) {
    for set in change.sets() {
        match *set {
            Set::To(attribute, value) => {
                if let Some(fact) = fact(value, given) {
                    each(attribute, Some(fact));
                }
            }
            Set::Where(attribute, brought) => each(attribute, given(brought)),
            Set::OrKeep(attribute, brought) => {
                each(attribute, found(attribute).or_else(|| given(brought)));
            }
            Set::Copy(attribute, other) => each(attribute, found(other)),
            Set::Append(attribute, more) | Set::Add(attribute, more) => {
                if let Some((old, more)) = found(attribute).zip(given(more)) {
                    each(attribute, Some(old.plus(more)));
                }
            }
            Set::Subtract(attribute, less) => {
                if let Some((old, less)) = found(attribute).zip(given(less)) {
                    each(attribute, Some(old.minus(less)));
                }
            }
        }
    }
    for attribute in change.removes() {
        each(*attribute, None);
    }
}

fn fact<F: Fact>(value: Value, given: &impl Fn(Given) -> Option<F>) -> Option<F> {
    match value {
        Value::State(state, _) => Some(F::state(state)),
        Value::Yes(_) => Some(F::yes()),
        Value::Zero => Some(F::zero()),
        Value::Given(brought) => given(brought),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{LeaseWrite, Name, Table};

    #[derive(Debug, Clone, PartialEq, PartialOrd)]
    enum Plain {
        State(State),
        Yes,
        Number(i64),
        Text(&'static str),
    }

    impl Fact for Plain {
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

    impl Changing for Plain {
        fn plus(self, other: Self) -> Self {
            match (self, other) {
                (Self::Number(one), Self::Number(other)) => Self::Number(one + other),
                (list, _) => list,
            }
        }
        fn minus(self, other: Self) -> Self {
            match (self, other) {
                (Self::Number(one), Self::Number(other)) => Self::Number(one - other),
                (list, _) => list,
            }
        }
    }

    type Item = BTreeMap<Attribute, Plain>;

    fn calling() -> Item {
        Item::from([
            (Attribute::Item, Plain::Text("allocation#k")),
            (Attribute::State, Plain::State(State::Calling)),
            (Attribute::Token, Plain::Text("first")),
            (Attribute::CallStartedAt, Plain::Number(10)),
        ])
    }

    fn given(token: &'static str) -> impl Fn(Given) -> Option<Plain> {
        move |given| match given {
            Given::Token | Given::SeenToken => Some(Plain::Text(token)),
            Given::SeenState => Some(Plain::State(State::Calling)),
            Given::FreshToken => Some(Plain::Text("second")),
            Given::SeenStart | Given::KeptStart => Some(Plain::Number(10)),
            Given::Now | Given::NowSeconds => Some(Plain::Number(20)),
            Given::SeenRevision => Some(Plain::Number(0)),
            _ => None,
        }
    }

    fn may(name: Name, item: &Item, token: &'static str) -> bool {
        let checks = Table::default()[name].record.map(|write| write.condition);
        holds(
            checks.unwrap_or_default(),
            &|of| item.get(&of).cloned(),
            &given(token),
        )
    }

    #[test]
    fn a_write_of_an_attempt_needs_its_token_and_a_state_that_it_may_come_from() {
        assert!(may(Name::RecordAllocated, &calling(), "first"));
        assert!(!may(Name::RecordAllocated, &calling(), "second"));
        let mut over = calling();
        over.insert(Attribute::State, Plain::State(State::Rejected));
        assert!(!may(Name::RecordAllocated, &over, "first"));
    }

    #[test]
    fn a_key_is_claimed_where_there_is_no_record_or_one_whose_retention_is_over() {
        assert!(may(Name::Claim, &Item::new(), "first"));
        assert!(!may(Name::Claim, &calling(), "first"));
        let mut expired = calling();
        expired.insert(Attribute::ExpiresAt, Plain::Number(20));
        assert!(may(Name::Claim, &expired, "first"));
        expired.insert(Attribute::ExpiresAt, Plain::Number(21));
        assert!(!may(Name::Claim, &expired, "first"));
    }

    #[test]
    fn a_lifecycle_that_never_was_has_the_revision_zero() {
        let mut told = calling();
        told.insert(Attribute::State, Plain::State(State::Allocated));
        told.insert(Attribute::Published, Plain::Yes);
        assert!(may(Name::FollowSettled, &told, "first"));
        told.insert(Attribute::LifecycleRevision, Plain::Number(1));
        assert!(!may(Name::FollowSettled, &told, "first"));
    }

    #[test]
    fn a_takeover_keeps_the_start_of_the_call() {
        let mut item = calling();
        let found = item.clone();
        let write = Table::default()[Name::TakeOver].record.unwrap();
        play(
            &write.change,
            &|of| found.get(&of).cloned(),
            &given("first"),
            |of, fact| {
                match fact {
                    Some(fact) => item.insert(of, fact),
                    None => item.remove(&of),
                };
            },
        );
        assert_eq!(item[&Attribute::State], Plain::State(State::Unresolved));
        assert_eq!(item[&Attribute::Token], Plain::Text("second"));
        assert_eq!(item[&Attribute::CallStartedAt], Plain::Number(10));
        assert_eq!(item[&Attribute::Unanswered], Plain::Yes);
        let own = |token| holds(write.own, &|of| item.get(&of).cloned(), &given(token));
        assert!(
            own("first"),
            "the writer knows its own token in what it finds"
        );
    }

    #[test]
    fn a_vlan_that_is_free_may_be_freed_again_unless_it_is_counted() {
        let table = Table::default();
        let free = |write: LeaseWrite, lease: &Item| {
            let key = |given| (given == Given::Key).then_some(Plain::Text("k"));
            holds(table[write].condition, &|of| lease.get(&of).cloned(), &key)
        };
        assert!(free(LeaseWrite::FreeUncounted, &Item::new()));
        assert!(!free(LeaseWrite::FreeCounted, &Item::new()));
        let held = Item::from([
            (Attribute::Item, Plain::Text("parent#p")),
            (Attribute::Holder, Plain::Text("k")),
            (Attribute::CountedMbps, Plain::Number(50)),
        ]);
        assert!(free(LeaseWrite::FreeCounted, &held));
        assert!(!free(LeaseWrite::FreeUncounted, &held));
    }
}
