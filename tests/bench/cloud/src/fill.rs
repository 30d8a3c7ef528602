//! Many records and crowded parents at once: copies of what the function itself has written, under other keys.

use std::time::UNIX_EPOCH;

use hosted_connection::{Vlan, VlanSet};
use local_cloud::{Cloud, CloudError};
use serde_json::{Value, json};

/// Items that are made at a time.
const BATCH: u32 = 10_000;
/// VLANs of one parent.
const VLANS: u32 = 4094;

/// Puts `count` copies of an allocation's `record` into the table, spread over parents that nobody orders on.
pub(crate) fn records(cloud: &Cloud, record: &Value, count: u32) -> Result<(), CloudError> {
    put(cloud, count, |number| {
        let mut copy = record.clone();
        copy["pk"] = json!({"S": format!("allocation#copy-{number:08}")});
        copy["parentConnectionId"] = json!({"S": format!("dxcon-copies{:04}", number / VLANS)});
        copy["claimedAtMs"] = json!({"N": (1_700_000_000_000_u64 + u64::from(number)).to_string()});
        copy
    })
}

/// Has the first `vlans` VLANs of `parent` taken: connections that Direct Connect shows, copies of a `lease` each, and what
/// tracking notes of it for orders that go by memory.
pub(crate) fn crowd(
    cloud: &Cloud,
    parent: &str,
    lease: &Value,
    vlans: u16,
) -> Result<(), CloudError> {
    cloud.insert_connections(parent, 1..=vlans, "222222222222", "50Mbps", "Crowd")?;
    put(cloud, vlans.into(), |number| {
        let mut copy = lease.clone();
        copy["pk"] = json!({"S": format!("parent#{parent}")});
        copy["sk"] = json!({"S": format!("vlan#{:04}", number + 1)});
        copy["holder"] = json!({"S": format!("crowd-{parent}-{number:04}")});
        copy
    })?;
    cloud.import_items(vec![note(cloud, parent, vlans)])
}

fn note(cloud: &Cloud, parent: &str, vlans: u16) -> Value {
    let in_use: VlanSet = (1..=vlans).filter_map(Vlan::new).collect();
    let now = cloud.clock().now().duration_since(UNIX_EPOCH);
    json!({
        "pk": {"S": format!("parent#{parent}")},
        "sk": {"S": "seen"},
        "vlansInUse": {"B": aws_smithy_types::base64::encode(in_use.to_bytes())},
        "lookedAtMs": {"N": now.unwrap_or_default().as_millis().to_string()},
    })
}

fn put(cloud: &Cloud, count: u32, copy: impl Fn(u32) -> Value) -> Result<(), CloudError> {
    for first in (0..count).step_by(BATCH as usize) {
        cloud.import_items((first..count.min(first + BATCH)).map(&copy).collect())?;
    }
    Ok(())
}
