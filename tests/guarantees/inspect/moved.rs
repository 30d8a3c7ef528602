//! A connection that was moved by hand, until tracking has followed it: neither a ghost nor an orphan.

use local_cloud::{Fault, FaultKind, LagMembers};
use proof::World;
use serde_json::{Value, json};

use super::{PARENT, ask, place, shown};

const OTHER: &str = "dxcon-ffabc456";
const LAG: &str = "dxlag-ffabc789";
const LISTS: [&str; 2] = ["DescribeInterconnects", "DescribeLags"];
const NONE: [&str; 0] = [];

async fn view(world: &World, parent: &str) -> Value {
    shown(world, &format!("/parents/{parent}"), "").await
}

fn id_of_the_only_one(world: &World) -> String {
    world.cloud.connections()[0].id.clone()
}

fn assert_neither(shown: &Value, name: &str) {
    assert_eq!(shown["orphans"], json!(NONE), "{name}: {shown}");
    assert_eq!(shown["ghosts"], json!(NONE), "{name}: {shown}");
}

#[tokio::test(start_paused = true)]
async fn a_move_is_shown_on_both_parents_until_tracking_has_followed_it() {
    for way in [
        LagMembers::ShowNothing,
        LagMembers::ShowTheLags,
        LagMembers::RefuseToShow,
    ] {
        // Whether tracking has noted the connection on its lease or only the record knows it.
        for (to, is_noted) in [(OTHER, false), (OTHER, true), (LAG, false), (LAG, true)] {
            let name = format!("{way:?} {to} {is_noted}");
            let world = World::with(|builder| builder.lag_members(way), &[]);
            place(&world, PARENT, [101]).await;
            if is_noted {
                world.track().await;
            }
            let id = id_of_the_only_one(&world);
            let moved = |way: &str, parent: &str| json!([{"idempotencyKey": "k-101", "vlan": 101, "connectionId": id, way: parent}]);
            if to == LAG {
                world.cloud.join_lag(PARENT, LAG).unwrap();
            } else {
                world.cloud.move_connection(&id, to).unwrap();
            }
            let new = view(&world, to).await;
            assert_neither(&new, &name);
            assert_eq!(new["moved"], moved("movedFrom", PARENT), "{name}: {new}");
            assert_eq!(new["capacity"]["soldMbps"], 50, "{name}");
            // A member that shows the LAG's as its own misses nothing, and one that refuses is not shown at all.
            if to == OTHER || way == LagMembers::ShowNothing {
                let old = view(&world, PARENT).await;
                assert_neither(&old, &name);
                assert_eq!(old["moved"], moved("movedTo", to), "{name}: {old}");
            }
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            world.track().await;
            let new = view(&world, to).await;
            assert_neither(&new, &name);
            assert_eq!(new.get("moved"), None, "{name}: {new}");
            assert_eq!(new["vlans"][0]["idempotencyKey"], "k-101", "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_parents_are_looked_at_only_where_something_is_missing_or_unknown() {
    let world = World::new();
    place(&world, PARENT, [101]).await;
    let describe = "DescribeHostedConnections";
    let before = world.cloud.count(describe);
    view(&world, PARENT).await;
    assert_eq!(world.cloud.count(describe), before + 1);
    let lists = || LISTS.map(|list| world.cloud.count(list));
    assert_eq!(lists(), [0, 0]);
    // An orphan costs the lists, and no look.
    let made = world
        .cloud
        .insert_connection(PARENT, 7, "999988887777", "50Mbps", "by hand");
    let orphan = made.unwrap().id;
    let seen = view(&world, PARENT).await;
    assert_eq!(seen["orphans"][0]["connectionId"], orphan.as_str());
    assert_eq!(seen.get("moved"), None);
    assert_eq!(world.cloud.count(describe), before + 2);
    assert_eq!(lists(), [1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_no_parent_is_a_ghost_and_a_stranger_on_its_vlan_elsewhere_an_orphan() {
    let world = World::new();
    place(&world, PARENT, [101]).await;
    let lost = id_of_the_only_one(&world);
    world.cloud.set_state(&lost, "deleted").unwrap();
    world.cloud.purge().unwrap();
    world
        .cloud
        .insert_connection(OTHER, 101, "999988887777", "50Mbps", "by hand")
        .unwrap();
    let (old, other) = (view(&world, PARENT).await, view(&world, OTHER).await);
    assert_eq!(old["ghosts"][0]["connectionId"], lost.as_str(), "{old}");
    assert_eq!(other["orphans"].as_array().unwrap().len(), 1, "{other}");
    assert_eq!((old.get("moved"), other.get("moved")), (None, None));
}

#[tokio::test(start_paused = true)]
async fn where_it_cannot_be_told_nothing_is_called_a_ghost_or_an_orphan() {
    for list in LISTS {
        let world = World::new();
        place(&world, PARENT, [101]).await;
        let id = id_of_the_only_one(&world);
        world.cloud.move_connection(&id, OTHER).unwrap();
        world
            .cloud
            .inject(Fault::on(FaultKind::Throttle, list).always());
        for parent in [PARENT, OTHER] {
            let path = format!("/parents/{parent}");
            ask(&world, &path, "").await.problem(429, "Throttled");
        }
    }
}
