//! AssociateHostedConnection: a hosted connection goes to another interconnect or LAG of the partner, and keeps its id.

use super::{DirectConnect, client_exception, required};
use crate::{reply::Answer, request::Call, site::Context};

impl DirectConnect {
    pub(super) fn associate_hosted_connection(
        &mut self,
        call: &Call,
        context: &Context<'_>,
    ) -> Answer {
        let id = required(call, "connectionId")?;
        let asked = required(call, "parentConnectionId")?;
        let target = self.parent_for_sale(asked, context.rules)?.id.clone();
        let found = self.connections.iter().position(|one| one.id == id);
        let Some(index) = found else {
            return Err(client_exception(format!(
                "Could not find Connection with ID {id}"
            )));
        };
        let connection = &self.connections[index];
        let (vlan, state) = (connection.vlan, connection.state.clone());
        if !connection.is_living() || state == "deleting" {
            return Err(client_exception(format!("{id} is {state}")));
        }
        if connection.parent == target {
            if !context.rules.associate_idempotent {
                return Err(client_exception(format!(
                    "{id} is associated with {asked} already"
                )));
            }
        } else {
            // Documented: "If the target interconnect or LAG has an existing hosted connection with a conflicting VLAN number …,
            // the operation fails."
            if self.living_on(&target, vlan).next().is_some() {
                return Err(client_exception(format!(
                    "VLAN {vlan} is already in use on {target}"
                )));
            }
            self.put_on(index, &target, context.now_ms());
        }
        let connection = &self.connections[index];
        let parent = self.parents.get(&connection.parent);
        Ok(connection.wire(parent, context.site, false))
    }
}
