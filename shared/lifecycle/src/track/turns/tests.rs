use std::collections::BTreeMap;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;

fn parent(number: usize) -> ParentConnection {
    ParentConnection::parse(&format!("dxcon-ff{number:06}")).unwrap()
}

fn parents(count: usize) -> Vec<ParentConnection> {
    (0..count).map(parent).collect()
}

/// How many runs have passed since each parent's turn.
#[derive(Default)]
struct Waiting {
    since: BTreeMap<ParentConnection, usize>,
    longest: usize,
}

impl Waiting {
    /// Counts one run, and answers with the longest that anybody has waited for their turn, or waits still.
    fn count(&mut self, order: &[ParentConnection], had: &BTreeSet<usize>) -> usize {
        for (index, parent) in order.iter().enumerate() {
            let waited = self.since.entry(parent.clone()).or_default();
            *waited += 1;
            self.longest = self.longest.max(*waited);
            if had.contains(&index) {
                *waited = 0;
            }
        }
        self.longest
    }
}

#[test]
fn at_every_rate_nobody_waits_longer_than_round_robin_needs_and_one_run_more() {
    for rate_minutes in [1, 2, 3, 5, 7, 10, 15, 30, 60, 1440] {
        for count in 1..=24_usize {
            for each_run in 1..=count {
                let mut turn = None;
                let mut waiting = Waiting::default();
                let needed = count.div_ceil(each_run);
                for number in 0..3 * needed + 3 {
                    let order = in_order(parents(count), turn.as_ref(), number * rate_minutes);
                    let had = (0..each_run).collect();
                    let waited = waiting.count(&order, &had);
                    assert!(
                        waited <= needed + 1,
                        "{count} parents, {each_run} a run, every {rate_minutes} minutes: {waited}"
                    );
                    turn = next(&order, &had).cloned();
                }
            }
        }
    }
}

#[test]
fn a_run_that_gets_through_all_leaves_nothing() {
    for count in 0..5 {
        let order = in_order(parents(count), None, 3);
        assert_eq!(next(&order, &(0..count).collect()), None);
    }
}

#[test]
fn whose_turn_is_cut_short_comes_first_in_the_next_run_and_has_had_it_then() {
    let order = in_order(parents(6), None, 0);
    let turn = next(&order, &BTreeSet::from([0, 1, 3])).unwrap();
    assert_eq!(*turn, parent(2));
    let order = in_order(parents(6), Some(turn), 0);
    assert_eq!(order, [2, 3, 4, 5, 0, 1].map(parent));
    let turn = next(&order, &BTreeSet::from([1, 2])).unwrap();
    assert_eq!(*turn, parent(5));
}

#[test]
fn a_run_that_is_stopped_at_once_moves_on_by_one() {
    let mut turn = None;
    let mut asked = BTreeSet::new();
    for _ in 0..7 {
        let order = in_order(parents(7), turn.as_ref(), 0);
        asked.insert(order[0].clone());
        turn = next(&order, &BTreeSet::new()).cloned();
    }
    assert_eq!(asked.len(), 7);
}

#[test]
fn a_parent_that_is_gone_is_passed_over() {
    let mut left = parents(5);
    left.remove(3);
    let order = in_order(left, Some(&parent(3)), 0);
    assert_eq!(order, [4, 0, 1, 2].map(parent));
    assert_eq!(in_order(parents(3), Some(&parent(9)), 1)[0], parent(0));
    assert_eq!(in_order(Vec::new(), Some(&parent(3)), 5), []);
}

proptest! {
    /// Each run gets through at least `least` in a row, and through any others besides.
    #[test]
    fn whatever_is_cut_short_nobody_waits_longer_than_round_robin_needs_and_one_run_more(
        count in 1_usize..25, least in 1_usize..9, runs in vec((0_usize..5, btree_set(0_usize..25, 0..12)), 60),
    ) {
        let least = least.min(count);
        let mut turn: Option<ParentConnection> = None;
        let mut waiting = Waiting::default();
        for (number, (more, others)) in runs.into_iter().enumerate() {
            let order = in_order(parents(count), turn.as_ref(), number);
            let had = (0..least + more).chain(others).filter(|index| *index < count).collect();
            let waited = waiting.count(&order, &had);
            prop_assert!(waited <= count.div_ceil(least) + 1, "{} runs", waited);
            turn = next(&order, &had).cloned();
        }
    }

    /// Parents come and go, and what a run finds may be of long ago.
    #[test]
    fn every_parent_there_is_is_in_the_order_once(
        there in btree_set(0_usize..30, 0..30), next in 0_usize..30, anywhere in 0_usize..1000,
    ) {
        let there: BTreeSet<_> = there.into_iter().map(parent).collect();
        let order = in_order(there.iter().cloned().collect(), Some(&parent(next)), anywhere);
        prop_assert_eq!(order.len(), there.len());
        prop_assert_eq!(BTreeSet::from_iter(order), there);
    }
}
