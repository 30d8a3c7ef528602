//! What comes between in a story: a request goes wrong, or something happens at Direct Connect between two requests.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use local_cloud::{Cloud, FaultKind};

use crate::invariants;
use crate::orders::PARENT;
use crate::scenario::BY_HAND;
use crate::world::World;

/// Where orders are not placed, and connections are moved to.
pub(crate) const ELSEWHERE: &str = "dxcon-ffabc456";
const LAG: &str = "dxlag-ffabc789";
/// How long the parent is in transition.
const TRANSITION: Duration = Duration::from_secs(60);
/// The VLAN of a connection that somebody else makes meanwhile.
const NEWCOMER: u16 = 3_000;

/// What comes between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incident {
    /// A request goes wrong.
    Fault(FaultKind),
    /// Something happens just before a request is sent.
    Happening(Happening),
}

/// What the partner, its customers or AWS do meanwhile by other ways than our API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Happening {
    /// The parent becomes a member of a LAG, and its connections become the LAG's.
    JoinLag,
    /// The order's connection, if there is one, is associated with another interconnect.
    Move,
    /// The parent is being changed, for a minute.
    Transition,
    /// Somebody else has a connection made on the parent.
    Come,
    /// Somebody else's connection on the parent is deleted.
    Go,
}

impl Happening {
    const ALL: [Self; 5] = [
        Self::JoinLag,
        Self::Move,
        Self::Transition,
        Self::Come,
        Self::Go,
    ];

    /// Does it. Where there is nothing to do it to, nothing happens.
    pub(crate) fn happen(self, cloud: &Cloud) {
        // Each fails only where there is nothing to do it to.
        match self {
            Self::JoinLag => drop(cloud.join_lag(PARENT, LAG)),
            Self::Move => {
                let connections = cloud.living_connections(PARENT).into_iter();
                for connection in connections.filter(|one| one.name != BY_HAND) {
                    drop(cloud.move_connection(&connection.id, ELSEWHERE));
                }
            }
            Self::Transition => {
                drop(cloud.set_parent_state(PARENT, "pending"));
                let cloud = cloud.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(TRANSITION).await;
                    drop(cloud.set_parent_state(PARENT, "available"));
                });
            }
            Self::Come => {
                drop(cloud.insert_connection(PARENT, NEWCOMER, "999988887777", "50Mbps", BY_HAND));
            }
            Self::Go => {
                let mut living = cloud.living_connections(PARENT).into_iter();
                if let Some(foreign) = living.find(|one| one.name == BY_HAND) {
                    drop(cloud.delete(&foreign.id));
                }
            }
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JoinLag => "join-lag",
            Self::Move => "move",
            Self::Transition => "transition",
            Self::Come => "come",
            Self::Go => "go",
        })
    }
}

impl FromStr for Happening {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = Self::ALL.into_iter();
        all.find(|happening| happening.to_string() == text)
            .ok_or_else(|| format!("`{text}` is nothing that happens"))
    }
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(kind) => kind.fmt(f),
            Self::Happening(happening) => happening.fmt(f),
        }
    }
}

impl From<FaultKind> for Incident {
    fn from(kind: FaultKind) -> Self {
        Self::Fault(kind)
    }
}

impl From<Happening> for Incident {
    fn from(happening: Happening) -> Self {
        Self::Happening(happening)
    }
}

/// Incidents of a story, each with the position of a request, from 1.
pub(crate) type Incidents = [(u64, Incident)];

/// What may become of an order in spite of all care, because of what came between.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed {
    /// Direct Connect may have refused it for good. Then there is no connection.
    pub(crate) refused: bool,
    /// Only a person can tell what became of it. Then nothing is told, and nothing called for again.
    pub(crate) open: bool,
    /// Whether tracking has more to do than to watch.
    pub(crate) tracked: bool,
}

impl Allowed {
    /// By what happens, and what was hit: a refusal of a call that was not applied is Direct Connect's word, and so is what
    /// a member of a LAG says that is not allocated on.
    pub(crate) fn by<'a>(
        happenings: impl Iterator<Item = &'a Happening>,
        hits: &[(String, String)],
    ) -> Self {
        let refusal = FaultKind::ClientExceptionBefore.to_string();
        let mut allowed = Self {
            refused: hits
                .iter()
                .any(|(fault, operation)| *fault == refusal && is_direct_connects(operation)),
            ..Self::default()
        };
        for happening in happenings {
            match happening {
                Happening::JoinLag => allowed.refused = true,
                Happening::Move => allowed.open = true,
                Happening::Transition | Happening::Come | Happening::Go => {}
            }
            allowed.tracked = true;
        }
        allowed
    }
}

impl Allowed {
    /// Whether the order has ended in one of these ways.
    pub(crate) fn ends_without_a_connection(self, world: &World) -> bool {
        self.refused && invariants::is_rejected(world) || self.open && invariants::is_open(world)
    }
}

/// The happenings among `incidents`.
pub(crate) fn happenings(incidents: &Incidents) -> impl Iterator<Item = (u64, &Happening)> {
    incidents.iter().filter_map(|(k, incident)| match incident {
        Incident::Happening(happening) => Some((*k, happening)),
        Incident::Fault(_) => None,
    })
}

pub(crate) fn is_direct_connects(operation: &str) -> bool {
    matches!(
        operation,
        "AllocateHostedConnection"
            | "DescribeHostedConnections"
            | "DescribeInterconnects"
            | "DescribeLags"
            | "DeleteConnection"
    )
}

/// Whether `kind` says something of `operation`: what only Direct Connect answers is told of its operations, and an answer
/// without its list of those that have one (an empty one of DynamoDB's says that there is no item, and would be a lie).
pub(crate) fn is_told_of(kind: &FaultKind, operation: &str) -> bool {
    match kind {
        // A refused question is the same, answered or not.
        FaultKind::ApplyThenClientException => {
            matches!(operation, "AllocateHostedConnection" | "DeleteConnection")
        }
        FaultKind::ClientExceptionBefore => is_direct_connects(operation),
        FaultKind::ExpiredPageToken => operation == "DescribeHostedConnections",
        FaultKind::ApplyThenWithoutList => {
            is_direct_connects(operation) && operation != "DeleteConnection"
        }
        _ => true,
    }
}
