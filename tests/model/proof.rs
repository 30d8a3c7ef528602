//! The searches, and what each must find. `cargo test -p model -- --nocapture` shows the counts and the ways.

use transitions::{Attribute, Check, Name, Table};

use crate::given::{Assumptions, BY_ATTEMPTS, OWNED, Protocol, Safeguards, Scenario};
use crate::promise::{
    CAN_ADOPT, CAN_ALLOCATE, CAN_REJECT, FAIR_REJECTION, FINISHED, ONE_CONNECTION, ONE_VLAN,
    PROMISES, RECORDED, TRUE_ALLOCATION, TRUE_REJECTION,
};
use crate::search;

pub(crate) const A_B1_B2: Assumptions = Assumptions {
    allocations_are_visible: true,
    requests_settle: true,
    vlans_are_exclusive: true,
    refusals_come_last: true,
    transitions_show: true,
    owners_take_their_time: true,
};
pub(crate) const A_B1: Assumptions = Assumptions {
    vlans_are_exclusive: false,
    ..A_B1_B2
};
pub(crate) const A_B2: Assumptions = Assumptions {
    requests_settle: false,
    ..A_B1_B2
};
const ONLY_A: Assumptions = Assumptions {
    requests_settle: false,
    ..A_B1
};
const B1: Assumptions = Assumptions {
    allocations_are_visible: false,
    ..A_B1
};
const B1_B2: Assumptions = Assumptions {
    allocations_are_visible: false,
    ..A_B1_B2
};

/// Two workers on a given VLAN that nobody else uses, and Direct Connect has no other reason to refuse.
pub(crate) const QUIET: Scenario = Scenario {
    workers: 2,
    automatic: false,
    foreign: false,
    refusals: false,
    repeats: false,
    transitions: false,
    joins: false,
};
pub(crate) const CROWDED: Scenario = Scenario {
    foreign: true,
    ..QUIET
};
pub(crate) const REFUSING: Scenario = Scenario {
    refusals: true,
    ..QUIET
};
const REPEATING: Scenario = Scenario {
    repeats: true,
    ..QUIET
};
const BUSY: Scenario = Scenario {
    foreign: true,
    refusals: true,
    repeats: true,
    ..QUIET
};
const CHANGING: Scenario = Scenario {
    transitions: true,
    ..QUIET
};
const JOINING: Scenario = Scenario {
    joins: true,
    ..QUIET
};
/// All of it at once.
const UNRULY: Scenario = Scenario {
    transitions: true,
    joins: true,
    ..BUSY
};

pub(crate) fn automatic(scenario: Scenario) -> Scenario {
    Scenario {
        automatic: true,
        ..scenario
    }
}

fn three_workers(scenario: Scenario) -> Scenario {
    Scenario {
        workers: 3,
        ..scenario
    }
}

fn log(protocol: Protocol, states: usize) {
    let Scenario {
        workers,
        automatic,
        foreign,
        refusals,
        repeats,
        transitions,
        joins,
    } = protocol.scenario;
    let Assumptions {
        allocations_are_visible: a,
        requests_settle: b1,
        vlans_are_exclusive: b2,
        refusals_come_last: c1,
        transitions_show: c2,
        owners_take_their_time: c3,
    } = protocol.assumptions;
    let on = |switch: bool, name: &'static str| if switch { name } else { "-" };
    eprintln!(
        "{states:>7} states: {} {} {} {} {} {}, {workers} workers, {} VLAN, {} {} {} {} {}",
        on(a, "a"),
        on(b1, "b1"),
        on(b2, "b2"),
        on(c1, "c1"),
        on(c2, "c2"),
        on(c3, "c3"),
        if automatic { "automatic" } else { "given" },
        on(foreign, "others"),
        on(refusals, "refusals"),
        on(repeats, "repetitions"),
        on(transitions, "transitions"),
        on(joins, "joining"),
    );
}

