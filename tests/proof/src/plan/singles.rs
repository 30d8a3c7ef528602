//! Stories in which nothing goes wrong, and those in which one request does.

use local_cloud::FaultKind;

use crate::explore;
use crate::faults;
use crate::incident::is_told_of;
use crate::life::{self, Life};
use crate::scenario::Scenario;
use crate::schedule::Schedule;

/// Those of an order, with each of `kinds` on every request of which it says something.
pub(super) fn of(scenario: Scenario, kinds: &[FaultKind]) -> Vec<Schedule> {
    let operations = explore::alone(faults::operations(scenario));
    let incidents = singles(&operations, kinds);
    let tell = |faults| Schedule::Faults { scenario, faults };
    incidents.into_iter().map(tell).collect()
}

/// Those of a life.
pub(super) fn of_life(life: Life) -> Vec<Schedule> {
    let operations = explore::alone(life::operations(life));
    let incidents = singles(&operations, &life.kinds());
    let tell = |faults| Schedule::Life { life, faults };
    incidents.into_iter().map(tell).collect()
}

type Incidents = Vec<(u64, crate::Incident)>;

fn singles(operations: &[String], kinds: &[FaultKind]) -> Vec<Incidents> {
    let mut singles = vec![Vec::new()];
    for (k, operation) in (1..).zip(operations) {
        let told = kinds.iter().filter(|kind| is_told_of(kind, operation));
        singles.extend(told.map(|kind| vec![(k, kind.clone().into())]));
    }
    singles
}
