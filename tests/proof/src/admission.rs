//! Which stories are told under which conditions.

use std::time::Duration;

use local_cloud::FaultKind;

use crate::conditions::Conditions;
use crate::incident::Incident;
use crate::life::Life;
use crate::manner::Manner;
use crate::scenario::Scenario;
use crate::schedule::Schedule;

impl Conditions {
    /// Whether the story is told under these conditions: it contradicts none of them, is not the same as a plainer one, and
    /// is within what is promised.
    pub(crate) fn admit(&self, schedule: &Schedule) -> bool {
        match schedule {
            Schedule::Faults { scenario, faults } => {
                self.admit_scenario(*scenario) && self.admit_all(faults)
            }
            Schedule::Life { life, faults } => self.admit_life(*life) && self.admit_all(faults),
            Schedule::Adoption { faults, .. } => self.admit_all(faults),
            // Its orders with a given VLAN meet connections by hand, and late landings, on one VLAN.
            Schedule::Placement { faults, .. } => {
                self.is_unique() != Some(false) && self.admit_all(faults)
            }
            Schedule::Workers {
                scenario, beside, ..
            } => self.admit_workers(*scenario, beside.as_ref()),
        }
    }

    pub(crate) fn admit_workers(&self, scenario: Scenario, beside: Option<&Incident>) -> bool {
        // What a dead worker has sent lands at any later step: with what is shown late, after the settle time.
        !self.is_late()
            && self.admit_scenario(scenario)
            && beside.is_none_or(|incident| self.admit_one(incident))
    }

    fn admit_scenario(&self, scenario: Scenario) -> bool {
        let is_contradicted = self
            .is_unique()
            .is_some_and(|unique| unique != scenario.unique);
        !is_contradicted && self.admit_manner(scenario.manner)
    }

    fn admit_life(&self, life: Life) -> bool {
        self.admit_manner(life.manner)
    }

    /// A manner all of which is decided here is the plain one.
    fn admit_manner(&self, manner: Manner) -> bool {
        let switches = manner.switches();
        switches.is_empty() || switches.iter().any(|switch| self.value(switch).is_none())
    }

    fn admit_all(&self, faults: &[(u64, Incident)]) -> bool {
        faults.iter().all(|(_, incident)| self.admit_one(incident))
    }

    /// What contradicts (a) or (b) of the guarantees is not promised.
    fn admit_one(&self, incident: &Incident) -> bool {
        let Incident::Fault(kind) = incident else {
            return true;
        };
        let latest = match self.is_late() {
            true => Duration::from_secs(20),
            false if self.is_unique() == Some(false) => Duration::from_secs(30),
            false => Duration::MAX,
        };
        match kind {
            FaultKind::LandLate(late) | FaultKind::Delay(late) => *late <= latest,
            FaultKind::ApplyThenClientException => !self.is_late(),
            _ => true,
        }
    }
}
