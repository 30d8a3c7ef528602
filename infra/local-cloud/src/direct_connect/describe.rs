//! DescribeHostedConnections: the pages in which a partner reads what is on a parent.

use serde_json::json;

use super::{DirectConnect, HostedConnection, client_exception, integer, required};
use crate::{
    cloud::Context,
    reply::{Answer, ApiError},
    request::Call,
};

/// AWS: "If MaxResults is given a value larger than 100, only 100 results are returned."
pub(super) const MOST_PER_PAGE: usize = 100;

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
        let size = page_size(call, context.rules.page_limit)?;
        let start = match call.text("nextToken") {
            Some(token) => position(id, token)?,
            None => 0,
        };
        // Positions count the connections of all parents, which are only ever appended, so that a connection that
        // comes or goes between two pages neither hides nor repeats another.
        let mut on_parent = self
            .connections
            .iter()
            .enumerate()
            .skip(start)
            .filter(|(_, connection)| connection.parent == id);
        let page: Vec<(usize, &HostedConnection)> = on_parent.by_ref().take(size).collect();

        let parent = self.parents.get(id);
        let connections: Vec<_> = page
            .iter()
            .map(|(_, connection)| connection.wire(parent, context.site, false))
            .collect();
        Ok(match on_parent.next() {
            Some((next, _)) => json!({"connections": connections, "nextToken": token(id, next)}),
            None => json!({"connections": connections}),
        })
    }
}

fn page_size(call: &Call, limit: usize) -> Result<usize, ApiError> {
    match integer(call, "maxResults") {
        None => Ok(limit),
        Some(asked) => match usize::try_from(asked) {
            Ok(asked) if asked > 0 => Ok(asked.min(limit)),
            Ok(_) | Err(_) => Err(client_exception(format!("Invalid maxResults {asked}"))),
        },
    }
}

/// Where the next page starts, sealed so that a made-up token, or one of another parent, is noticed.
fn token(parent: &str, position: usize) -> String {
    format!(
        "{position:08x}{:x}",
        md5::compute(format!("{parent}/{position}"))
    )
}

fn position(parent: &str, text: &str) -> Result<usize, ApiError> {
    text.get(..8)
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .filter(|position| token(parent, *position) == text)
        .ok_or_else(|| client_exception("Invalid nextToken"))
}
