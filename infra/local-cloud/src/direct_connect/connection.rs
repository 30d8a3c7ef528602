//! A hosted connection, and how AWS writes it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Parent, ParentKind};
use crate::site::Site;

/// A hosted connection as the cloud knows it, which is more than the partner can see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedConnection {
    /// Its own id, `dxcon-…`.
    pub id: String,
    /// Id of the interconnect or LAG it is on. AWS's answers do not name it.
    pub parent: String,
    /// VLAN on the parent.
    pub vlan: u16,
    /// The customer's account.
    pub owner_account: String,
    /// In AWS's spelling, such as `50Mbps`.
    pub bandwidth: String,
    /// The name, which the customer can change.
    pub name: String,
    /// Any of AWS's states, or whatever a test has set.
    pub state: String,
    /// Shown in the answer to the allocation only: afterwards they are the customer's, and the partner sees none.
    pub tags: Vec<Tag>,
    /// Since when it is in its state, in milliseconds since 1970.
    pub state_since_ms: u64,
    /// When it was allocated, in milliseconds since 1970.
    pub created_ms: u64,
    /// How many virtual interfaces its owner has on it. The partner cannot see them; they keep it from being deleted.
    #[serde(default)]
    pub virtual_interfaces: u32,
}

/// What makes one hosted connection differ from another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sale<'a> {
    pub(super) parent: &'a str,
    pub(super) vlan: u16,
    pub(super) owner_account: &'a str,
    pub(super) bandwidth: &'a str,
    pub(super) name: &'a str,
}

/// A key with or without a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The key.
    pub key: String,
    /// The value, which may be absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl HostedConnection {
    /// Whether it takes up its VLAN and bandwidth: it is neither deleted nor rejected.
    pub fn is_living(&self) -> bool {
        !matches!(self.state.as_str(), "deleted" | "rejected")
    }

    /// Whether its owner has confirmed it and nobody has begun to take it away.
    pub(super) fn is_accepted(&self) -> bool {
        self.is_living() && !matches!(self.state.as_str(), "ordering" | "deleting")
    }

    /// Just allocated: it waits for its owner to confirm it.
    pub(super) fn ordered(sale: Sale<'_>, id: String, now_ms: u64) -> Self {
        Self {
            id,
            parent: sale.parent.to_owned(),
            vlan: sale.vlan,
            owner_account: sale.owner_account.to_owned(),
            bandwidth: sale.bandwidth.to_owned(),
            name: sale.name.to_owned(),
            state: "ordering".to_owned(),
            tags: Vec::new(),
            state_since_ms: now_ms,
            created_ms: now_ms,
            virtual_interfaces: 0,
        }
    }

    pub(super) fn move_to(&mut self, state: &str, at_ms: u64) {
        self.state = state.to_owned();
        self.state_since_ms = at_ms;
    }

    /// As the API writes it. Fills every member of the API's `Connection` that the parent allows, so that a reader
    /// who drops one shows; `lagId` is there for a LAG only.
    pub(super) fn wire(&self, parent: Option<&Parent>, site: &Site, with_tags: bool) -> Value {
        let location = parent.map_or("EqFA5", |parent| parent.location.as_str());
        let lag_id = parent.and_then(|parent| match parent.kind {
            ParentKind::Lag { .. } => Some(parent.id.as_str()),
            ParentKind::Interconnect => None,
        });
        let mut connection = json!({
            "ownerAccount": self.owner_account,
            "connectionId": self.id,
            "connectionName": self.name,
            "connectionState": self.state,
            "region": site.region,
            "location": location,
            "bandwidth": self.bandwidth,
            "vlan": self.vlan,
            "partnerName": "Example Networks",
            "loaIssueTime": self.created_ms as f64 / 1_000.0,
            "awsDevice": format!("{location}-1a2b3c4d5e6f7"),
            "jumboFrameCapable": true,
            "awsDeviceV2": format!("{location}-1a2b3c4d5e6f7"),
            "awsLogicalDeviceId": parent.map(Parent::logical_device),
            "hasLogicalRedundancy": "yes",
            "providerName": "Example Networks",
            "macSecCapable": false,
            "portEncryptionStatus": "Encryption Down",
            "encryptionMode": "no_encrypt",
            "macSecKeys": [{
                "secretARN": format!("arn:aws:secretsmanager:{}:{}:secret:directconnect!prod/0011", site.region, site.account),
                "ckn": "00112233445566778899aabbccddeeff",
                "state": "disassociated",
                "startOn": "2026-01-01T00:00:00Z",
            }],
            "rateLimiterStatus": {"maxAllowed": 10, "inUse": 1, "remaining": 9, "totalBandwidth": self.bandwidth},
            "partnerInterconnectMacSecCapable": true,
            "prefixPoolSizeIpv4": 100,
            "prefixPoolSizeIpv6": 100,
            "prefixPoolUnallocatedCountIpv4": 100,
            "prefixPoolUnallocatedCountIpv6": 100,
            "billingMode": "PayAsYouGo",
        });
        if let Some(lag_id) = lag_id {
            connection["lagId"] = json!(lag_id);
        }
        if with_tags {
            connection["tags"] = json!(self.tags);
        }
        connection
    }
}

/// What is written, without these members: an answer of AWS may leave out any of them.
pub(super) fn without(mut written: Value, members: &[String]) -> Value {
    if let Value::Object(object) = &mut written {
        object.retain(|member, _| !members.contains(member));
    }
    written
}
