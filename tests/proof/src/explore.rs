//! Goes through the stories of a plan, on all processors.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::bounds::Bounds;
use crate::incident::Incident;
use crate::plan::{Job, Plan};
use crate::processors;
use crate::report::Report;
use crate::run::{Run, alone};
use crate::scenario::Scenario;
use crate::schedule::Schedule;

/// What an exploration came to.
#[derive(Debug, Clone)]
pub struct Exploration {
    /// Stories told.
    pub schedules: usize,
    /// Scenarios and bounds of workers of which not all interleavings were told.
    pub cut_short: usize,
    /// Those that broke an invariant, the first few of them.
    pub findings: Vec<Finding>,
    /// Fault by step.
    pub report: Report,
}

/// A story that broke an invariant.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The story; its text form replays it.
    pub schedule: Schedule,
    /// What did not hold.
    pub violations: Vec<String>,
}

/// Findings after which there is nothing more to learn.
const ENOUGH: usize = 5;

/// Tells the stories of `plan`, on all processors. With a broken safeguard it ends at the first finding.
///
/// `progress` is called with the number of stories told so far.
#[must_use]
pub fn explore(plan: &Plan, progress: &(impl Fn(usize) + Sync)) -> Exploration {
    let jobs = Mutex::new(plan.jobs());
    let shared = Shared {
        plan,
        told: AtomicUsize::new(0),
        cut_short: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        result: Mutex::default(),
    };
    processors::on_each(|| {
        while let Some(job) = take(&jobs) {
            shared.work(job, progress);
        }
    });
    let (findings, report) = shared
        .result
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Exploration {
        schedules: shared.told.into_inner(),
        cut_short: shared.cut_short.into_inner(),
        findings,
        report,
    }
}

/// Jobs whose size is known only when they are done come first.
fn take(jobs: &Mutex<Vec<Job>>) -> Option<Job> {
    let mut jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    (!jobs.is_empty()).then(|| jobs.remove(0))
}

struct Shared<'a> {
    plan: &'a Plan,
    told: AtomicUsize,
    cut_short: AtomicUsize,
    stop: AtomicBool,
    result: Mutex<(Vec<Finding>, Report)>,
}

impl Shared<'_> {
    fn work(&self, job: Job, progress: &impl Fn(usize)) {
        match job {
            Job::Told(schedules) => {
                for schedule in schedules {
                    self.tell(schedule, progress);
                }
            }
            Job::Every {
                scenario,
                bounds,
                beside,
                most,
            } => self.every(scenario, bounds, beside.as_ref(), most, progress),
            Job::Walks {
                scenario,
                bounds,
                count,
                seed,
            } => {
                let mut random = fastrand::Rng::with_seed(seed);
                for _ in 0..count {
                    // Mostly "go on": a walk that turns at every step never gets anywhere.
                    let choices = (0..40)
                        .map(|_| {
                            if random.u8(..) < 160 {
                                0
                            } else {
                                random.u8(..5)
                            }
                        })
                        .collect();
                    let story = Schedule::Workers {
                        scenario,
                        bounds,
                        beside: None,
                        choices,
                    };
                    self.tell(story, progress);
                }
            }
        }
    }

    /// All stories within `bounds`, or the first of them.
    fn every(
        &self,
        scenario: Scenario,
        bounds: Bounds,
        beside: Option<&Incident>,
        most: usize,
        progress: &impl Fn(usize),
    ) {
        let mut choices = Some(Vec::new());
        for _ in 0..most {
            let Some(next) = choices.take() else { return };
            let story = Schedule::Workers {
                scenario,
                bounds,
                beside: beside.cloned(),
                choices: next.clone(),
            };
            let run = self.tell(story, progress);
            choices = successor(next, &run.widths);
        }
        if choices.is_some() {
            self.cut_short.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn tell(&self, schedule: Schedule, progress: &impl Fn(usize)) -> Run {
        if self.stop.load(Ordering::Relaxed) {
            return Run::default();
        }
        let run = alone(|| schedule.play(self.plan.conditions.clone()));
        progress(self.told.fetch_add(1, Ordering::Relaxed) + 1);
        let mut result = self.result.lock().unwrap_or_else(PoisonError::into_inner);
        result.1.add(&run);
        if !run.violations.is_empty() {
            result.0.push(Finding {
                schedule,
                violations: run.violations.clone(),
            });
            if self.plan.conditions.broken.is_some() || result.0.len() >= ENOUGH {
                self.stop.store(true, Ordering::Relaxed);
            }
        }
        run
    }
}

/// The next list of choices, depth first: the last choice that could have been another one is.
fn successor(mut choices: Vec<u8>, widths: &[u8]) -> Option<Vec<u8>> {
    choices.resize(widths.len(), 0);
    let last = (0..widths.len())
        .rev()
        .find(|&i| choices[i] + 1 < widths[i])?;
    choices.truncate(last + 1);
    choices[last] += 1;
    Some(choices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_gone_through_depth_first_until_there_are_no_more() {
        // A tree of two steps, the first with two, the second with three possibilities.
        let mut seen = Vec::new();
        let mut next = Some(Vec::new());
        while let Some(choices) = next {
            let mut full = choices.clone();
            full.resize(2, 0);
            seen.push(full);
            next = successor(choices, &[2, 3]);
        }
        assert_eq!(seen, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
    }
}
