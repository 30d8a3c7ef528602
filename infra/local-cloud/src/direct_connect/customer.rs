//! The other side of Direct Connect, as switches: what customers and AWS's own people do to a hosted connection,
//! and what a test may look at that a partner may not.

use super::{HostedConnection, Parent};
use crate::{Cloud, CloudError, clock::epoch_ms};

impl Cloud {
    /// Sets an interconnect or LAG up, or changes it.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn add_parent(&self, parent: Parent) -> Result<(), CloudError> {
        self.change(|state| state.direct_connect.add_parent(parent))
    }

    /// Every hosted connection there is or was, in order of creation.
    pub fn connections(&self) -> Vec<HostedConnection> {
        let now_ms = epoch_ms(self.clock().now());
        let mut state = self.state();
        state.direct_connect.advance(&self.rules().progress, now_ms);
        state.direct_connect.connections.clone()
    }

    /// The hosted connections of `parent` that are neither deleted nor rejected.
    pub fn living_connections(&self, parent: &str) -> Vec<HostedConnection> {
        let mut connections = self.connections();
        connections.retain(|connection| connection.parent == parent && connection.is_living());
        connections
    }

    /// The most hosted connections that have ever lived on this VLAN of this parent at once. More than one is what
    /// the product exists to prevent.
    pub fn most_living(&self, parent: &str, vlan: u16) -> usize {
        let state = self.state();
        let vlans = state.direct_connect.most_living.get(parent);
        vlans
            .and_then(|vlans| vlans.get(&vlan))
            .copied()
            .unwrap_or(0)
    }

    /// A hosted connection made by hand, past every check: somebody else's, or one that looks like ours.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn insert_connection(
        &self,
        parent: &str,
        vlan: u16,
        owner_account: &str,
        bandwidth: &str,
        name: &str,
    ) -> Result<HostedConnection, CloudError> {
        let now_ms = epoch_ms(self.clock().now());
        self.change(|state| {
            let connection = HostedConnection {
                id: state.random.connection_id(),
                parent: parent.to_owned(),
                vlan,
                owner_account: owner_account.to_owned(),
                bandwidth: bandwidth.to_owned(),
                name: name.to_owned(),
                state: "ordering".to_owned(),
                tags: Vec::new(),
                state_since_ms: now_ms,
                created_ms: now_ms,
            };
            state.direct_connect.add(connection.clone());
            connection
        })
    }

    /// The customer accepts the connection: `ordering` → `pending`.
    ///
    /// # Errors
    /// There is no such connection, or it is not `ordering`.
    pub fn confirm(&self, id: &str) -> Result<(), CloudError> {
        self.decide(id, "pending")
    }

    /// The customer deletes the order: `ordering` → `rejected`.
    ///
    /// # Errors
    /// There is no such connection, or it is not `ordering`.
    pub fn decline(&self, id: &str) -> Result<(), CloudError> {
        self.decide(id, "rejected")
    }

    /// Somebody deletes the connection in the console: it is `deleted` at once.
    ///
    /// # Errors
    /// There is no such connection.
    pub fn delete(&self, id: &str) -> Result<(), CloudError> {
        self.set_state(id, "deleted")
    }

    /// Puts the connection into any state, known to AWS or not.
    ///
    /// # Errors
    /// There is no such connection.
    pub fn set_state(&self, id: &str, state: &str) -> Result<(), CloudError> {
        self.alter(id, |connection, now_ms| {
            connection.move_to(state, now_ms);
            Ok(())
        })
    }

    /// The customer renames the connection.
    ///
    /// # Errors
    /// There is no such connection.
    pub fn rename(&self, id: &str, name: &str) -> Result<(), CloudError> {
        self.alter(id, |connection, _| {
            connection.name = name.to_owned();
            Ok(())
        })
    }

    /// Has Direct Connect forget all deleted and rejected connections, as it does after a while.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn purge(&self) -> Result<(), CloudError> {
        self.change(|state| {
            state
                .direct_connect
                .connections
                .retain(HostedConnection::is_living)
        })
    }

    fn decide(&self, id: &str, to: &str) -> Result<(), CloudError> {
        self.alter(id, |connection, now_ms| {
            if connection.state != "ordering" {
                return Err(CloudError::NotOrdering {
                    id: id.to_owned(),
                    state: connection.state.clone(),
                });
            }
            connection.move_to(to, now_ms);
            Ok(())
        })
    }

    fn alter(
        &self,
        id: &str,
        change: impl FnOnce(&mut HostedConnection, u64) -> Result<(), CloudError>,
    ) -> Result<(), CloudError> {
        let now_ms = epoch_ms(self.clock().now());
        self.change(|state| {
            let direct_connect = &mut state.direct_connect;
            direct_connect.advance(&self.rules().progress, now_ms);
            let connection = direct_connect
                .connections
                .iter_mut()
                .find(|connection| connection.id == id)
                .ok_or_else(|| CloudError::NoSuchConnection(id.to_owned()))?;
            change(connection, now_ms)?;
            let (parent, vlan) = (connection.parent.clone(), connection.vlan);
            direct_connect.note_crowd(&parent, vlan);
            Ok(())
        })?
    }
}
