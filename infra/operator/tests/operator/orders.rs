//! `operator get` and `operator list`.

use serde_json::{Value, json};

use crate::site::{PARENT, Site, minutes, order};

fn keys(document: &Value) -> Vec<&str> {
    let allocations = document["allocations"].as_array().unwrap();
    let keys = allocations
        .iter()
        .map(|allocation| allocation["idempotencyKey"].as_str().unwrap());
    keys.collect()
}

#[tokio::test]
async fn a_record_is_shown_with_its_claim_and_history() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3)).await;
    let (status, shown) = site.run_json(&["get", "order-1"]).await;
    assert_eq!(status, 0);
    assert_eq!(shown["status"], "allocated");
    assert_eq!(shown["request"]["connectionName"], "Example Corp");
    assert_eq!(
        shown["connection"]["connectionId"],
        site.cloud.connections()[0].id.as_str()
    );
    assert_eq!(
        (&shown["unfinished"], &shown["published"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(shown["claim"]["attempts"], 1);
    assert_eq!(shown["claim"].get("leaseExpiresAt"), None, "it is final");
    assert_eq!(shown["history"][1]["what"], "allocated");

    site.claim_and_die(&order("order-2", 102), minutes(0)).await;
    let (_, shown) = site.run_json(&["get", "order-2"]).await;
    assert_eq!(
        (&shown["status"], &shown["unfinished"]),
        (&json!("inProgress"), &json!(true))
    );
    assert!(shown["claim"]["leaseExpiresAt"].is_string(), "{shown}");

    let told = site.run(&["get", "order-1"]).await;
    assert_eq!(told.status, 0);
    let words = told.words();
    for part in [
        "status allocated",
        "requested 100Mbps on dxcon-ffabc123, VLAN 101, for 111122223333 (Example Corp)",
        "received through the queue orders (message m-1)",
        "event published",
    ] {
        assert!(words.contains(part), "{part} in {words}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_there_ends_with_one_and_a_key_that_is_none_with_two() {
    let site = Site::new().await;
    for command in ["get", "explain"] {
        let (status, document) = site.run_json(&[command, "nobody"]).await;
        assert_eq!(
            (status, document),
            (1, json!({"idempotencyKey": "nobody", "found": false}))
        );
        let told = site.run(&[command, "nobody"]).await;
        assert_eq!(told.status, 1);
        assert!(
            told.words()
                .contains("There is no order with the key nobody in table allocations"),
            "{told:?}"
        );
        assert_eq!(site.run(&[command, "two words"]).await.status, 2);
        assert_eq!(site.run(&[command]).await.status, 2);
    }
}

#[tokio::test]
async fn a_table_that_cannot_be_read_ends_with_two_and_says_why() {
    let site = Site::new().await;
    let fault = "error(400,AccessDeniedException)@GetItem+always"
        .parse()
        .unwrap();
    site.cloud.inject(fault);
    let told = site.run(&["get", "order-1"]).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("AccessDeniedException") && told.err.contains("operator doctor"),
        "{told:?}"
    );
    assert!(told.out.is_empty());
}

#[tokio::test]
async fn lists_are_of_a_parent_of_a_state_or_of_what_is_unfinished() {
    let site = Site::new().await;
    site.place(&order("done", 101), minutes(30)).await;
    site.place(&order("refused", 101), minutes(20)).await;
    site.claim_and_die(&order("dead", 103), minutes(10)).await;
    site.claim_and_die(&order("alive", 104), minutes(0)).await;
    let mut elsewhere = order("elsewhere", 101);
    elsewhere["connectionId"] = "dxlag-ffabc789".into();
    site.place(&elsewhere, minutes(5)).await;

    let (status, all) = site.run_json(&["list"]).await;
    assert_eq!(
        (status, keys(&all).len(), &all["more"]),
        (0, 5, &json!(false))
    );
    let (_, on_parent) = site.run_json(&["list", "--parent", PARENT]).await;
    assert_eq!(
        keys(&on_parent),
        ["alive", "dead", "refused", "done"],
        "newest first"
    );
    let (_, few) = site
        .run_json(&["list", "--parent", PARENT, "--most", "2"])
        .await;
    assert_eq!(
        (keys(&few), &few["more"]),
        (vec!["alive", "dead"], &json!(true))
    );
    let (_, rejected) = site.run_json(&["list", "--state", "rejected"]).await;
    assert_eq!(keys(&rejected), ["refused"]);
    let (_, unfinished) = site.run_json(&["list", "--unfinished"]).await;
    assert_eq!(keys(&unfinished), ["dead"], "somebody is at the other");
    let other = ["list", "--unfinished", "--parent", "dxlag-ffabc789"];
    let (status, none) = site.run_json(&other).await;
    assert_eq!((status, keys(&none).len()), (0, 0));

    let told = site.run(&["list", "--parent", PARENT]).await;
    assert!(
        told.words().contains("refused rejected dxcon-ffabc123"),
        "{}",
        told.out
    );
    assert!(told.words().contains("20 min ago"), "{}", told.out);
    assert_eq!(site.run(&["list", "--state", "lost"]).await.status, 2);
}
