//! What DescribeHostedConnections shows of what there is, where the real one may show it later, otherwise or not at all.

use std::time::{Duration, SystemTime};

use crate::wire::{ALLOCATE, DELETE, DESCRIBE, PARENT, cloud, ok, order, refused};
use local_cloud::{Builder, Clock, Cloud, Pages};
use serde_json::{Value, json};

const LAG: &str = "dxlag-ffabc789";

/// A builder whose time is tokio's.
fn following_tokio() -> Builder {
    Cloud::builder().clock(Clock::following_tokio(SystemTime::UNIX_EPOCH))
}

fn insert(cloud: &Cloud, vlan: u16) -> String {
    let made = cloud.insert_connection(PARENT, vlan, "222222222222", "50Mbps", "x");
    made.unwrap().id
}

async fn list(cloud: &Cloud, parent: &str) -> Vec<Value> {
    let page = ok(cloud, DESCRIBE, json!({"connectionId": parent})).await;
    page["connections"].as_array().unwrap().clone()
}

async fn states(cloud: &Cloud) -> Vec<Value> {
    let shown = list(cloud, PARENT).await;
    let states = shown.iter().map(|one| one["connectionState"].clone());
    states.collect()
}

/// VLANs by page, with something done after the first.
async fn vlans_while(cloud: &Cloud, change: impl FnOnce()) -> Vec<Vec<u64>> {
    let (mut request, mut pages) = (json!({"connectionId": PARENT}), Vec::new());
    let mut change = Some(change);
    loop {
        let page = ok(cloud, DESCRIBE, request.clone()).await;
        let connections = page["connections"].as_array().unwrap();
        let vlan = |one: &Value| one["vlan"].as_u64().unwrap();
        pages.push(connections.iter().map(vlan).collect());
        if let Some(change) = change.take() {
            change();
        }
        match page.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn an_answer_leaves_out_what_it_is_told_to() {
    let cloud = Cloud::builder()
        .allocate_leaves_out(&["vlan", "ownerAccount"])
        .list_leaves_out(&["bandwidth", "connectionState", "connectionName"])
        .build()
        .unwrap();
    let made = ok(&cloud, ALLOCATE, order(101)).await;
    let shown = &list(&cloud, PARENT).await[0];
    for (member, in_answer, in_list) in [
        ("vlan", false, true),
        ("ownerAccount", false, true),
        ("bandwidth", true, false),
        ("connectionState", true, false),
        ("connectionName", true, false),
        ("connectionId", true, true),
    ] {
        assert_eq!(made.get(member).is_some(), in_answer, "{member}");
        assert_eq!(shown.get(member).is_some(), in_list, "{member}");
    }
}

#[tokio::test]
async fn pages_by_position_repeat_a_connection_when_another_is_added() {
    for (pages, expected) in [
        (Pages::Stable, vec![vec![1, 2], vec![3, 4], vec![9]]),
        (Pages::ByPosition, vec![vec![4, 3], vec![3, 2], vec![1]]),
    ] {
        let cloud = Cloud::builder().pages(pages).page_limit(2).build().unwrap();
        (1..=4).for_each(|vlan| drop(insert(&cloud, vlan)));
        let seen = vlans_while(&cloud, || drop(insert(&cloud, 9))).await;
        assert_eq!(seen, expected, "{pages:?}");
    }
}

#[tokio::test]
async fn pages_by_position_skip_a_connection_when_another_is_deleted() {
    for (pages, expected) in [
        (Pages::Stable, vec![vec![1, 2], vec![3, 4]]),
        // VLAN 2 lives all along and is not seen.
        (Pages::ByPosition, vec![vec![4, 3], vec![1, 4]]),
    ] {
        let cloud = Cloud::builder().pages(pages).page_limit(2).build().unwrap();
        let ids: Vec<_> = (1..=4).map(|vlan| insert(&cloud, vlan)).collect();
        let seen = vlans_while(&cloud, || cloud.delete(&ids[3]).unwrap()).await;
        assert_eq!(seen, expected, "{pages:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_connection_is_there_before_it_is_shown() {
    let cloud = following_tokio()
        .visible_after(Duration::from_secs(20))
        .build()
        .unwrap();
    let made = ok(&cloud, ALLOCATE, order(101)).await;
    tokio::time::advance(Duration::from_secs(19)).await;
    assert_eq!(states(&cloud).await, Vec::<Value>::new());
    refused(&cloud, ALLOCATE, order(101)).await;
    assert_eq!(cloud.living_connections(PARENT).len(), 1);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(states(&cloud).await, ["ordering"]);

    // It can be deleted by who knows its id, and is never shown living.
    let unseen = ok(&cloud, ALLOCATE, order(102)).await;
    let id = json!({"connectionId": unseen["connectionId"]});
    ok(&cloud, DELETE, id).await;
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(states(&cloud).await, ["ordering", "deleted"]);
    assert_ne!(made["connectionId"], unseen["connectionId"]);
}

#[tokio::test(start_paused = true)]
async fn a_stale_list_shows_states_as_they_were() {
    let cloud = following_tokio().stale_for(Duration::from_secs(10));
    let cloud = cloud.build().unwrap();
    let second = || tokio::time::advance(Duration::from_secs(1));
    let id = insert(&cloud, 101);
    for _ in 0..10 {
        assert_eq!(states(&cloud).await, Vec::<Value>::new());
        second().await;
    }
    assert_eq!(states(&cloud).await, ["ordering"]);
    cloud.confirm(&id).unwrap();
    second().await;
    ok(&cloud, DELETE, json!({"connectionId": id})).await;
    tokio::time::advance(Duration::from_secs(8)).await;
    assert_eq!(states(&cloud).await, ["ordering"]);
    second().await;
    assert_eq!(states(&cloud).await, ["pending"]);
    second().await;
    assert_eq!(states(&cloud).await, ["deleted"]);
    // What is forgotten goes on being shown too.
    cloud.purge().unwrap();
    tokio::time::advance(Duration::from_secs(9)).await;
    assert_eq!(states(&cloud).await, ["deleted"]);
    second().await;
    assert_eq!(states(&cloud).await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn a_stale_list_shows_a_connection_where_it_was() {
    let cloud = following_tokio().stale_for(Duration::from_secs(10));
    let cloud = cloud.build().unwrap();
    let id = insert(&cloud, 101);
    tokio::time::advance(Duration::from_secs(10)).await;
    cloud.join_lag(PARENT, LAG).unwrap();
    for expected in [(1, 0), (0, 1)] {
        let on = (
            list(&cloud, PARENT).await.len(),
            list(&cloud, LAG).await.len(),
        );
        assert_eq!(on, expected);
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    assert_eq!(list(&cloud, LAG).await[0]["connectionId"], id);
}

#[tokio::test]
async fn whether_the_deleted_and_rejected_stay_listed_is_a_switch() {
    for (listed, expected) in [(true, 3), (false, 1)] {
        let cloud = Cloud::builder().deleted_listed(listed).build().unwrap();
        let ids: Vec<_> = (1..=3).map(|vlan| insert(&cloud, vlan)).collect();
        cloud.decline(&ids[0]).unwrap();
        ok(&cloud, DELETE, json!({"connectionId": ids[1]})).await;
        assert_eq!(list(&cloud, PARENT).await.len(), expected);
        assert_eq!(cloud.connections().len(), 3);
    }
}

#[tokio::test]
async fn lists_are_up_to_date_and_whole_unless_told_otherwise() {
    let cloud = cloud();
    let id = insert(&cloud, 101);
    assert_eq!(states(&cloud).await, ["ordering"]);
    cloud.confirm(&id).unwrap();
    assert_eq!(states(&cloud).await, ["pending"]);
}
