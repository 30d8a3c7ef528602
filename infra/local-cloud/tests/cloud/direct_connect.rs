//! Direct Connect's partner side, as it is on the wire.

use std::{collections::BTreeSet, time::Duration};

use crate::wire::{ALLOCATE, DELETE, DESCRIBE, PARENT, call, cloud, ok, order, refused, response};
use local_cloud::{Clock, Cloud, Parent, Progress};
use serde_json::{Value, json};

#[tokio::test]
async fn an_allocation_answers_with_every_member_of_a_connection() {
    let cloud = cloud();
    let mut order = order(101);
    order["connectionId"] = json!("dxlag-ffabc789");
    order["tags"] = json!([{"key": "team", "value": "blue"}, {"key": "bare"}]);
    let connection = ok(&cloud, ALLOCATE, order).await;

    assert_eq!(connection.as_object().unwrap().len(), 29);
    assert_eq!(connection["connectionState"], "ordering");
    assert_eq!(connection["lagId"], "dxlag-ffabc789");
    assert_eq!(
        connection["tags"],
        json!([{"key": "team", "value": "blue"}, {"key": "bare"}])
    );
    let id = connection["connectionId"].as_str().unwrap();
    assert!(id.starts_with("dxcon-") && id.len() == 14, "{id}");
}

