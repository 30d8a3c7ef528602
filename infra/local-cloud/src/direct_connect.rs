//! Direct Connect as a partner sees it: interconnects and LAGs, and the hosted connections sold on them.
//! Has no dedicated connections, no virtual interfaces and no gateways: those are not the partner's.

mod allocate;
mod describe;

mod connection;
mod paging;
mod parents;

mod customer;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    cloud::Context,
    reply::{Answer, ApiError},
    request::Call,
};

pub use connection::{HostedConnection, Tag};
pub use parents::{Parent, ParentKind};

/// What Direct Connect remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct DirectConnect {
    parents: BTreeMap<String, Parent>,
    /// In order of creation, the deleted ones included.
    connections: Vec<HostedConnection>,
    /// Parent → VLAN → the most connections that have ever lived there at once.
    most_living: BTreeMap<String, BTreeMap<u16, usize>>,
}

/// Rules that AWS does not document, or that a test wants otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) vlan_uniqueness: bool,
    pub(crate) oversubscription: f64,
    pub(crate) page_limit: usize,
    pub(crate) progress: Progress,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            vlan_uniqueness: true,
            oversubscription: 1.0,
            page_limit: paging::MOST_PER_PAGE,
            progress: Progress::default(),
        }
    }
}

/// How connections move on by themselves. `None` means that they wait for a switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How long until the customer confirms: `ordering` → `pending`.
    pub confirmed_after: Option<Duration>,
    /// How long until AWS has set it up: `pending` → `available`.
    pub available_after: Option<Duration>,
    /// How long a deletion takes: `deleting` → `deleted`. By the next look when `None`.
    pub deleted_after: Option<Duration>,
}

impl DirectConnect {
    pub(crate) fn new(parents: Vec<Parent>) -> Self {
        Self {
            parents: parents
                .into_iter()
                .map(|parent| (parent.id.clone(), parent))
                .collect(),
            ..Self::default()
        }
    }

    pub(crate) fn dispatch(&mut self, call: &Call, mut context: Context<'_>) -> Answer {
        self.advance(&context.rules.progress, context.now_ms());
        match call.operation.as_str() {
            "AllocateHostedConnection" => self.allocate(call, &mut context),
            "DescribeHostedConnections" => self.describe_hosted_connections(call, &context),
            "DescribeInterconnects" => self.describe_interconnects(call, &context),
            "DescribeLags" => self.describe_lags(call, &context),
            "DescribeLocations" => Ok(parents::locations(context.site)),
            "DeleteConnection" => self.delete_connection(call, &context),
            unknown => Err(ApiError::unknown_operation(unknown)),
        }
    }

    /// Moves every connection to where it would be by now.
    pub(crate) fn advance(&mut self, progress: &Progress, now_ms: u64) {
        for connection in &mut self.connections {
            while let Some((state, after)) = match connection.state.as_str() {
                "ordering" => progress.confirmed_after.map(|after| ("pending", after)),
                "pending" => progress.available_after.map(|after| ("available", after)),
                "deleting" => Some(("deleted", progress.deleted_after.unwrap_or_default())),
                _ => None,
            } {
                let due_ms = connection
                    .state_since_ms
                    .saturating_add(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
                if due_ms > now_ms {
                    break;
                }
                connection.move_to(state, due_ms);
            }
        }
    }

    fn delete_connection(&mut self, call: &Call, context: &Context<'_>) -> Answer {
        let id = required(call, "connectionId")?;
        let Some(connection) = self
            .connections
            .iter_mut()
            .find(|connection| connection.id == id)
        else {
            return Err(client_exception(format!(
                "Could not find Connection with ID {id}"
            )));
        };
        if connection.is_living() && connection.state != "deleting" {
            // "You can delete a connection as long as there are no virtual interfaces attached to it."
            if connection.virtual_interfaces > 0 {
                return Err(client_exception(format!(
                    "{id} has virtual interfaces attached and cannot be deleted"
                )));
            }
            connection.move_to("deleting", context.now_ms());
        }
        let parent = self.parents.get(&connection.parent);
        Ok(connection.wire(parent, context.site, false))
    }

    /// Adds a connection and remembers how crowded its VLAN has become.
    fn add(&mut self, connection: HostedConnection) {
        let (parent, vlan) = (connection.parent.clone(), connection.vlan);
        self.connections.push(connection);
        self.note_crowd(&parent, vlan);
    }

    /// As [`add`](Self::add), for many on one parent, counting each VLAN once.
    fn add_all(&mut self, connections: Vec<HostedConnection>) {
        let vlans: BTreeSet<(String, u16)> = connections
            .iter()
            .map(|connection| (connection.parent.clone(), connection.vlan))
            .collect();
        self.connections.extend(connections);
        for (parent, vlan) in vlans {
            self.note_crowd(&parent, vlan);
        }
    }

    fn note_crowd(&mut self, parent: &str, vlan: u16) {
        let living = self.living_on(parent, vlan).count();
        let most = self
            .most_living
            .entry(parent.to_owned())
            .or_default()
            .entry(vlan)
            .or_default();
        *most = living.max(*most);
    }

    /// Those on one VLAN. Numbers are compared first: with a hundred thousand connections that is what takes the time.
    fn living_on(&self, parent: &str, vlan: u16) -> impl Iterator<Item = &HostedConnection> {
        self.connections.iter().filter(move |connection| {
            connection.vlan == vlan && connection.parent == parent && connection.is_living()
        })
    }

    fn living(&self, parent: &str) -> impl Iterator<Item = &HostedConnection> {
        self.connections
            .iter()
            .filter(move |connection| connection.parent == parent && connection.is_living())
    }
}

/// The error that means "you asked for something wrong", which comes as 400 like every error of Direct Connect.
fn client_exception(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "DirectConnectClientException", message)
}

fn required<'a>(call: &'a Call, member: &str) -> Result<&'a str, ApiError> {
    call.text(member)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| client_exception(format!("{member} is required")))
}

/// The integer member `name`, if it is there.
fn integer(call: &Call, name: &str) -> Option<i64> {
    call.body.get(name).and_then(Value::as_i64)
}
