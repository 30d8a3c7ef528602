//! The searches of the scenes, and what each must find.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use transitions::{LeaseWrite, Name, Table, Write};

use crate::scene::{Flow, MOVED_ONCE, ONE_RECORD, PROMISES, SCENES, STAYS, Scene, VLAN_KEPT};
use crate::search;

/// The table that production writes by.
static TABLE: LazyLock<Table> = LazyLock::new(Table::default);

const COUNTED: &str = "a lease that tracking counts while it is written";
const FORGOTTEN: &str = "forgotten and adopted again";
const RELEASED: &str = "an adopter beside a release";
const OPEN_ORDER: &str = "an adopter beside an open order's move by hand";
const BESIDE_ORDER: &str = "an adopter beside an order on the VLAN";
const ITS_ORDER: &str = "an adopter beside an order with its key";
const TWO_KEYS: &str = "two adopters, two keys, beside tracking";
const DELETED: &str = "an adopter beside a deletion by hand";
const BESIDE_MOVE: &str = "an adopter beside a move";
const BY_HAND: &str = "a move by hand beside an order on the VLAN there";
const BY_COMMAND: &str = "a move by hand beside a move by command";
const BACK: &str = "two moves to two places";
const MOVED: &str = "a move beside a release";
const MOVE_BESIDE_ORDER: &str = "a move beside an order on the VLAN there";
const QUARANTINE: &str = "a quarantine that two people end";
const BESIDE_ADOPTER: &str = "a quarantine ended beside an adopter and an order";
const PLACED: &str = "an order by place beside an order on the first parent";
const TWO_PLACED: &str = "two deliveries of an order by place";
const UNANSWERED: &str = "an order by place whose call has no answer";

/// The writes on records that the scenes play, and where.
const ROWS: [(Name, &[&str]); 11] = [
    (Name::Adopt, &[ITS_ORDER]),
    (Name::Forget, &[FORGOTTEN, RELEASED]),
    (Name::MarkAllocated, &[FORGOTTEN, RELEASED]),
    (
        Name::FollowUnfinished,
        &[FORGOTTEN, COUNTED, RELEASED, BACK],
    ),
    (
        Name::FollowSettled,
        &[FORGOTTEN, COUNTED, BACK, BY_HAND, BY_COMMAND],
    ),
    (Name::FollowGone, &[FORGOTTEN, COUNTED, RELEASED, DELETED]),
    (Name::BeginMove, &[BACK, BESIDE_MOVE, MOVED]),
    (
        Name::Move,
        &[COUNTED, BACK, BESIDE_MOVE, BY_HAND, BY_COMMAND],
    ),
    (Name::ResolveAdopted, &[COUNTED, QUARANTINE]),
    (Name::ResolveAdoptedElsewhere, &[COUNTED, QUARANTINE]),
    (Name::ResolveRejected, &[COUNTED, QUARANTINE]),
];

/// The same of the writes on leases.
const LEASES: [(LeaseWrite, &[&str]); 17] = [
    (LeaseWrite::Take, &[BESIDE_ORDER]),
    (LeaseWrite::FreeCounted, &[COUNTED, RELEASED, BACK]),
    (LeaseWrite::FreeUncounted, &[COUNTED, RELEASED, BACK]),
    (LeaseWrite::Reserve, &[BESIDE_MOVE, MOVE_BESIDE_ORDER]),
    (LeaseWrite::Arrive, &[BACK, BESIDE_MOVE, BY_HAND]),
    (LeaseWrite::KeepCounted, &[COUNTED, QUARANTINE]),
    (LeaseWrite::KeepUncounted, &[COUNTED, QUARANTINE]),
    (LeaseWrite::LeaveCounted, &[COUNTED, QUARANTINE]),
    (LeaseWrite::LeaveUncounted, &[COUNTED, QUARANTINE]),
    (LeaseWrite::MoveIn, &[TWO_KEYS]),
    (LeaseWrite::MoveInOverCounted, &[TWO_KEYS, DELETED]),
    (LeaseWrite::MoveInOverUncounted, &[TWO_KEYS, DELETED]),
    (LeaseWrite::NoteOrphan, &[TWO_KEYS]),
    (LeaseWrite::ForgetCounted, &[COUNTED, TWO_KEYS, DELETED]),
    (LeaseWrite::ForgetUncounted, &[COUNTED, TWO_KEYS, DELETED]),
    (LeaseWrite::Count, &[COUNTED, TWO_KEYS]),
    (LeaseWrite::Disown, &[FORGOTTEN, RELEASED]),
];

