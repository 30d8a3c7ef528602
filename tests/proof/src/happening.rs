//! What happens at Direct Connect between two requests, by other ways than our API.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use local_cloud::Cloud;

use crate::orders::{BY_HAND, PARENT};

/// Where orders are not placed, and connections are moved to.
pub(crate) const ELSEWHERE: &str = "dxcon-ffabc456";
pub(crate) const LAG: &str = "dxlag-ffabc789";
/// How long the parent is in transition.
const TRANSITION: Duration = Duration::from_secs(60);
/// The VLAN of a connection that somebody else makes meanwhile.
const NEWCOMER: u16 = 3_000;

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
