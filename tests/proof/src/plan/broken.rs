//! Stories for a broken safeguard: those of the kind in which it shows, the plainest first.

use std::time::Duration;

use local_cloud::FaultKind;

use crate::faults;
use crate::life::Life;
use crate::sabotage::{Sabotage, ShowsIn};
use crate::scenario::{Door, Scenario};
use crate::schedule::Schedule;

use super::{Job, PAIR_REQUESTS, Plan, meanwhile, singles};

/// Stories per job: few, so that the first finding is one of the plainest.
const JOB: usize = 20;

impl Plan {
    /// Only the stories in which it shows: to work out the others takes longer than to tell these.
    pub(super) fn jobs_without(&self, broken: Sabotage, scenarios: &[Scenario]) -> Vec<Job> {
        let told = self.part(broken.shows_in(), scenarios);
        let jobs = told.chunks(JOB).map(|chunk| Job::Told(chunk.to_vec()));
        jobs.collect()
    }

    fn part(&self, part: ShowsIn, scenarios: &[Scenario]) -> Vec<Schedule> {
        let singles = |is_told: fn(&Scenario) -> bool| {
            let told = scenarios.iter().filter(|scenario| is_told(scenario));
            told.flat_map(|scenario| singles::of(*scenario, &faults::kinds(*scenario)))
                .collect()
        };
        match part {
            ShowsIn::Singles => singles(|_| true),
            ShowsIn::SharedVlans => singles(|scenario| !scenario.unique),
            ShowsIn::AutomaticVlans => singles(|scenario| scenario.automatic),
            ShowsIn::Pairs => self.pairs(scenarios, self.schedules / 2),
            ShowsIn::LostAnswers => lost_answers(scenarios),
            ShowsIn::SecondCalls => second_calls(scenarios),
            ShowsIn::Policies => {
                let lives = Life::all().into_iter().filter(|life| life.policy);
                lives.flat_map(singles::of_life).collect()
            }
            ShowsIn::Meanwhile => [meanwhile::orders(), meanwhile::lives()].concat(),
        }
    }
}

/// The first call is throttled, and an answer to what the next delivery sends is lost.
fn lost_answers(scenarios: &[Scenario]) -> Vec<Schedule> {
    let given = scenarios
        .iter()
        .filter(|one| !one.automatic && !one.replayed);
    let lost = |scenario: &Scenario, k| Schedule::Faults {
        scenario: *scenario,
        faults: vec![
            (2, FaultKind::Throttle.into()),
            (k, FaultKind::ApplyThenReset.into()),
        ],
    };
    given
        .flat_map(|scenario| (3..PAIR_REQUESTS).map(|k| lost(scenario, k)))
        .collect()
}

/// The first call is lost, and one that a patient caller has made again after the settle time lands late. That is further into
/// a story than other pairs of faults go.
fn second_calls(scenarios: &[Scenario]) -> Vec<Schedule> {
    let patient = scenarios
        .iter()
        .filter(|one| one.door == Door::Http && !one.automatic && !one.unique);
    let lost = |scenario: &Scenario, k| Schedule::Faults {
        scenario: *scenario,
        faults: vec![
            (2, FaultKind::ResetBefore.into()),
            (k, FaultKind::LandLate(Duration::from_secs(20)).into()),
        ],
    };
    patient
        .flat_map(|scenario| (15..60).map(|k| lost(scenario, k)))
        .collect()
}