/// Conditions that no scene misses alone, and what stands behind each.
const BACKED: &[(&str, &str)] = &[
    (
        "Forget: StateIn([Allocated])",
        "the token does: only an adopted record is forgotten, which is allocated from the beginning",
    ),
    (
        "Forget: Is(Published, Yes(\":yes\"))",
        "the flow does: the record was read as published, and stays so",
    ),
    (
        "Forget: HasNot(UnfinishedShard)",
        "the revision does: what is owed was written with another one",
    ),
    (
        "Forget: RevisionAsSeen",
        "the index does while something is owed, and then the lease: it is another one, or nobody's",
    ),
    (
        "FollowUnfinished: StateIn([Allocated])",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "FollowUnfinished: Is(Published, Yes(\":yes\"))",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "FollowSettled: StateIn([Allocated])",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "FollowSettled: Is(Published, Yes(\":yes\"))",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "FollowGone: StateIn([Allocated])",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "FollowGone: Is(Published, Yes(\":yes\"))",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "BeginMove: StateIn([Allocated])",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "BeginMove: Is(Published, Yes(\":yes\"))",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "Move: StateIn([Allocated])",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "Move: Is(Published, Yes(\":yes\"))",
        "the flow does: who follows has read the record as allocated and told, and it stays so",
    ),
    (
        "FollowSettled: Is(Token, Given(Token))",
        "the revision does: a record that the key has got since begins with none, and no late write here has seen none",
    ),
    (
        "FollowGone: Is(Token, Given(Token))",
        "the revision does: a record that the key has got since begins with none, and no late write here has seen none",
    ),
    (
        "BeginMove: Is(Token, Given(Token))",
        "the revision does: a record that the key has got since begins with none, and no late write here has seen none",
    ),
    (
        "Move: Is(Token, Given(Token))",
        "the revision does: a record that the key has got since begins with none, and no late write here has seen none",
    ),
    (
        "FollowGone: RevisionAsSeen",
        "what is gone stays gone, and only its events are paid",
    ),
    (
        "FreeCounted: Is(Holder, Given(Key))",
        "the record does: as long as it is as it was read it has its lease",
    ),
    (
        "FreeCounted: Has(CountedMbps)",
        "what is counted stays counted as long as it is held",
    ),
    (
        "Arrive: Is(Holder, Given(Key))",
        "the record does: as long as its move is open it has what is kept free",
    ),
    (
        "ResolveAdopted: Is(Token, Given(SeenToken))",
        "the state does: a quarantine ends once, and does not begin again",
    ),
    (
        "ResolveAdopted: StateIn([Quarantined])",
        "the token does: it changes with the decision",
    ),
    (
        "ResolveAdoptedElsewhere: Is(Token, Given(SeenToken))",
        "the state does: a quarantine ends once, and does not begin again",
    ),
    (
        "ResolveAdoptedElsewhere: StateIn([Quarantined])",
        "the token does: it changes with the decision",
    ),
    (
        "ResolveRejected: Is(Token, Given(SeenToken))",
        "the state does: a quarantine ends once, and does not begin again",
    ),
    (
        "ResolveRejected: StateIn([Quarantined])",
        "the token does: it changes with the decision",
    ),
    (
        "KeepCounted: Is(Holder, Given(Key))",
        "the record does: as long as it is quarantined it has its lease",
    ),
    (
        "KeepCounted: Has(CountedMbps)",
        "what is counted stays counted as long as it is held",
    ),
    (
        "KeepUncounted: Is(Holder, Given(Key))",
        "the record does: as long as it is quarantined it has its lease",
    ),
    (
        "LeaveCounted: Is(Holder, Given(Key))",
        "the record does: as long as it is quarantined it has its lease",
    ),
    (
        "LeaveCounted: Has(CountedMbps)",
        "what is counted stays counted as long as it is held",
    ),
    (
        "LeaveUncounted: Is(Holder, Given(Key))",
        "the record does: as long as it is quarantined it has its lease",
    ),
    (
        "MoveInOverCounted: Is(ConnectionId, Given(ConnectionId))",
        "only what is shown on the VLAN is noted, and two on one VLAN are left out",
    ),
    (
        "MoveInOverCounted: Has(CountedMbps)",
        "a note that is counted stays counted as long as its connection lives",
    ),
    (
        "MoveInOverUncounted: HasNot(Holder)",
        "that it is not counted does: what a key holds is",
    ),
    (
        "MoveInOverUncounted: Is(ConnectionId, Given(ConnectionId))",
        "only what is shown on the VLAN is noted, and two on one VLAN are left out",
    ),
    (
        "ForgetCounted: Is(ConnectionId, Given(ConnectionId))",
        "only what is shown on the VLAN is noted, and two on one VLAN are left out",
    ),
    (
        "ForgetCounted: Has(CountedMbps)",
        "a note that is counted stays counted as long as it is there",
    ),
    (
        "ForgetUncounted: HasNot(Holder)",
        "that it is not counted does: what a key holds is",
    ),
    (
        "ForgetUncounted: Is(ConnectionId, Given(ConnectionId))",
        "only what is shown on the VLAN is noted, and two on one VLAN are left out",
    ),
    (
        "Count: Is(LeasedAt, Given(LeasedAt))",
        "there is one bandwidth: a VLAN that has changed hands counts the same",
    ),
    (
        "Count: Is(Mbps, Given(Mbps))",
        "there is one bandwidth: a VLAN that has changed hands counts the same",
    ),
    (
        "Disown: Is(Holder, Given(Key))",
        "the record does: as long as it is as it was read it has its lease",
    ),
];

