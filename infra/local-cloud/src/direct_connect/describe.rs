//! DescribeHostedConnections: the pages in which a partner reads what is on a parent.

use serde_json::json;

use super::{DirectConnect, HostedConnection, client_exception, paging, required};
use crate::{cloud::Context, reply::Answer, request::Call};

impl DirectConnect {
    pub(super) fn describe_hosted_connections(&self, call: &Call, context: &Context<'_>) -> Answer {
        let id = required(call, "connectionId")?;
        if !self.parents.contains_key(id) {
            // Also for the id of a hosted connection itself: only parents are asked.
            return Err(client_exception(format!(
                "{} DescribeHostedConnections failed for connection {id} doesn't exist.",
                context.site.account
            )));
        }
        let size = paging::page_size(call, context.rules.page_limit)?;
        let start = paging::position(call, id)?.and_then(|position| position.parse().ok());
        // Positions count the connections of all parents, which are only ever appended, so that a connection that
        // comes or goes between two pages neither hides nor repeats another.
        let mut on_parent = self
            .connections
            .iter()
            .enumerate()
            .skip(start.unwrap_or(0))
            .filter(|(_, connection)| connection.parent == id);
        let page: Vec<(usize, &HostedConnection)> = on_parent.by_ref().take(size).collect();

        let parent = self.parents.get(id);
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
}
