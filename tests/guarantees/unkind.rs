//! An AWS that is less kind than one would imagine: it moves connections, refuses what it has done, is in the middle of a
//! change, leaves members out, and shows lists that are no snapshot. None of it breaks a promise.

mod elsewhere;
mod lists;
mod malformed;
mod moving;
mod parked;
mod refusals;
mod releases;

use local_cloud::Cloud;
use proof::{PARENT, World, http, request};
use serde_json::Value;

pub(crate) const ALLOCATE: &str = "AllocateHostedConnection";
pub(crate) const DESCRIBE: &str = "DescribeHostedConnections";
pub(crate) const DELETE: &str = "DeleteConnection";
/// The local cloud's LAG.
pub(crate) const LAG: &str = "dxlag-ffabc789";
/// Another interconnect of the local cloud.
pub(crate) const OTHER: &str = "dxcon-ffabc456";

/// The usual order over HTTP.
pub(crate) fn web(key: &str, vlan: Option<u16>) -> Value {
    http(key, &request(vlan).to_string())
}

/// The usual order, on another parent.
pub(crate) fn web_on(parent: &str, key: &str, vlan: Option<u16>) -> Value {
    let mut request = request(vlan);
    request["connectionId"] = parent.into();
    http(key, &request.to_string())
}

/// A world whose parents have room for everything, as `configure` makes it.
pub(crate) fn world_with(
    configure: impl FnOnce(local_cloud::Builder) -> local_cloud::Builder,
) -> World {
    World::with(configure, &[])
}

/// Ids of the living connections.
pub(crate) fn living(cloud: &Cloud) -> Vec<String> {
    let living = cloud.connections().into_iter();
    let living = living.filter(local_cloud::HostedConnection::is_living);
    living.map(|connection| connection.id).collect()
}

/// Parent and VLAN of each lease that an order holds.
pub(crate) fn leases(world: &World) -> Vec<(String, String)> {
    let held = world.items("parent#").into_iter();
    held.filter(|item| item.get("holder").is_some())
        .map(|item| {
            let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
            (text("pk"), text("sk"))
        })
        .collect()
}

/// The lease of VLAN 101 on `parent`.
pub(crate) fn lease_on(parent: &str) -> (String, String) {
    (format!("parent#{parent}"), "vlan#0101".to_owned())
}

#[test]
fn the_names_are_those_of_the_local_cloud() {
    let parents: Vec<_> = local_cloud::Parent::defaults()
        .into_iter()
        .map(|parent| parent.id)
        .collect();
    assert_eq!(parents, [PARENT, OTHER, LAG]);
}