/// Conditions on passing a parent over that no scene misses alone.
const PASSED_OVER_BACKED: [&str; 4] = [
    // The start does: whoever takes the order over and calls has moved it.
    "Is(Token, Given(Token))",
    // The token does: an order whose state another attempt has changed has another one.
    "StateIn([Calling])",
    // The state does: an order without a VLAN waits.
    "Is(Vlan, Given(OldVlan))",
    // The token does.
    "Is(CallStartedAt, Given(SeenStart))",
];

fn scene(name: &str, flow: Flow, table: &'static Table) -> Scene {
    let mut all = SCENES.into_iter();
    let Some((name, begins)) = all.find(|scene| scene.0 == name) else {
        panic!("there is no scene {name}");
    };
    Scene {
        name,
        begins,
        flow,
        table,
    }
}

/// Searches a scene to its end: nothing may be broken in it.
#[track_caller]
fn holds(name: &str) {
    let scene = scene(name, Flow::ALL, &TABLE);
    let found = search::everything(scene);
    eprintln!("{:>7} states: {}", found.states, scene.name);
    let broken = PROMISES.into_iter().find_map(|promise| {
        let trace = found.traces.get(promise)?;
        Some(format!("NOT: {promise}\n{trace}"))
    });
    if let Some(broken) = broken {
        panic!("{broken}");
    }
}

/// Searches until `promise` is broken, which has to happen, and tells how.
#[track_caller]
fn breaks(promise: &'static str, name: &str, flow: Flow) {
    let found = search::until(scene(name, flow, &TABLE), promise);
    let trace = found.traces.get(promise);
    eprintln!("{:>7} states: {name}", found.states);
    eprintln!("NOT: {promise}\n{}", trace.map_or("", String::as_str));
    assert!(trace.is_some(), "nothing is broken");
}

/// Where something is broken, if anywhere.
fn broken<'a>(names: &[&'a str], flow: Flow, table: &'static Table) -> Option<&'a str> {
    let mut names = names.iter().copied();
    names.find(|name| search::any(scene(name, flow, table), PROMISES))
}

/// The write without the condition of that number.
fn without(write: &Write, number: usize) -> Write {
    let (before, after) = write.condition.split_at(number);
    Write {
        condition: [before, &after[1..]].concat().leak(),
        ..*write
    }
}

#[test]
fn without_any_one_condition_a_promise_is_broken_unless_another_stands_behind_it() {
    let mut missed = BTreeSet::new();
    let mut asked = BTreeSet::new();
    let mut try_out = |told: String, table: Table, names: &[&str]| {
        asked.insert(told.clone());
        let found = broken(names, Flow::ALL, Box::leak(Box::new(table)));
        if found.is_none() {
            missed.insert(told);
        }
    };
    for (name, names) in ROWS {
        let Some(write) = TABLE[name].record else {
            continue;
        };
        for (number, check) in write.condition.iter().enumerate() {
            let mut table = TABLE.clone();
            table[name].record = Some(without(&write, number));
            try_out(format!("{name:?}: {check:?}"), table, names);
        }
    }
    for (name, names) in LEASES {
        let write = TABLE[name];
        for (number, check) in write.condition.iter().enumerate() {
            let mut table = TABLE.clone();
            table[name] = without(&write, number);
            try_out(format!("{name:?}: {check:?}"), table, names);
        }
    }
    eprintln!(
        "{} conditions, {} of them backed by others",
        asked.len(),
        missed.len()
    );
    let listed = BACKED.iter().map(|(condition, _)| (*condition).to_owned());
    // What the table does not ask for cannot be missed.
    let listed = listed.filter(|condition| asked.contains(condition));
    assert_eq!(missed, listed.collect());
}