/// Searches everything. No promise may be violated but `broken`, and what must be possible is.
#[track_caller]
fn holds_but(broken: &[&str], assumptions: Assumptions, scenario: Scenario) {
    let safeguards = Safeguards::ALL;
    let protocol = Protocol::new(assumptions, safeguards, scenario);
    let found = search::everything(protocol);
    log(protocol, found.states);
    let violated = PROMISES
        .into_iter()
        .filter(|promise| found.traces.contains_key(promise));
    let violated: Vec<_> = violated.collect();
    for promise in violated.iter().filter(|promise| !broken.contains(promise)) {
        eprintln!("NOT: {promise}\n{}", found.traces[promise]);
    }
    assert_eq!(violated, broken);
    assert!(found.traces.contains_key(CAN_ALLOCATE) && found.traces.contains_key(CAN_ADOPT));
    assert_eq!(
        found.traces.contains_key(CAN_REJECT),
        scenario.foreign || scenario.refusals
    );
}

#[track_caller]
fn holds(assumptions: Assumptions, scenario: Scenario) {
    holds_but(&[], assumptions, scenario);
}

/// Searches until `promise` is violated, which has to happen, and tells how.
#[track_caller]
fn breaks(
    promise: &'static str,
    assumptions: Assumptions,
    safeguards: Safeguards,
    scenario: Scenario,
) {
    finds(promise, Protocol::new(assumptions, safeguards, scenario));
}

/// The same, where the table of transitions is another one.
#[track_caller]
fn breaks_by(
    table: &'static Table,
    promise: &'static str,
    assumptions: Assumptions,
    scenario: Scenario,
) {
    let protocol = Protocol::new(assumptions, Safeguards::ALL, scenario);
    finds(promise, protocol.by(table));
}

#[track_caller]
fn finds(promise: &'static str, protocol: Protocol) {
    let found = search::until(protocol, promise);
    log(protocol, found.states);
    let trace = found.traces.get(promise);
    eprintln!("NOT: {promise}\n{}", trace.map_or("", String::as_str));
    assert!(trace.is_some(), "no violation found");
}

/// The table without those conditions of `name` that are `out`.
fn without(names: &[Name], out: impl Fn(&Check) -> bool) -> &'static Table {
    let mut table = Table::default();
    for name in names {
        if let Some(write) = &mut table[*name].record {
            let kept = write.condition.iter().filter(|check| !out(check));
            write.condition = kept.copied().collect::<Vec<_>>().leak();
        }
    }
    Box::leak(Box::new(table))
}

#[test]
fn all_promises_hold_if_requests_settle() {
    for assumptions in [A_B1_B2, A_B1] {
        holds(assumptions, BUSY);
        holds(assumptions, automatic(BUSY));
        holds(assumptions, three_workers(BUSY));
        holds(assumptions, three_workers(automatic(BUSY)));
    }
}

#[test]
fn all_promises_hold_where_nobody_else_is_if_a_second_use_of_a_vlan_is_refused() {
    holds(A_B2, QUIET);
    holds(A_B2, automatic(QUIET));
    holds(A_B2, three_workers(QUIET));
}

#[test]
fn there_is_one_connection_whoever_else_is_there_if_a_second_use_of_a_vlan_is_refused() {
    for scenario in [BUSY, automatic(BUSY)] {
        holds_but(&[TRUE_REJECTION], A_B2, scenario);
        holds_but(&[TRUE_REJECTION], A_B2, three_workers(scenario));
    }
}

#[test]
fn if_requests_do_not_settle_a_rejection_after_an_unanswered_call_can_be_wrong() {
    breaks(TRUE_REJECTION, A_B2, Safeguards::ALL, CROWDED);
    breaks(TRUE_REJECTION, A_B2, Safeguards::ALL, REFUSING);
    breaks(TRUE_REJECTION, A_B2, Safeguards::ALL, automatic(CROWDED));
}

#[test]
fn without_the_assumption_that_allocations_are_visible_two_connections_are_found() {
    breaks(ONE_CONNECTION, B1, Safeguards::ALL, QUIET);
    // Where Direct Connect refuses the second, it is the rejection that is wrong.
    breaks(TRUE_REJECTION, B1_B2, Safeguards::ALL, QUIET);
}

