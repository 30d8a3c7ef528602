//! An order's page, whatever its words are.

use crate::site::{PARENT, Site, order};

#[tokio::test(start_paused = true)]
async fn customers_words_stay_words() {
    let site = Site::local();
    let name = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{202e}txt";
    site.place(&order("a/b?c#d&e<f>\"", 101, name)).await;
    site.place(&order("order-2", 102, &"W".repeat(100))).await;
    site.until("/", "order-2").await;
    let story = site
        .get("/console/order?key=a%2Fb%3Fc%23d%26e%3Cf%3E%22")
        .await;
    assert_eq!(story.status, 200, "{}", story.body);
    for page in [
        "/",
        "/console/orders",
        "/console/events",
        "/console/parent?id=dxcon-ffabc123",
        "/console/parts?have=orders.0",
    ] {
        let told = site.get(page).await;
        for raw in ["<script>alert", "<img", "<f>"] {
            assert!(!told.body.contains(raw), "{page} has {raw}");
        }
    }
    for raw in ["<script>alert", "<img", "<b>request"] {
        assert!(!story.body.contains(raw), "{raw}");
    }
    assert!(story.body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    // What turns the direction of writing is kept in.
    assert!(
        story.body.contains("<bdi class=\"foreign\">&lt;script"),
        "{}",
        story.body
    );
    let long = site.get("/console/order?key=order-2").await;
    assert!(long.body.contains(&"W".repeat(100)));
}

#[tokio::test(start_paused = true)]
async fn a_story_has_its_calls_its_event_and_what_happens_next() {
    let site = Site::local();
    site.place(&order("order-1", 101, "Example Corp")).await;
    site.until("/", "order-1").await;
    let told = site
        .until("/console/order?key=order-1", "Hosted Connection Allocated")
        .await;
    for text in [
        "AllocateHostedConnection",
        "What happens next",
        "has to confirm or decline",
        "&quot;idempotencyKey&quot;: &quot;order-1&quot;",
        "and never more than",
        "Release…",
    ] {
        assert!(told.body.contains(text), "{text} is missing: {}", told.body);
    }
    let vlan = site
        .get("/console/vlan?parent=dxcon-ffabc123&vlan=101")
        .await;
    for text in ["ordering", "order-1", "111122223333", "100 Mbps", "since"] {
        assert!(vlan.body.contains(text), "{text}: {}", vlan.body);
    }
}

#[tokio::test(start_paused = true)]
async fn orders_are_found_by_state_parent_and_key() {
    let site = Site::local();
    for (key, vlan) in [("a-1", 1), ("a-2", 2), ("b-1", 2)] {
        site.place(&order(key, vlan, "n")).await;
    }
    site.until("/", "b-1").await;
    for (question, there, not) in [
        ("state=rejected", "b-1", ">a-1<"),
        ("state=allocated", "a-1", ">b-1<"),
        ("key=a-", "a-2", ">b-1<"),
        ("parent=dxcon-ffabc123&state=rejected", "b-1", ">a-1<"),
        ("parent=dxcon-ffabc123", "a-1", "dxlag-ffabc789&"),
        ("parent=dxcon-ffabc456", "No such order", ">a-1<"),
    ] {
        let told = site.get(&format!("/console/orders?{question}")).await;
        assert!(told.body.contains(there), "{question}: {}", told.body);
        assert!(!told.body.contains(not), "{question}: {}", told.body);
    }
    // More than one page.
    for vlan in 100..160 {
        site.place(&order(&format!("many-{vlan}"), vlan, "n")).await;
    }
    let first = site
        .get(&format!("/console/orders?parent={PARENT}&key=many"))
        .await;
    assert!(first.body.contains("many-159") && !first.body.contains(">many-100<"));
    let (_, after) = first
        .body
        .split_once("href=\"/console/orders?parent=")
        .unwrap();
    let after = after.split('"').next().unwrap().replace("&amp;", "&");
    let second = site.get(&format!("/console/orders?parent={after}")).await;
    assert!(
        second.body.contains(">many-100<") && !second.body.contains("many-159"),
        "{}",
        second.body
    );
}

fn by_place(key: &str, location: &str) -> serde_json::Value {
    serde_json::json!({
        "idempotencyKey": key, "placement": {"location": location}, "ownerAccount": "111122223333",
        "bandwidth": "50Mbps", "connectionName": "Example Corp",
    })
}

#[tokio::test(start_paused = true)]
async fn an_order_that_got_no_parent_is_seen_like_any_other() {
    let site = Site::local();
    site.place(&by_place("before", "Nowhere1")).await;
    site.until("/console/parts?have=orders.0", "before").await;
    site.place(&by_place("nowhere", "Nowhere1")).await;
    let listed = site.until("/console/parts?have=orders.0", "nowhere").await;
    assert!(listed.body.contains("location Nowhere1"), "{}", listed.body);
    let watched = site
        .get("/console/parts?have=watch.0&watch=nowhere")
        .await
        .body;
    assert!(watched.contains("rejected"), "{watched}");
    assert!(!watched.contains("is not recorded"), "{watched}");
    assert!(watched.contains("record<small> once"), "{watched}");
    let found = site
        .get("/console/orders?state=rejected&key=now")
        .await
        .body;
    assert!(found.contains("order?key=nowhere"), "{found}");
}

#[tokio::test(start_paused = true)]
async fn an_order_by_place_is_listed_once_and_with_its_parent() {
    let site = Site::local();
    let home = site.until("/", "chosen at ").await.body;
    let (_, location) = home.split_once("chosen at ").unwrap();
    let location = location.split('<').next().unwrap();
    site.place(&by_place("placed", location)).await;
    let listed = site
        .until("/console/parts?have=orders.0", "placed")
        .await
        .body;
    assert_eq!(listed.matches("order?key=placed").count(), 1, "{listed}");
    assert!(listed.contains("/console/parent?id="), "{listed}");
    // As the form has it.
    let by_form = format!("at {location}");
    let fields = [
        ("how", "queue"),
        ("key", "by-form"),
        ("parent", by_form.as_str()),
        ("owner", "111122223333"),
        ("bandwidth", "50Mbps"),
        ("name", "a"),
        ("vlan", ""),
    ];
    site.post("/console/order", &fields).await;
    let sent = site.cloud.queue("orders").unwrap().bodies();
    let sent: serde_json::Value = serde_json::from_str(&sent[0]).unwrap();
    assert_eq!(sent["placement"]["location"], location);
    assert!(sent.get("connectionId").is_none(), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_function_was_killed_says_what_happens_next() {
    let site = Site::local();
    site.until("/", PARENT).await;
    site.post("/console/break", &[("do", "kill")]).await;
    site.place(&order("order-1", 101, "Example Corp")).await;
    site.until("/", "order-1").await;
    let watched = site
        .get("/console/parts?have=watch.0&watch=order-1")
        .await
        .body;
    assert!(watched.contains("run of track"), "{watched}");
}
