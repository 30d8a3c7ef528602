//! Noon: connections are ordered by place, two of them so that they do not fail together.

use local_cloud::Parent;
use serde_json::{Value, json};

use super::Expected::{Allocated, Rejected};
use super::{Act, OWNER, Scene, order, scene};

const LOCATION: &str = "EqDC2";

/// A large and a small interconnect at one location, each on a device of its own.
pub(super) fn parents() -> [Parent; 2] {
    let there = |id, bandwidth, device| {
        let parent = Parent::interconnect(id, bandwidth);
        parent.at(LOCATION).on_device(device)
    };
    [
        there("dxcon-dc2aaaaa", "10Gbps", "EqDC2-a1b2"),
        there("dxcon-dc2bbbbb", "1Gbps", "EqDC2-c3d4"),
    ]
}

/// All of noon.
pub(super) fn scenes() -> Vec<Scene> {
    let first = json!({"location": LOCATION});
    let apart = json!({
        "location": LOCATION,
        "diverseFrom": {"idempotencyKey": "order-1012", "by": "device"},
    });
    let post = |key, placement: &Value, bandwidth, expected| {
        let request = json!({
            "placement": placement,
            "ownerAccount": OWNER,
            "bandwidth": bandwidth,
            "connectionName": "Wingtip Washington",
        });
        scene("HTTP, by place", Act::Post(order(key, request, expected)))
    };
    vec![
        post("order-1012", &first, "500Mbps", Allocated),
        post("order-1013", &apart, "500Mbps", Allocated),
        // One parent ends on the other order's device, and the other one is too small.
        post("order-1014", &apart, "2Gbps", Rejected("NoParentAvailable")),
    ]
}