#[test]
fn with_neither_settling_requests_nor_exclusive_vlans_two_connections_are_found() {
    breaks(ONE_CONNECTION, ONLY_A, Safeguards::ALL, QUIET);
}

#[test]
fn without_fencing_two_connections_are_found() {
    let table = without(&BY_ATTEMPTS, |check| *check == OWNED);
    breaks_by(table, ONE_CONNECTION, A_B1, QUIET);
    // Where Direct Connect refuses the second, it is the rejection that is wrong.
    breaks_by(table, TRUE_REJECTION, A_B1_B2, REFUSING);
    breaks_by(table, TRUE_REJECTION, A_B1_B2, automatic(REFUSING));
}

#[test]
fn without_waiting_for_the_settle_time_two_connections_are_found() {
    let safeguards = Safeguards {
        settle_wait: false,
        ..Safeguards::ALL
    };
    breaks(ONE_CONNECTION, A_B1, safeguards, QUIET);
}

#[test]
fn with_a_look_that_began_before_the_settle_time_was_over_two_connections_are_found() {
    let safeguards = Safeguards {
        look_begins_settled: false,
        ..Safeguards::ALL
    };
    breaks(ONE_CONNECTION, A_B1, safeguards, QUIET);
    // Where Direct Connect refuses the second, it is the rejection that is wrong.
    breaks(TRUE_REJECTION, A_B1_B2, safeguards, CROWDED);
    breaks(TRUE_REJECTION, A_B1_B2, safeguards, automatic(CROWDED));
}

#[test]
fn with_a_start_of_a_call_that_a_late_repetition_moves_back_two_connections_are_found() {
    let table = without(&[Name::BeginCall], |check| {
        matches!(check, Check::Is(Attribute::CallStartedAt, _))
    });
    breaks_by(table, ONE_CONNECTION, A_B1, QUIET);
    breaks_by(table, TRUE_REJECTION, A_B1_B2, REFUSING);
}

#[test]
fn with_another_vlan_on_retry_two_connections_are_found() {
    let safeguards = Safeguards {
        same_vlan: false,
        ..Safeguards::ALL
    };
    breaks(ONE_VLAN, A_B2, safeguards, automatic(QUIET));
    breaks(ONE_CONNECTION, A_B2, safeguards, automatic(QUIET));
}

#[test]
fn with_an_automatic_order_that_moves_although_a_call_is_unanswered_two_connections_are_found() {
    let safeguards = Safeguards {
        unanswered_stays: false,
        ..Safeguards::ALL
    };
    breaks(ONE_CONNECTION, A_B2, safeguards, automatic(CROWDED));
}

#[test]
fn with_publishing_before_recording_an_untrue_event_is_found() {
    let safeguards = Safeguards {
        record_first: false,
        ..Safeguards::ALL
    };
    breaks(RECORDED, A_B1_B2, safeguards, QUIET);
}

#[test]
fn with_every_refusal_final_a_rejection_beside_our_own_connection_is_found() {
    let safeguards = Safeguards {
        look_before_refusal: false,
        ..Safeguards::ALL
    };
    breaks(TRUE_REJECTION, A_B2, safeguards, QUIET);
}

#[test]
fn all_promises_hold_though_the_parent_joins_a_lag_and_is_in_transition_at_times() {
    for assumptions in [A_B1_B2, A_B1] {
        holds(assumptions, UNRULY);
        holds(assumptions, automatic(UNRULY));
    }
}

#[test]
fn there_is_one_connection_though_the_parent_joins_a_lag_if_a_second_use_of_a_vlan_is_refused() {
    let joining = Scenario {
        joins: true,
        ..BUSY
    };
    holds_but(&[TRUE_REJECTION], A_B2, joining);
    holds_but(&[TRUE_REJECTION], A_B2, automatic(joining));
    holds(A_B2, three_workers(JOINING));
}

#[test]
fn with_a_refusal_that_is_final_beside_a_connection_as_asked_its_own_repetition_is_taken_for_a_no()
{
    let safeguards = Safeguards {
        refusal_settles: false,
        ..Safeguards::ALL
    };
    breaks(TRUE_REJECTION, A_B1_B2, safeguards, REPEATING);
    // Where the VLAN is chosen, another one is chosen.
    breaks(ONE_CONNECTION, A_B1_B2, safeguards, automatic(REPEATING));
}

