//! DeleteConnection: what can be deleted, and what is refused.

use super::{
    ArnAccount, DirectConnect, HostedConnection, client_exception, required, rules::Rules,
};
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
        check_role(connection, context)?;
        check(connection, context.rules)?;
        if connection.is_living() && connection.state != "deleting" {
            connection.move_to("deleting", context.now_ms());
            self.past.note(connection, context.now_ms());
        }
        let parent = self.parents.get(&connection.parent);
        Ok(connection.wire(parent, context.site, false))
    }
}

/// The caller's role names the account whose connections it may delete. The connection's ARN has the partner's or the
/// customer's, as the rules say.
fn check_role(connection: &HostedConnection, context: &Context<'_>) -> Result<(), ApiError> {
    let (rules, site) = (context.rules, context.site);
    match rules.deletes_allowed_for {
        Some(allowed) if allowed != rules.arn_account => {}
        Some(_) | None => return Ok(()),
    }
    let account = match rules.arn_account {
        ArnAccount::Partner => site.account.as_str(),
        ArnAccount::Owner => connection.owner_account.as_str(),
    };
    let arn = format!(
        "arn:aws:directconnect:{}:{account}:dxcon/{}",
        site.region, connection.id
    );
    let message = format!(
        "User: arn:aws:iam::{}:user/local is not authorized to perform: directconnect:DeleteConnection on resource: {arn} because no identity-based policy allows the directconnect:DeleteConnection action",
        site.account
    );
    Err(ApiError::new(400, "AccessDeniedException", message))
}

fn check(connection: &HostedConnection, rules: &Rules) -> Result<(), ApiError> {
    let problem = match connection.state.as_str() {
        "deleting" | "deleted" if rules.second_delete_refused => {
            format!("{} has been deleted already", connection.id)
        }
        "deleting" | "deleted" | "rejected" => return Ok(()),
        "ordering" if !rules.ordering_deletable => {
            "The specified Connection ID is not available".to_owned()
        }
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
