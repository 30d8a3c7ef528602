//! Many records and crowded parents at once: copies of what the function itself has written, under other keys.

use bytes::Bytes;
use http::Request;
use local_cloud::{Cloud, Reply};
use serde_json::{Value, json};

/// Items that one BatchWriteItem takes.
const BATCH: u32 = 25;
/// VLANs of one parent.
const VLANS: u32 = 4094;

/// Puts `count` copies of an allocation's `record` into the table, spread over parents that nobody orders on.
pub(crate) async fn records(cloud: &Cloud, record: &Value, count: u32) -> Result<(), String> {
    let copy = |number: u32| {
        let mut copy = record.clone();
        copy["pk"] = json!({"S": format!("allocation#copy-{number:08}")});
        copy["parentConnectionId"] = json!({"S": format!("dxcon-copies{:04}", number / VLANS)});
        copy["claimedAtMs"] = json!({"N": (1_700_000_000_000_u64 + u64::from(number)).to_string()});
        copy
    };
    put(cloud, count, copy).await
}

/// Has the first `vlans` VLANs of `parent` taken: connections that Direct Connect shows, and copies of a `lease` each.
pub(crate) async fn crowd(
    cloud: &Cloud,
    parent: &str,
    lease: &Value,
    vlans: u16,
) -> Result<(), String> {
    cloud
        .insert_connections(parent, 1..=vlans, "222222222222", "50Mbps", "Crowd")
        .map_err(|error| error.to_string())?;
    let copy = |number: u32| {
        let mut copy = lease.clone();
        copy["pk"] = json!({"S": format!("parent#{parent}")});
        copy["sk"] = json!({"S": format!("vlan#{:04}", number + 1)});
        copy["holder"] = json!({"S": format!("crowd-{parent}-{number:04}")});
        copy
    };
    put(cloud, vlans.into(), copy).await
}

async fn put(cloud: &Cloud, count: u32, copy: impl Fn(u32) -> Value) -> Result<(), String> {
    for first in (0..count).step_by(BATCH as usize) {
        let puts: Vec<_> = (first..count.min(first + BATCH))
            .map(|number| json!({"PutRequest": {"Item": copy(number)}}))
            .collect();
        let request = json!({"RequestItems": {cloud.table_name(): puts}});
        let answer = dynamodb(cloud, "BatchWriteItem", &request).await?;
        match answer["UnprocessedItems"].as_object() {
            Some(left) if !left.is_empty() => return Err(format!("not written: {left:?}")),
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// One request to DynamoDB, past the network.
pub(crate) async fn dynamodb(
    cloud: &Cloud,
    operation: &str,
    body: &Value,
) -> Result<Value, String> {
    let request = Request::post("/")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header("authorization", "AWS4-HMAC-SHA256 local")
        .body(Bytes::from(body.to_string()))
        .map_err(|error| error.to_string())?;
    match cloud.handle(request).await {
        Reply::Answer(answer) if answer.status().is_success() => {
            serde_json::from_slice(answer.body()).map_err(|error| error.to_string())
        }
        reply => Err(format!("{operation}: {reply:?}")),
    }
}