#[tokio::test]
async fn the_partner_cannot_read_the_tags_afterwards() {
    let cloud = cloud();
    let mut order = order(101);
    order["tags"] = json!([{"key": "team"}]);
    ok(&cloud, ALLOCATE, order).await;
    let page = ok(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    assert_eq!(page["connections"][0].get("tags"), None);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_ids() {
    let mut ids = Vec::new();
    for seed in [7, 7, 8] {
        let cloud = Cloud::builder().seed(seed).build().unwrap();
        ids.push(ok(&cloud, ALLOCATE, order(101)).await["connectionId"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

#[tokio::test]
async fn errors_are_all_status_400_and_told_apart_by_their_code() {
    let cloud = cloud();
    let with = |member: &str, value: Value| {
        let mut order = order(101);
        order[member] = value;
        order
    };
    let tags = |count: usize| -> Value {
        (0..count)
            .map(|n| json!({"key": format!("k{n}")}))
            .collect()
    };
    for (order, code) in [
        (
            with("connectionId", json!("dxcon-nosuch00")),
            "DirectConnectClientException",
        ),
        (
            with("ownerAccount", json!("12")),
            "DirectConnectClientException",
        ),
        (
            with("bandwidth", json!("51Mbps")),
            "DirectConnectClientException",
        ),
        (with("vlan", json!(4095)), "DirectConnectClientException"),
        (with("vlan", json!(0)), "DirectConnectClientException"),
        (with("tags", tags(51)), "TooManyTagsException"),
        (
            with("tags", json!([{"key": "a"}, {"key": "a"}])),
            "DuplicateTagKeysException",
        ),
    ] {
        let response = response(&cloud, ALLOCATE, &order).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["x-amzn-errortype"], code);
        assert!(response.headers().contains_key("x-amzn-requestid"));
    }
    assert!(cloud.connections().is_empty());
}

#[tokio::test]
async fn a_vlan_is_sold_once_while_its_connection_lives() {
    let cloud = cloud();
    let first = ok(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(
        refused(&cloud, ALLOCATE, order(101)).await,
        "DirectConnectClientException"
    );

    cloud
        .decline(first["connectionId"].as_str().unwrap())
        .unwrap();
    ok(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(cloud.living_connections(PARENT).len(), 1);
    assert_eq!(cloud.most_living(PARENT, 101), 1);
}

#[tokio::test]
async fn without_vlan_uniqueness_the_crowd_is_counted() {
    let cloud = Cloud::builder().vlan_uniqueness(false).build().unwrap();
    ok(&cloud, ALLOCATE, order(101)).await;
    let second = ok(&cloud, ALLOCATE, order(101)).await;
    cloud
        .delete(second["connectionId"].as_str().unwrap())
        .unwrap();
    assert_eq!(cloud.living_connections(PARENT).len(), 1);
    assert_eq!(cloud.most_living(PARENT, 101), 2);
}

#[tokio::test]
async fn a_parent_sells_no_more_than_it_has() {
    let cloud = Cloud::builder()
        .parents([
            Parent::interconnect(PARENT, "1Gbps"),
            Parent::lag("dxlag-closed00", "10Gbps", 2).closed(),
        ])
        .build()
        .unwrap();
    let big = |vlan| {
        let mut order = order(vlan);
        order["bandwidth"] = json!("500Mbps");
        order
    };
    ok(&cloud, ALLOCATE, big(1)).await;
    ok(&cloud, ALLOCATE, big(2)).await;
    assert_eq!(
        refused(&cloud, ALLOCATE, order(3)).await,
        "DirectConnectClientException"
    );

    let mut closed = order(4);
    closed["connectionId"] = json!("dxlag-closed00");
    assert_eq!(
        refused(&cloud, ALLOCATE, closed).await,
        "DirectConnectClientException"
    );
}

#[tokio::test]
async fn pages_hold_a_hundred_and_lose_and_repeat_nothing_while_connections_come() {
    let cloud = cloud();
    for vlan in 1..=250 {
        cloud
            .insert_connection(PARENT, vlan, "222222222222", "50Mbps", "x")
            .unwrap();
        cloud
            .insert_connection("dxcon-ffabc456", vlan, "222222222222", "50Mbps", "y")
            .unwrap();
    }
    let mut seen = BTreeSet::new();
    let mut request = json!({"connectionId": PARENT, "maxResults": 5000});
    let mut sizes = Vec::new();
    loop {
        let page = ok(&cloud, DESCRIBE, request.clone()).await;
        let connections = page["connections"].as_array().unwrap();
        sizes.push(connections.len());
        for connection in connections {
            assert!(
                seen.insert(connection["vlan"].as_u64().unwrap()),
                "repeated"
            );
        }
        if sizes.len() == 1 {
            cloud
                .insert_connection(PARENT, 300, "222222222222", "50Mbps", "late")
                .unwrap();
        }
        match page.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(sizes, [100, 100, 51]);
    assert_eq!(seen.len(), 251);
}

#[tokio::test]
async fn a_token_that_was_not_given_out_for_this_parent_is_refused() {
    let cloud = Cloud::builder().page_limit(1).build().unwrap();
    for vlan in 1..=2 {
        ok(&cloud, ALLOCATE, order(vlan)).await;
    }
    let page = ok(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    let token = page["nextToken"].clone();
    for request in [
        json!({"connectionId": "dxcon-ffabc456", "nextToken": token}),
        json!({"connectionId": PARENT, "nextToken": "00000001ffff"}),
        json!({"connectionId": PARENT, "nextToken": "é"}),
        json!({"connectionId": PARENT, "maxResults": 0}),
    ] {
        assert_eq!(
            refused(&cloud, DESCRIBE, request).await,
            "DirectConnectClientException"
        );
    }
}

#[tokio::test]
async fn a_childs_id_is_no_parent() {
    let cloud = cloud();
    let child = ok(&cloud, ALLOCATE, order(101)).await["connectionId"].clone();
    let (status, error) = call(&cloud, DESCRIBE, json!({"connectionId": child})).await;
    assert_eq!(status, 400);
    let message = error["message"].as_str().unwrap();
    assert_eq!(
        message,
        format!(
            "123456789012 DescribeHostedConnections failed for connection {} doesn't exist.",
            child.as_str().unwrap()
        )
    );
}

#[tokio::test]
async fn a_deleted_connection_stays_visible_until_it_is_purged() {
    let cloud = cloud();
    let id = ok(&cloud, ALLOCATE, order(101)).await["connectionId"].clone();
    let answer = ok(&cloud, DELETE, json!({"connectionId": id})).await;
    assert_eq!(answer["connectionState"], "deleting");
    let page = ok(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    assert_eq!(page["connections"][0]["connectionState"], "deleted");

    cloud.purge().unwrap();
    let page = ok(&cloud, DESCRIBE, json!({"connectionId": PARENT})).await;
    assert_eq!(page["connections"], json!([]));
    let (_, error) = call(&cloud, DELETE, json!({"connectionId": id})).await;
    let message = format!("Could not find Connection with ID {}", id.as_str().unwrap());
    assert_eq!(error["message"], message);
}

#[tokio::test(start_paused = true)]
async fn connections_move_on_by_themselves_when_told_to() {
    let cloud = Cloud::builder()
        .clock(Clock::following_tokio(std::time::SystemTime::UNIX_EPOCH))
        .progress(Progress {
            confirmed_after: Some(Duration::from_secs(60)),
            available_after: Some(Duration::from_secs(30)),
            deleted_after: None,
        })
        .build()
        .unwrap();
    ok(&cloud, ALLOCATE, order(101)).await;
    let mut states = Vec::new();
    for _ in 0..4 {
        states.push(cloud.connections()[0].state.clone());
        tokio::time::advance(Duration::from_secs(30)).await;
    }
    assert_eq!(states, ["ordering", "ordering", "pending", "available"]);
}
