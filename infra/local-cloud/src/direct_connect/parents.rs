//! What hosted connections are sold on: the partner's interconnects and LAGs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DirectConnect, allocate::mbps, client_exception, paging};
use crate::{
    cloud::{Context, Site},
    reply::{Answer, ApiError},
    request::Call,
};

/// An interconnect or a LAG of interconnects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// `dxcon-…` for an interconnect, `dxlag-…` for a LAG.
    pub id: String,
    /// Which of the two.
    pub kind: ParentKind,
    /// The partner's name for it.
    pub name: String,
    /// Bandwidth of one port, in AWS's spelling.
    pub bandwidth: String,
    /// Code of the location it is in.
    pub location: String,
    /// What can be sold on it in all; `None` when nobody counts.
    pub capacity_mbps: Option<u64>,
    /// Whether AWS sells hosted connections on it.
    pub allows_hosted_connections: bool,
}

/// What a parent is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParentKind {
    /// One port.
    Interconnect,
    /// Several ports that act as one.
    Lag {
        /// How many.
        ports: u32,
    },
}

impl Parent {
    /// An interconnect of this bandwidth, all of which can be sold.
    pub fn interconnect(id: impl Into<String>, bandwidth: impl Into<String>) -> Self {
        Self::new(id.into(), bandwidth.into(), ParentKind::Interconnect, 1)
    }

    /// A LAG of ports of this bandwidth, all of which can be sold.
    pub fn lag(id: impl Into<String>, bandwidth: impl Into<String>, ports: u32) -> Self {
        Self::new(
            id.into(),
            bandwidth.into(),
            ParentKind::Lag { ports },
            ports,
        )
    }

    /// What a cloud has that was not told otherwise: interconnects `dxcon-ffabc123` and `dxcon-ffabc456` of 10 Gbps,
    /// and LAG `dxlag-ffabc789` of two ports of 10 Gbps.
    pub fn defaults() -> Vec<Self> {
        vec![
            Self::interconnect("dxcon-ffabc123", "10Gbps"),
            Self::interconnect("dxcon-ffabc456", "10Gbps"),
            Self::lag("dxlag-ffabc789", "10Gbps", 2),
        ]
    }

    /// Lets any amount be sold on it.
    #[must_use]
    pub fn unlimited(mut self) -> Self {
        self.capacity_mbps = None;
        self
    }

    /// Has AWS refuse hosted connections on it.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.allows_hosted_connections = false;
        self
    }

    fn new(id: String, bandwidth: String, kind: ParentKind, ports: u32) -> Self {
        Self {
            name: format!("port-{id}"),
            capacity_mbps: mbps(&bandwidth).map(|mbps| mbps * u64::from(ports)),
            id,
            kind,
            bandwidth,
            location: "EqFA5".to_owned(),
            allows_hosted_connections: true,
        }
    }

    fn as_interconnect(&self, site: &Site) -> Value {
        json!({
            "interconnectId": self.id,
            "interconnectName": self.name,
            "interconnectState": "available",
            "region": site.region,
            "location": self.location,
            "bandwidth": self.bandwidth,
            "awsDevice": format!("{}-1a2b3c4d5e6f7", self.location),
            "awsDeviceV2": format!("{}-1a2b3c4d5e6f7", self.location),
            "awsLogicalDeviceId": format!("{}-7f6e5d4c3b2a1", self.location),
            "jumboFrameCapable": true,
            "hasLogicalRedundancy": "yes",
            "providerName": "Example Networks",
            "macSecCapable": false,
            "portEncryptionStatus": "Encryption Down",
            "encryptionMode": "no_encrypt",
            "macSecKeys": [],
            "tags": [],
        })
    }

    fn as_lag(&self, ports: u32, site: &Site) -> Value {
        json!({
            "lagId": self.id,
            "lagName": self.name,
            "lagState": "available",
            "connectionsBandwidth": self.bandwidth,
            "numberOfConnections": ports,
            "minimumLinks": 0,
            "ownerAccount": site.account,
            "region": site.region,
            "location": self.location,
            "awsDevice": format!("{}-1a2b3c4d5e6f7", self.location),
            "awsDeviceV2": format!("{}-1a2b3c4d5e6f7", self.location),
            "awsLogicalDeviceId": format!("{}-7f6e5d4c3b2a1", self.location),
            "allowsHostedConnections": self.allows_hosted_connections,
            "jumboFrameCapable": true,
            "hasLogicalRedundancy": "yes",
            "providerName": "Example Networks",
            "macSecCapable": false,
            "encryptionMode": "no_encrypt",
            "macSecKeys": [],
            "billingMode": "PayAsYouGo",
            "connections": [],
            "tags": [],
        })
    }
}

impl DirectConnect {
    /// Sets a parent up, or changes it.
    pub(crate) fn add_parent(&mut self, parent: Parent) {
        self.parents.insert(parent.id.clone(), parent);
    }

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
            ParentKind::Lag { ports } => Some(parent.as_lag(ports, context.site)),
            ParentKind::Interconnect => None,
        })?;
        match only {
            Some(id) if lags.is_empty() => {
                Err(client_exception(format!("Could not find Lag with ID {id}")))
            }
            Some(_) | None => Ok(listed("lags", lags, next)),
        }
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

/// The one location there is.
pub(super) fn locations(site: &Site) -> Value {
    json!({"locations": [{
        "locationCode": "EqFA5",
        "locationName": "Equinix FA5, Frankfurt, DEU",
        "region": site.region,
        "availablePortSpeeds": ["1Gbps", "10Gbps", "100Gbps"],
        "availableProviders": ["Example Networks"],
        "availableMacSecPortSpeeds": ["10Gbps", "100Gbps"],
    }]})
}
