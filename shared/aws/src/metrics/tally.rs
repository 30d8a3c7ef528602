//! The figures since they were last taken.

use std::time::Duration;

use super::{Door, Metric, OrderMetric, Service};

/// Values that CloudWatch takes of one metric in one document.
/// Source: CloudWatch user guide, "Specification: Embedded metric format".
pub(super) const MOST_VALUES: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Tally {
    counts: [Option<usize>; Metric::ALL.len()],
    orders: [[usize; OrderMetric::ALL.len()]; Door::ALL.len()],
    latencies: [Latencies; Service::ALL.len()],
}

impl Tally {
    pub(super) fn add(&mut self, metric: Metric, more: usize) {
        let count = &mut self.counts[metric as usize];
        *count = Some(count.unwrap_or_default().saturating_add(more));
    }

    pub(super) fn set(&mut self, metric: Metric, value: usize) {
        self.counts[metric as usize] = Some(value);
    }

    pub(super) fn add_order(&mut self, door: Door, metric: OrderMetric) {
        self.orders[door as usize][metric as usize] += 1;
    }

    pub(super) fn time(&mut self, service: Service, took: Duration) {
        let us = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        self.latencies[service as usize].add(us);
    }

    /// Everything that one document can tell. The orders of further doors stay: whoever counted them has not ended yet,
    /// and takes them then, or those of somebody who does the same.
    pub(super) fn take(&mut self) -> Self {
        let mut taken = std::mem::take(self);
        let has_any =
            |orders: &[usize; OrderMetric::ALL.len()]| orders.iter().any(|count| *count > 0);
        let told = taken.orders.iter().position(has_any);
        for further in told.map_or(Door::ALL.len(), |told| told + 1)..Door::ALL.len() {
            std::mem::swap(&mut self.orders[further], &mut taken.orders[further]);
        }
        taken
    }

    /// Each metric that was counted.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Metric, usize)> {
        let counts = Metric::ALL.iter().zip(self.counts);
        counts.filter_map(|(metric, count)| Some((*metric, count?)))
    }

    /// The door that orders were counted at, and those orders.
    pub(super) fn orders(&self) -> Option<(Door, impl Iterator<Item = (OrderMetric, usize)>)> {
        let mut doors = Door::ALL.into_iter().zip(self.orders);
        let (door, orders) = doors.find(|(_, orders)| orders.iter().any(|count| *count > 0))?;
        let orders = OrderMetric::ALL.iter().copied().zip(orders);
        Some((door, orders.filter(|(_, count)| *count > 0)))
    }

    /// Each service that was called, and how long its calls took, in microseconds.
    pub(super) fn latencies(&self) -> impl Iterator<Item = (Service, &[u32])> {
        let latencies = Service::ALL.into_iter().zip(&self.latencies);
        latencies
            .map(|(service, latencies)| (service, latencies.values_us.as_slice()))
            .filter(|(_, values)| !values.is_empty())
    }
}

/// How long calls took: all of them, or of too many a fair sample with the slowest first.
#[derive(Debug)]
struct Latencies {
    values_us: Vec<u32>,
    calls: usize,
    /// Its own, so that measuring changes no other draw; the same in every process, which harms no sample.
    random: fastrand::Rng,
}

impl Default for Latencies {
    fn default() -> Self {
        Self {
            values_us: Vec::new(),
            calls: 0,
            random: fastrand::Rng::with_seed(0),
        }
    }
}

impl Latencies {
    fn add(&mut self, mut us: u32) {
        self.calls += 1;
        // The slowest is what is looked for, so no draw may lose it.
        if let Some(slowest) = self.values_us.first_mut()
            && us > *slowest
        {
            std::mem::swap(slowest, &mut us);
        }
        if self.values_us.len() < MOST_VALUES {
            self.values_us.push(us);
            return;
        }
        // Reservoir sampling, over all but the slowest.
        let place = self.random.usize(1..self.calls);
        if let Some(value) = self.values_us.get_mut(place) {
            *value = us;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_calls_a_fair_sample_is_told_and_always_the_slowest() {
        let mut latencies = Latencies::default();
        for us in 0..10_000 {
            latencies.add(if us == 5_000 { 1_000_000 } else { us });
        }
        let values = latencies.values_us;
        assert_eq!(values.len(), MOST_VALUES);
        assert_eq!(values[0], 1_000_000);
        let rest: u32 = values[1..].iter().sum();
        let mean = rest / 99;
        assert!((4_000..6_000).contains(&mean), "{mean}");
    }

    #[test]
    fn up_to_a_hundred_calls_all_are_told() {
        let mut latencies = Latencies::default();
        (0..100).rev().for_each(|us| latencies.add(us));
        let mut values = latencies.values_us;
        values.sort_unstable();
        assert!(values.into_iter().eq(0..100));
    }

    #[test]
    fn orders_of_several_doors_are_taken_one_door_at_a_time() {
        let mut tally = Tally::default();
        tally.add_order(Door::Direct, OrderMetric::RejectedOrders);
        tally.add_order(Door::Sqs, OrderMetric::AllocatedOrders);
        tally.add_order(Door::Direct, OrderMetric::RejectedOrders);
        let mut taken = || {
            let taken = tally.take();
            let (door, orders) = taken.orders()?;
            Some((door, orders.collect::<Vec<_>>()))
        };
        let allocated = vec![(OrderMetric::AllocatedOrders, 1)];
        assert_eq!(taken(), Some((Door::Sqs, allocated)));
        let rejected = vec![(OrderMetric::RejectedOrders, 2)];
        assert_eq!(taken(), Some((Door::Direct, rejected)));
        assert_eq!(taken(), None);
    }
}
