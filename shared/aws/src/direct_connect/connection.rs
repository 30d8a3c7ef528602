//! The API's `Connection`, member by member, from the SDK's types into ours.

use aws_sdk_directconnect::operation::allocate_hosted_connection::AllocateHostedConnectionOutput;
use aws_sdk_directconnect::types;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use hosted_connection::{Connection, MacSecKey, RateLimiterStatus, Tag};

/// AllocateHostedConnection's answer and a list entry have the same members, but are two types in the SDK.
macro_rules! connection {
    ($sdk:expr) => {{
        let sdk = $sdk;
        Connection {
            owner_account: sdk.owner_account,
            connection_id: sdk.connection_id,
            connection_name: sdk.connection_name,
            connection_state: sdk.connection_state.map(|state| state.as_str().to_owned()),
            region: sdk.region,
            location: sdk.location,
            bandwidth: sdk.bandwidth,
            // The SDK makes a missing VLAN 0, which no VLAN is.
            vlan: Some(sdk.vlan).filter(|vlan| *vlan != 0),
            partner_name: sdk.partner_name,
            loa_issue_time: sdk.loa_issue_time.and_then(rfc3339),
            lag_id: sdk.lag_id,
            aws_device: sdk.aws_device,
            jumbo_frame_capable: sdk.jumbo_frame_capable,
            aws_device_v2: sdk.aws_device_v2,
            aws_logical_device_id: sdk.aws_logical_device_id,
            has_logical_redundancy: sdk
                .has_logical_redundancy
                .map(|value| value.as_str().to_owned()),
            tags: sdk.tags.map(|tags| tags.into_iter().map(tag).collect()),
            provider_name: sdk.provider_name,
            mac_sec_capable: sdk.mac_sec_capable,
            port_encryption_status: sdk.port_encryption_status,
            encryption_mode: sdk.encryption_mode,
            mac_sec_keys: sdk
                .mac_sec_keys
                .map(|keys| keys.into_iter().map(mac_sec_key).collect()),
            rate_limiter_status: sdk.rate_limiter_status.map(rate_limiter_status),
            partner_interconnect_mac_sec_capable: sdk.partner_interconnect_mac_sec_capable,
            prefix_pool_size_ipv4: sdk.prefix_pool_size_ipv4,
            prefix_pool_size_ipv6: sdk.prefix_pool_size_ipv6,
            prefix_pool_unallocated_count_ipv4: sdk.prefix_pool_unallocated_count_ipv4,
            prefix_pool_unallocated_count_ipv6: sdk.prefix_pool_unallocated_count_ipv6,
            billing_mode: sdk.billing_mode.map(|mode| mode.as_str().to_owned()),
        }
    }};
}

/// A connection as DescribeHostedConnections lists it.
#[must_use]
pub fn from_listed(sdk: types::Connection) -> Connection {
    connection!(sdk)
}

/// A connection as AllocateHostedConnection answers it.
#[must_use]
pub fn from_answer(sdk: AllocateHostedConnectionOutput) -> Connection {
    connection!(sdk)
}

/// To the millisecond, which is what AWS gives: the SDK reads times as floats and would show 0.678 as 0.677999.
fn rfc3339(time: DateTime) -> Option<String> {
    let milliseconds = i64::from((time.subsec_nanos() + 500_000) / 1_000_000);
    let rounded = DateTime::from_millis(time.secs().checked_mul(1000)?.checked_add(milliseconds)?);
    rounded.fmt(Format::DateTime).ok()
}

fn tag(sdk: types::Tag) -> Tag {
    Tag {
        key: sdk.key,
        value: sdk.value,
    }
}

fn mac_sec_key(sdk: types::MacSecKey) -> MacSecKey {
    MacSecKey {
        secret_arn: sdk.secret_arn,
        ckn: sdk.ckn,
        state: sdk.state,
        start_on: sdk.start_on,
    }
}

fn rate_limiter_status(sdk: types::RateLimiterStatus) -> RateLimiterStatus {
    RateLimiterStatus {
        max_allowed: Some(sdk.max_allowed),
        in_use: Some(sdk.in_use),
        remaining: Some(sdk.remaining),
        total_bandwidth: sdk.total_bandwidth,
    }
}
