//! Which stories are told: all single faults, pairs of them, and interleavings.

use aws::Safeguard;
use local_cloud::FaultKind;

use crate::bounds::Bounds;
use crate::life::{self, Life};
use crate::scenario::Scenario;
use crate::schedule::Schedule;
use crate::{explore, faults};

/// What to explore.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Stories in all, about: single faults are told whatever it says, those in lives unless it is 0.
    pub schedules: usize,
    /// Picks the pairs where not all of them fit, and the walks.
    pub seed: u64,
    /// The safeguard to break.
    pub broken: Option<Safeguard>,
}

/// A part of the plan that one thread works on.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// These stories.
    Told(Vec<Schedule>),
    /// All interleavings of workers within the bounds, up to that many.
    Every {
        scenario: Scenario,
        bounds: Bounds,
        most: usize,
    },
    /// Random walks of workers within the bounds.
    Walks {
        scenario: Scenario,
        bounds: Bounds,
        count: usize,
        seed: u64,
    },
}

/// Requests that a second fault can hit: those of the first delivery and of the one that makes good.
const PAIR_REQUESTS: u64 = 14;
/// Stories per job, so that the threads end at about the same time.
const JOB: usize = 200;

/// Within these every interleaving is told. With a given VLAN nine turns are more than two workers can take: whatever
/// the order in which their requests land, it is told.
const GIVEN: [Bounds; 2] = [Bounds::new(2, 9, 2, 1), Bounds::new(3, 1, 1, 1)];
/// An automatic VLAN takes more requests, some of them side by side: of a turn, a kill and a pause any two.
const AUTOMATIC: [Bounds; 5] = [
    Bounds::new(2, 1, 1, 0),
    Bounds::new(2, 1, 0, 1),
    Bounds::new(2, 0, 1, 1),
    Bounds::new(3, 1, 0, 1),
    Bounds::new(3, 0, 1, 1),
];
/// How many stories that is, about.
const INTERLEAVINGS: usize = 8_400;
/// Fewer stories than this have no room for every interleaving.
const ROOM: usize = 20_000;
/// Beyond those bounds, random walks.
const BEYOND: [Bounds; 2] = [Bounds::new(2, 9, 2, 2), Bounds::new(3, 9, 2, 2)];

impl Plan {
    /// The jobs, biggest first; with a broken safeguard, plainest first.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let scenarios = Scenario::all();
        let singles: Vec<Schedule> = scenarios
            .iter()
            .flat_map(|scenario| singles(*scenario))
            .collect();
        let lives: Vec<Schedule> = match self.broken {
            None if self.schedules > 0 => Life::all().into_iter().flat_map(lives).collect(),
            // Each safeguard is the order's own, and its story shows what is missing soonest.
            None | Some(_) => Vec::new(),
        };
        let left = self.schedules.saturating_sub(singles.len() + lives.len());
        let walks = left / 20;
        let mut jobs = Vec::new();
        for (number, scenario) in scenarios.iter().enumerate() {
            jobs.extend(self.every(*scenario));
            for (walk, bounds) in BEYOND.into_iter().enumerate() {
                let number = (number * BEYOND.len() + walk) as u64;
                jobs.push(Job::Walks {
                    scenario: *scenario,
                    bounds,
                    count: walks / BEYOND.len() / scenarios.len(),
                    seed: self.seed.wrapping_mul(1_000_003).wrapping_add(number),
                });
            }
        }
        let mut told = singles;
        told.extend(lives);
        let interleavings = INTERLEAVINGS.min(left * 2 / 5);
        told.extend(self.pairs(&scenarios, left - walks - interleavings));
        let told = told.chunks(JOB).map(|chunk| Job::Told(chunk.to_vec()));
        if self.broken.is_some() {
            // The plainest story that finds it is the one to show.
            return told.chain(jobs).collect();
        }
        jobs.extend(told);
        jobs
    }

    /// Every interleaving within the bounds, or the first of them where the plan has no room.
    fn every(&self, scenario: Scenario) -> impl Iterator<Item = Job> {
        let bounds: &[Bounds] = if scenario.automatic {
            &AUTOMATIC
        } else {
            &GIVEN
        };
        let most = if self.schedules < ROOM {
            self.schedules / 100
        } else {
            usize::MAX
        };
        bounds.iter().map(move |bounds| Job::Every {
            scenario,
            bounds: *bounds,
            most,
        })
    }

    /// Pairs of faults on k₁ < k₂: all of them, or as many as fit, picked by the seed.
    fn pairs(&self, scenarios: &[Scenario], count: usize) -> Vec<Schedule> {
        let mut all: Vec<(Scenario, u64, FaultKind, u64, FaultKind)> = Vec::new();
        for scenario in scenarios {
            let kinds = faults::kinds(*scenario);
            for k1 in 1..explore::alone(faults::requests(*scenario)) + 1 {
                for k2 in k1 + 1..=PAIR_REQUESTS {
                    for first in &kinds {
                        all.extend(
                            kinds
                                .iter()
                                .map(|second| (*scenario, k1, first.clone(), k2, second.clone())),
                        );
                    }
                }
            }
        }
        if count < all.len() {
            fastrand::Rng::with_seed(self.seed).shuffle(&mut all);
            all.truncate(count);
        }
        let tell = |(scenario, k1, first, k2, second)| Schedule::Faults {
            scenario,
            faults: vec![(k1, first), (k2, second)],
        };
        all.into_iter().map(tell).collect()
    }
}

/// A life in which nothing goes wrong, and those in which one request does.
fn lives(life: Life) -> Vec<Schedule> {
    let requests = explore::alone(life::requests(life));
    let tell = |faults| Schedule::Life { life, faults };
    let mut schedules = vec![tell(Vec::new())];
    for k in 1..=requests {
        let kinds = life.kinds().into_iter();
        schedules.extend(kinds.map(|kind| tell(vec![(k, kind)])));
    }
    schedules
}

fn singles(scenario: Scenario) -> Vec<Schedule> {
    let requests = explore::alone(faults::requests(scenario));
    let mut schedules = vec![Schedule::Faults {
        scenario,
        faults: Vec::new(),
    }];
    for k in 1..=requests {
        let kinds = faults::kinds(scenario).into_iter();
        schedules.extend(kinds.map(|kind| Schedule::Faults {
            scenario,
            faults: vec![(k, kind)],
        }));
    }
    schedules
}
