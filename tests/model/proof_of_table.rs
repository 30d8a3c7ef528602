//! That each condition in the table of transitions is for something: without any one of them a promise is broken. Where another
//! one stands behind it, it is listed here, with the reason.

use std::collections::BTreeSet;

use transitions::{Check, Name, Table};

use crate::given::{Assumptions, Protocol, Safeguards, Scenario};
use crate::promise::{PROMISES, TRUE_REJECTION};
use crate::proof::{A_B1, A_B2, CROWDED, QUIET, REFUSING, automatic};
use crate::search;

/// What the model plays of an order.
const PLAYED: [Name; 15] = [
    Name::Claim,
    Name::ClaimSetAside,
    Name::SetAside,
    Name::RejectUnclaimed,
    Name::RejectSetAside,
    Name::TakeOver,
    Name::TryAgain,
    Name::BeginCall,
    Name::LeaveUnresolved,
    Name::LeaveWaiting,
    Name::SwitchVlan,
    Name::RecordAllocated,
    Name::RecordRejected,
    Name::MarkAllocated,
    Name::MarkRejected,
];

/// Conditions that the model does not miss alone, as [`told`], and what stands behind each.
const BACKED: [(&str, &str); 28] = [
    (
        "BeginCall: StateIn([Calling, Unresolved])",
        "the token does: it is fresh for each attempt, and an attempt ends with its first write that leaves these states",
    ),
    (
        "ClaimSetAside: HasNot(Vlan)",
        "the other two do: an order is set aside once, and whoever goes on with it gives it a token and a VLAN or another state",
    ),
    (
        "ClaimSetAside: Is(Token, Given(Token))",
        "the other two do: an order is set aside once, and whoever goes on with it gives it a token and a VLAN or another state",
    ),
    (
        "ClaimSetAside: StateIn([Waiting])",
        "the other two do: an order is set aside once, and whoever goes on with it gives it a token and a VLAN or another state",
    ),
    (
        "LeaveUnresolved: Is(Token, Given(Token))",
        "the state does: an open call that is called unresolved is looked into, and its start stays",
    ),
    (
        "LeaveUnresolved: StateIn([Calling, Unresolved])",
        "the token does: it is fresh for each attempt, and an attempt ends with its first write that leaves these states",
    ),
    (
        "LeaveWaiting: StateIn([Calling, Unresolved])",
        "the token does: it is fresh for each attempt, and an attempt ends with its first write that leaves these states",
    ),
    (
        "MarkAllocated: HasNot(LifecycleRevision)",
        "the machine of an order ends before its lifecycle begins",
    ),
    (
        "MarkAllocated: StateIn([Allocated])",
        "the flow does: only what is recorded is published, and what is recorded is final",
    ),
    (
        "MarkAllocated: Is(Token, Given(Token))",
        "the machine of an order has one record; adopted ones are forgotten, and the key gets another",
    ),
    (
        "MarkRejected: HasNot(LifecycleRevision)",
        "the machine of an order ends before its lifecycle begins",
    ),
    (
        "MarkRejected: StateIn([Rejected])",
        "the flow does: only what is recorded is published, and what is recorded is final",
    ),
    (
        "MarkRejected: Is(Token, Given(Token))",
        "the machine of an order has one record; adopted ones are forgotten, and the key gets another",
    ),
    (
        "RecordAllocated: Is(Token, Given(Token))",
        "the state does: an open order whose connection exists is allocated, whoever says so",
    ),
    (
        "RecordAllocated: StateIn([Calling, Unresolved])",
        "the token does: it is fresh for each attempt, and an attempt ends with its first write that leaves these states",
    ),
    (
        "RecordRejected: StateIn([Calling, Unresolved])",
        "the token does: it is fresh for each attempt, and an attempt ends with its first write that leaves these states",
    ),
    (
        "RejectSetAside: HasNot(Vlan)",
        "the other two do: an order is set aside once, and whoever goes on with it gives it a token and a VLAN or another state",
    ),
    (
        "RejectSetAside: Is(Token, Given(Token))",
        "the other two do: an order is set aside once, and whoever goes on with it gives it a token and a VLAN or another state",
    ),
    (
        "RejectSetAside: StateIn([Waiting])",
        "the other two do: an order is set aside once, and whoever goes on with it gives it a token and a VLAN or another state",
    ),
    (
        "SwitchVlan: Is(CallStartedAt, Given(SeenStart))",
        "token and VLAN do: there are two VLANs, and an order seldom comes back to the first",
    ),
    (
        "SwitchVlan: Is(Token, Given(Token))",
        "the start of the call does: who takes over and calls notes another one",
    ),
    (
        "SwitchVlan: Is(Vlan, Given(OldVlan))",
        "the start of the call does: with the VLAN it becomes another one",
    ),
    (
        "SwitchVlan: StateIn([Calling])",
        "the token does: it is fresh for each attempt, and an attempt ends with its first write that leaves these states",
    ),
    (
        "TakeOver: AtMost(ClaimedUntil, Given(Now))",
        "the token does; the model lets a claim end at any moment, so nothing may rest on it",
    ),
    (
        "TakeOver: Is(Token, Given(SeenToken))",
        "state and start do: where both are as seen, the attempt that loses its token has not called since",
    ),
    (
        "TryAgain: AtMost(ClaimedUntil, Given(Now))",
        "the token does; the model lets a claim end at any moment, so nothing may rest on it",
    ),
    (
        "TryAgain: Has(Vlan)",
        "the flow does: it asks first whether the order was set aside",
    ),
    (
        "TryAgain: StateAsSeen([Waiting])",
        "the token does: nobody writes with it once the order waits",
    ),
];

