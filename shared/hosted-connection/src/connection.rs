//! The hosted connection as the AWS API spells it.
//!
//! A mirror of the API's `Connection` that can be stored, put into receipts and events, and read back. It refuses to
//! judge what it mirrors: states, bandwidths and modes are text, as AWS may add to them.

use serde::{Deserialize, Serialize};

use crate::Tag;

/// Every member of the API's `Connection`. Absent members are left out of the JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// The customer's AWS account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_account: Option<String>,
    /// The hosted connection's own id, `dxcon-…`; never its parent's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The name; the owner may change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_name: Option<String>,
    /// `ordering`, `pending`, `available`, …; open, as AWS may add states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_state: Option<String>,
    /// The AWS Region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The Direct Connect location's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The bandwidth in AWS's spelling, `100Mbps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<String>,
    /// The VLAN, 1 to 4094.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlan: Option<i32>,
    /// The Direct Connect partner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_name: Option<String>,
    /// When the Letter of Authorization was last asked for, as RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loa_issue_time: Option<String>,
    /// The LAG that the connection belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_id: Option<String>,
    /// Where the physical connection ends; AWS's older member for `aws_device_v2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_device: Option<String>,
    /// Whether jumbo frames are supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jumbo_frame_capable: Option<bool>,
    /// The endpoint where the physical connection ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_device_v2: Option<String>,
    /// The endpoint where the logical connection ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_logical_device_id: Option<String>,
    /// `yes`, `no` or `unknown`: whether a second BGP peer of the same family is supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_logical_redundancy: Option<String>,
    /// The tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// The service provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_name: Option<String>,
    /// Whether MACsec is supported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_sec_capable: Option<bool>,
    /// `Encryption Up` or `Encryption Down`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port_encryption_status: Option<String>,
    /// `no_encrypt`, `should_encrypt` or `must_encrypt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_mode: Option<String>,
    /// The MACsec keys; ids only, never secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_sec_keys: Option<Vec<MacSecKey>>,
    /// Use of the parent's rate limiters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limiter_status: Option<RateLimiterStatus>,
    /// Whether the partner's interconnect supports MACsec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner_interconnect_mac_sec_capable: Option<bool>,
    /// IPv4 prefixes that the connection may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_pool_size_ipv4: Option<i32>,
    /// IPv6 prefixes that the connection may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_pool_size_ipv6: Option<i32>,
    /// IPv4 prefixes still free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_pool_unallocated_count_ipv4: Option<i32>,
    /// IPv6 prefixes still free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_pool_unallocated_count_ipv6: Option<i32>,
    /// How the connection is billed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_mode: Option<String>,
}

impl Connection {
    /// Its ARN, which is in the customer's account.
    /// Source: Service Authorization Reference, "Resource types defined by AWS Direct Connect".
    #[must_use]
    pub fn arn(&self) -> Option<String> {
        let (region, account, id) = (
            self.region.as_deref()?,
            self.owner_account.as_deref()?,
            self.connection_id.as_deref()?,
        );
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        Some(format!(
            "arn:{partition}:directconnect:{region}:{account}:dxcon/{id}"
        ))
    }
}

/// A MACsec key of a connection: which secret, never the secret itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MacSecKey {
    /// ARN of the secret that holds the key.
    #[serde(rename = "secretARN", skip_serializing_if = "Option::is_none")]
    pub secret_arn: Option<String>,
    /// Connection Key Name: the key's public name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ckn: Option<String>,
    /// `associating`, `associated`, `disassociating` or `disassociated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When the key takes effect, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_on: Option<String>,
}

/// Use of the rate limiters of a connection's parent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimiterStatus {
    /// Rate limiters that the parent may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_allowed: Option<i32>,
    /// Rate limiters in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_use: Option<i32>,
    /// Rate limiters still free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining: Option<i32>,
    /// Their bandwidth together, in AWS's spelling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_bandwidth: Option<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Every member that the API's model has, in its spelling.
    fn full() -> Value {
        json!({
            "ownerAccount": "123456789012",
            "connectionId": "dxcon-fgh01abc",
            "connectionName": "Customer",
            "connectionState": "ordering",
            "region": "eu-west-1",
            "location": "EqDC2",
            "bandwidth": "100Mbps",
            "vlan": 101,
            "partnerName": "Partner",
            "loaIssueTime": "2026-01-02T03:04:05Z",
            "lagId": "dxlag-ffabc123",
            "awsDevice": "EqDC2-1",
            "jumboFrameCapable": true,
            "awsDeviceV2": "EqDC2-1a",
            "awsLogicalDeviceId": "EqDC2-1b",
            "hasLogicalRedundancy": "yes",
            "tags": [{"key": "order", "value": "1001"}, {"key": "bare"}],
            "providerName": "Provider",
            "macSecCapable": false,
            "portEncryptionStatus": "Encryption Down",
            "encryptionMode": "no_encrypt",
            "macSecKeys": [{"secretARN": "arn:aws:s", "ckn": "0a", "state": "associated", "startOn": "2026"}],
            "rateLimiterStatus": {"maxAllowed": 50, "inUse": 1, "remaining": 49, "totalBandwidth": "10Gbps"},
            "partnerInterconnectMacSecCapable": true,
            "prefixPoolSizeIpv4": 100,
            "prefixPoolSizeIpv6": 200,
            "prefixPoolUnallocatedCountIpv4": 99,
            "prefixPoolUnallocatedCountIpv6": 199,
            "billingMode": "standard",
        })
    }

    #[test]
    fn all_29_members_survive_in_the_spelling_of_the_api() {
        assert_eq!(full().as_object().unwrap().len(), 29);
        let connection: Connection = serde_json::from_value(full()).unwrap();
        assert_eq!(serde_json::to_value(&connection).unwrap(), full());
    }

    #[test]
    fn absent_members_stay_absent() {
        assert_eq!(
            serde_json::to_value(Connection::default()).unwrap(),
            json!({})
        );
        assert_eq!(
            serde_json::from_value::<Connection>(json!({})).unwrap(),
            Connection::default()
        );
    }
}
