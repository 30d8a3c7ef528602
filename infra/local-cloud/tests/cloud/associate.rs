//! AssociateHostedConnection: a connection goes to another parent, or is refused and stays.

use local_cloud::Cloud;
use serde_json::{Value, json};

use crate::wire::{ALLOCATE, DELETE, DESCRIBE, PARENT, call, cloud, ok, order, refused};

const ASSOCIATE: &str = "OvertureService.AssociateHostedConnection";
const OTHER: &str = "dxcon-ffabc456";
const LAG: &str = "dxlag-ffabc789";

/// Allocates this VLAN, and says the connection's id.
async fn made(cloud: &Cloud, parent: &str, vlan: u16) -> String {
    let mut asked = order(vlan);
    asked["connectionId"] = parent.into();
    let made = ok(cloud, ALLOCATE, asked).await;
    made["connectionId"].as_str().unwrap().to_owned()
}

fn to(id: &str, parent: &str) -> Value {
    json!({"connectionId": id, "parentConnectionId": parent})
}

/// Ids on this parent.
async fn on(cloud: &Cloud, parent: &str) -> Vec<String> {
    let page = ok(cloud, DESCRIBE, json!({"connectionId": parent})).await;
    let listed = page["connections"].as_array().unwrap().iter();
    listed
        .map(|one| one["connectionId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_connection_moves_with_its_id_and_its_vlan() {
    let cloud = cloud();
    let id = made(&cloud, PARENT, 101).await;
    for (from, parent) in [(PARENT, OTHER), (OTHER, LAG), (LAG, PARENT)] {
        let answer = ok(&cloud, ASSOCIATE, to(&id, parent)).await;
        assert_eq!(
            (&answer["connectionId"], &answer["vlan"]),
            (&json!(id), &json!(101))
        );
        assert_eq!(on(&cloud, parent).await, [id.as_str()], "{parent}");
        assert!(on(&cloud, from).await.is_empty(), "{from}");
    }
    // What it has left is free again.
    made(&cloud, OTHER, 101).await;
}

#[tokio::test]
async fn a_vlan_that_is_in_use_there_is_refused_and_nothing_moves() {
    let cloud = cloud();
    let id = made(&cloud, PARENT, 101).await;
    let there = made(&cloud, OTHER, 101).await;
    let (status, error) = call(&cloud, ASSOCIATE, to(&id, OTHER)).await;
    assert_eq!(
        (status, &error["__type"]),
        (400, &json!("DirectConnectClientException"))
    );
    assert!(
        error["message"].as_str().unwrap().contains("VLAN 101"),
        "{error}"
    );
    assert_eq!(on(&cloud, PARENT).await, [id.as_str()]);
    assert_eq!(on(&cloud, OTHER).await, [there.as_str()]);
    // It is in the way for as long as it lives.
    ok(&cloud, DELETE, json!({"connectionId": there})).await;
    on(&cloud, OTHER).await;
    ok(&cloud, ASSOCIATE, to(&id, OTHER)).await;
    assert!(on(&cloud, OTHER).await.contains(&id));
}

#[tokio::test]
async fn what_is_not_there_or_not_alive_does_not_move() {
    let cloud = cloud();
    let id = made(&cloud, PARENT, 101).await;
    for asked in [
        to("dxcon-nowhere", OTHER),
        to(&id, "dxcon-nowhere"),
        to(&id, "dxlag-nowhere"),
        json!({"connectionId": id}),
        json!({"parentConnectionId": OTHER}),
    ] {
        let (status, error) = call(&cloud, ASSOCIATE, asked.clone()).await;
        assert_eq!(status, 400, "{asked}: {error}");
    }
    assert_eq!(on(&cloud, PARENT).await, [id.as_str()]);
    ok(&cloud, DELETE, json!({"connectionId": id})).await;
    let code = refused(&cloud, ASSOCIATE, to(&id, OTHER)).await;
    assert_eq!(code, "DirectConnectClientException");
    assert!(on(&cloud, OTHER).await.is_empty());
}

#[tokio::test]
async fn the_parent_that_it_is_on_is_taken_or_refused_as_the_switch_says() {
    for (refuses, status) in [("off", 200), ("on", 400)] {
        let builder = Cloud::builder().switch("associate-again-refused", refuses);
        let cloud = builder.unwrap().build().unwrap();
        let id = made(&cloud, PARENT, 101).await;
        assert_eq!(call(&cloud, ASSOCIATE, to(&id, PARENT)).await.0, status);
        assert_eq!(on(&cloud, PARENT).await, [id.as_str()], "{refuses}");
        // Only that is refused.
        ok(&cloud, ASSOCIATE, to(&id, OTHER)).await;
        assert_eq!(on(&cloud, OTHER).await, [id], "{refuses}");
    }
}
