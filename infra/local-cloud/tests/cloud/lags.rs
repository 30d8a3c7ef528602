//! Interconnects that join a LAG, and what becomes of the hosted connections on them.

use crate::wire::{ALLOCATE, DESCRIBE, PARENT, call, cloud, ok, order, refused};
use local_cloud::{Cloud, CloudError, LagMembers, Parent};
use serde_json::{Value, json};

const LAG: &str = "dxlag-ffabc789";
const OTHER: &str = "dxcon-ffabc456";

fn order_on(parent: &str, vlan: u16) -> Value {
    let mut order = order(vlan);
    order["connectionId"] = json!(parent);
    order
}

fn insert(cloud: &Cloud, parent: &str, vlan: u16) -> String {
    let made = cloud.insert_connection(parent, vlan, "222222222222", "50Mbps", "x");
    made.unwrap().id
}

async fn vlans(cloud: &Cloud, parent: &str) -> Vec<Value> {
    let page = ok(cloud, DESCRIBE, json!({"connectionId": parent})).await;
    let connections = page["connections"].as_array().unwrap();
    connections.iter().map(|one| one["vlan"].clone()).collect()
}

#[tokio::test]
async fn an_interconnect_that_joins_a_lag_takes_its_hosted_connections_along() {
    let cloud = cloud();
    let id = ok(&cloud, ALLOCATE, order(101)).await["connectionId"].clone();
    cloud.join_lag(PARENT, LAG).unwrap();

    assert_eq!(cloud.connections()[0].parent, LAG);
    let page = ok(&cloud, DESCRIBE, json!({"connectionId": LAG})).await;
    assert_eq!(page["connections"][0]["connectionId"], id);
    assert_eq!(page["connections"][0]["lagId"], LAG);
    assert_eq!(vlans(&cloud, PARENT).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_member_and_its_lag_are_described_by_each_other() {
    let cloud = cloud();
    cloud.join_lag(PARENT, LAG).unwrap();
    let interconnects = "OvertureService.DescribeInterconnects";
    let lags = "OvertureService.DescribeLags";
    let list = ok(&cloud, interconnects, json!({})).await;
    assert_eq!(list["interconnects"][0]["lagId"], LAG);
    assert_eq!(list["interconnects"][1].get("lagId"), None);

    let list = ok(&cloud, lags, json!({})).await;
    let members = list["lags"][0]["connections"].as_array().unwrap();
    assert_eq!(members.len(), 1);
    for (member, value) in [
        ("connectionId", PARENT),
        ("bandwidth", "10Gbps"),
        ("connectionState", "available"),
        ("region", "eu-central-1"),
        ("location", "EqFA5"),
        ("lagId", LAG),
    ] {
        assert_eq!(members[0][member], value, "{member}");
    }
    // Two of its ports are known by now, and a third one comes on top.
    assert_eq!(list["lags"][0]["numberOfConnections"], 2);
    cloud.join_lag(OTHER, LAG).unwrap();
    let third = Parent::interconnect("dxcon-third000", "10Gbps");
    cloud.add_parent(third).unwrap();
    cloud.join_lag("dxcon-third000", LAG).unwrap();
    let list = ok(&cloud, lags, json!({})).await;
    assert_eq!(list["lags"][0]["numberOfConnections"], 3);
}

#[tokio::test]
async fn joining_is_refused_while_a_vlan_lives_on_both() {
    let cloud = cloud();
    insert(&cloud, PARENT, 101);
    insert(&cloud, PARENT, 102);
    let twin = insert(&cloud, LAG, 102);
    let refusal = cloud.join_lag(PARENT, LAG).unwrap_err();
    assert!(
        matches!(&refusal, CloudError::VlanTaken { parent, vlan: 102 } if parent == LAG),
        "{refusal}"
    );
    assert_eq!(vlans(&cloud, PARENT).await, [101, 102]);
    cloud.delete(&twin).unwrap();
    cloud.join_lag(PARENT, LAG).unwrap();
    assert_eq!(cloud.living_connections(LAG).len(), 2);
}

#[tokio::test]
async fn only_an_interconnect_joins_and_only_a_lag_is_joined_and_only_a_member_leaves() {
    let cloud = cloud();
    let refusals = [
        cloud.join_lag("dxcon-nosuch00", LAG),
        cloud.join_lag(PARENT, "dxlag-nosuch00"),
        cloud.join_lag(LAG, LAG),
        cloud.join_lag(PARENT, OTHER),
        cloud.leave_lag(PARENT),
        cloud.leave_lag("dxcon-nosuch00"),
    ];
    let said: Vec<_> = refusals
        .into_iter()
        .map(|refusal| refusal.unwrap_err().to_string())
        .collect();
    assert_eq!(
        said,
        [
            "no interconnect or LAG dxcon-nosuch00",
            "no interconnect or LAG dxlag-nosuch00",
            "dxlag-ffabc789 is a LAG, not an interconnect",
            "dxcon-ffabc456 is an interconnect, not a LAG",
            "dxcon-ffabc123 is not a member of a LAG",
            "no interconnect or LAG dxcon-nosuch00",
        ]
    );
}

#[tokio::test]
async fn who_leaves_a_lag_leaves_the_hosted_connections_there() {
    let cloud = cloud();
    insert(&cloud, PARENT, 101);
    cloud.join_lag(PARENT, LAG).unwrap();
    cloud.leave_lag(PARENT).unwrap();
    assert_eq!(vlans(&cloud, LAG).await, [101]);
    // It is an interconnect of its own again, so the VLAN is free on it.
    ok(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(vlans(&cloud, PARENT).await, [101]);
}

#[tokio::test]
async fn what_a_member_shows_is_a_switch() {
    for (shown, expected) in [
        (LagMembers::ShowNothing, Some(vec![])),
        (LagMembers::ShowTheLags, Some(vec![json!(101), json!(102)])),
        (LagMembers::RefuseToShow, None),
    ] {
        let cloud = Cloud::builder().lag_members(shown).build().unwrap();
        insert(&cloud, PARENT, 101);
        insert(&cloud, LAG, 102);
        cloud.join_lag(PARENT, LAG).unwrap();
        let (status, page) = call(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
        let connections = page["connections"].as_array();
        let seen = connections.map(|all| all.iter().map(|one| one["vlan"].clone()).collect());
        assert_eq!(seen, expected, "{shown:?}");
        assert_eq!(status == 200, expected.is_some(), "{shown:?}");
    }
}

#[tokio::test]
async fn a_member_sells_nothing_or_for_its_lag() {
    let cloud = cloud();
    cloud.join_lag(PARENT, LAG).unwrap();
    let code = refused(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(code, "DirectConnectClientException");

    let cloud = Cloud::builder().lag_members_sell(true).build().unwrap();
    cloud.join_lag(PARENT, LAG).unwrap();
    let sold = ok(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(sold["lagId"], LAG);
    assert_eq!(cloud.connections()[0].parent, LAG);
}

#[tokio::test]
async fn a_vlan_is_unique_over_a_lag_and_its_members_and_crowds_are_counted_there() {
    for unique in [true, false] {
        let cloud = Cloud::builder()
            .lag_members_sell(true)
            .vlan_uniqueness(unique)
            .build()
            .unwrap();
        for member in [PARENT, OTHER] {
            cloud.join_lag(member, LAG).unwrap();
        }
        let mut statuses = Vec::new();
        for parent in [PARENT, OTHER, LAG] {
            statuses.push(call(&cloud, ALLOCATE, order_on(parent, 101)).await.0);
        }
        let (expected, most) = match unique {
            true => ([200, 400, 400], 1),
            false => ([200, 200, 200], 3),
        };
        assert_eq!(statuses, expected);
        for parent in [PARENT, OTHER, LAG] {
            assert_eq!(cloud.most_living(parent, 101), most, "{parent}");
        }
    }
}

#[tokio::test]
async fn a_connection_made_by_hand_on_a_member_is_the_lags() {
    let cloud = cloud();
    cloud.join_lag(PARENT, LAG).unwrap();
    insert(&cloud, PARENT, 101);
    let many = cloud.insert_connections(PARENT, 102..=103, "222222222222", "50Mbps", "x");
    many.unwrap();
    assert_eq!(vlans(&cloud, LAG).await, [101, 102, 103]);
}

#[tokio::test]
async fn a_connection_can_be_moved_by_hand_unless_its_vlan_lives_there() {
    let cloud = cloud();
    let id = insert(&cloud, PARENT, 101);
    insert(&cloud, OTHER, 101);
    assert!(cloud.move_connection(&id, OTHER).is_err());
    assert!(cloud.move_connection(&id, "dxcon-nosuch00").is_err());
    assert!(cloud.move_connection("dxcon-nosuch00", LAG).is_err());
    cloud.move_connection(&id, LAG).unwrap();
    // Again changes nothing: it is where it should be.
    cloud.move_connection(&id, LAG).unwrap();
    assert_eq!(vlans(&cloud, PARENT).await, Vec::<Value>::new());
    assert_eq!(vlans(&cloud, LAG).await, [101]);
    assert_eq!(cloud.most_living(LAG, 101), 1);

    let fresh = insert(&cloud, OTHER, 7);
    cloud.join_lag(PARENT, LAG).unwrap();
    cloud.move_connection(&fresh, PARENT).unwrap();
    assert_eq!(vlans(&cloud, LAG).await, [101, 7]);
}

#[tokio::test]
async fn a_parent_that_is_removed_is_refused_everywhere_and_what_moved_before_stays() {
    let cloud = cloud();
    let moved = insert(&cloud, PARENT, 101);
    let left = insert(&cloud, PARENT, 102);
    cloud.move_connection(&moved, LAG).unwrap();
    cloud.remove_parent(PARENT).unwrap();
    for (target, body) in [
        (ALLOCATE, order(7)),
        (DESCRIBE, json!({"connectionId": PARENT})),
        (
            "OvertureService.DescribeInterconnects",
            json!({"interconnectId": PARENT}),
        ),
    ] {
        let code = refused(&cloud, target, body).await;
        assert_eq!(code, "DirectConnectClientException", "{target}");
    }
    assert_eq!(vlans(&cloud, LAG).await, [101]);
    assert!(cloud.remove_parent(PARENT).is_err());
    // What stayed behind can still be moved to where it is shown.
    cloud.move_connection(&left, OTHER).unwrap();
    assert_eq!(vlans(&cloud, OTHER).await, [102]);
}

#[tokio::test]
async fn a_lag_that_is_removed_has_no_members_any_more() {
    let cloud = cloud();
    cloud.join_lag(PARENT, LAG).unwrap();
    cloud.remove_parent(LAG).unwrap();
    ok(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(cloud.connections()[0].parent, PARENT);
}
