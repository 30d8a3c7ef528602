//! DeleteConnection: what can be deleted, and what is refused.

use super::{DirectConnect, HostedConnection, client_exception, required, rules::Rules};
use crate::{
    reply::{Answer, ApiError},
    request::Call,
    site::Context,
};

impl DirectConnect {
    pub(super) fn delete_connection(&mut self, call: &Call, context: &Context<'_>) -> Answer {
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
        check(connection, context.rules)?;
        if connection.is_living() && connection.state != "deleting" {
            connection.move_to("deleting", context.now_ms());
            self.past.note(connection, context.now_ms());
        }
        let parent = self.parents.get(&connection.parent);
        Ok(connection.wire(parent, context.site, false))
    }
}

fn check(connection: &HostedConnection, rules: &Rules) -> Result<(), ApiError> {
    let problem = match connection.state.as_str() {
        "deleting" | "deleted" if rules.second_delete_refused => {
            format!("{} has been deleted already", connection.id)
        }
        "deleting" | "deleted" | "rejected" => return Ok(()),
        "pending" if !rules.pending_deletable => {
            "The specified Connection ID is not available".to_owned()
        }
        // "You can delete a connection as long as there are no virtual interfaces attached to it."
        _ if connection.virtual_interfaces > 0 => format!(
            "{} has virtual interfaces attached and cannot be deleted",
            connection.id
        ),
        _ => return Ok(()),
    };
    Err(client_exception(problem))
}
