//! Stories for a broken safeguard: those in which it shows soonest come first, and the plainest of them before the others.

use crate::faults;
use crate::life::Life;
use crate::sabotage::{Sabotage, ShowsIn};
use crate::scenario::Scenario;

use super::{Job, Plan, meanwhile, singles};

/// Stories per job: few, so that the first finding is one of the plainest.
const JOB: usize = 20;

impl Plan {
    /// Ends at the first finding, so that what comes last is told only when nothing else has shown anything.
    pub(super) fn jobs_without(&self, broken: Sabotage, scenarios: &[Scenario]) -> Vec<Job> {
        let mut parts = vec![
            ShowsIn::Singles,
            ShowsIn::Pairs,
            ShowsIn::Workers,
            ShowsIn::Lives,
            ShowsIn::Meanwhile,
        ];
        // `false` comes first, and the others stay in their order.
        parts.sort_by_key(|part| *part != broken.shows_in());
        let parts = parts.into_iter();
        parts.flat_map(|part| self.part(part, scenarios)).collect()
    }

    fn part(&self, part: ShowsIn, scenarios: &[Scenario]) -> Vec<Job> {
        let told = match part {
            ShowsIn::Singles => scenarios
                .iter()
                .flat_map(|scenario| singles::of(*scenario, &faults::kinds(*scenario)))
                .collect(),
            ShowsIn::Pairs => self.pairs(scenarios, self.schedules / 2),
            ShowsIn::Lives => Life::all().into_iter().flat_map(singles::of_life).collect(),
            ShowsIn::Meanwhile => [meanwhile::orders(), meanwhile::lives()].concat(),
            ShowsIn::Workers => {
                let every = scenarios.iter().flat_map(|scenario| self.every(*scenario));
                return every.collect();
            }
        };
        let jobs = told.chunks(JOB).map(|chunk| Job::Told(chunk.to_vec()));
        jobs.collect()
    }
}