#[test]
fn an_adopter_that_looks_before_it_reads_the_leases_adopts_what_is_being_released() {
    let flow = Flow {
        reads_leases_before: false,
        ..Flow::ALL
    };
    breaks(ONE_RECORD, RELEASED, flow);
}

#[test]
fn an_adopter_that_does_not_read_other_leases_again_adopts_what_was_moved_here_meanwhile() {
    let flow = Flow {
        reads_leases_again: false,
        ..Flow::ALL
    };
    breaks(ONE_RECORD, OPEN_ORDER, flow);
}

#[test]
fn an_adopter_that_does_not_mind_open_orders_adopts_their_connection() {
    let flow = Flow {
        open_orders_are_let_be: false,
        ..Flow::ALL
    };
    breaks(ONE_RECORD, OPEN_ORDER, flow);
}

#[test]
fn tracking_that_does_not_look_twice_tells_a_move_that_was_none() {
    let flow = Flow {
        orphans_are_confirmed: false,
        ..Flow::ALL
    };
    breaks(MOVED_ONCE, BY_COMMAND, flow);
}

#[test]
fn a_move_that_is_given_up_before_its_call_has_settled_arrives_where_nothing_is_kept_free() {
    let flow = Flow {
        moves_settle: false,
        ..Flow::ALL
    };
    breaks(VLAN_KEPT, MOVE_BESIDE_ORDER, flow);
}

#[test]
fn so_does_one_whose_repetition_was_refused() {
    let flow = Flow {
        unanswered_stay_open: false,
        ..Flow::ALL
    };
    breaks(VLAN_KEPT, MOVE_BESIDE_ORDER, flow);
}

#[test]
fn so_does_one_that_is_sent_long_after_it_was_noted() {
    let flow = Flow {
        late_calls_are_noted: false,
        ..Flow::ALL
    };
    breaks(VLAN_KEPT, MOVE_BESIDE_ORDER, flow);
}

#[test]
fn a_quarantine_that_frees_its_vlan_too_soon_or_unseen_leaves_a_connection_on_a_free_vlan() {
    let rejected_soon = Flow {
        rejections_settle: false,
        ..Flow::ALL
    };
    let rejected_unseen = Flow {
        rejections_look: false,
        ..Flow::ALL
    };
    let adopted_soon = Flow {
        adoptions_settle: false,
        ..Flow::ALL
    };
    let adopted_unseen = Flow {
        adoptions_look: false,
        ..Flow::ALL
    };
    for flow in [rejected_soon, rejected_unseen, adopted_soon, adopted_unseen] {
        breaks(VLAN_KEPT, QUARANTINE, flow);
    }
}

#[test]
fn a_parent_that_is_passed_over_by_whoever_comes_late_is_not_that_of_the_order() {
    let mut table = TABLE.clone();
    if let Some(write) = &mut table[Name::PassOver].record {
        write.condition = &[];
    }
    let found = broken(&[UNANSWERED], Flow::ALL, Box::leak(Box::new(table)));
    assert!(found.is_some(), "nothing is broken without any condition");
    // One after the other: another guard stands behind some of them.
    let conditions = TABLE[Name::PassOver].record.map(|write| write.condition);
    let conditions = conditions.unwrap_or_default();
    let backed = (0..conditions.len()).filter(|number| {
        let mut table = TABLE.clone();
        let write = TABLE[Name::PassOver].record;
        table[Name::PassOver].record = write.map(|write| without(&write, *number));
        broken(&[UNANSWERED], Flow::ALL, Box::leak(Box::new(table))).is_none()
    });
    let backed: Vec<_> = backed
        .map(|number| format!("{:?}", conditions[number]))
        .collect();
    assert_eq!(backed, PASSED_OVER_BACKED);
}

