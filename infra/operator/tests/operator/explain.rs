//! `operator explain`, end to end; its words are tested beside its source.

use local_cloud::{Cloud, Fault, Parent};
use serde_json::{Value, json};

use crate::site::{PARENT, Site, minutes, order};

#[tokio::test]
async fn a_story_goes_from_the_door_to_what_comes_next() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3)).await;
    let told = site.run(&["explain", "order-1"]).await;
    assert_eq!(told.status, 0);
    let words = told.words();
    let id = &site.cloud.connections()[0].id;
    for part in [
        &format!("order-1: allocated; {id} is ordering"),
        "Received through the queue orders (message m-1): 100Mbps on dxcon-ffabc123, VLAN 101, for 111122223333.",
        &format!("Direct Connect allocated {id} (VLAN 101)."),
        "The event `Hosted Connection Allocated` is published.",
        "What happens next",
        "Its owner has to confirm or decline it",
        "What you should do nothing",
    ] {
        assert!(words.contains(part), "{part} in {}", told.out);
    }
    assert!(
        !told.out.contains('\u{1b}'),
        "no colours where there is no terminal"
    );
}

#[tokio::test]
async fn as_json_a_story_has_the_same_parts() {
    let site = Site::new().await;
    site.cloud
        .inject(Fault::parse("reset-before@AllocateHostedConnection").unwrap());
    site.place(&order("order-1", 101), minutes(30)).await;
    let (status, story) = site.run_json(&["explain", "order-1"]).await;
    assert_eq!(status, 0);
    assert_eq!(story["status"], "unresolved");
    assert!(
        story["headline"]
            .as_str()
            .unwrap()
            .starts_with("stuck for 30 min"),
        "{story}"
    );
    assert_eq!(story["story"].as_array().unwrap().len(), 2);
    assert!(story["story"][1]["at"].is_string());
    assert!(
        story["next"][0]
            .as_str()
            .unwrap()
            .contains("The settle time of 30 s is over"),
        "{story}"
    );
    assert!(
        story["advice"][2]
            .as_str()
            .unwrap()
            .contains("operator reconcile dxcon-ffabc123 --finish"),
        "{story}"
    );
    // The settings are those of the environment.
    let mut patient = site.command(&["--json", "explain", "order-1"]);
    patient
        .env("SETTLE_SECONDS", "3600")
        .env("STUCK_AFTER_SECONDS", "7200");
    let story: serde_json::Value =
        serde_json::from_str(&crate::site::finish(patient).await.out).unwrap();
    assert!(
        story["headline"]
            .as_str()
            .unwrap()
            .starts_with("the outcome of its call"),
        "{story}"
    );
    assert!(
        story["next"][0]
            .as_str()
            .unwrap()
            .contains("when the settle time of 1 h is over"),
        "{story}"
    );
}

#[tokio::test]
async fn a_connection_that_direct_connect_no_longer_shows_is_told_with_what_to_do() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let id = site.cloud.connections()[0].id.clone();
    site.cloud.set_state(&id, "deleted").unwrap();
    site.cloud.purge().unwrap();
    let told = site.run(&["explain", "order-1"]).await;
    let words = told.words();
    assert!(
        words.contains(&format!(
            "order-1: allocated; Direct Connect no longer shows {id}"
        )),
        "{words}"
    );
    assert!(words.contains("operator release order-1"), "{words}");
    assert!(!words.contains("has to confirm"), "{words}");
    // What is advised ends it.
    assert_eq!(site.run(&["release", "order-1"]).await.status, 0);
    let words = site.run(&["explain", "order-1"]).await.words();
    assert!(
        words.contains("Connection deleted; release complete."),
        "{words}"
    );
}

#[tokio::test]
async fn a_new_connection_that_is_not_shown_is_to_be_looked_for_again() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(0)).await;
    let id = site.cloud.connections()[0].id.clone();
    site.cloud.set_state(&id, "deleted").unwrap();
    site.cloud.purge().unwrap();
    let words = site.run(&["explain", "order-1"]).await.words();
    for told in [
        format!("Direct Connect does not show {id} at this moment"),
        "Run `operator explain order-1` again".to_owned(),
    ] {
        assert!(words.contains(&told), "{words}");
    }
}

#[tokio::test]
async fn a_lost_answer_and_how_the_connection_was_found_are_told() {
    let site = Site::new().await;
    let fault = "apply-then-reset@AllocateHostedConnection";
    site.cloud.inject(fault.parse().unwrap());
    site.place(&order("order-1", 101), minutes(3)).await;
    let words = site.run(&["explain", "order-1"]).await.words();
    assert!(words.contains("was adopted after a lost answer"), "{words}");
}

