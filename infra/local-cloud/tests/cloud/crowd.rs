//! Much at once and for long: crowded parents, and a cloud that serves for weeks.

use crate::wire::{ALLOCATE, DESCRIBE, PARENT, cloud, ok, order, refused};
use local_cloud::{Cloud, Fault, FaultKind};
use serde_json::json;

#[tokio::test]
async fn a_parent_is_crowded_in_one_step() {
    let cloud = cloud();
    let owner = "222222222222";
    let made = cloud
        .insert_connections(PARENT, 1..=1000, owner, "50Mbps", "crowd")
        .unwrap();
    assert_eq!(made.len(), 1000);
    assert_eq!(cloud.living_connections(PARENT), made);
    assert_eq!(cloud.most_living(PARENT, 1000), 1);
    let (mut request, mut pages) = (json!({"connectionId": PARENT}), 0);
    loop {
        let page = ok(&cloud, DESCRIBE, request.clone()).await;
        pages += 1;
        match page.get("nextToken") {
            Some(token) => request["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(pages, 10);
    refused(&cloud, ALLOCATE, order(1000)).await;
}

#[tokio::test]
async fn only_the_newest_requests_are_remembered_if_so_told_and_all_are_counted() {
    let cloud = Cloud::builder().remember_requests(3).build().unwrap();
    cloud.inject(Fault::on_request(FaultKind::Throttle, 4));
    for vlan in 1..=5 {
        cloud
            .handle(crate::wire::request(ALLOCATE, &order(vlan)))
            .await;
    }
    let kept: Vec<_> = cloud
        .requests()
        .iter()
        .map(|record| (record.sequence, record.status))
        .collect();
    assert_eq!(kept, [(3, Some(200)), (4, Some(400)), (5, Some(200))]);
    assert_eq!(cloud.count("AllocateHostedConnection"), 5);
    cloud.forget_requests();
    assert_eq!(cloud.count("AllocateHostedConnection"), 0);
}
