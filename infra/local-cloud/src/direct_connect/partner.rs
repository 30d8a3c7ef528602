//! What the partner, or AWS, does to interconnects and LAGs by other ways than the API that we speak, as switches.

use super::{DirectConnect, Parent};
use crate::{Cloud, CloudError, clock::epoch_ms};

impl Cloud {
    /// The interconnects and LAGs, in the order of their ids.
    pub fn parents(&self) -> Vec<Parent> {
        self.state()
            .direct_connect
            .parents
            .values()
            .cloned()
            .collect()
    }

    /// Sets an interconnect or LAG up, or changes it. A member of a LAG stays one.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn add_parent(&self, parent: Parent) -> Result<(), CloudError> {
        self.stir();
        self.change(|state| state.direct_connect.add_parent(parent))
    }

    /// Takes an interconnect or LAG away: its id is refused, and no list shows it. Connections that are still on it are
    /// shown nowhere, and can be [moved](Self::move_connection).
    ///
    /// # Errors
    /// There is no such parent.
    pub fn remove_parent(&self, id: &str) -> Result<(), CloudError> {
        self.change_direct_connect(|direct_connect, _| direct_connect.remove_parent(id))
    }

    /// Puts an interconnect or LAG into any state. Nothing can be allocated on one that is neither `available` nor
    /// `down`, nor on a member of such a LAG.
    ///
    /// # Errors
    /// There is no such parent.
    pub fn set_parent_state(&self, id: &str, state: &str) -> Result<(), CloudError> {
        self.change_direct_connect(|direct_connect, _| {
            direct_connect.parent(id)?;
            if let Some(parent) = direct_connect.parents.get_mut(id) {
                state.clone_into(&mut parent.state);
            }
            Ok(())
        })
    }

    /// The partner associates an interconnect with a LAG: it becomes a member, and its hosted connections become the
    /// LAG's. One that was the member of another LAG leaves that one; the connections stay there, as AWS documents it.
    ///
    /// # Errors
    /// One of the two does not exist or is of the wrong kind, or a VLAN of the interconnect lives on the LAG.
    pub fn join_lag(&self, interconnect: &str, lag: &str) -> Result<(), CloudError> {
        self.change_direct_connect(|direct_connect, now_ms| {
            direct_connect.join(interconnect, lag, now_ms)
        })
    }

    /// The partner disassociates an interconnect from its LAG. The hosted connections stay on the LAG.
    ///
    /// # Errors
    /// There is no such interconnect, or it is not a member.
    pub fn leave_lag(&self, interconnect: &str) -> Result<(), CloudError> {
        self.change_direct_connect(|direct_connect, _| direct_connect.leave(interconnect))
    }

    /// The partner calls AssociateHostedConnection by hand: the connection is moved to this interconnect or LAG; to the
    /// LAG, if the interconnect is a member.
    ///
    /// # Errors
    /// There is no such connection or parent, or its VLAN lives there.
    pub fn move_connection(&self, id: &str, parent: &str) -> Result<(), CloudError> {
        self.change_direct_connect(|direct_connect, now_ms| {
            direct_connect.associate(id, parent, now_ms)
        })
    }

    /// Changes what Direct Connect remembers, as of now.
    pub(super) fn change_direct_connect<T>(
        &self,
        change: impl FnOnce(&mut DirectConnect, u64) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let now_ms = epoch_ms(self.clock().now());
        self.stir();
        self.change(|state| {
            let direct_connect = &mut state.direct_connect;
            direct_connect.advance(&self.rules().progress, now_ms);
            change(direct_connect, now_ms)
        })?
    }
}
