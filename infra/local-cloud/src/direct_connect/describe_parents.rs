//! DescribeInterconnects, DescribeLags and DescribeLocations: what the partner has, in pages.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{DirectConnect, Parent, ParentKind, client_exception, paging};
use crate::{
    reply::{Answer, ApiError},
    request::Call,
    site::{Context, Site},
};

impl DirectConnect {
    pub(super) fn describe_interconnects(&self, call: &Call, context: &Context<'_>) -> Answer {
        let only = call.text("interconnectId");
        let (interconnects, next) = self.page(call, only, context, |parent| match parent.kind {
            ParentKind::Interconnect => Some(parent.as_interconnect(context.site)),
            ParentKind::Lag { .. } => None,
        })?;
        match only {
            Some(id) if interconnects.is_empty() => Err(client_exception(format!(
                "Could not find Interconnect with ID {id}"
            ))),
            Some(_) | None => Ok(listed("interconnects", interconnects, next)),
        }
    }

    pub(super) fn describe_lags(&self, call: &Call, context: &Context<'_>) -> Answer {
        let only = call.text("lagId");
        let (lags, next) = self.page(call, only, context, |parent| match parent.kind {
            ParentKind::Lag { ports } => {
                let members = self.members(&parent.id);
                let members = members.map(|member| member.as_member(context.site));
                Some(parent.as_lag(ports, members.collect(), context.site))
            }
            ParentKind::Interconnect => None,
        })?;
        match only {
            Some(id) if lags.is_empty() => {
                Err(client_exception(format!("Could not find Lag with ID {id}")))
            }
            Some(_) | None => Ok(listed("lags", lags, next)),
        }
    }

    /// The locations where the partner has a port.
    pub(super) fn locations(&self, site: &Site) -> Value {
        let codes = self.parents.values().map(|parent| parent.location.as_str());
        let codes: BTreeSet<_> = codes.collect();
        let locations: Vec<_> = codes.into_iter().map(|code| location(code, site)).collect();
        json!({"locations": locations})
    }

    /// One page of the parents that `wire` writes, in the order of their ids, and the token of the next. Tokens name
    /// an id, so that a parent that comes or goes between two pages neither hides nor repeats another.
    fn page(
        &self,
        call: &Call,
        only: Option<&str>,
        context: &Context<'_>,
        wire: impl Fn(&Parent) -> Option<Value>,
    ) -> Result<(Vec<Value>, Option<String>), ApiError> {
        let size = paging::page_size(call, context.rules.page_limit)?;
        let start = paging::position(call, &call.operation)?.unwrap_or_default();
        let mut found = self
            .parents
            .range(start.to_owned()..)
            .filter(|(id, _)| only.is_none_or(|only| only == *id))
            .filter_map(|(id, parent)| Some((id, wire(parent)?)));
        let page = found
            .by_ref()
            .take(size)
            .map(|(_, parent)| parent)
            .collect();
        let next = found
            .next()
            .map(|(id, _)| paging::token(&call.operation, id));
        Ok((page, next))
    }
}

fn listed(name: &str, page: Vec<Value>, next: Option<String>) -> Value {
    match next {
        Some(token) => json!({name: page, "nextToken": token}),
        None => json!({name: page}),
    }
}

/// A location.
fn location(code: &str, site: &Site) -> Value {
    json!({
        "locationCode": code,
        "locationName": format!("Equinix {}", code.trim_start_matches("Eq")),
        "region": site.region,
        "availablePortSpeeds": ["1Gbps", "10Gbps", "100Gbps"],
        "availableProviders": ["Example Networks"],
        "availableMacSecPortSpeeds": ["10Gbps", "100Gbps"],
    })
}
