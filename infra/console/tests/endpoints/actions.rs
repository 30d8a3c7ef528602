//! Actions: each is asked about on a page that names what will be done, and then done by the functions' own code.

use crate::site::{PARENT, Site, order};

#[tokio::test(start_paused = true)]
async fn an_action_is_asked_about_and_then_done() {
    let site = Site::new(false, true);
    site.place(&order("order-1", 101, "Example Corp")).await;
    site.until("/", "order-1").await;
    let asked = site.get("/console/confirm?do=release&key=order-1").await;
    assert_eq!(asked.status, 200);
    assert!(
        asked.body.contains("cannot be undone") && asked.body.contains("a test"),
        "{}",
        asked.body
    );
    assert_eq!(site.cloud.living_on(PARENT).len(), 1);
    let done = site
        .post("/console/act", &[("do", "release"), ("key", "order-1")])
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(site.cloud.living_on(PARENT).len(), 0);
    let none = site
        .post(
            "/console/act",
            &[("do", "release"), ("key", "no-such-order")],
        )
        .await;
    assert_eq!(none.status, 409, "{}", none.body);
    let policy = r#"{"bandwidthLimitMbps":1000,"reservedVlans":[5]}"#;
    let done = site
        .post(
            "/console/act",
            &[("do", "policy"), ("parent", PARENT), ("policy", policy)],
        )
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    site.until(
        "/console/vlan?parent=dxcon-ffabc123&vlan=5",
        "reserved by policy",
    )
    .await;
    let done = site
        .post("/console/act", &[("do", "finish"), ("parent", PARENT)])
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    let missing = site
        .post(
            "/console/act",
            &[
                ("do", "policy"),
                ("parent", "dxcon-nosuch00"),
                ("policy", "{}"),
            ],
        )
        .await;
    assert_eq!(missing.status, 409, "{}", missing.body);
    let wrong = site.post("/console/act", &[("do", "explode")]).await;
    assert_eq!(wrong.status, 400);
}

#[tokio::test(start_paused = true)]
async fn orphans_are_named_and_then_adopted() {
    let site = Site::new(false, true);
    let made = site
        .cloud
        .insert_connection(PARENT, 7, "111122223333", "50Mbps", "<b>old</b>");
    let id = made.unwrap().id;
    site.until("/", PARENT).await;
    let asked = site
        .get("/console/confirm?do=adopt&parent=dxcon-ffabc123")
        .await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert!(
        asked.body.contains(&id) && asked.body.contains("1 connection would be adopted"),
        "{}",
        asked.body
    );
    assert_eq!(
        site.get(&format!("/console/order?key={id}")).await.status,
        404
    );
    let done = site
        .post("/console/act", &[("do", "adopt"), ("parent", PARENT)])
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("1 connection"), "{}", done.body);
    assert_eq!(
        site.get(&format!("/console/order?key={id}")).await.status,
        200
    );
    let missing = site
        .post(
            "/console/act",
            &[("do", "adopt"), ("parent", "dxcon-nosuch00")],
        )
        .await;
    assert_eq!(missing.status, 409, "{}", missing.body);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_moved_and_an_order_that_never_ends_is_rejected() {
    let site = Site::new(false, true);
    site.place(&order("order-1", 101, "Example Corp")).await;
    let fault = "throttle@AllocateHostedConnection+always";
    site.cloud.inject(local_cloud::Fault::parse(fault).unwrap());
    site.place(&order("order-2", 102, "Example Corp")).await;
    let page = site
        .until("/console/order?key=order-1", "dxlag-ffabc789")
        .await;
    assert!(page.body.contains("Move…"), "{}", page.body);
    let to = "dxcon-ffabc456";
    let asked = site
        .get("/console/confirm?do=move&key=order-1&parent=dxcon-ffabc456")
        .await;
    assert!(asked.body.contains("interrupted"), "{}", asked.body);
    let done = site
        .post(
            "/console/act",
            &[("do", "move"), ("key", "order-1"), ("parent", to)],
        )
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(site.cloud.living_on(to).len(), 1);
    let page = site.get("/console/order?key=order-2").await;
    let asked = site
        .get("/console/confirm?do=reject&key=order-2&reason=%3Cb%3Egiven%20up")
        .await;
    assert!(asked.body.contains("&lt;b&gt;given up"), "{}", asked.body);
    let done = site
        .post(
            "/console/act",
            &[("do", "reject"), ("key", "order-2"), ("reason", "given up")],
        )
        .await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("is rejected: given up"), "{}", done.body);
    assert!(!page.body.contains("End the quarantine"), "{}", page.body);
    let wrong = site
        .post(
            "/console/act",
            &[("do", "take"), ("key", "order-1"), ("id", "dxcon-none1")],
        )
        .await;
    assert_eq!(wrong.status, 409, "{}", wrong.body);
    for wrong in [
        "do=take&key=order-1&id=x",
        "do=reject&key=order-1&reason=",
        "do=move&key=order-1",
    ] {
        assert_eq!(
            site.get(&format!("/console/confirm?{wrong}")).await.status,
            400,
            "{wrong}"
        );
    }
}
