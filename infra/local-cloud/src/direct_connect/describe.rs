//! DescribeHostedConnections: the pages in which a partner reads what is on a parent.

use serde_json::json;

use super::{
    DirectConnect, HostedConnection, LagMembers, Parent, client_exception, paging, required,
};
use crate::{
    cloud::Context,
    reply::{Answer, ApiError},
    request::Call,
};

impl DirectConnect {
    pub(super) fn describe_hosted_connections(&self, call: &Call, context: &Context<'_>) -> Answer {
        let id = required(call, "connectionId")?;
        let on = self.shown_for(id, context)?;
        let size = paging::page_size(call, context.rules.page_limit)?;
        let start = paging::position(call, id)?.and_then(|position| position.parse().ok());
        // Positions count the connections of all parents, which are only ever appended, so that a connection that
        // comes or goes between two pages neither hides nor repeats another.
        let mut on_parent = self
            .connections
            .iter()
            .enumerate()
            .skip(start.unwrap_or(0))
            .filter(|(_, connection)| connection.parent == on);
        let page: Vec<(usize, &HostedConnection)> = on_parent.by_ref().take(size).collect();

        let parent = self.parents.get(on);
        let connections: Vec<_> = page
            .iter()
            .map(|(_, connection)| connection.wire(parent, context.site, false))
            .collect();
        Ok(match on_parent.next() {
            Some((next, _)) => {
                let token = paging::token(id, &next.to_string());
                json!({"connections": connections, "nextToken": token})
            }
            None => json!({"connections": connections}),
        })
    }

    /// The parent whose connections are shown to somebody who asks for this id.
    fn shown_for<'a>(&'a self, id: &'a str, context: &Context<'_>) -> Result<&'a str, ApiError> {
        let lag_members = context.rules.lag_members;
        match self.parents.get(id).map(Parent::member_of) {
            Some(None) => Ok(id),
            Some(Some(lag)) if lag_members == LagMembers::ShowTheLags => Ok(lag),
            Some(Some(_)) if lag_members == LagMembers::ShowNothing => Ok(id),
            // Also for the id of a hosted connection itself: only parents are asked.
            Some(Some(_)) | None => Err(client_exception(format!(
                "{} DescribeHostedConnections failed for connection {id} doesn't exist.",
                context.site.account
            ))),
        }
    }
}
