//! Whether a run may begin: the parent is there and in use, and nobody uses the VLANs. It only reads.

use std::collections::BTreeSet;
use std::time::Duration;

use aws::direct_connect::{ReadError, Readiness};
use aws::failure::{CallError, Cause};
use hosted_connection::{ParentConnection, Vlan};

use crate::clients::Clients;
use crate::setup::Setup;

/// What cannot be read now, and may be read later, is read so often.
const TRIES: u32 = 4;

/// Why a run cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// Direct Connect or the table cannot be read.
    #[error("{what}")]
    Unread {
        /// What cannot be read.
        what: &'static str,
        /// Why.
        #[source]
        error: CallError,
    },
    /// Direct Connect does not show the parent's connections.
    #[error("Direct Connect does not show the connections of {0}: {1}")]
    NotShown(ParentConnection, String),
    /// There is no such parent.
    #[error("Direct Connect shows no interconnect or LAG {0} in this account and region{1}")]
    NoParent(ParentConnection, String),
    /// It is not in use.
    #[error(
        "{0} is not in use: nothing can be allocated on it now. Choose a parent that is `available`"
    )]
    NotReady(ParentConnection),
    /// It is a member of a LAG.
    #[error("{0} is a member of {1}, and its connections are the LAG's: give --parent {1}")]
    Member(ParentConnection, ParentConnection),
    /// Some VLANs are in use.
    #[error("these VLANs of --vlans are not free on {parent}: {}. Choose a range that nobody uses", said(.taken))]
    Taken {
        /// The parent.
        parent: ParentConnection,
        /// Each VLAN, and what is on it.
        taken: Vec<(Vlan, String)>,
    },
}

/// What a run stands on.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Ids under which the parent's connections may be shown: itself first, then the members of a LAG.
    pub(crate) places: Vec<ParentConnection>,
    /// Ids of the connections that are there.
    pub(crate) before: BTreeSet<String>,
}

impl Ground {
    /// Looks whether a run may begin.
    ///
    /// # Errors
    /// It may not.
    pub async fn check(clients: &Clients, setup: &Setup) -> Result<Self, Unfit> {
        for attempt in 1..TRIES {
            match Self::look(clients, setup).await {
                Err(Unfit::Unread { error, .. }) if error.cause != Cause::Misconfigured => {
                    tokio::time::sleep(Duration::from_secs(2) * attempt).await;
                }
                looked => return looked,
            }
        }
        Self::look(clients, setup).await
    }

    async fn look(clients: &Clients, setup: &Setup) -> Result<Self, Unfit> {
        let parent = &setup.parent;
        let places = places(clients, parent).await?;
        let mut before = BTreeSet::new();
        let mut taken = Vec::new();
        for (index, place) in places.iter().enumerate() {
            let listed = match clients.services.direct_connect.connections(place).await {
                Ok(listed) => listed.connections,
                // A member need not show anything: that is one of the questions.
                Err(ReadError::Refused(_)) if index > 0 => Vec::new(),
                Err(ReadError::Refused(message)) => {
                    return Err(Unfit::NotShown(place.clone(), message));
                }
                Err(ReadError::Failed(error)) => {
                    return Err(unread("the parent's connections cannot be read")(error));
                }
            };
            for connection in listed {
                let id = connection.connection_id.unwrap_or_default();
                let is_over = matches!(
                    connection.connection_state.as_deref(),
                    Some("deleted" | "rejected")
                );
                let vlan = connection
                    .vlan
                    .and_then(|vlan| Vlan::new(u16::try_from(vlan).ok()?));
                if let Some(vlan) = vlan.filter(|vlan| !is_over && setup.vlans.contains(*vlan)) {
                    taken.push((vlan, id.clone()));
                }
                before.insert(id);
            }
            let view = clients.services.ledger.parent(place).await;
            let view = view.map_err(unread("the VLAN leases cannot be read"))?;
            let leased = view.leases.iter().map(|lease| (lease.vlan, holder(lease)));
            let unreadable = view
                .unreadable
                .iter()
                .map(|vlan| (*vlan, "its lease cannot be read".to_owned()));
            let leased = leased
                .chain(unreadable)
                .filter(|(vlan, _)| setup.vlans.contains(*vlan));
            taken.extend(leased.map(|(vlan, key)| (vlan, format!("leased: {key}"))));
        }
        if taken.is_empty() {
            return Ok(Self { places, before });
        }
        taken.sort();
        taken.dedup();
        let parent = parent.clone();
        Err(Unfit::Taken { parent, taken })
    }
}

/// The ids under which the parent's connections may be shown.
pub(crate) async fn places(
    clients: &Clients,
    parent: &ParentConnection,
) -> Result<Vec<ParentConnection>, Unfit> {
    let parents = clients.services.direct_connect.parents().await;
    let parents = parents.map_err(unread("the interconnects and LAGs cannot be read"))?;
    if !parents.ids().any(|id| id == parent) {
        let others: Vec<_> = parents.ids().map(ParentConnection::as_str).collect();
        let others = match others.as_slice() {
            [] => "; it shows none at all".to_owned(),
            others => format!("; there are {}", others.join(", ")),
        };
        return Err(Unfit::NoParent(parent.clone(), others));
    }
    if let Some(lag) = parents.lag_of(parent) {
        return Err(Unfit::Member(parent.clone(), lag.clone()));
    }
    if parents.readiness(parent) != Readiness::Ready {
        return Err(Unfit::NotReady(parent.clone()));
    }
    let mut places = vec![parent.clone()];
    places.extend(parents.aliases(parent));
    Ok(places)
}

fn unread(what: &'static str) -> impl FnOnce(CallError) -> Unfit {
    move |error| Unfit::Unread { what, error }
}

fn said(taken: &[(Vlan, String)]) -> String {
    let each = taken.iter().map(|(vlan, by)| format!("{vlan} ({by})"));
    each.collect::<Vec<_>>().join(", ")
}

fn holder(lease: &ledger::Lease) -> String {
    match &lease.holder {
        Some(key) => format!("order {key}"),
        None => "a connection without a record".to_owned(),
    }
}