#[test]
fn an_order_by_place_that_goes_elsewhere_after_an_unanswered_call_gets_two_connections() {
    let flow = Flow {
        unanswered_keep_their_parent: false,
        ..Flow::ALL
    };
    breaks(STAYS, UNANSWERED, flow);
}

#[test]
fn so_does_one_that_goes_elsewhere_beside_what_its_refused_call_may_have_made() {
    let flow = Flow {
        refusals_beside_own_wait: false,
        ..Flow::ALL
    };
    breaks(STAYS, PLACED, flow);
}

#[test]
fn what_spares_a_person_surprises_is_not_what_the_promises_rest_on() {
    let releases = Flow {
        released_stay: false,
        releases_wait: false,
        ..Flow::ALL
    };
    assert_eq!(broken(&[MOVED], releases, &TABLE), None);
    // The lease tells as well whose the connection is.
    let owners = Flow {
        owners_are_asked: false,
        ..Flow::ALL
    };
    assert_eq!(broken(&[QUARANTINE, BESIDE_ADOPTER], owners, &TABLE), None);
}

#[test]
fn without_all_conditions_of_a_write_a_promise_is_broken() {
    let mut missed = Vec::new();
    for (name, names) in ROWS {
        let mut table = TABLE.clone();
        if let Some(write) = &mut table[name].record {
            write.condition = &[];
        }
        if broken(names, Flow::ALL, Box::leak(Box::new(table))).is_none() {
            missed.push(format!("{name:?}"));
        }
    }
    for (name, names) in LEASES {
        let mut table = TABLE.clone();
        table[name].condition = &[];
        if broken(names, Flow::ALL, Box::leak(Box::new(table))).is_none() {
            missed.push(format!("{name:?}"));
        }
    }
    // Who has the record as it was read has its lease, and what is counted stays so; what is gone stays gone.
    assert_eq!(
        missed,
        [
            "FollowGone",
            "FreeCounted",
            "Arrive",
            "KeepCounted",
            "LeaveCounted",
            "Disown"
        ]
    );
}

#[test]
fn two_adopters_one_key() {
    holds("two adopters, one key");
}

#[test]
fn two_adopters_two_keys_beside_tracking() {
    holds("two adopters, two keys, beside tracking");
}

#[test]
fn an_adopter_beside_an_order_on_the_vlan() {
    holds("an adopter beside an order on the VLAN");
}

#[test]
fn an_adopter_beside_an_order_with_its_key() {
    holds("an adopter beside an order with its key");
}

#[test]
fn an_adopter_beside_a_deletion_by_hand() {
    holds("an adopter beside a deletion by hand");
}

#[test]
fn an_adopter_beside_a_release() {
    holds("an adopter beside a release");
}

#[test]
fn forgotten_and_adopted_again() {
    holds("forgotten and adopted again");
}

#[test]
fn a_move_beside_a_release() {
    holds("a move beside a release");
}

#[test]
fn a_move_beside_an_order_on_the_vlan_there() {
    holds("a move beside an order on the VLAN there");
}

#[test]
fn two_moves_to_one_place() {
    holds("two moves to one place");
}

#[test]
fn two_moves_to_two_places() {
    holds("two moves to two places");
}

#[test]
fn a_move_by_hand_beside_a_move_by_command() {
    holds("a move by hand beside a move by command");
}

#[test]
fn a_move_by_hand_beside_an_order_on_the_vlan_there() {
    holds("a move by hand beside an order on the VLAN there");
}

#[test]
fn an_adopter_beside_a_move() {
    holds("an adopter beside a move");
}

#[test]
fn an_adopter_beside_an_open_order_s_move_by_hand() {
    holds("an adopter beside an open order's move by hand");
}

#[test]
fn a_quarantine_that_two_people_end() {
    holds("a quarantine that two people end");
}

#[test]
fn a_quarantine_ended_beside_an_adopter_and_an_order() {
    holds("a quarantine ended beside an adopter and an order");
}

#[test]
fn a_lease_that_tracking_counts_while_it_is_written() {
    holds("a lease that tracking counts while it is written");
}

#[test]
fn an_order_by_place_beside_an_order_on_the_first_parent() {
    holds(PLACED);
}

#[test]
fn two_deliveries_of_an_order_by_place() {
    holds(TWO_PLACED);
}

#[test]
fn an_order_by_place_whose_call_has_no_answer() {
    holds(UNANSWERED);
}
