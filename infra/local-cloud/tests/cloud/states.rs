//! Refusals that pass: a parent in a transitioning state, and a connection that cannot be deleted yet.

use crate::wire::{ALLOCATE, DELETE, PARENT, call, cloud, ok, order};
use local_cloud::Cloud;
use serde_json::json;

const LAG: &str = "dxlag-ffabc789";

#[tokio::test]
async fn a_parents_state_is_shown() {
    let cloud = cloud();
    cloud.set_parent_state(PARENT, "down").unwrap();
    cloud.set_parent_state(LAG, "pending").unwrap();
    let interconnects = ok(&cloud, "OvertureService.DescribeInterconnects", json!({})).await;
    let states: Vec<_> = (0..2)
        .map(|n| interconnects["interconnects"][n]["interconnectState"].clone())
        .collect();
    assert_eq!(states, ["down", "available"]);
    let lags = ok(&cloud, "OvertureService.DescribeLags", json!({})).await;
    assert_eq!(lags["lags"][0]["lagState"], "pending");
    assert!(cloud.set_parent_state("dxcon-nosuch00", "down").is_err());
}

#[tokio::test]
async fn nothing_is_allocated_on_a_parent_that_is_neither_available_nor_down() {
    let cloud = cloud();
    let mut statuses = Vec::new();
    for (vlan, state) in (101..).zip(["down", "pending", "unknown", "deleting", "available"]) {
        cloud.set_parent_state(PARENT, state).unwrap();
        let (status, answer) = call(&cloud, ALLOCATE, order(vlan)).await;
        statuses.push(status);
        if status == 400 {
            assert_eq!(answer["__type"], "DirectConnectClientException");
            let message = format!("Connection ID {PARENT} is in a transitioning state.");
            assert_eq!(answer["message"], message);
        }
    }
    assert_eq!(statuses, [200, 400, 400, 400, 200]);
}

#[tokio::test]
async fn a_member_waits_for_its_lag_too() {
    let cloud = Cloud::builder().lag_members_sell(true).build().unwrap();
    cloud.join_lag(PARENT, LAG).unwrap();
    for (lag, member, expected) in [
        ("pending", "available", 400),
        ("available", "pending", 400),
        ("available", "down", 200),
    ] {
        cloud.set_parent_state(LAG, lag).unwrap();
        cloud.set_parent_state(PARENT, member).unwrap();
        let (status, _) = call(&cloud, ALLOCATE, order(101)).await;
        assert_eq!(status, expected, "{lag} {member}");
    }
}

#[tokio::test]
async fn whether_a_pending_connection_can_be_deleted_is_a_switch() {
    for (deletable, expected) in [(true, 200), (false, 400)] {
        let cloud = Cloud::builder().pending_deletable(deletable).build();
        let cloud = cloud.unwrap();
        let made = ok(&cloud, ALLOCATE, order(101)).await;
        let id = made["connectionId"].as_str().unwrap();
        cloud.confirm(id).unwrap();
        let (status, answer) = call(&cloud, DELETE, json!({"connectionId": id})).await;
        assert_eq!(status, expected);
        if !deletable {
            assert_eq!(answer["__type"], "DirectConnectClientException");
            let message = "The specified Connection ID is not available";
            assert_eq!(answer["message"], message);
            // It passes.
            cloud.set_state(id, "available").unwrap();
            ok(&cloud, DELETE, json!({"connectionId": id})).await;
        }
    }
}
