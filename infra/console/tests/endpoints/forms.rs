//! Forms: what they do, and what is no form of the page.

use http::Method;

use crate::site::{PARENT, Site, form, request};

const FORMS: [&str; 5] = [
    "/console/order",
    "/console/break",
    "/console/by-hand",
    "/console/act",
    "/console/letters",
];

#[tokio::test(start_paused = true)]
async fn what_is_no_form_of_the_page_does_nothing() {
    let site = Site::local();
    site.until("/", PARENT).await;
    let token = site.get("/").await.token();
    let complete = [
        ("do", "lose"),
        ("how", "queue"),
        ("key", "k"),
        ("parent", PARENT),
        ("owner", "111122223333"),
        ("bandwidth", "50Mbps"),
        ("name", "a"),
        ("vlan", "1"),
    ];
    for path in FORMS {
        for (body, status) in [
            (String::new(), 422),
            ("%%%=%&&&".to_owned(), 422),
            (form(&complete), 403),
            (form(&[&complete[..], &[("token", "guess")]].concat()), 403),
            ("x=".to_owned() + &"y".repeat(100_000), 413),
        ] {
            let told = site.ask(request(Method::POST, path, &body)).await;
            let allowed = [status, 403];
            assert!(
                allowed.contains(&told.status),
                "{path} {status}: {}",
                told.status
            );
        }
        let right = form(&[&complete[..], &[("token", token.as_str())]].concat());
        let mut json = request(Method::POST, path, &right);
        json.headers_mut()
            .insert("content-type", "application/json".parse().unwrap());
        assert_eq!(site.ask(json).await.status, 415, "{path}");
        let mut foreign = request(Method::POST, path, &right);
        foreign
            .headers_mut()
            .insert("origin", "http://evil.example".parse().unwrap());
        assert_eq!(site.ask(foreign).await.status, 403, "{path}");
    }
    assert!(site.cloud.pending_faults().is_empty());
    assert!(site.cloud.connections().is_empty());
}

#[tokio::test(start_paused = true)]
async fn buttons_break_and_mend_and_say_what_they_did() {
    let site = Site::local();
    site.until("/", PARENT).await;
    for (button, fault) in [
        ("lose", "apply-then-reset@AllocateHostedConnection"),
        ("kill", "apply-then-kill@AllocateHostedConnection"),
        ("late", "land-late(5000ms)@AllocateHostedConnection"),
        ("throttle", "throttle@AllocateHostedConnection"),
        ("refuse", "client-exception-before@AllocateHostedConnection"),
        ("events", "partial-put-events(0)@PutEvents"),
    ] {
        let told = site.post("/console/break", &[("do", button)]).await;
        assert_eq!(told.status, 303, "{button}");
        let page = site.get(told.header("location")).await;
        assert!(page.body.contains(fault), "{button}: {}", page.body);
        assert_eq!(
            site.post("/console/break", &[("do", "clear")]).await.status,
            303
        );
        assert!(site.cloud.pending_faults().is_empty());
    }
    let told = site.post("/console/break", &[("do", "explode")]).await;
    assert!(
        site.get(told.header("location"))
            .await
            .body
            .contains("no such button")
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_goes_through_the_callers_door_and_a_message_into_the_queue() {
    let site = Site::local();
    site.until("/", PARENT).await;
    let fields = |how, key| {
        [
            ("how", how),
            ("key", key),
            ("parent", PARENT),
            ("owner", "111122223333"),
            ("bandwidth", "50Mbps"),
            ("name", "a"),
            ("vlan", ""),
        ]
    };
    let told = site.post("/console/order", &fields("dry", "order-1")).await;
    let page = site.get(told.header("location")).await;
    assert!(
        page.body.contains("POST /allocations?dryRun=true"),
        "{}",
        page.body
    );
    assert!(told.header("location").contains("watch=order%2D1"));
    site.post("/console/order", &fields("twice", "order-2"))
        .await;
    assert_eq!(site.cloud.queue("orders").unwrap().bodies().len(), 2);
    let told = site.post("/console/order", &fields("http", "a key")).await;
    let page = site.get(told.header("location")).await;
    assert!(page.body.contains("✗"), "{}", page.body);
    let told = site
        .post("/console/order", &fields("pigeon", "order-3"))
        .await;
    assert!(
        site.get(told.header("location"))
            .await
            .body
            .contains("no such way")
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_made_by_hand_is_an_orphan_on_the_map() {
    let site = Site::local();
    site.until("/", PARENT).await;
    for (vlan, parent) in [
        ("0", PARENT),
        ("4095", PARENT),
        ("x", PARENT),
        ("7", "dxcon-nosuch00"),
    ] {
        site.post(
            "/console/by-hand",
            &[("do", "insert"), ("vlan", vlan), ("parent", parent)],
        )
        .await;
        assert!(site.cloud.connections().is_empty(), "{vlan} {parent}");
    }
    site.post(
        "/console/by-hand",
        &[("do", "insert"), ("vlan", "7"), ("parent", PARENT)],
    )
    .await;
    let told = site
        .until("/console/vlan?parent=dxcon-ffabc123&vlan=7", "orphan")
        .await;
    assert!(told.body.contains("444455556666"), "{}", told.body);
}

#[tokio::test(start_paused = true)]
async fn dead_letters_are_read_only_when_a_form_asks_for_them() {
    let site = Site::new(false, false);
    site.until("/", PARENT).await;
    let dead = site.cloud.queue("orders-dlq").unwrap();
    dead.send("<script>no order</script>", &[], None).unwrap();
    let receives = || {
        let requests = site.cloud.requests();
        let receives = requests
            .iter()
            .filter(|one| one.operation == "ReceiveMessage");
        receives.count()
    };
    let page = site.get("/console/letters").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("no order"), "{}", page.body);
    assert_eq!((receives(), dead.bodies().len()), (0, 1));
    let token = page.token();
    let ask = |queue: &str| {
        let body = form(&[("token", &token), ("queue", queue)]);
        site.ask(request(Method::POST, "/console/letters", &body))
    };
    let read = ask("orders").await;
    assert_eq!(read.status, 200);
    assert!(
        read.body.contains("&lt;script&gt;no order"),
        "{}",
        read.body
    );
    assert!(
        !read.body.contains("Redrive the dead letters"),
        "{}",
        read.body
    );
    assert_eq!(dead.bodies().len(), 1);
    // The count beside them is no older than they are.
    assert!(read.body.contains("1 dead letter"), "{}", read.body);
    let unknown = ask("releases").await;
    assert!(
        unknown.body.contains("RELEASES_QUEUE_URL"),
        "{}",
        unknown.body
    );
    assert_eq!(ask("nonsense").await.status, 400);
}
