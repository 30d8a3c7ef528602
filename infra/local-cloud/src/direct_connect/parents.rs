//! What hosted connections are sold on: the partner's interconnects and LAGs, and how AWS writes them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bandwidth::mbps;
use crate::site::Site;

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
    /// The device of AWS that it ends on, `awsLogicalDeviceId`; the only one of its location, if none is named.
    #[serde(default)]
    pub device: Option<String>,
    /// What can be sold on it in all; `None` when nobody counts.
    pub capacity_mbps: Option<u64>,
    /// Whether AWS sells hosted connections on it.
    pub allows_hosted_connections: bool,
    /// Any of AWS's states of an interconnect or a LAG, or whatever a test has set.
    #[serde(default = "available")]
    pub state: String,
    /// The LAG that an interconnect is a member of. Only [`Cloud::join_lag`](crate::Cloud::join_lag) makes it one,
    /// because its hosted connections go along.
    #[serde(default)]
    member_of: Option<String>,
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

    /// Puts it at this location.
    #[must_use]
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.location = location.into();
        self
    }

    /// Has it end on this device of AWS.
    #[must_use]
    pub fn on_device(mut self, device: impl Into<String>) -> Self {
        self.device = Some(device.into());
        self
    }

    /// The device of AWS that it ends on.
    pub(super) fn logical_device(&self) -> String {
        let only = || format!("{}-7f6e5d4c3b2a1", self.location);
        self.device.clone().unwrap_or_else(only)
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

    /// The LAG that it is a member of, if it is.
    pub fn member_of(&self) -> Option<&str> {
        self.member_of.as_deref()
    }

    pub(super) fn join(&mut self, lag: &str) {
        self.member_of = Some(lag.to_owned());
    }

    pub(super) fn leave(&mut self) -> Option<String> {
        self.member_of.take()
    }

    /// Has a LAG hold this many ports at least. Members are among the ports that it was set up with until there are
    /// more of them.
    pub(super) fn hold(&mut self, members: u32) {
        if let ParentKind::Lag { ports } = &mut self.kind
            && members > *ports
        {
            let more = u64::from(members - *ports);
            *ports = members;
            let bandwidth = mbps(&self.bandwidth).unwrap_or_default();
            self.capacity_mbps = self.capacity_mbps.map(|mbps| mbps + bandwidth * more);
        }
    }

    /// Whether AWS takes orders on it: one that is being set up, changed or taken away is "transitioning".
    pub(super) fn is_settled(&self) -> bool {
        matches!(self.state.as_str(), "available" | "down")
    }

    fn new(id: String, bandwidth: String, kind: ParentKind, ports: u32) -> Self {
        Self {
            name: format!("port-{id}"),
            capacity_mbps: mbps(&bandwidth).map(|mbps| mbps * u64::from(ports)),
            id,
            kind,
            bandwidth,
            location: "EqFA5".to_owned(),
            device: None,
            allows_hosted_connections: true,
            state: available(),
            member_of: None,
        }
    }

    pub(super) fn as_interconnect(&self, site: &Site) -> Value {
        let mut interconnect = self.written(
            site,
            json!({
                "interconnectId": self.id,
                "interconnectName": self.name,
                "interconnectState": self.state,
                "bandwidth": self.bandwidth,
                "macSecCapable": false,
                "portEncryptionStatus": "Encryption Down",
                "encryptionMode": "no_encrypt",
                "macSecKeys": [],
                "tags": [],
            }),
        );
        if let Some(lag) = &self.member_of {
            interconnect["lagId"] = json!(lag);
        }
        interconnect
    }

    /// As DescribeLags writes the member of a LAG: an interconnect is a connection there.
    pub(super) fn as_member(&self, site: &Site) -> Value {
        self.written(
            site,
            json!({
                "ownerAccount": site.account,
                "connectionId": self.id,
                "connectionName": self.name,
                "connectionState": self.state,
                "bandwidth": self.bandwidth,
                "lagId": self.member_of,
            }),
        )
    }

    pub(super) fn as_lag(&self, ports: u32, members: Vec<Value>, site: &Site) -> Value {
        self.written(
            site,
            json!({
                "lagId": self.id,
                "lagName": self.name,
                "lagState": self.state,
                "connectionsBandwidth": self.bandwidth,
                "numberOfConnections": ports,
                "minimumLinks": 0,
                "ownerAccount": site.account,
                "allowsHostedConnections": self.allows_hosted_connections,
                "macSecCapable": false,
                "encryptionMode": "no_encrypt",
                "macSecKeys": [],
                "billingMode": "PayAsYouGo",
                "connections": members,
                "tags": [],
            }),
        )
    }

    /// With the members that are the same, wherever AWS writes it.
    fn written(&self, site: &Site, mut own: Value) -> Value {
        for (member, value) in [
            ("region", json!(site.region)),
            ("location", json!(self.location)),
            (
                "awsDevice",
                json!(format!("{}-1a2b3c4d5e6f7", self.location)),
            ),
            (
                "awsDeviceV2",
                json!(format!("{}-1a2b3c4d5e6f7", self.location)),
            ),
            ("awsLogicalDeviceId", json!(self.logical_device())),
            ("jumboFrameCapable", json!(true)),
            ("hasLogicalRedundancy", json!("yes")),
            ("providerName", json!("Example Networks")),
        ] {
            own[member] = value;
        }
        own
    }
}

fn available() -> String {
    "available".to_owned()
}
