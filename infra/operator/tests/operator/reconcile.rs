//! `operator reconcile`.

use serde_json::json;

use crate::site::{PARENT, Site, minutes, order};

#[tokio::test]
async fn a_parent_on_which_all_agrees_ends_with_nought() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3)).await;
    let told = site.run(&["reconcile", PARENT]).await;
    assert_eq!(told.status, 0, "{told:?}");
    let words = told.words();
    assert!(words.contains("dxcon-ffabc123: 1 VLAN in use, 1 with order and connection, 0 without a connection yet. 100 Mbps sold; no limit is set."), "{words}");
    assert!(
        words.contains("the table and Direct Connect agree"),
        "{words}"
    );
}

#[tokio::test]
async fn orphans_and_ghosts_are_told_and_end_with_one() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let ghost = site.cloud.connections()[0].id.clone();
    site.cloud.set_state(&ghost, "deleted").unwrap();
    site.cloud.purge().unwrap();
    let orphan = site
        .cloud
        .insert_connection(PARENT, 7, "999999999999", "50Mbps", "x")
        .unwrap();

    let (status, seen) = site.run_json(&["reconcile", PARENT]).await;
    assert_eq!(status, 1);
    assert_eq!(seen["orphans"][0]["connectionId"], orphan.id.as_str());
    assert_eq!(
        seen["ghosts"],
        json!([{"idempotencyKey": "order-1", "vlan": 101, "connectionId": ghost}])
    );
    assert_eq!(seen["unfinished"], json!([]));
    let told = site.run(&["reconcile", PARENT]).await;
    assert_eq!(told.status, 1);
    let words = told.words();
    assert!(
        words.contains("orphan: no order in this table made it"),
        "{words}"
    );
    assert!(words.contains("ghost: the order has it"), "{words}");
    assert_eq!(
        site.cloud.living_connections(PARENT).len(),
        1,
        "nothing is mended"
    );
}

#[tokio::test]
async fn what_is_unfinished_is_finished_only_when_told_to_and_only_on_that_parent() {
    let site = Site::new().await;
    site.claim_and_die(&order("order-1", 101), minutes(10))
        .await;
    let mut elsewhere = order("elsewhere", 101);
    elsewhere["connectionId"] = "dxlag-ffabc789".into();
    site.claim_and_die(&elsewhere, minutes(10)).await;
    for _ in 0..2 {
        let (status, seen) = site.run_json(&["reconcile", PARENT]).await;
        assert_eq!(status, 1);
        assert_eq!(seen["unfinished"][0]["idempotencyKey"], "order-1");
        assert_eq!(seen["inProgress"], json!(["order-1"]));
    }
    assert!(site.cloud.connections().is_empty());

    let (status, seen) = site.run_json(&["reconcile", PARENT, "--finish"]).await;
    assert_eq!(status, 0, "{seen}");
    assert_eq!(
        seen["finished"],
        json!({"finished": 1, "unfinished": 0, "stuck": [], "quarantined": []})
    );
    assert_eq!(seen["vlans"][0]["idempotencyKey"], "order-1");
    let made = site.cloud.connections();
    assert_eq!((made.len(), made[0].parent.as_str()), (1, PARENT));
    assert_eq!(site.cloud.events().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_finished_is_told_with_its_reason() {
    let site = Site::new().await;
    site.claim_and_die(&order("order-1", 101), minutes(60))
        .await;
    site.cloud
        .inject("throttle@AllocateHostedConnection+always".parse().unwrap());
    let told = site.run(&["reconcile", PARENT, "--finish"]).await;
    assert_eq!(told.status, 1);
    let words = told.words();
    assert!(
        words.contains("Finished 0 orders; 1 still unfinished, 0 quarantined."),
        "{words}"
    );
    assert!(
        words.contains("Throttled: AWS asks for fewer requests."),
        "{words}"
    );
}

#[tokio::test]
async fn a_parent_that_is_not_ours_or_is_none_ends_with_two() {
    let site = Site::new().await;
    let told = site.run(&["reconcile", "dxcon-nothere1"]).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err
            .contains("Direct Connect shows no such interconnect or LAG"),
        "{told:?}"
    );
    assert_eq!(site.run(&["reconcile", "dxvif-1"]).await.status, 2);
}

#[tokio::test]
async fn without_a_parent_all_of_them_are_looked_at() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let mut elsewhere = order("elsewhere", 101);
    elsewhere["connectionId"] = "dxlag-ffabc789".into();
    site.claim_and_die(&elsewhere, minutes(10)).await;
    let (status, seen) = site.run_json(&["reconcile"]).await;
    assert_eq!(status, 1, "{seen}");
    let parents = seen["parents"].as_array().unwrap().iter();
    let ids: Vec<_> = parents
        .map(|parent| parent["parentConnectionId"].as_str().unwrap())
        .collect();
    let all: Vec<_> = site
        .cloud
        .parents()
        .iter()
        .map(|parent| parent.id.clone())
        .collect();
    assert_eq!(ids, all);
    let told = site.run(&["reconcile"]).await;
    for id in ids {
        assert!(told.out.contains(id), "{id} in {}", told.out);
    }
    assert_eq!(site.run(&["reconcile", "--finish"]).await.status, 0);
    assert_eq!(site.cloud.connections().len(), 2);
}

#[tokio::test]
async fn a_connection_on_the_vlan_of_an_unfinished_order_is_shown_beside_it() {
    let site = Site::new().await;
    site.claim_and_die(&order("order-1", 101), minutes(10))
        .await;
    let made = site
        .cloud
        .insert_connection(PARENT, 101, "111122223333", "100Mbps", "Example Corp")
        .unwrap();
    let told = site.run(&["reconcile", PARENT]).await;
    assert_eq!(told.status, 1);
    let words = told.words();
    assert!(
        words.contains(&format!("101 order-1 {} the order is unfinished", made.id)),
        "{words}"
    );
    let (_, seen) = site.run_json(&["reconcile", PARENT]).await;
    assert_eq!(
        seen["unfinished"][0]["connectionOnItsVlan"]["connectionId"],
        made.id.as_str()
    );
}

#[tokio::test]
async fn a_connection_that_was_moved_by_hand_is_neither_ghost_nor_orphan() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let id = site.cloud.connections()[0].id.clone();
    let to = "dxlag-ffabc789";
    site.cloud.move_connection(&id, to).unwrap();
    let (status, seen) = site.run_json(&["reconcile"]).await;
    assert_eq!(status, 1, "{seen}");
    let lists = site.cloud.count("DescribeLags");
    assert_eq!(lists, 2, "to know all parents, and once for both views");
    for parent in seen["parents"].as_array().unwrap() {
        assert_eq!(parent["orphans"], json!([]), "{parent}");
        assert_eq!(parent["ghosts"], json!([]), "{parent}");
    }
    for (parent, way) in [
        (PARENT, format!("moved to {to}")),
        (to, format!("moved from {PARENT}")),
    ] {
        let told = site.run(&["reconcile", parent]).await;
        assert_eq!(told.status, 1);
        let words = told.words();
        // The column is narrow: how its text goes on is on the next line.
        let row = format!("101 order-1 {id} {way};");
        assert!(words.contains(&row), "{words}");
    }
    let told = site.run(&["explain", "order-1"]).await.words();
    let moved = format!("Direct Connect shows the connection on {to} now.");
    assert!(told.contains(&moved), "{told}");
}
