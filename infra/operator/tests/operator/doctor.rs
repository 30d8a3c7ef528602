//! `operator doctor`.

use serde_json::{Value, json};

use crate::site::{Site, bare, finish, minutes, order};

/// What it found about one thing.
fn finding<'d>(document: &'d Value, what: &str) -> &'d Value {
    let checks = document["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["what"] == what);
    found.unwrap_or_else(|| panic!("{what} in {document}"))
}

#[tokio::test]
async fn where_all_is_well_it_says_so_of_each_thing() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3)).await;
    let (status, document) = site.run_json(&["doctor"]).await;
    assert_eq!(
        (status, &document["healthy"]),
        (0, &json!(true)),
        "{document}"
    );
    for what in [
        "environment",
        "clock",
        "table",
        "table's expiry",
        "reading orders",
        "unfinished orders",
        "Direct Connect",
        "event bus",
        "settle time",
        "queue of orders",
        "dead letters of orders",
        "queue of releases",
        "dead letters of releases",
    ] {
        assert_eq!(finding(&document, what)["verdict"], "well", "{what}");
    }
    let told = site.run(&["doctor"]).await;
    assert_eq!(told.status, 0);
    assert!(told.out.contains("All is well"), "{}", told.out);
    assert!(
        site.cloud.connections().len() == 1 && site.cloud.events().len() == 1,
        "nothing is changed"
    );
}

#[tokio::test]
async fn every_variable_that_is_missing_or_wrong_is_named_at_once() {
    let mut command = bare(&["--json", "doctor"]);
    command
        .env("SETTLE_SECONDS", "soon")
        .env("AWS_REGION", "eu-central-1");
    let told = finish(command).await;
    assert_eq!(told.status, 1, "{told:?}");
    let document: Value = serde_json::from_str(&told.out).unwrap();
    let wrong = document["checks"].as_array().unwrap().iter();
    let wrong: Vec<_> = wrong
        .filter(|check| check["verdict"] == "wrong")
        .map(|check| check["what"].as_str().unwrap())
        .collect();
    let expected = [
        "ALLOCATIONS_TABLE_NAME",
        "EVENT_BUS_NAME",
        "SETTLE_SECONDS",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ];
    assert_eq!(wrong, expected);
    let table = finding(&document, "ALLOCATIONS_TABLE_NAME");
    assert!(
        table["found"].as_str().unwrap().contains("must be"),
        "{table}"
    );
    assert!(
        table["fix"].as_str().unwrap().contains("TableName"),
        "{table}"
    );
    let key = finding(&document, "AWS_ACCESS_KEY_ID");
    assert!(
        key["fix"].as_str().unwrap().contains("export-credentials"),
        "{key}"
    );
    assert_eq!(finding(&document, "everything else")["verdict"], "skipped");
}

#[tokio::test]
async fn a_permission_that_is_missing_is_named_with_what_it_is_on() {
    for (operation, what, fix) in [
        (
            "DescribeTable",
            "table",
            "allow your role dynamodb:DescribeTable on table/allocations",
        ),
        (
            "DescribeTimeToLive",
            "table's expiry",
            "allow your role dynamodb:DescribeTimeToLive on table/allocations",
        ),
        (
            "GetItem",
            "reading orders",
            "allow your role dynamodb:GetItem on table/allocations",
        ),
        (
            "Query",
            "unfinished orders",
            "allow your role dynamodb:Query on table/allocations/index/unfinished",
        ),
        (
            "DescribeInterconnects",
            "Direct Connect",
            "allow your role directconnect:DescribeInterconnects on *",
        ),
        (
            "DescribeHostedConnections",
            "Direct Connect",
            "allow your role directconnect:DescribeHostedConnections on dxcon/dxcon-ffabc123",
        ),
        (
            "DescribeEventBus",
            "event bus",
            "allow your role events:DescribeEventBus on event-bus/hosted-connections",
        ),
        (
            "GetQueueAttributes",
            "queue of orders",
            "allow your role sqs:GetQueueAttributes on orders",
        ),
        (
            "GetQueueUrl",
            "dead letters of orders",
            "allow your role sqs:GetQueueUrl on orders-dlq",
        ),
    ] {
        let site = Site::new().await;
        let fault = format!("error(400,AccessDeniedException)@{operation}+always");
        site.cloud.inject(fault.parse().unwrap());
        let (status, document) = site.run_json(&["doctor"]).await;
        assert_eq!(status, 1, "{operation}");
        assert_eq!(finding(&document, what)["fix"], fix, "{operation}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_with_what_to_do() {
    let site = Site::new().await;
    let queue = site.cloud.queue("orders-dlq").unwrap();
    queue.send("a letter", &[], None).unwrap();
    let mut command = site.command(&["--json", "doctor"]);
    command
        .env("ALLOCATIONS_TABLE_NAME", "elsewhere")
        .env("EVENT_BUS_NAME", "nowhere")
        .env("SETTLE_SECONDS", "0");
    command.env_remove("RELEASES_QUEUE_URL");
    let told = finish(command).await;
    assert_eq!(told.status, 1);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    for (what, part) in [
        ("table", "does table/elsewhere exist"),
        ("event bus", "does event-bus/nowhere exist"),
        ("settle time", "raise it to 30"),
        (
            "dead letters of orders",
            "operator redrive --queue orders --dry-run",
        ),
    ] {
        let fix = finding(&document, what)["fix"].as_str().unwrap();
        assert!(fix.contains(part), "{what}: {fix}");
    }
    assert_eq!(
        finding(&document, "queue of releases")["verdict"],
        "skipped"
    );
    // A settle time that outlasts the queue's patience.
    let mut command = site.command(&["--json", "doctor"]);
    command.env("SETTLE_SECONDS", "3600");
    let document: Value = serde_json::from_str(&finish(command).await.out).unwrap();
    let found = finding(&document, "queue of orders")["found"]
        .as_str()
        .unwrap();
    let expected = "orders gives a message up after 720 s; an unanswered call settles after 3600 s";
    assert_eq!(found, expected);
}

#[tokio::test]
async fn credentials_that_are_not_accepted_are_told_as_such() {
    let site = Site::new().await;
    site.cloud.inject(
        "error(400,ExpiredTokenException)@DescribeTable"
            .parse()
            .unwrap(),
    );
    let (status, document) = site.run_json(&["doctor"]).await;
    assert_eq!(status, 1);
    let fix = finding(&document, "table")["fix"].as_str().unwrap();
    assert!(
        fix.contains("have expired") && fix.contains("export-credentials"),
        "{fix}"
    );
}