/// Where a missing condition is looked for, and the promise that is broken there anyhow.
fn surroundings() -> [(Assumptions, Scenario, Option<&'static str>); 4] {
    [
        (A_B1, QUIET, None),
        (A_B1, REFUSING, None),
        (A_B1, automatic(CROWDED), None),
        (A_B2, automatic(CROWDED), Some(TRUE_REJECTION)),
    ]
}

/// A condition by name: what must have been seen comes before what must be so.
fn told(name: Name, check: &Check) -> String {
    format!("{name:?}: {check:?}")
}

/// The table without the condition of that number.
fn without(name: Name, number: usize) -> &'static Table {
    let mut table = Table::default();
    let row = &mut table[name];
    let seen = row.seen.len();
    let less = |checks: &'static [Check], number: usize| -> &'static [Check] {
        let (before, after) = checks.split_at(number);
        [before, &after[1..]].concat().leak()
    };
    if number < seen {
        row.seen = less(row.seen, number);
    } else if let Some(write) = &mut row.record {
        write.condition = less(write.condition, number - seen);
    }
    Box::leak(Box::new(table))
}

fn breaks_a_promise(table: &'static Table) -> bool {
    let mut surroundings = surroundings().into_iter();
    surroundings.any(|(assumptions, scenario, broken)| {
        let protocol = Protocol::new(assumptions, Safeguards::ALL, scenario).by(table);
        let promises = PROMISES
            .into_iter()
            .filter(|promise| Some(*promise) != broken);
        search::any(protocol, promises)
    })
}

#[test]
fn without_any_one_condition_of_the_table_a_promise_is_broken_unless_another_stands_behind_it() {
    let mut missed = BTreeSet::new();
    let mut all = 0;
    for name in PLAYED {
        let row = Table::default()[name];
        let condition = row.record.map_or(&[][..], |write| write.condition);
        for (number, check) in row.seen.iter().chain(condition).enumerate() {
            all += 1;
            if !breaks_a_promise(without(name, number)) {
                missed.insert(told(name, check));
            }
        }
    }
    eprintln!(
        "{all} conditions, {} of them backed by others",
        missed.len()
    );
    let listed = BACKED.map(|(condition, _)| condition.to_owned());
    assert_eq!(missed, BTreeSet::from(listed));
}

#[test]
fn without_all_conditions_of_a_row_a_promise_is_broken_unless_it_is_a_mark() {
    let mut missed = Vec::new();
    for name in PLAYED {
        let mut table = Table::default();
        if let Some(write) = &mut table[name].record {
            write.condition = &[];
        }
        if !breaks_a_promise(Box::leak(Box::new(table))) {
            missed.push(name);
        }
    }
    // An event is out only when its outcome is recorded, and that is final; the lifecycle is left out.
    assert_eq!(missed, [Name::MarkAllocated, Name::MarkRejected]);
}
