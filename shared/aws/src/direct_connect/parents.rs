//! The partner's interconnects and LAGs: what hosted connections are sold on, and which of them are one place.
//!
//! An interconnect that is a member of a LAG shares its VLANs and its bandwidth with the LAG and with the other members.
//! Which id its connections are shown under is not documented (`lag-members` in docs/assumptions.md).

use hosted_connection::{Availability, ParentConnection, Site};

use super::{DirectConnect, MAX_PAGES, is_refused};
use crate::failure::{CallError, Cause};

/// The state of a parent that is in use.
const AVAILABLE: &str = "available";

/// An interconnect or a LAG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Its id.
    pub id: ParentConnection,
    /// Its state in Direct Connect's own spelling, if the answer says it.
    pub state: Option<String>,
    /// The LAG that it is a member of.
    pub lag: Option<ParentConnection>,
    /// Whether hosted connections can be on it; not so of a LAG of the account's own dedicated connections.
    pub has_hosted_connections: bool,
    /// AWS's code for where it is.
    pub location: Option<String>,
    /// The device of AWS that it ends on.
    pub device: Option<String>,
    /// Its bandwidth, a LAG's members together.
    pub mbps: Option<u64>,
}

/// All interconnects and LAGs of the account in this region, as they were shown at one time; in a fixed order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parents(Vec<Parent>);

/// Whether a refusal of a parent is its last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It is in use: what it refuses, it refuses.
    Ready,
    /// It, or its LAG, is being set up, changed or taken down: what it refuses now it may take later
    /// (`transition-passes` in docs/assumptions.md).
    InTransition,
    /// It is deleted, or not shown any more, and will not come back.
    Gone,
}

impl Parents {
    /// The interconnects and LAGs of `parents`, each once.
    #[must_use]
    pub fn new(mut parents: Vec<Parent>) -> Self {
        parents.sort_by(|a, b| a.id.cmp(&b.id));
        parents.dedup_by(|a, b| a.id == b.id);
        Self(parents)
    }

    /// The ids, in a fixed order.
    pub fn ids(&self) -> impl Iterator<Item = &ParentConnection> {
        self.0.iter().map(|parent| &parent.id)
    }

    /// The LAG that `id` is a member of.
    #[must_use]
    pub fn lag_of(&self, id: &ParentConnection) -> Option<&ParentConnection> {
        self.get(id)?.lag.as_ref()
    }

    /// The other ids of the same place: of a member its LAG, first, and the LAG's other members; of a LAG its members.
    #[must_use]
    pub fn aliases(&self, id: &ParentConnection) -> Vec<ParentConnection> {
        let lag = self.lag_of(id).unwrap_or(id);
        let members = self
            .0
            .iter()
            .filter(|parent| parent.lag.as_ref() == Some(lag))
            .map(|parent| &parent.id);
        std::iter::once(lag)
            .chain(members)
            .filter(|alias| *alias != id)
            .cloned()
            .collect()
    }

    /// All of them, as far as the choice of a parent goes by it.
    #[must_use]
    pub fn sites(&self) -> Vec<Site> {
        self.0.iter().map(Parent::site).collect()
    }

    /// Whether what `id` refuses is its last word.
    #[must_use]
    pub fn readiness(&self, id: &ParentConnection) -> Readiness {
        let own = self.own_readiness(id);
        match self.lag_of(id).map(|lag| self.own_readiness(lag)) {
            // A LAG that nobody shows says nothing about its member.
            None | Some(Readiness::Gone | Readiness::Ready) => own,
            Some(Readiness::InTransition) if own == Readiness::Gone => own,
            Some(Readiness::InTransition) => Readiness::InTransition,
        }
    }

    /// Whether hosted connections can be shown under `id` and under no other: not where it is not shown itself, nor on a
    /// member of a LAG, whose connections are the LAG's.
    #[must_use]
    pub fn shows_its_own(&self, id: &ParentConnection) -> bool {
        self.get(id).is_some_and(|parent| {
            parent.has_hosted_connections
                && parent.lag.is_none()
                && self.own_readiness(id) != Readiness::Gone
        })
    }

    fn own_readiness(&self, id: &ParentConnection) -> Readiness {
        let Some(parent) = self.get(id) else {
            return Readiness::Gone;
        };
        match parent.state.as_deref() {
            // What an answer leaves out contradicts nothing.
            Some(AVAILABLE | "down") | None => Readiness::Ready,
            Some("deleted") => Readiness::Gone,
            Some(_) => Readiness::InTransition,
        }
    }

    fn get(&self, id: &ParentConnection) -> Option<&Parent> {
        self.0.iter().find(|parent| parent.id == *id)
    }
}

impl Parent {
    fn site(&self) -> Site {
        let availability = match (&self.state, &self.lag) {
            // What an answer leaves out contradicts nothing.
            (Some(state), _) if state != AVAILABLE => Availability::InState(state.clone()),
            (_, Some(lag)) => Availability::MemberOf(lag.clone()),
            _ if !self.has_hosted_connections => Availability::NoHostedConnections,
            _ => Availability::Available,
        };
        Site {
            id: self.id.clone(),
            availability,
            location: self.location.clone(),
            device: self.device.clone(),
            mbps: self.mbps,
        }
    }
}

