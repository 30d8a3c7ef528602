//! Orders that are to be kept apart from another order of their own batch: which waits for which.
//!
//! Whoever sends the two orders of a pair together would otherwise lose the second one for good: while the first one is not
//! claimed yet, there is no order with its key.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::IdempotencyKey;

use super::Lane;
use crate::Delivery;

/// A lane, and the earlier turns that it waits for.
pub(super) struct Turn {
    pub(super) lane: usize,
    pub(super) after: Vec<usize>,
}

/// The lanes in an order in which each comes after those that it waits for; none, if none waits. Lanes that wait for each
/// other do not wait at all.
pub(super) fn turns(lanes: &[Lane], deliveries: &[Delivery]) -> Option<Vec<Turn>> {
    let waits = waits(lanes, deliveries)?;
    let mut turns: Vec<Turn> = Vec::with_capacity(lanes.len());
    let mut turn_of = BTreeMap::new();
    let mut left: Vec<usize> = (0..lanes.len()).collect();
    while !left.is_empty() {
        let is_ready = |lane: &usize| waits[*lane].iter().all(|other| turn_of.contains_key(other));
        let (mut ready, mut later): (Vec<_>, Vec<_>) = left.into_iter().partition(is_ready);
        if ready.is_empty() {
            ready = std::mem::take(&mut later);
        }
        for &lane in &ready {
            let earlier = waits[lane].iter();
            let after = earlier.filter_map(|other| turn_of.get(other).copied());
            turns.push(Turn {
                lane,
                after: after.collect(),
            });
        }
        // Only now: those that became ready together do not wait for each other.
        let first = turns.len() - ready.len();
        turn_of.extend(ready.into_iter().zip(first..));
        left = later;
    }
    Some(turns)
}

/// For each lane the others in which it has an order to be kept apart from; none, if that is nowhere so.
fn waits(lanes: &[Lane], deliveries: &[Delivery]) -> Option<Vec<BTreeSet<usize>>> {
    // Asked first, because nearly every batch ends here.
    if !deliveries
        .iter()
        .any(|delivery| other_of(delivery).is_some())
    {
        return None;
    }
    let mut lane_of: BTreeMap<&IdempotencyKey, BTreeSet<usize>> = BTreeMap::new();
    for (lane, index) in members(lanes) {
        if let Ok(order) = &deliveries[index].order {
            lane_of.entry(&order.key).or_default().insert(lane);
        }
    }
    let mut waits = vec![BTreeSet::new(); lanes.len()];
    for (lane, index) in members(lanes) {
        let others = other_of(&deliveries[index]).and_then(|key| lane_of.get(key));
        let others = others.into_iter().flatten();
        waits[lane].extend(others.filter(|other| **other != lane));
    }
    waits.iter().any(|waits| !waits.is_empty()).then_some(waits)
}

fn members(lanes: &[Lane]) -> impl Iterator<Item = (usize, usize)> {
    let lanes = lanes.iter().enumerate();
    lanes.flat_map(|(number, lane)| lane.deliveries.iter().map(move |index| (number, *index)))
}

/// The key of the order that this one is to be kept apart from, where it may be asked about.
fn other_of(delivery: &Delivery) -> Option<&IdempotencyKey> {
    let placement = delivery.order.as_ref().ok()?.request.placement()?;
    let key = &placement.diverse_from.as_ref()?.idempotency_key;
    placement.scope.sees(key).then_some(key)
}
