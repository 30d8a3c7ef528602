//! Direct Connect as a partner sees it: interconnects and LAGs, and the hosted connections sold on them.
//! Has no dedicated connections, no virtual interfaces and no gateways: those are not the partner's.

mod allocate;
mod associate;
mod delete;
mod describe;
mod describe_parents;

mod bandwidth;
mod connection;
mod lag;
mod paging;
mod parents;
mod past;
mod rules;

mod customer;
mod partner;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::millis,
    reply::{Answer, ApiError},
    request::Call,
    site::Context,
};

pub(crate) use bandwidth::BANDWIDTHS;
pub use connection::{HostedConnection, Tag};
pub use parents::{Parent, ParentKind};
pub(crate) use rules::Rules;
pub use rules::{ArnAccount, ErrorAnswer, LagMembers, Pages, Progress};

use past::Past;

/// What Direct Connect remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct DirectConnect {
    parents: BTreeMap<String, Parent>,
    /// In order of creation, the deleted ones included.
    connections: Vec<HostedConnection>,
    /// Parent → VLAN → the most connections that have ever lived there at once.
    most_living: BTreeMap<String, BTreeMap<u16, usize>>,
    #[serde(skip)]
    past: Past,
    /// The second in which the last request came, and how many have come in it.
    #[serde(skip)]
    latest: (u64, u32),
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

    /// Remembers from here on what connections were this long ago.
    pub(crate) fn remember(&mut self, reach: Duration) {
        self.past = Past::reaching(millis(reach), &self.connections);
    }

    pub(crate) fn dispatch(&mut self, call: &Call, mut context: Context<'_>) -> Answer {
        self.advance(&context.rules.progress, context.now_ms());
        self.check_rate(&context)?;
        match call.operation.as_str() {
            "AllocateHostedConnection" => self.allocate(call, &mut context),
            "DescribeHostedConnections" => self.describe_hosted_connections(call, &context),
            "DescribeInterconnects" => self.describe_interconnects(call, &context),
            "DescribeLags" => self.describe_lags(call, &context),
            "DescribeLocations" => Ok(self.locations(context.site)),
            "AssociateHostedConnection" => self.associate_hosted_connection(call, &context),
            "DeleteConnection" => self.delete_connection(call, &context),
            unknown => Err(ApiError::unknown_operation(unknown)),
        }
    }

    /// Counts the request, and turns it away if its second has had enough of them.
    fn check_rate(&mut self, context: &Context<'_>) -> Result<(), ApiError> {
        let Some(most) = context.rules.requests_per_second else {
            return Ok(());
        };
        let second = context.now_ms() / 1_000;
        let (last, count) = self.latest;
        let count = if last == second { count } else { 0 };
        if count >= most {
            return Err(context.rules.throttle_error.with("Rate exceeded"));
        }
        self.latest = (second, count + 1);
        Ok(())
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
                let due_ms = connection.state_since_ms.saturating_add(millis(after));
                if due_ms > now_ms {
                    break;
                }
                connection.move_to(state, due_ms);
                self.past.note(connection, due_ms);
            }
        }
    }

    /// Sets a parent up, or changes it. What it is a member of is not the caller's to say.
    pub(crate) fn add_parent(&mut self, mut parent: Parent) {
        if let Some(lag) = self.parents.get(&parent.id).and_then(Parent::member_of) {
            parent.join(lag);
        }
        self.parents.insert(parent.id.clone(), parent);
    }

    /// Adds a connection and remembers how crowded its VLAN has become.
    fn add(&mut self, connection: HostedConnection) {
        let (parent, vlan) = (connection.parent.clone(), connection.vlan);
        self.past.note(&connection, connection.created_ms);
        self.connections.push(connection);
        self.note_crowd(&parent, vlan);
    }

    /// As [`add`](Self::add), for many on one parent, counting each VLAN once.
    fn add_all(&mut self, connections: Vec<HostedConnection>) {
        let vlans: BTreeSet<(String, u16)> = connections
            .iter()
            .map(|connection| (connection.parent.clone(), connection.vlan))
            .collect();
        for connection in &connections {
            self.past.note(connection, connection.created_ms);
        }
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
    ApiError::direct_connect_client_exception(message)
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
