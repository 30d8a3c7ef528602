//! The afternoon: customers decide, ports go up and down, connections are given back, and one order is too many.

use local_cloud::{Cloud, CloudError};

use super::Expected::{
    Allocated, Changed, NotKnownYet, Rejected, Released, ReleasedBefore, ReplayedAsReleased,
    WouldBeAllocated, WouldBeRejected,
};
use super::{Act, Expected, LAG, SECOND_INTERCONNECT, Scene, Switch, again, order, request, scene};

/// The whole afternoon.
pub(super) fn scenes() -> Vec<Scene> {
    let mut scenes = too_much();
    scenes.extend(life());
    scenes.extend(releases());
    scenes
}

/// Of 1,000 Mbps 700 are sold.
fn too_much() -> Vec<Scene> {
    let half = |key, vlan, expected| {
        let half = request(
            SECOND_INTERCONNECT,
            "500Mbps",
            "Adventure Works",
            Some(vlan),
        );
        order(key, half, expected)
    };
    let exceeds = "CapacityExceeded";
    vec![
        scene(
            "HTTP, dry run",
            Act::Forecast(half("order-1010", 110, WouldBeRejected(exceeds))),
        ),
        scene(
            "HTTP",
            Act::Post(half("order-1010", 110, Rejected(exceeds))),
        ),
        track(
            "track, 1 min later",
            vec![
                ("order-1001", Cloud::confirm),
                ("order-1002", Cloud::decline),
                ("order-1003", Cloud::confirm),
                ("order-1006", Cloud::delete),
            ],
            vec![
                ("order-1001", Changed("pending")),
                ("order-1002", Changed("rejected")),
                ("order-1003", Changed("pending")),
                ("order-1006", Changed("deleted")),
            ],
        ),
        // What was declined can be sold again, VLAN and all.
        scene(
            "HTTP, dry run",
            Act::Forecast(half("order-1011", 102, WouldBeAllocated)),
        ),
        scene("HTTP", Act::Post(half("order-1011", 102, Allocated))),
    ]
}

fn life() -> Vec<Scene> {
    vec![
        track(
            "track, 2 min later",
            vec![
                ("order-1001", available),
                ("order-1003", available),
                ("order-1003", Cloud::attach_interface),
            ],
            vec![
                ("order-1001", Changed("available")),
                ("order-1003", Changed("available")),
            ],
        ),
        track(
            "track, 3 min later",
            vec![("order-1001", down)],
            vec![("order-1001", Changed("down"))],
        ),
    ]
}

fn releases() -> Vec<Scene> {
    let release = |caption, key, expected| scene(caption, Act::Release(again(key, expected)));
    let primary = request(LAG, "300Mbps", "Contoso primary", Some(104));
    vec![
        release("HTTP, release", "order-1003", NotKnownYet),
        release("HTTP, release", "order-1004", Released),
        release("HTTP, asked again", "order-1004", ReleasedBefore),
        scene(
            "HTTP, ordered again",
            Act::Post(order("order-1004", primary, ReplayedAsReleased)),
        ),
        // The settle time is over, and the connection with its virtual interface still there.
        track("track, 4 min later", Vec::new(), Vec::new()),
        release(
            "HTTP, asked again",
            "order-1003",
            Rejected("RefusedByDirectConnect"),
        ),
    ]
}

fn track(
    caption: &'static str,
    meanwhile: Vec<(&'static str, Switch)>,
    changes: Vec<(&'static str, Expected)>,
) -> Scene {
    let changes = changes
        .into_iter()
        .map(|(key, expected)| again(key, expected))
        .collect();
    scene(caption, Act::Track { meanwhile, changes })
}

fn available(cloud: &Cloud, id: &str) -> Result<(), CloudError> {
    cloud.set_state(id, "available")
}

fn down(cloud: &Cloud, id: &str) -> Result<(), CloudError> {
    cloud.set_state(id, "down")
}
