//! Which stories are told: all single faults, what happens meanwhile, pairs of faults, and interleavings.

mod broken;
mod meanwhile;
mod singles;

use local_cloud::FaultKind;

use crate::bounds::Bounds;
use crate::conditions::Conditions;
use crate::faults;
use crate::happening::Happening;
use crate::incident::{Incident, is_told_of};
use crate::life::Life;
use crate::manner::Manner;
use crate::run::alone;
use crate::scenario::Scenario;
use crate::schedule::Schedule;

/// What to explore.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Stories in all, about: single faults are told whatever it says; those in lives, and all that happens where Direct
    /// Connect is less kind, unless it is 0.
    pub schedules: usize,
    /// Picks the pairs where not all of them fit, and the walks.
    pub seed: u64,
    /// What every story is played under. Stories that contradict it are not played.
    pub conditions: Conditions,
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
        beside: Option<Incident>,
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

/// Two faults, each with the position of its request.
type Pair = (Scenario, u64, FaultKind, u64, FaultKind);

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
/// Within these, with something that comes between: a turn, or a kill. The kill is left out where the story is among the
/// longest and differs from a plainer one only in a second circumstance.
const TURN: Bounds = Bounds::new(2, 1, 0, 0);
const KILL: Bounds = Bounds::new(2, 0, 1, 0);
/// How many stories all interleavings are, alone and beside an incident, about.
const INTERLEAVINGS: usize = 12_000;
/// Fewer stories than this have no room for every interleaving.
const ROOM: usize = 20_000;
/// Beyond those bounds, random walks.
const BEYOND: [Bounds; 2] = [Bounds::new(2, 9, 2, 2), Bounds::new(3, 9, 2, 2)];

impl Plan {
    /// The stories of connections that were there before: all of them, or as many as an exploration has time for.
    #[must_use]
    pub fn adoptions(all: bool) -> Vec<Schedule> {
        singles::of_brownfields(all)
    }

    /// The stories of orders by place: all of them, or as many as an exploration has time for.
    #[must_use]
    pub fn placements(all: bool) -> Vec<Schedule> {
        singles::of_placements(all)
    }

    /// The jobs, biggest first; with a broken safeguard, plainest first.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let scenarios = Scenario::all();
        if let Some(broken) = self.conditions.broken {
            return self.jobs_without(broken, &scenarios);
        }
        let mut told: Vec<Schedule> = scenarios
            .iter()
            .flat_map(|scenario| singles::of(*scenario, &faults::kinds(*scenario)))
            .collect();
        let mut jobs = Vec::new();
        if self.schedules > 0 {
            told.extend(Life::all().into_iter().flat_map(singles::of_life));
            told.extend(Life::unkind().into_iter().flat_map(singles::of_life));
            told.extend(Self::adoptions(false));
            told.extend(Self::placements(false));
            told.extend(less_kind());
            told.extend(by_memory());
            told.extend(meanwhile::orders());
            told.extend(meanwhile::lives());
            jobs.extend(self.beside());
        }
        let left = self.schedules.saturating_sub(told.len());
        let walks = left / 20;
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
        let interleavings = INTERLEAVINGS.min(left / 4 * 3);
        told.extend(self.pairs(&scenarios, left - walks - interleavings));
        told.retain(|schedule| self.conditions.admit(schedule));
        jobs.retain(|job| match job {
            Job::Told(_) => true,
            Job::Every {
                scenario, beside, ..
            } => self.conditions.admit_workers(*scenario, beside.as_ref()),
            Job::Walks { scenario, .. } => self.conditions.admit_workers(*scenario, None),
        });
        let told = told.chunks(JOB).map(|chunk| Job::Told(chunk.to_vec()));
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
        let most = self.most();
        bounds.iter().map(move |bounds| Job::Every {
            scenario,
            bounds: *bounds,
            beside: None,
            most,
        })
    }

    fn most(&self) -> usize {
        if self.schedules < ROOM {
            self.schedules / 100
        } else {
            usize::MAX
        }
    }

    /// Every interleaving of two workers, beside which the first call is refused after it was applied, or something happens
    /// at any step.
    fn beside(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        let mut tell = |manner, beside: Incident, bounds: &[Bounds], automatic: &[Bounds]| {
            for scenario in Scenario::all_in(manner) {
                let bounds = if scenario.automatic {
                    automatic
                } else {
                    bounds
                };
                jobs.extend(bounds.iter().map(|bounds| Job::Every {
                    scenario,
                    bounds: *bounds,
                    beside: Some(beside.clone()),
                    most: self.most(),
                }));
            }
        };
        let (both, turn) = ([TURN, KILL], [TURN]);
        let refused = FaultKind::ApplyThenClientException;
        tell(Manner::Plain, refused.into(), &both, &both);
        tell(Manner::Plain, Happening::Move.into(), &both, &both);
        tell(Manner::Plain, Happening::Transition.into(), &both, &turn);
        for manner in Manner::MEMBERS {
            let automatic: &[_] = if manner == Manner::Plain {
                &both
            } else {
                &turn
            };
            tell(manner, Happening::JoinLag.into(), &both, automatic);
        }
        for manner in [Manner::Remembered, Manner::Misremembered] {
            for scenario in Scenario::automatic_in(manner) {
                jobs.extend(both.iter().map(|bounds| Job::Every {
                    scenario,
                    bounds: *bounds,
                    beside: None,
                    most: self.most(),
                }));
            }
        }
        jobs
    }

    /// Pairs of faults on k₁ < k₂: all of them, or as many as fit, picked by the seed.
    fn pairs(&self, scenarios: &[Scenario], count: usize) -> Vec<Schedule> {
        let mut all: Vec<Pair> = Vec::new();
        for scenario in scenarios {
            let kinds = faults::kinds_of_pairs(*scenario);
            for (k1, operation) in (1..).zip(alone(|| faults::operations(*scenario))) {
                let told = kinds.iter().filter(|kind| is_told_of(kind, &operation));
                for first in told {
                    let seconds = kinds.iter().filter(|kind| faults::go_together(first, kind));
                    let pair = |(k2, second): (u64, &FaultKind)| {
                        (*scenario, k1, first.clone(), k2, second.clone())
                    };
                    let places = k1 + 1..=PAIR_REQUESTS;
                    let pairs =
                        seconds.flat_map(|second| places.clone().map(move |k2| (k2, second)));
                    all.extend(pairs.map(pair));
                }
            }
        }
        if count < all.len() {
            fastrand::Rng::with_seed(self.seed).shuffle(&mut all);
            all.truncate(count);
        }
        let tell = |(scenario, k1, first, k2, second): Pair| Schedule::Faults {
            scenario,
            faults: vec![(k1, first.into()), (k2, second.into())],
        };
        all.into_iter().map(tell).collect()
    }
}

/// All single faults where Direct Connect behaves as nobody has promised that it does not.
fn less_kind() -> Vec<Schedule> {
    let manners = [
        Manner::LateLists,
        Manner::LateSight,
        Manner::Shifting,
        Manner::Terse,
    ];
    let scenarios = manners.into_iter().flat_map(Scenario::all_in);
    scenarios
        .flat_map(|scenario| singles::of(scenario, &faults::kinds_of_pairs(scenario)))
        .collect()
}

/// All single faults of orders that go by memory: as it is, and as it is no more.
fn by_memory() -> Vec<Schedule> {
    let manners = [Manner::Remembered, Manner::Misremembered];
    let scenarios = manners.into_iter().flat_map(Scenario::automatic_in);
    scenarios
        .flat_map(|scenario| singles::of(scenario, &faults::kinds_of_pairs(scenario)))
        .collect()
}
