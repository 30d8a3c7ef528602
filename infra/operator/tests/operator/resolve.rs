//! `operator resolve`: ending an order that would never end by itself.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};

use crate::site::{PARENT, Site, minutes, order};

const ALLOCATE: &str = "AllocateHostedConnection";

#[tokio::test]
async fn an_order_that_is_refused_every_time_ends_with_a_reason_that_is_published() {
    let site = Site::new().await;
    let kind = FaultKind::Error {
        status: 400,
        code: "ValidationException".into(),
    };
    site.cloud.inject(Fault::on(kind, ALLOCATE).always());
    site.place(&order("order-1", 101), minutes(10)).await;
    let (status, answer) = site
        .run_json(&["resolve", "order-1", "--reject", "the port was given up"])
        .await;
    assert_eq!((status, &answer["ended"]), (0, &true.into()), "{answer}");
    let event = site.cloud.events().pop().unwrap();
    assert_eq!(event.detail_type, "Hosted Connection Rejected");
    let message = event.detail["rejection"]["message"].as_str().unwrap();
    assert_eq!(message, "the port was given up (ended by an operator)");
    let leases = site.cloud.table_items().unwrap();
    let is_lease =
        |item: &&serde_json::Value| item["pk"]["S"].as_str().unwrap().starts_with("parent#");
    assert_eq!(leases.iter().filter(is_lease).count(), 0);
    // Once only.
    let (status, again) = site
        .run_json(&["resolve", "order-1", "--reject", "once more"])
        .await;
    assert_eq!((status, &again["ended"]), (1, &false.into()), "{again}");
    assert_eq!(site.cloud.events().len(), 1);
}

#[tokio::test]
async fn an_order_whose_call_may_have_made_a_connection_is_not_ended() {
    let site = Site::new().await;
    site.cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    site.claim_and_die(&order("order-1", 101), minutes(10))
        .await;
    let made = site
        .cloud
        .insert_connection(PARENT, 101, "111122223333", "100Mbps", "Example Corp")
        .unwrap();
    let (status, answer) = site
        .run_json(&["resolve", "order-1", "--reject", "nobody needs it"])
        .await;
    assert_eq!((status, &answer["ended"]), (1, &false.into()), "{answer}");
    assert!(site.cloud.events().is_empty());
    assert_eq!(site.cloud.connections(), [made]);
    // A call that may still land neither.
    site.cloud.clear_faults();
    site.cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    site.place(&order("order-3", 103), Duration::ZERO).await;
    let told = site
        .run(&["resolve", "order-3", "--reject", "nobody needs it"])
        .await;
    assert_eq!(told.status, 1);
    assert!(told.words().contains("may still land"), "{}", told.words());
}

#[tokio::test]
async fn a_reason_has_to_be_given_and_a_key_that_nobody_has_is_told() {
    let site = Site::new().await;
    assert_eq!(site.run(&["resolve", "order-1"]).await.status, 2);
    assert_eq!(
        site.run(&["resolve", "order-1", "--reject", " "])
            .await
            .status,
        2
    );
    let unknown = site.run(&["resolve", "order-1", "--reject", "gone"]).await;
    assert_eq!(unknown.status, 1);
}
