//! `operator redrive`.

use serde_json::{Value, json};

use crate::site::{Site, finish, minutes, order};

fn dead(site: &Site, queue: &str, body: &Value) {
    let queue = site.cloud.queue(&format!("{queue}-dlq")).unwrap();
    queue.send(&body.to_string(), &[], None).unwrap();
}

fn bodies(site: &Site, queue: &str) -> usize {
    site.cloud.queue(queue).unwrap().bodies().len()
}

/// Key and forecast of everything that was looked at, by key.
fn forecasts(document: &Value) -> Vec<(String, String)> {
    let looked_at = document["lookedAt"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let mut told: Vec<_> = looked_at
        .map(|letter| (text(&letter["idempotencyKey"]), text(&letter["wouldBe"])))
        .collect();
    told.sort();
    told
}

#[tokio::test]
async fn a_dry_run_says_what_would_come_of_each_and_moves_nothing() {
    let site = Site::new().await;
    site.place(&order("done", 101), minutes(30)).await;
    site.claim_and_die(&order("dead", 102), minutes(30)).await;
    let claim = site
        .claim_and_die(&order("strange", 103), minutes(30))
        .await;
    let aws = site.aws(minutes(30));
    let strange = hosted_connection::Connection::default();
    aws.ledger
        .quarantined(&claim, &strange, aws.clock.timestamp())
        .await
        .unwrap();
    for key in ["done", "dead", "strange", "new"] {
        let vlan = [("done", 101), ("dead", 102), ("strange", 103), ("new", 104)];
        let vlan = vlan.into_iter().find(|(known, _)| *known == key).unwrap().1;
        dead(&site, "orders", &order(key, vlan));
    }
    dead(&site, "orders", &order("done", 111));
    dead(&site, "orders", &json!({"idempotencyKey": "wrong"}));

    let (status, document) = site
        .run_json(&["redrive", "--queue", "orders", "--dry-run"])
        .await;
    assert_eq!(status, 1, "something is there");
    let expected = [
        ("dead", "goesOn"),
        ("done", "isRefused"),
        ("done", "replays"),
        ("new", "begins"),
        ("strange", "comesBack"),
        ("wrong", "isRefused"),
    ];
    assert_eq!(
        forecasts(&document),
        expected.map(|(key, outlook)| (key.to_owned(), outlook.to_owned()))
    );
    assert_eq!(
        (&document["messages"], &document["moved"]),
        (&json!(6), &Value::Null)
    );
    // Everything was given back at once, so that the next look sees all of it again.
    let told = site.run(&["redrive", "--dry-run"]).await;
    assert_eq!(told.status, 1);
    let words = told.words();
    assert!(
        words.contains("6 messages in orders-dlq") && words.contains("A redrive helps 4 of 6."),
        "{words}"
    );
    assert!(words.contains("Nothing was moved."), "{words}");
    assert_eq!(
        (bodies(&site, "orders-dlq"), bodies(&site, "orders")),
        (6, 0)
    );
}

#[tokio::test]
async fn everything_is_moved_back_to_the_queue() {
    let site = Site::new().await;
    for vlan in 101..=123 {
        dead(&site, "orders", &order(&format!("order-{vlan}"), vlan));
    }
    let told = site.run(&["redrive", "--queue", "orders"]).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(
        told.words()
            .contains("✓ 23 messages moved back to the queue."),
        "{}",
        told.out
    );
    assert_eq!(
        (bodies(&site, "orders-dlq"), bodies(&site, "orders")),
        (0, 23)
    );
    let (status, document) = site.run_json(&["redrive", "--queue", "orders"]).await;
    assert_eq!(
        (status, &document["messages"], &document["moved"]),
        (0, &json!(0), &Value::Null),
        "nothing is left to move"
    );
}

#[tokio::test]
async fn releases_are_judged_by_what_there_is_to_release() {
    let site = Site::new().await;
    site.place(&order("done", 101), minutes(30)).await;
    site.claim_and_die(&order("open", 102), minutes(30)).await;
    for key in ["done", "open", "nobody"] {
        dead(
            &site,
            "releases",
            &json!({"action": "release", "idempotencyKey": key}),
        );
    }
    dead(&site, "releases", &json!({"idempotencyKey": "strayed"}));
    let (_, document) = site.run_json(&["redrive", "--queue", "releases"]).await;
    let expected = [
        ("done", "goesOn"),
        ("nobody", "isRefused"),
        ("open", "waits"),
        ("strayed", "isRefused"),
    ];
    assert_eq!(
        forecasts(&document),
        expected.map(|(key, outlook)| (key.to_owned(), outlook.to_owned()))
    );
    assert_eq!(
        document["moved"],
        json!({"status": "completed", "moved": 4, "left": 0, "failure": null})
    );
    assert_eq!(bodies(&site, "releases"), 4);
}

#[tokio::test]
async fn a_move_that_sqs_refuses_or_that_leaves_something_loses_nothing() {
    let site = Site::new().await;
    dead(&site, "orders", &order("order-1", 101));
    site.cloud.inject(
        "error(403,AccessDenied)@StartMessageMoveTask"
            .parse()
            .unwrap(),
    );
    let told = site.run(&["redrive"]).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("the messages cannot be moved; none was"),
        "{told:?}"
    );
    assert_eq!(
        (bodies(&site, "orders-dlq"), bodies(&site, "orders")),
        (1, 0)
    );
    // Giving back what was looked at fails: it is still hidden when the move begins.
    site.cloud.inject(
        "error(403,AccessDenied)@ChangeMessageVisibilityBatch"
            .parse()
            .unwrap(),
    );
    let told = site.run(&["redrive"]).await;
    assert_eq!(told.status, 1);
    assert!(
        told.words().contains("Not all messages were looked at") && told.words().contains("1 left"),
        "{told:?}"
    );
    assert_eq!(
        (bodies(&site, "orders-dlq"), bodies(&site, "orders")),
        (1, 0)
    );
}

#[tokio::test]
async fn without_a_queue_it_says_which_is_wanted() {
    let site = Site::new().await;
    let mut unnamed = site.command(&["redrive", "--queue", "releases"]);
    unnamed.env_remove("RELEASES_QUEUE_URL");
    let told = finish(unnamed).await;
    assert_eq!(told.status, 2);
    assert!(
        told.err.contains("RELEASES_QUEUE_URL") && told.err.contains("ReleasesQueueUrl"),
        "{told:?}"
    );
    let url = "http://localhost/123456789012/orders-dlq";
    let told = site.run(&["redrive", "--queue-url", url]).await;
    assert_eq!(told.status, 2);
    assert!(told.err.contains("has no dead-letter queue"), "{told:?}");
    let told = site
        .run(&[
            "redrive",
            "--queue-url",
            "http://localhost/123456789012/nothere",
        ])
        .await;
    assert_eq!(told.status, 2);
}