#[tokio::test]
async fn an_owner_who_stays_silent_is_something_to_do() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3 * 24 * 60))
        .await;
    let words = site.run(&["explain", "order-1"]).await.words();
    assert!(
        words.contains("Ask the owner, account 111122223333, to accept"),
        "{words}"
    );
    let id = site.cloud.connections()[0].id.clone();
    site.cloud.set_state(&id, "available").unwrap();
    let words = site.run(&["explain", "order-1"]).await.words();
    assert!(
        words.contains(&format!("order-1: allocated; {id} is available")),
        "{words}"
    );
    assert!(
        words.contains("What you should do nothing"),
        "the record is older: {words}"
    );
}

#[tokio::test]
async fn an_unfinished_order_whose_connection_may_be_elsewhere_is_told_where_and_what_decides() {
    let site = Site::new().await;
    let parsed = |fault: &str| Fault::parse(fault).unwrap();
    site.cloud
        .inject(parsed("apply-then-reset@AllocateHostedConnection"));
    site.cloud
        .inject(parsed("reset-before@DescribeHostedConnections").always());
    site.place(&order("order-1", 101), minutes(1)).await;
    site.cloud.clear_faults();
    let id = site.cloud.connections()[0].id.clone();
    site.cloud.move_connection(&id, "dxlag-ffabc789").unwrap();
    let (status, story) = site.run_json(&["explain", "order-1"]).await;
    assert_eq!((status, &story["status"]), (0, &"unresolved".into()));
    assert_eq!(story["directConnect"]["lookAlike"], id.as_str());
    let next = story["next"][0].as_str().unwrap();
    assert!(
        next.contains("No call is made") && next.contains(&id),
        "{story}"
    );
    let advice = story["advice"][0].as_str().unwrap();
    for part in [
        &format!("dxlag-ffabc789 shows {id}"),
        &format!("--connection-id {id} --parent-connection-id {PARENT}"),
        "operator resolve order-1 --reject REASON",
    ] {
        assert!(advice.contains(part), "{part} in {story}");
    }
    // Moved back, it is adopted by the next run, and a person has nothing to do.
    site.cloud.move_connection(&id, PARENT).unwrap();
    let (_, story) = site.run_json(&["explain", "order-1"]).await;
    assert_eq!(story["directConnect"], serde_json::Value::Null);
    assert_eq!(story["advice"], serde_json::json!([]));
}

/// An order at the location of both parents.
fn by_place(key: &str, bandwidth: &str, apart_from: Option<&str>) -> Value {
    let mut placement = json!({"location": "EqDC2"});
    if let Some(other) = apart_from {
        placement["diverseFrom"] = json!({"idempotencyKey": other, "by": "device"});
    }
    json!({"idempotencyKey": key, "placement": placement, "ownerAccount": "111122223333", "bandwidth": bandwidth,
        "connectionName": "Example Corp"})
}

#[tokio::test]
async fn an_order_by_place_is_told_with_why_it_got_its_parent_or_why_it_got_none() {
    let there = |id, bandwidth, device| {
        let parent = Parent::interconnect(id, bandwidth);
        parent.at("EqDC2").on_device(device)
    };
    let parents = [
        there("dxcon-aaaaaaaa", "10Gbps", "d1"),
        there("dxcon-bbbbbbbb", "1Gbps", "d2"),
    ];
    let cloud = Cloud::builder().parents(parents).build().unwrap();
    let site = Site::serving(cloud).await;
    for (key, bandwidth, apart_from, told) in [
        (
            "order-1",
            "500Mbps",
            None,
            &[
                "500Mbps on dxcon-aaaaaaaa, chosen for location EqDC2, any VLAN",
                "dxcon-aaaaaaaa was chosen: 95.00 % (9500 of 10000 Mbps) are free after the order, the most of 2 \
                 candidates.",
            ][..],
        ),
        (
            "order-2",
            "500Mbps",
            Some("order-1"),
            &[
                "chosen for location EqDC2 (apart from order-1 by device)",
                "dxcon-bbbbbbbb was chosen: 50.00 % (500 of 1000 Mbps) are free after the order, the most of 1 \
                 candidate.",
            ],
        ),
        (
            "order-3",
            "2Gbps",
            Some("order-1"),
            &[
                "2Gbps at location EqDC2",
                "dxcon-aaaaaaaa NotDiverse: It is on d1, the device of the order to be kept apart from.",
                "dxcon-bbbbbbbb CapacityExceeded: 2000 Mbps were asked for, and the parent has 1000 Mbps left to sell.",
            ],
        ),
    ] {
        site.place(&by_place(key, bandwidth, apart_from), minutes(0))
            .await;
        let words = site.run(&["explain", key]).await.words();
        for part in told {
            assert!(words.contains(part), "{part} in {words}");
        }
    }
    let words = site.run(&["get", "order-3"]).await.words();
    assert!(words.contains("dxcon-aaaaaaaa NotDiverse"), "{words}");
}
