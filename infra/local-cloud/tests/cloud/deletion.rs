//! How a hosted connection is taken away, by the partner or with the customer's interfaces still on it.

use std::time::Duration;

use crate::wire::{ALLOCATE, DELETE, DESCRIBE, PARENT, call, cloud, ok, order, refused};
use local_cloud::{Clock, Cloud, CloudError, Progress};
use serde_json::{Value, json};

async fn allocated(cloud: &Cloud, vlan: u16) -> String {
    let connection = ok(cloud, ALLOCATE, order(vlan)).await;
    connection["connectionId"].as_str().unwrap().to_owned()
}

async fn shown(cloud: &Cloud) -> Vec<Value> {
    let page = ok(cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    let connections = page["connections"].as_array().unwrap();
    let state = |connection: &Value| connection["connectionState"].clone();
    connections.iter().map(state).collect()
}

#[tokio::test]
async fn a_partner_can_take_back_what_nobody_has_confirmed_yet() {
    let cloud = cloud();
    let id = allocated(&cloud, 101).await;
    let answer = ok(&cloud, DELETE, json!({"connectionId": id})).await;
    assert_eq!(answer["connectionState"], "deleting");
    assert_eq!(answer["connectionId"], id);
    assert_eq!(answer["vlan"], 101);
    assert_eq!(shown(&cloud).await, ["deleted"]);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_takes_as_long_as_it_is_told_to_and_holds_the_vlan_until_then() {
    let cloud = Cloud::builder()
        .clock(Clock::following_tokio(std::time::SystemTime::UNIX_EPOCH))
        .progress(Progress {
            deleted_after: Some(Duration::from_secs(60)),
            ..Progress::default()
        })
        .build()
        .unwrap();
    let id = allocated(&cloud, 101).await;
    ok(&cloud, DELETE, json!({"connectionId": id})).await;
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(shown(&cloud).await, ["deleting"]);
    refused(&cloud, ALLOCATE, order(101)).await;
    // Asking again neither hurts nor starts anew.
    let again = ok(&cloud, DELETE, json!({"connectionId": id})).await;
    assert_eq!(again["connectionState"], "deleting");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(shown(&cloud).await, ["deleted"]);
    allocated(&cloud, 101).await;
}

#[tokio::test]
async fn a_connection_with_virtual_interfaces_cannot_be_deleted_and_stays_as_it_is() {
    let cloud = cloud();
    let id = allocated(&cloud, 101).await;
    cloud.confirm(&id).unwrap();
    cloud.attach_interface(&id).unwrap();
    cloud.attach_interface(&id).unwrap();
    for _ in 0..2 {
        let request = json!({"connectionId": id});
        let (status, error) = call(&cloud, DELETE, request).await;
        assert_eq!(status, 400);
        assert_eq!(error["__type"], "DirectConnectClientException");
        assert_eq!(shown(&cloud).await, ["pending"]);
        cloud.detach_interface(&id).unwrap();
    }
    ok(&cloud, DELETE, json!({"connectionId": id})).await;
    assert_eq!(shown(&cloud).await, ["deleted"]);
}

#[tokio::test]
async fn virtual_interfaces_need_a_connection_that_its_owner_has_confirmed() {
    let cloud = cloud();
    let id = allocated(&cloud, 101).await;
    let error = cloud.attach_interface(&id).unwrap_err();
    assert!(matches!(error, CloudError::NotAccepted { .. }), "{error}");
    let unknown = cloud.attach_interface("dxcon-nosuch00").unwrap_err();
    assert!(matches!(unknown, CloudError::NoSuchConnection(_)));
}

#[tokio::test]
async fn the_partners_own_ports_are_no_connections_to_delete() {
    let cloud = cloud();
    for id in [PARENT, "dxlag-ffabc789", "dxcon-nosuch00"] {
        let (status, error) = call(&cloud, DELETE, json!({"connectionId": id})).await;
        assert_eq!(status, 400);
        let message = format!("Could not find Connection with ID {id}");
        assert_eq!(error["message"], message);
    }
}

#[tokio::test(start_paused = true)]
async fn whether_a_second_deletion_is_refused_is_a_switch() {
    for (refused, expected) in [(false, 200), (true, 400)] {
        let cloud = Cloud::builder()
            .clock(Clock::following_tokio(std::time::SystemTime::UNIX_EPOCH))
            .progress(Progress {
                deleted_after: Some(Duration::from_secs(60)),
                ..Progress::default()
            })
            .second_delete_refused(refused)
            .build()
            .unwrap();
        let id = json!({"connectionId": allocated(&cloud, 101).await});
        ok(&cloud, DELETE, id.clone()).await;
        for shown_state in ["deleting", "deleted"] {
            assert_eq!(shown(&cloud).await, [shown_state]);
            let (status, answer) = call(&cloud, DELETE, id.clone()).await;
            assert_eq!(status, expected, "{shown_state}");
            if refused {
                assert_eq!(answer["__type"], "DirectConnectClientException");
            }
            tokio::time::advance(Duration::from_secs(60)).await;
        }
    }
}