#[test]
fn with_a_refusal_that_is_final_in_transition_an_order_is_rejected_for_what_passes() {
    let safeguards = Safeguards {
        transition_waits: false,
        ..Safeguards::ALL
    };
    breaks(FAIR_REJECTION, A_B1_B2, safeguards, CHANGING);
    breaks(FAIR_REJECTION, A_B1_B2, safeguards, automatic(CHANGING));
}

#[test]
fn with_a_look_at_one_id_only_a_connection_that_has_moved_is_made_again() {
    let safeguards = Safeguards {
        both_ids: false,
        ..Safeguards::ALL
    };
    breaks(ONE_CONNECTION, A_B1, safeguards, JOINING);
    // Where Direct Connect refuses the second, it is the rejection that is wrong.
    breaks(TRUE_REJECTION, A_B1_B2, safeguards, JOINING);
}

#[test]
fn with_a_look_at_the_lag_before_the_one_at_its_member_a_connection_that_moves_in_between_is_made_again()
 {
    let safeguards = Safeguards {
        lag_comes_last: false,
        ..Safeguards::ALL
    };
    breaks(ONE_CONNECTION, A_B1, safeguards, JOINING);
    let repeating = Scenario {
        repeats: true,
        ..JOINING
    };
    breaks(TRUE_REJECTION, A_B1_B2, safeguards, repeating);
}

#[test]
fn with_twins_that_are_adopted_an_allocation_without_its_connection_is_found() {
    let safeguards = Safeguards {
        twins_are_told: false,
        ..Safeguards::ALL
    };
    breaks(TRUE_ALLOCATION, A_B1_B2, safeguards, CROWDED);
    breaks(TRUE_ALLOCATION, A_B1_B2, safeguards, automatic(CROWDED));
}

#[test]
fn without_a_record_of_an_order_that_could_not_be_shown_its_vlans_nobody_finishes_it() {
    let safeguards = Safeguards {
        unseen_is_parked: false,
        ..Safeguards::ALL
    };
    breaks(FINISHED, A_B1_B2, safeguards, automatic(QUIET));
}

#[test]
fn with_a_parked_order_that_is_claimed_unseen_two_connections_are_found() {
    let table = without(&[Name::ClaimSetAside, Name::RejectSetAside], |_| true);
    breaks_by(table, ONE_CONNECTION, A_B1, automatic(QUIET));
    breaks_by(table, ONE_CONNECTION, A_B1_B2, automatic(CROWDED));
}

#[test]
fn if_what_was_refused_may_still_land_a_rejection_can_be_wrong_and_a_connection_be_made_twice() {
    let assumptions = Assumptions {
        refusals_come_last: false,
        ..A_B1_B2
    };
    breaks(TRUE_REJECTION, assumptions, Safeguards::ALL, QUIET);
    let scenario = automatic(CROWDED);
    breaks(ONE_CONNECTION, assumptions, Safeguards::ALL, scenario);
}

#[test]
fn if_a_transition_may_end_unseen_an_order_can_be_rejected_for_it() {
    let assumptions = Assumptions {
        transitions_show: false,
        ..A_B1_B2
    };
    breaks(FAIR_REJECTION, assumptions, Safeguards::ALL, CHANGING);
}

#[test]
fn if_an_owner_confirms_a_connection_at_once_it_can_be_taken_for_one_that_was_there_before() {
    let assumptions = Assumptions {
        owners_take_their_time: false,
        ..A_B1_B2
    };
    breaks(TRUE_REJECTION, assumptions, Safeguards::ALL, REPEATING);
    // What is chosen was free a moment ago, whatever it looks like now.
    let scenario = automatic(REPEATING);
    let protocol = Protocol::new(assumptions, Safeguards::ALL, scenario);
    let found = search::everything(protocol);
    log(protocol, found.states);
    assert!(
        PROMISES
            .iter()
            .all(|promise| !found.traces.contains_key(promise))
    );
}
