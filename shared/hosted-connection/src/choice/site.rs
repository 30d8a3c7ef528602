//! An interconnect or a LAG, as far as the choice of a parent goes by it.

use super::{Apart, Candidate, CandidateCode};
use crate::{Bandwidth, DiverseBy, ParentConnection, Rejection};

/// An interconnect or a LAG, as Direct Connect shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Its id.
    pub id: ParentConnection,
    /// Whether it can be ordered on.
    pub availability: Availability,
    /// AWS's code for where it is.
    pub location: Option<String>,
    /// The device of AWS that it ends on: `awsLogicalDeviceId`.
    pub device: Option<String>,
    /// Its bandwidth in Mbps, a LAG's members together.
    pub mbps: Option<u64>,
}

/// Whether a parent can be ordered on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Available,
    /// It is in this state instead, in Direct Connect's own spelling.
    InState(String),
    /// It is a member of this LAG, whose VLANs and bandwidth it shares.
    MemberOf(ParentConnection),
    /// It is a LAG of the account's own dedicated connections.
    NoHostedConnections,
}

impl Site {
    /// What rules it out whatever is sold on it.
    pub(super) fn reason_against(
        &self,
        bandwidth: Bandwidth,
        apart: Option<&Apart>,
    ) -> Option<Candidate> {
        self.unavailable()
            .or_else(|| self.not_diverse(apart?))
            .or_else(|| self.too_small(bandwidth))
    }

    /// Why nothing can be ordered on it, if that is so.
    pub fn unavailable(&self) -> Option<Candidate> {
        let message = match &self.availability {
            Availability::Available => return None,
            Availability::InState(state) => format!("It is {state}, not available."),
            Availability::MemberOf(lag) => {
                format!("It is a member of {lag}: the LAG is ordered on, not its members.")
            }
            Availability::NoHostedConnections => {
                "It is a LAG that does not allow hosted connections.".to_owned()
            }
        };
        let code = CandidateCode::NotAvailable;
        Some(Candidate::new(&self.id, code, message))
    }

    /// What is not known to differ counts as the same: diversity is a promise.
    fn not_diverse(&self, apart: &Apart) -> Option<Candidate> {
        let (own, on, what) = match apart.by {
            DiverseBy::Device => (&self.device, "on", "device"),
            DiverseBy::Location => (&self.location, "at", "location"),
        };
        let message = match (own, &apart.from) {
            (Some(own), Some(other)) if own != other => return None,
            (Some(own), Some(_)) => {
                format!("It is {on} {own}, the {what} of the order to be kept apart from.")
            }
            (None, _) => format!("Direct Connect does not say {on} which {what} it is."),
            (_, None) => format!(
                "Direct Connect does not say {on} which {what} the order to be kept apart from is."
            ),
        };
        let code = CandidateCode::NotDiverse;
        Some(Candidate::new(&self.id, code, message))
    }

    /// How often a port may be sold is the policy's business; that a connection is wider than the port is nobody's.
    fn too_small(&self, bandwidth: Bandwidth) -> Option<Candidate> {
        let (asked, has) = (bandwidth.mbps(), self.mbps?);
        (has < u64::from(asked)).then(|| {
            let rejection = Rejection::capacity_exceeded(asked, has);
            rejection.of_candidate(&self.id)
        })
    }
}
