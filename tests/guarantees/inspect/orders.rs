//! One order, as its caller may see it.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{World, http, request};
use serde_json::json;

use super::{PARENT, ask, order};
use crate::answers::members;

/// 2026-01-02T03:04:05Z, when every world begins.
const START: &str = "2026-01-02T03:04:05.000Z";

#[tokio::test(start_paused = true)]
async fn an_order_is_shown_with_its_receipt_and_its_story_and_nothing_internal() {
    let world = World::new();
    let event = http("order-1", &request(None).to_string());
    let receipt = world.deliver_until_final(&event).await;
    let receipt: serde_json::Value =
        serde_json::from_str(receipt["body"].as_str().unwrap()).unwrap();
    let shown = order(&world, "order-1").await;
    assert_eq!(
        members(&shown),
        [
            "attempts",
            "claimedAt",
            "connection",
            "history",
            "idempotencyKey",
            "occurredAt",
            "origin",
            "parentConnectionId",
            "published",
            "request",
            "status",
            "vlan",
        ]
    );
    for same in [
        "idempotencyKey",
        "status",
        "parentConnectionId",
        "connection",
    ] {
        assert_eq!(shown[same], receipt[same]);
    }
    assert_eq!(shown["vlan"], receipt["connection"]["vlan"]);
    assert_eq!(shown["request"], request(None), "as it was asked for");
    assert_eq!(
        shown["origin"],
        json!({"door": "http", "requestId": "request-1"})
    );
    assert_eq!(
        (&shown["attempts"], &shown["published"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(
        (&shown["claimedAt"], &shown["occurredAt"]),
        (&json!(START), &json!(START))
    );
    let story = [("calling", START), ("allocated", START)];
    let story = story.map(|(what, at)| json!({"at": at, "what": what}));
    assert_eq!(shown["history"], json!(story));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_order_holds_no_vlan_and_is_forgotten_with_its_record() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, "999988887777", "50Mbps", "by hand")
        .unwrap();
    let event = http("order-1", &request(Some(101)).to_string());
    world.deliver_until_final(&event).await;
    let shown = order(&world, "order-1").await;
    assert_eq!(
        (&shown["status"], &shown["rejection"]["code"]),
        (&json!("rejected"), &json!("VlanInUse"))
    );
    assert_eq!((shown.get("vlan"), shown.get("connection")), (None, None));
    tokio::time::sleep(Duration::from_secs(91 * 24 * 60 * 60)).await;
    ask(&world, "/allocations/order-1", "")
        .await
        .problem(404, "NotFound");
}

#[tokio::test(start_paused = true)]
async fn an_order_without_an_end_shows_where_it_stands() {
    let cases = [
        (FaultKind::KillBefore, "inProgress"),
        (FaultKind::ResetBefore, "unresolved"),
        (FaultKind::Throttle, "waiting"),
    ];
    for (kind, status) in cases {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(kind, "AllocateHostedConnection"));
        let event = http("order-1", &request(Some(101)).to_string());
        world.invoke(&event).await;
        let shown = order(&world, "order-1").await;
        assert_eq!(shown["status"], status, "{shown}");
        assert_eq!(
            (&shown["vlan"], &shown["published"]),
            (&json!(101), &json!(false))
        );
        for absent in ["connection", "rejection", "occurredAt", "release"] {
            assert!(shown.get(absent).is_none(), "{absent}: {shown}");
        }
        assert_eq!(shown["history"][0]["what"], "calling");
        world.deliver_until_final(&event).await;
        let shown = order(&world, "order-1").await;
        assert_eq!(shown["status"], "allocated", "{shown}");
        assert!(shown["attempts"].as_u64() > Some(1), "{shown}");
        let ends = shown["history"].as_array().unwrap().last().unwrap();
        assert_eq!(ends["what"], "allocated", "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_became_of_the_connection_is_shown_to_its_end() {
    let world = super::world_with_slow_deletions();
    let event = http("order-1", &request(Some(101)).to_string());
    world.deliver_until_final(&event).await;
    let first = order(&world, "order-1").await["connection"].clone();
    let id = first["connectionId"].as_str().unwrap();
    world.cloud.confirm(id).unwrap();
    world.cloud.set_state(id, "available").unwrap();
    world.track().await;
    let shown = order(&world, "order-1").await;
    assert_eq!(shown["connection"], first, "as every receipt has it");
    assert_eq!(shown["connectionNow"]["connectionState"], "available");
    assert_eq!(shown["status"], "allocated");

    world.release("order-1").await;
    let shown = order(&world, "order-1").await;
    assert_eq!(
        (&shown["status"], &shown["connectionNow"]["connectionState"]),
        (&json!("releasing"), &json!("deleting")),
        "{shown}"
    );
    assert_eq!(members(&shown["release"]), ["requestedAt"]);
    assert_eq!(shown["vlan"], 101, "still taken");

    world.cloud.set_state(id, "deleted").unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.track().await;
    let shown = order(&world, "order-1").await;
    assert_eq!(
        (&shown["status"], &shown["published"]),
        (&json!("released"), &json!(true))
    );
    assert_eq!(members(&shown["release"]), ["releasedAt", "requestedAt"]);
    assert_eq!((shown.get("vlan"), &shown["connection"]), (None, &first));
    let times: Vec<_> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["at"].as_str())
        .collect();
    assert!(times.len() > 4 && times.is_sorted(), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_key_of_any_characters_finds_its_order() {
    let world = World::new();
    let key = "a/b?c=d&%25#~";
    world
        .deliver_until_final(&http(key, &request(Some(101)).to_string()))
        .await;
    assert_eq!(order(&world, key).await["idempotencyKey"], key);
    let mut sent = super::question("/allocations/a%2Fb%3Fc%3Dd%26%2525%23~", "", json!({}));
    sent["requestContext"]["domainName"] = "abc.lambda-url.eu-central-1.on.aws".into();
    assert_eq!(
        super::answer(&world, &sent).await.status,
        200,
        "a function URL leaves it encoded"
    );
}

#[tokio::test(start_paused = true)]
async fn a_table_that_cannot_be_read_is_told_apart_by_what_its_reader_can_do() {
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    let cases = [
        (FaultKind::Throttle, 429, "Throttled"),
        (FaultKind::ServerErrorBefore, 503, "Unavailable"),
        (FaultKind::HangBefore, 503, "Unavailable"),
        (denied, 500, "Internal"),
    ];
    for (kind, status, code) in cases {
        let world = World::new();
        for operation in ["GetItem", "Scan"] {
            world
                .cloud
                .inject(Fault::on(kind.clone(), operation).always());
        }
        for path in ["/allocations/k", "/allocations"] {
            let problem = ask(&world, path, "").await.problem(status, code);
            assert!(!problem.to_string().contains("AccessDenied"), "{problem}");
        }
    }
}
