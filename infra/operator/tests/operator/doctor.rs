//! `operator doctor`.

use serde_json::{Value, json};

use crate::site::{PARENT, Site, bare, finish, minutes, order};

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
        "orphans",
        "event bus",
        "settle time",
        "automatic VLANs",
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
        ("table", "check that table/elsewhere exists"),
        ("event bus", "check that event-bus/nowhere exists"),
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
    let expected = "orders dead-letters a message after 720 s; the settle time of an unanswered call is 3600 s";
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

#[tokio::test]
async fn orders_that_are_stuck_are_told_with_their_age_their_cause_and_the_way_out() {
    let site = Site::new().await;
    let fault = "error(403,AccessDeniedException)@AllocateHostedConnection+always";
    site.cloud.inject(fault.parse().unwrap());
    for (key, vlan, ago) in [
        ("order-1", 101, 60),
        ("order-2", 102, 30),
        ("order-3", 103, 1),
    ] {
        site.place(&order(key, vlan), minutes(ago)).await;
    }
    let (status, document) = site.run_json(&["doctor"]).await;
    assert_eq!(status, 1);
    let orders = finding(&document, "unfinished orders");
    assert_eq!(orders["verdict"], "wrong");
    assert_eq!(orders["found"], "3 orders, the oldest for 1 h; 2 stuck");
    let fix = orders["fix"].as_str().unwrap();
    assert!(
        fix.starts_with(
            "2 orders: AccessDeniedException (HTTP 403): permission: the allocate role may not call"
        ),
        "{fix}"
    );
    assert!(fix.contains("operator explain order-1"), "{fix}");
    // A redrive is told the cause as well, and is not sent back here for it.
    let dead = site.cloud.queue("orders-dlq").unwrap();
    dead.send(&order("order-1", 101).to_string(), &[], None)
        .unwrap();
    let told = site.run(&["redrive", "--dry-run"]).await.words();
    assert!(
        told.contains("First remove the cause. AccessDeniedException (HTTP 403): permission: the allocate role"),
        "{told}"
    );
    assert!(!told.contains("operator doctor"), "{told}");
    // Seen at once, long before it counts as stuck.
    let story = site.run(&["explain", "order-3"]).await.words();
    assert!(
        story.contains("last error: AccessDeniedException (HTTP 403)"),
        "{story}"
    );
    assert!(
        story.contains("permission: the allocate role may not call"),
        "{story}"
    );
    let shown = site.run(&["get", "order-3"]).await.words();
    assert!(
        shown.contains("last error AccessDeniedException (HTTP 403)"),
        "{shown}"
    );
    // The way out leads out.
    site.cloud.clear_faults();
    assert_eq!(site.run(&["reconcile", PARENT, "--finish"]).await.status, 0);
    let (_, document) = site.run_json(&["doctor"]).await;
    let found = &finding(&document, "unfinished orders")["found"];
    assert_eq!(found, "no unfinished orders waiting");
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_told_once() {
    let site = Site::new().await;
    let mut unreachable = site.command(&["--json", "doctor"]);
    unreachable.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let told = finish(unreachable).await;
    assert_eq!(told.status, 1);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    let checks = document["checks"].as_array().unwrap().iter();
    let wrong: Vec<_> = checks.filter(|check| check["verdict"] == "wrong").collect();
    assert_eq!(wrong.len(), 1, "{document}");
    let bus = finding(&document, "event bus");
    assert_eq!(bus["found"], "not checked, for the same reason as: table");
}

#[tokio::test]
async fn a_profile_alone_is_answered_with_how_to_export_it() {
    for arguments in [&["list"] as &[&str], &["doctor"]] {
        let mut command = bare(arguments);
        command
            .env("AWS_PROFILE", "partner")
            .env("AWS_REGION", "eu-central-1")
            .env("ALLOCATIONS_TABLE_NAME", "allocations")
            .env("EVENT_BUS_NAME", "bus");
        let told = finish(command).await;
        let words = format!("{} {}", told.words(), told.err);
        assert!(
            words.contains("AWS_PROFILE is for the AWS CLI only"),
            "{words}"
        );
        assert!(
            words.contains("export-credentials --profile partner --format env"),
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_memory_of_vlans_is_a_warning_with_what_it_rests_on_and_a_useless_one_is_wrong() {
    let site = Site::new().await;
    for (seconds, status, verdict, part) in [
        ("600", 0, "warning", "duplicate-vlan-refused"),
        ("60", 1, "wrong", "raise it to 120 or more"),
    ] {
        let mut command = site.command(&["--json", "doctor"]);
        command.env("VLAN_MEMORY_SECONDS", seconds);
        let told = finish(command).await;
        assert_eq!(told.status, status, "{told:?}");
        let document: Value = serde_json::from_str(&told.out).unwrap();
        let memory = finding(&document, "automatic VLANs");
        assert_eq!(memory["verdict"], verdict);
        let fix = memory["fix"].as_str().unwrap();
        assert!(fix.contains(part), "{fix}");
    }
}

#[tokio::test]
async fn orphans_are_counted_by_parent_and_are_no_fault() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(3)).await;
    let owner = "111122223333";
    for (on, vlan) in [(PARENT, 201), (PARENT, 202), ("dxlag-ffabc789", 203)] {
        let made = site
            .cloud
            .insert_connection(on, vlan, owner, "50Mbps", "by hand");
        made.unwrap();
    }
    let (status, document) = site.run_json(&["doctor"]).await;
    let checks = document["checks"].as_array().unwrap().iter();
    let of_orphans: Vec<_> = checks.filter(|check| check["what"] == "orphans").collect();
    let told: Vec<_> = of_orphans
        .iter()
        .map(|check| {
            (
                check["verdict"].as_str().unwrap(),
                check["found"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        (
            "warning",
            "2 connections on dxcon-ffabc123 that no order made",
        ),
        (
            "warning",
            "1 connection on dxlag-ffabc789 that no order made",
        ),
        ("well", "none on 1 parent"),
    ];
    assert_eq!((status, told), (0, expected.to_vec()));
    let fix = of_orphans[0]["fix"].as_str().unwrap();
    assert!(
        fix.contains("operator adopt dxcon-ffabc123 --dry-run"),
        "{fix}"
    );
    // Once they are adopted, nothing is left to say.
    for on in [PARENT, "dxlag-ffabc789"] {
        assert_eq!(site.run(&["adopt", on]).await.status, 0);
    }
    let (_, document) = site.run_json(&["doctor"]).await;
    assert_eq!(finding(&document, "orphans")["found"], "none on 3 parents");
}

#[tokio::test]
async fn orphans_that_cannot_be_counted_are_no_fault_either() {
    let site = Site::new().await;
    // The first list is that of the check of Direct Connect itself.
    let fault = "error(400,DirectConnectClientException)@DescribeHostedConnections#2";
    site.cloud.inject(fault.parse().unwrap());
    let (status, document) = site.run_json(&["doctor"]).await;
    let orphans = finding(&document, "orphans");
    assert_eq!((status, &orphans["verdict"]), (0, &json!("skipped")));
    let found = orphans["found"].as_str().unwrap();
    assert!(
        found.contains("operator reconcile dxcon-ffabc123"),
        "{found}"
    );
}
