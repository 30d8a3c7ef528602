use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn parent(number: usize) -> ParentConnection {
    ParentConnection::parse(&format!("dxcon-ff{number:06}")).unwrap()
}

fn parents(count: usize) -> Vec<ParentConnection> {
    (0..count).map(parent).collect()
}

/// One run: what it begins with, and what of that is cut short. The others of those have had their turn.
fn run(
    order: &Order,
    begun: usize,
    cut_short: &BTreeSet<usize>,
) -> (Vec<ParentConnection>, Option<Turn>) {
    let had = (0..begun).filter(|index| !cut_short.contains(index));
    let had = had.map(|index| order.parents[index].clone()).collect();
    (had, order.after(begun, cut_short))
}

/// How many runs have passed since each parent's turn.
#[derive(Default)]
struct Waiting(BTreeMap<ParentConnection, usize>);

impl Waiting {
    /// Counts one run, and answers with the longest that anybody has waited for their turn, or waits still.
    fn count(&mut self, parents: &[ParentConnection], had: &[ParentConnection]) -> usize {
        self.0.retain(|parent, _| parents.contains(parent));
        for parent in parents {
            *self.0.entry(parent.clone()).or_default() += 1;
        }
        let longest = self.0.values().copied().max().unwrap_or_default();
        for parent in had {
            self.0.insert(parent.clone(), 0);
        }
        longest
    }
}

#[test]
fn at_every_rate_nobody_waits_longer_than_round_robin_needs() {
    for rate_minutes in [1, 2, 3, 5, 7, 10, 15, 30, 60, 1440] {
        for count in 1..=24_usize {
            for each_run in 1..=count {
                let mut turn = None;
                let mut waiting = Waiting::default();
                let needed = count.div_ceil(each_run);
                for number in 0..3 * needed + 3 {
                    let order = Order::new(parents(count), turn.as_ref(), number * rate_minutes);
                    let (had, next) = run(&order, each_run, &BTreeSet::new());
                    let waited = waiting.count(&parents(count), &had);
                    assert!(
                        waited <= needed + 1,
                        "{count} parents, {each_run} a run, every {rate_minutes} minutes: {waited}"
                    );
                    turn = next;
                }
            }
        }
    }
}

#[test]
fn a_run_that_gets_through_all_leaves_nothing() {
    for count in 0..5 {
        let order = Order::new(parents(count), None, 3);
        assert_eq!(order.after(count, &BTreeSet::new()), None);
    }
}

#[test]
fn whose_turn_is_cut_short_comes_first_in_the_next_run_and_not_a_third_time() {
    let order = Order::new(parents(6), None, 0);
    let turn = order.after(4, &BTreeSet::from([2, 3]));
    let expected = Turn {
        first: vec![parent(2), parent(3)],
        next: Some(parent(4)),
    };
    assert_eq!(turn, Some(expected));
    let order = Order::new(parents(6), turn.as_ref(), 0);
    let numbers = [2, 3, 4, 5, 0, 1].map(parent);
    assert_eq!(order.parents, numbers);
    let turn = order.after(3, &BTreeSet::from([0, 1, 2])).unwrap();
    assert_eq!((turn.first, turn.next), (vec![parent(4)], Some(parent(5))));
}

#[test]
fn a_run_that_is_stopped_at_once_moves_on_by_one() {
    let mut turn = None;
    let mut asked = BTreeSet::new();
    for _ in 0..7 {
        let order = Order::new(parents(7), turn.as_ref(), 0);
        asked.insert(order.parents[0].clone());
        turn = order.after(1, &BTreeSet::from([0]));
    }
    assert_eq!(asked.len(), 7);
}

#[test]
fn a_parent_that_is_gone_is_passed_over() {
    let turn = Turn {
        first: vec![parent(9), parent(1)],
        next: Some(parent(3)),
    };
    let mut left = parents(5);
    left.remove(3);
    let order = Order::new(left, Some(&turn), 0);
    assert_eq!(order.parents, [1, 4, 0, 2].map(parent));
    assert_eq!(Order::new(Vec::new(), Some(&turn), 5).parents, []);
}

/// A run that has time for `time` parents, and is cut short at up to so many more.
#[derive(Debug, Clone)]
struct Run {
    time: usize,
    cut_short: Vec<bool>,
}

fn a_run(least: usize) -> impl Strategy<Value = Run> {
    let cut_short = vec(any::<bool>(), 0..30);
    (least..least + 5, cut_short).prop_map(|(time, cut_short)| Run { time, cut_short })
}

proptest! {
    /// Each run ends at least `least` turns; any others that it has begun with may be cut short, in any order.
    #[test]
    #[test]
    fn whatever_is_cut_short_nobody_waits_longer_than_round_robin_needs_and_one_run_more(
        (count, least, runs) in (1_usize..25, 1_usize..9)
            .prop_flat_map(|(count, least)| (Just(count), Just(least.min(count)), vec(a_run(least), 60))),
    ) {
        let mut turn: Option<Turn> = None;
        let mut waiting = Waiting::default();
        for (number, planned) in runs.into_iter().enumerate() {
            let order = Order::new(parents(count), turn.as_ref(), number);
            let mut ended = 0;
            let mut begun = 0;
            let mut cut_short = BTreeSet::new();
            while begun < count && ended < planned.time {
                // Those that cannot be cut short again have had their turn.
                let may_be_cut = begun > 0 && begun >= order.again && cut_short.len() < 8;
                if may_be_cut && planned.cut_short.get(begun) == Some(&true) {
                    cut_short.insert(begun);
                } else {
                    ended += 1;
                }
                begun += 1;
            }
            let (had, next) = run(&order, begun, &cut_short);
            let waited = waiting.count(&parents(count), &had);
            prop_assert!(waited <= count.div_ceil(least) + 1, "{} runs", waited);
            turn = next;
        }
    }

    /// Parents come and go, and what a run finds may be of long ago.
    #[test]
    #[test]
    fn every_parent_there_is_is_in_the_order_once(
        there in vec(0_usize..30, 0..30), first in vec(0_usize..30, 0..8), next in 0_usize..30, anywhere in 0_usize..1000,
    ) {
        let turn = Turn {
            first: BTreeSet::from_iter(first).into_iter().map(parent).collect(),
            next: Some(parent(next)),
        };
        let there: BTreeSet<_> = there.into_iter().map(parent).collect();
        let order = Order::new(there.iter().cloned().collect(), Some(&turn), anywhere);
        prop_assert_eq!(order.parents.len(), there.len());
        prop_assert_eq!(BTreeSet::from_iter(order.parents), there);
    }
}
