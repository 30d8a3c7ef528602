//! DescribeHostedConnections: the pages in which a partner reads what is on a parent.

use std::cmp::Reverse;

use serde_json::json;

use super::{
    DirectConnect, HostedConnection, LagMembers, Pages, client_exception, connection::without,
    paging, required,
};
use crate::{
    clock::millis,
    reply::{Answer, ApiError},
    request::Call,
    site::Context,
};

impl DirectConnect {
    pub(super) fn describe_hosted_connections(&self, call: &Call, context: &Context<'_>) -> Answer {
        let id = required(call, "connectionId")?;
        let Some(on) = self.shown_for(id, context)? else {
            return Ok(json!({"connections": []}));
        };
        let size = paging::page_size(call, context.rules.page_limit)?;
        let start = paging::position(call, id)?.and_then(|position| position.parse().ok());
        let listed = self.listed(on, context);
        let first = listed.partition_point(|(position, _)| *position < start.unwrap_or(0));
        let mut rest = listed[first..].iter();

        let parent = self.parents.get(on);
        let leaves_out = &context.rules.list_leaves_out;
        let page = rest.by_ref().take(size).map(|(_, connection)| {
            let written = connection.wire(parent, context.site, context.rules.list_shows_tags);
            without(written, leaves_out)
        });
        let connections: Vec<_> = page.collect();
        Ok(match rest.next() {
            Some((next, _)) => {
                let token = paging::token(id, &next.to_string());
                json!({"connections": connections, "nextToken": token})
            }
            None => json!({"connections": connections}),
        })
    }

    /// All that is shown of a parent, each with its position for the token of a page, in the order of positions.
    fn listed(&self, on: &str, context: &Context<'_>) -> Vec<(usize, &HostedConnection)> {
        let rules = context.rules;
        let Some(then_ms) = context.now_ms().checked_sub(millis(rules.stale_for)) else {
            return Vec::new();
        };
        let hidden_ms = millis(rules.visible_after);
        let is_shown = |(_, connection): &(usize, &HostedConnection)| {
            connection.parent == on
                && connection.created_ms.saturating_add(hidden_ms) <= then_ms
                && (rules.deleted_listed || connection.is_living())
        };
        // Positions count the connections of all parents, which are only ever appended, so that a connection that
        // comes or goes between two pages neither hides nor repeats another.
        let mut listed: Vec<_> = if rules.stale_for.is_zero() {
            let now = self.connections.iter().enumerate();
            now.filter(is_shown).collect()
        } else {
            self.past.at(then_ms).filter(is_shown).collect()
        };
        match rules.pages {
            Pages::Stable => listed,
            Pages::ByPosition => {
                listed.sort_by_key(|(index, one)| (!one.is_living(), Reverse(*index)));
                let sorted = listed.into_iter().map(|(_, connection)| connection);
                sorted.enumerate().collect()
            }
        }
    }

    /// The parent whose connections are shown to somebody who asks for this id; none where what is no parent has an empty
    /// list.
    fn shown_for<'a>(
        &'a self,
        id: &'a str,
        context: &Context<'_>,
    ) -> Result<Option<&'a str>, ApiError> {
        let message = || {
            format!(
                "{} DescribeHostedConnections failed for connection {id} doesn't exist.",
                context.site.account
            )
        };
        // Also for the id of a hosted connection itself: only parents are asked.
        let Some(parent) = self.parents.get(id) else {
            return match &context.rules.unknown_parent_error {
                Some(error) => Err(error.with(message())),
                None => Ok(None),
            };
        };
        match (parent.member_of(), context.rules.lag_members) {
            (None, _) | (Some(_), LagMembers::ShowNothing) => Ok(Some(id)),
            (Some(lag), LagMembers::ShowTheLags) => Ok(Some(lag)),
            (Some(_), LagMembers::RefuseToShow) => Err(client_exception(message())),
        }
    }
}