/// What AWS calls a port's bandwidth, in Mbps: `10Gbps`, `500Mbps`. None of what is written in another way.
fn mbps(bandwidth: &str) -> Option<u64> {
    let unit = |suffix, factor: u64| {
        let number: u64 = bandwidth.strip_suffix(suffix)?.parse().ok()?;
        number.checked_mul(factor)
    };
    unit("Mbps", 1)
        .or_else(|| unit("Gbps", 1_000))
        .or_else(|| unit("Tbps", 1_000_000))
}

impl DirectConnect {
    /// All interconnects and LAGs of the account in this region.
    ///
    /// # Errors
    /// When any page cannot be read, or is no list.
    pub async fn parents(&self) -> Result<Parents, CallError> {
        let (mut parents, (lags, members)) = tokio::try_join!(self.interconnects(), self.lags())?;
        for parent in &mut parents {
            let lag_of_member = || members.iter().find(|(member, _)| *member == parent.id);
            if parent.lag.is_none() {
                parent.lag = lag_of_member().map(|(_, lag)| lag.clone());
            }
        }
        parents.extend(lags);
        Ok(Parents::new(parents))
    }

    /// The LAG that `parent` is a member of at this moment; none of a LAG, and of what is not shown.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn current_lag(
        &self,
        parent: &ParentConnection,
    ) -> Result<Option<ParentConnection>, CallError> {
        if let ParentConnection::Lag(_) = parent {
            return Ok(None);
        }
        let operation = "DescribeInterconnects";
        let call = self.reader.describe_interconnects();
        let page = match call.interconnect_id(parent.as_str()).send().await {
            Ok(page) => page,
            Err(error) if is_refused(&error) => return Ok(None),
            Err(error) => return Err(CallError::without_words(operation, &error)),
        };
        let listed = page.interconnects.ok_or_else(|| no_list(operation))?;
        let is_it = |id: &Option<String>| id.as_deref() == Some(parent.as_str());
        let found = listed
            .into_iter()
            .find(|found| is_it(&found.interconnect_id));
        Ok(found.and_then(|found| id(found.lag_id)))
    }

    async fn interconnects(&self) -> Result<Vec<Parent>, CallError> {
        let operation = "DescribeInterconnects";
        let mut interconnects = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let call = self.reader.describe_interconnects();
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| CallError::without_words(operation, &error))?;
            let listed = page.interconnects.ok_or_else(|| no_list(operation))?;
            interconnects.extend(listed.into_iter().filter_map(|interconnect| {
                Some(Parent {
                    id: id(interconnect.interconnect_id)?,
                    state: interconnect
                        .interconnect_state
                        .map(|state| state.as_str().to_owned()),
                    lag: id(interconnect.lag_id),
                    has_hosted_connections: true,
                    location: interconnect.location,
                    device: interconnect.aws_logical_device_id,
                    mbps: interconnect.bandwidth.as_deref().and_then(mbps),
                })
            }));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(interconnects);
            }
        }
        Err(too_many(operation))
    }

    /// The LAGs, and their members as they name them.
    async fn lags(
        &self,
    ) -> Result<(Vec<Parent>, Vec<(ParentConnection, ParentConnection)>), CallError> {
        let operation = "DescribeLags";
        let (mut lags, mut members) = (Vec::new(), Vec::new());
        let mut token: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let call = self.reader.describe_lags();
            let page = call.set_next_token(token).send().await;
            let page = page.map_err(|error| CallError::without_words(operation, &error))?;
            for lag in page.lags.ok_or_else(|| no_list(operation))? {
                let Some(lag_id) = id(lag.lag_id) else {
                    continue;
                };
                let bundled = lag.connections.unwrap_or_default().into_iter();
                let named = bundled.filter_map(|member| id(member.connection_id));
                members.extend(named.map(|member| (member, lag_id.clone())));
                let each = lag.connections_bandwidth.as_deref().and_then(mbps);
                let ports = u64::try_from(lag.number_of_connections).unwrap_or_default();
                lags.push(Parent {
                    id: lag_id,
                    state: lag.lag_state.map(|state| state.as_str().to_owned()),
                    lag: None,
                    has_hosted_connections: lag.allows_hosted_connections,
                    location: lag.location,
                    device: lag.aws_logical_device_id,
                    mbps: each.and_then(|mbps| mbps.checked_mul(ports)),
                });
            }
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok((lags, members));
            }
        }
        Err(too_many(operation))
    }
}

/// An id that is not of the API's own form names nothing that an order could name.
fn id(text: Option<String>) -> Option<ParentConnection> {
    ParentConnection::parse(&text?).ok()
}

/// An empty list is a list. An answer without one says nothing, least of all that there are no parents.
pub(super) fn no_list(operation: &'static str) -> CallError {
    CallError {
        operation,
        cause: Cause::Unavailable,
        message: "the answer holds no list".into(),
    }
}

pub(super) fn too_many(operation: &'static str) -> CallError {
    CallError::corrupt(operation, format!("more than {MAX_PAGES} pages"))
}

#[cfg(test)]
mod tests;
