//! The other side of Direct Connect, as switches: what customers and AWS's own people do to a hosted connection,
//! and what a test may look at that a partner may not.

use super::{DirectConnect, HostedConnection, connection::Sale};
use crate::{Cloud, CloudError, clock::epoch_ms};

impl Cloud {
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

    /// As [`living_connections`](Self::living_connections), without a copy of all others.
    pub fn living_on(&self, parent: &str) -> Vec<HostedConnection> {
        let now_ms = epoch_ms(self.clock().now());
        let mut state = self.state();
        state.direct_connect.advance(&self.rules().progress, now_ms);
        let connections = state.direct_connect.connections.iter();
        let on_it = connections.filter(|connection| connection.parent == parent);
        on_it
            .filter(|connection| connection.is_living())
            .cloned()
            .collect()
    }

    /// The most hosted connections that have ever lived on this VLAN of this parent at once. More than one is what
    /// the product exists to prevent. Those of a LAG's member are counted with the LAG's.
    pub fn most_living(&self, parent: &str, vlan: u16) -> usize {
        let state = self.state();
        let direct_connect = &state.direct_connect;
        let most_on = |parent: &str| {
            let vlans = direct_connect.most_living.get(parent);
            vlans.and_then(|vlans| vlans.get(&vlan)).copied()
        };
        // The member's own is what was seen before it joined.
        let most = most_on(parent).max(most_on(direct_connect.home(parent)));
        most.unwrap_or(0)
    }

    /// A hosted connection made by hand, past every check: somebody else's, or one that looks like ours. On a LAG's
    /// member it is the LAG's.
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
        self.stir();
        self.change(|state| {
            let sale = Sale {
                parent: state.direct_connect.home(parent),
                vlan,
                owner_account,
                bandwidth,
                name,
            };
            let id = state.random.connection_id();
            let connection = HostedConnection::ordered(sale, id, now_ms);
            state.direct_connect.add(connection.clone());
            connection
        })
    }

    /// As [`insert_connection`](Self::insert_connection), one for each of `vlans` and kept all at once: a crowded
    /// parent, quickly.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn insert_connections(
        &self,
        parent: &str,
        vlans: impl IntoIterator<Item = u16>,
        owner_account: &str,
        bandwidth: &str,
        name: &str,
    ) -> Result<Vec<HostedConnection>, CloudError> {
        let now_ms = epoch_ms(self.clock().now());
        self.stir();
        self.change(|state| {
            let made = vlans.into_iter().map(|vlan| {
                let id = state.random.connection_id();
                let sale = Sale {
                    parent: state.direct_connect.home(parent),
                    vlan,
                    owner_account,
                    bandwidth,
                    name,
                };
                HostedConnection::ordered(sale, id, now_ms)
            });
            let made: Vec<_> = made.collect();
            state.direct_connect.add_all(made.clone());
            made
        })
    }

    /// A hosted connection exactly as it is given, with its id: one that somebody has a record of already.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn put_connection(&self, connection: HostedConnection) -> Result<(), CloudError> {
        self.stir();
        self.change(|state| state.direct_connect.add(connection))
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

    /// The owner puts a virtual interface on the connection, which cannot be deleted until it is
    /// [detached](Self::detach_interface).
    ///
    /// # Errors
    /// There is no such connection, or its owner has not confirmed it.
    pub fn attach_interface(&self, id: &str) -> Result<(), CloudError> {
        self.alter(id, |connection, _| {
            if !connection.is_accepted() {
                return Err(CloudError::NotAccepted {
                    id: id.to_owned(),
                    state: connection.state.clone(),
                });
            }
            connection.virtual_interfaces += 1;
            Ok(())
        })
    }

    /// The owner takes one virtual interface off the connection, if there is one.
    ///
    /// # Errors
    /// There is no such connection.
    pub fn detach_interface(&self, id: &str) -> Result<(), CloudError> {
        self.alter(id, |connection, _| {
            connection.virtual_interfaces = connection.virtual_interfaces.saturating_sub(1);
            Ok(())
        })
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
        let now_ms = epoch_ms(self.clock().now());
        self.stir();
        self.change(|state| {
            let DirectConnect {
                connections, past, ..
            } = &mut state.direct_connect;
            connections.retain(|connection| {
                let stays = connection.is_living();
                if !stays {
                    past.forget(&connection.id, now_ms);
                }
                stays
            });
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
        self.change_direct_connect(|direct_connect, now_ms| {
            let connection = direct_connect
                .connections
                .iter_mut()
                .find(|connection| connection.id == id)
                .ok_or_else(|| CloudError::NoSuchConnection(id.to_owned()))?;
            change(connection, now_ms)?;
            direct_connect.past.note(connection, now_ms);
            let (parent, vlan) = (connection.parent.clone(), connection.vlan);
            direct_connect.note_crowd(&parent, vlan);
            Ok(())
        })
    }
}
