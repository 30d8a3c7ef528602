//! Stories in which nothing goes wrong, and those in which one request does.

use local_cloud::FaultKind;

use crate::brownfield::{self, Brownfield, Meeting};
use crate::faults;
use crate::incident::{is_direct_connects, is_told_of};
use crate::life::{self, Course, Life};
use crate::manner::Manner;
use crate::placed::{self, Between, Placed};
use crate::run::alone;
use crate::scenario::Scenario;
use crate::schedule::Schedule;

/// The life that is followed is the longest, and the same steps come again for each state. One of so many faults in it is
/// told: an odd number, so that each kind has its turn on every step.
const FOLLOWED: usize = 3;

/// Those of an order, with each of `kinds` on every request of which it says something.
pub(super) fn of(scenario: Scenario, kinds: &[FaultKind]) -> Vec<Schedule> {
    let operations = alone(|| faults::operations(scenario));
    let incidents = singles(&operations, kinds, scenario.manner);
    let tell = |faults| Schedule::Faults { scenario, faults };
    incidents.into_iter().map(tell).collect()
}

/// Those of a life.
pub(super) fn of_life(life: Life) -> Vec<Schedule> {
    let operations = alone(|| life::operations(life));
    let incidents = singles(&operations, &life.kinds(), life.manner);
    let tell = |faults| Schedule::Life { life, faults };
    let step = if life.course == Course::Followed {
        FOLLOWED
    } else {
        1
    };
    incidents.into_iter().step_by(step).map(tell).collect()
}

/// Of the faults of connections that were there before, so many are one: of the stories in which two meet one after the other, and
/// of those in which one comes between. Each story begins with another fault, so that all have their turn.
const ONE_AFTER_THE_OTHER: usize = 7;
const BETWEEN: usize = 53;
/// The same where the connection is moved, which takes more requests than anything else. Faults between are left to `all`.
const MOVED: usize = 23;

/// Those of connections that were there before; `all` of them, or as many as an exploration has time for.
pub(super) fn of_brownfields(all: bool) -> Vec<Schedule> {
    let mut told = Vec::new();
    for (number, story) in Brownfield::all().into_iter().enumerate() {
        let operations = alone(|| brownfield::operations(story));
        let mut incidents = singles(&operations, &Brownfield::kinds(), Manner::Plain);
        let step = match (story.meeting, story.at) {
            _ if all => 1,
            (Meeting::Nobody, _) => 1,
            (meeting, 0) if meeting.moves() => MOVED,
            (meeting, _) if meeting.moves() => usize::MAX,
            (_, 0) => ONE_AFTER_THE_OTHER,
            (_, _) => BETWEEN,
        };
        let faults = incidents.split_off(1);
        if step < usize::MAX {
            incidents.extend(faults.into_iter().skip(number % step).step_by(step));
        }
        let tell = |faults| Schedule::Adoption { story, faults };
        told.extend(incidents.into_iter().map(tell));
    }
    told
}

/// Those of orders by place; `all` of them, or as many as an exploration has time for. Each fault on every request is told
/// where nobody comes between, and where the VLAN turns out to be taken or the port to be full.
pub(super) fn of_placements(all: bool) -> Vec<Schedule> {
    let mut told = Vec::new();
    for (number, story) in Placed::all().into_iter().enumerate() {
        let operations = alone(|| placed::operations(story));
        let mut incidents = singles(&operations, &Placed::kinds(), Manner::Plain);
        let by_memory = story.manner.goes_by_memory();
        let step = match (story.between, story.at) {
            _ if all => 1,
            (Between::Nothing | Between::Full, _) if by_memory && story.policy => {
                ONE_AFTER_THE_OTHER
            }
            (Between::Nothing | Between::Taken | Between::Full, _) => 1,
            (_, 0) => ONE_AFTER_THE_OTHER,
            (_, _) => BETWEEN,
        };
        let faults = incidents.split_off(1);
        incidents.extend(faults.into_iter().skip(number % step).step_by(step));
        let tell = |faults| Schedule::Placement { story, faults };
        told.extend(incidents.into_iter().map(tell));
    }
    told
}

type Incidents = Vec<(u64, crate::Incident)>;

fn singles(operations: &[String], kinds: &[FaultKind], manner: Manner) -> Vec<Incidents> {
    let mut singles = vec![Vec::new()];
    for (k, operation) in (1..).zip(operations) {
        let told = kinds.iter().filter(|kind| {
            is_told_of(kind, operation)
                && (manner == Manner::Plain
                    || manner.goes_by_memory()
                    || is_direct_connects(operation)
                    || is_a_death(kind))
        });
        singles.extend(told.map(|kind| vec![(k, kind.clone().into())]));
    }
    singles
}

/// Whoever takes over from a dead process looks. Everything else that goes wrong at another service than Direct Connect is
/// told where Direct Connect is as it is by default.
fn is_a_death(kind: &FaultKind) -> bool {
    matches!(kind, FaultKind::KillBefore | FaultKind::ApplyThenKill)
}
