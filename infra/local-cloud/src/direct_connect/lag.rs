//! LAGs and their members. An interconnect that joins a LAG takes its hosted connections along: from then on they are
//! the LAG's, also when it leaves again.

use super::{DirectConnect, Parent, ParentKind};
use crate::CloudError;

impl DirectConnect {
    /// Where connections made on this parent are: on its LAG, if it is a member of one, else on itself.
    pub(super) fn home<'a>(&'a self, id: &'a str) -> &'a str {
        let lag = self.parents.get(id).and_then(Parent::member_of);
        lag.unwrap_or(id)
    }

    /// The interconnects that are members of this LAG.
    pub(super) fn members(&self, lag: &str) -> impl Iterator<Item = &Parent> {
        self.parents
            .values()
            .filter(move |parent| parent.member_of() == Some(lag))
    }

    pub(super) fn join(
        &mut self,
        interconnect: &str,
        lag: &str,
        now_ms: u64,
    ) -> Result<(), CloudError> {
        if self.parent(interconnect)?.kind != ParentKind::Interconnect {
            return Err(CloudError::NotAnInterconnect(interconnect.to_owned()));
        }
        if self.parent(lag)?.kind == ParentKind::Interconnect {
            return Err(CloudError::NotALag(lag.to_owned()));
        }
        let vlans: Vec<u16> = self.living(interconnect).map(|one| one.vlan).collect();
        for vlan in vlans {
            self.check_free(lag, vlan)?;
        }
        if let Some(parent) = self.parents.get_mut(interconnect) {
            parent.join(lag);
        }
        let ports = self.members(lag).count();
        if let Some(parent) = self.parents.get_mut(lag) {
            parent.hold(u32::try_from(ports).unwrap_or(u32::MAX));
        }
        let on_it: Vec<usize> = (0..self.connections.len())
            .filter(|index| self.connections[*index].parent == interconnect)
            .collect();
        for index in on_it {
            self.put_on(index, lag, now_ms);
        }
        Ok(())
    }

    pub(super) fn leave(&mut self, interconnect: &str) -> Result<(), CloudError> {
        self.parent(interconnect)?;
        self.parents
            .get_mut(interconnect)
            .and_then(Parent::leave)
            .map(drop)
            .ok_or_else(|| CloudError::NotAMember(interconnect.to_owned()))
    }

    /// AssociateHostedConnection. AWS documents that it refuses a VLAN which the target has.
    pub(super) fn associate(
        &mut self,
        id: &str,
        parent: &str,
        now_ms: u64,
    ) -> Result<(), CloudError> {
        self.parent(parent)?;
        let index = self
            .connections
            .iter()
            .position(|connection| connection.id == id)
            .ok_or_else(|| CloudError::NoSuchConnection(id.to_owned()))?;
        let target = self.home(parent).to_owned();
        let connection = &self.connections[index];
        if connection.parent != target {
            if connection.is_living() {
                self.check_free(&target, connection.vlan)?;
            }
            self.put_on(index, &target, now_ms);
        }
        Ok(())
    }

    /// An interconnect or LAG that is deleted, or given to somebody else: nothing shows it any more.
    pub(super) fn remove_parent(&mut self, id: &str) -> Result<(), CloudError> {
        self.parent(id)?;
        self.parents.remove(id);
        for parent in self.parents.values_mut() {
            if parent.member_of() == Some(id) {
                parent.leave();
            }
        }
        Ok(())
    }

    pub(super) fn parent(&self, id: &str) -> Result<&Parent, CloudError> {
        self.parents
            .get(id)
            .ok_or_else(|| CloudError::NoSuchParent(id.to_owned()))
    }

    fn check_free(&self, parent: &str, vlan: u16) -> Result<(), CloudError> {
        if self.living_on(parent, vlan).next().is_some() {
            let parent = parent.to_owned();
            return Err(CloudError::VlanTaken { parent, vlan });
        }
        Ok(())
    }

    pub(super) fn put_on(&mut self, index: usize, parent: &str, now_ms: u64) {
        let connection = &mut self.connections[index];
        parent.clone_into(&mut connection.parent);
        self.past.note(connection, now_ms);
        let vlan = connection.vlan;
        self.note_crowd(parent, vlan);
    }
}
