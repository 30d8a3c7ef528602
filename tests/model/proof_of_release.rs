//! The searches of the release, and what each must find.

use crate::release::{CAN_REFUSE, CAN_RELEASE, PROMISES, Releasing, TRUE_REFUSAL, TRUE_RELEASE};
use crate::search;

/// Searches until `promise` is violated, which has to happen, and tells how.
#[track_caller]
fn breaks(promise: &'static str, releasing: Releasing) {
    let found = search::until(releasing, promise);
    let trace = found.traces.get(promise);
    eprintln!("{:>7} states: {releasing:?}", found.states);
    eprintln!("NOT: {promise}\n{}", trace.map_or("", String::as_str));
    assert!(trace.is_some(), "no violation found");
}

#[test]
fn all_promises_of_a_release_hold() {
    let found = search::everything(Releasing::ALL);
    eprintln!("{:>7} states: {:?}", found.states, Releasing::ALL);
    for promise in PROMISES {
        let trace = found.traces.get(promise);
        assert_eq!(trace, None, "NOT: {promise}");
    }
    assert!(found.traces.contains_key(CAN_RELEASE) && found.traces.contains_key(CAN_REFUSE));
}

#[test]
fn with_a_look_at_its_own_parent_only_a_refused_deletion_is_told_as_a_release() {
    let releasing = Releasing {
        looks_everywhere: false,
        ..Releasing::ALL
    };
    breaks(TRUE_RELEASE, releasing);
}

#[test]
fn with_a_refusal_that_is_final_at_once_a_deletion_is_told_as_refused() {
    let releasing = Releasing {
        refusal_settles: false,
        ..Releasing::ALL
    };
    breaks(TRUE_REFUSAL, releasing);
}

#[test]
fn with_a_new_connection_that_counts_as_gone_while_it_is_not_listed_it_is_told_as_released() {
    let releasing = Releasing {
        new_ones_are_waited_for: false,
        ..Releasing::ALL
    };
    breaks(TRUE_RELEASE, releasing);
}

#[test]
fn with_a_second_deletion_sent_while_a_refusal_settles_it_can_land_after_the_no() {
    let releasing = Releasing {
        asks_once: false,
        ..Releasing::ALL
    };
    breaks(TRUE_REFUSAL, releasing);
}

#[test]
fn if_lists_lag_for_longer_than_the_settle_time_both_answers_can_be_wrong() {
    let releasing = Releasing {
        lists_catch_up: false,
        ..Releasing::ALL
    };
    breaks(TRUE_RELEASE, releasing);
    breaks(TRUE_REFUSAL, releasing);
}

#[test]
fn if_a_late_deletion_takes_another_settle_time_to_show_it_is_told_as_refused() {
    let releasing = Releasing {
        counted_from_sending: false,
        ..Releasing::ALL
    };
    breaks(TRUE_REFUSAL, releasing);
}

#[test]
fn if_requests_do_not_settle_a_deletion_can_land_after_it_was_told_as_refused() {
    let releasing = Releasing {
        requests_settle: false,
        ..Releasing::ALL
    };
    breaks(TRUE_REFUSAL, releasing);
}
