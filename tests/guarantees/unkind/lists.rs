//! Lists that break off, leave members out, and pass connections over while others come and go.

use std::time::Duration;

use local_cloud::{Fault, FaultKind, Pages};
use proof::{OWNER, PARENT, World};
use serde_json::json;

use super::{ALLOCATE, DESCRIBE, living, web, world_with};
use crate::partner::{FOREIGN, body, pass, place, run, status_and_code, story};

fn crowded() -> World {
    let world = world_with(|builder| builder.page_limit(2));
    for vlan in 1000..1005 {
        let by_hand = world
            .cloud
            .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand");
        by_hand.unwrap();
    }
    world
}

#[tokio::test(start_paused = true)]
async fn a_look_whose_page_token_has_expired_is_begun_anew() {
    let world = crowded();
    world
        .cloud
        .inject(Fault::on(FaultKind::ExpiredPageToken, DESCRIBE));
    let answer = world.invoke(&web("k", None)).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(world.cloud.count(DESCRIBE), 2 + 3);
}

#[tokio::test(start_paused = true)]
async fn tokens_that_expire_again_and_again_are_a_look_that_failed_and_end_no_order() {
    let world = crowded();
    world
        .cloud
        .inject(Fault::on(FaultKind::ExpiredPageToken, DESCRIBE).always());
    let answer = world.invoke(&web("k", None)).await.answer();
    assert_eq!(status_and_code(&answer), (503, "Unavailable".into()));
    assert!(world.details().is_empty());
    world.cloud.clear_faults();
    let answer = world.deliver_until_final(&web("k", None)).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_parent_in_use_that_refuses_to_show_its_connections_ends_no_order() {
    let world = crowded();
    world
        .cloud
        .inject(Fault::on(FaultKind::ClientExceptionBefore, DESCRIBE));
    let answer = world.invoke(&web("k", None)).await.answer();
    assert_eq!(status_and_code(&answer), (503, "Unavailable".into()));
    assert!(world.details().is_empty());
    let answer = world.deliver_until_final(&web("k", None)).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_one_look_passed_over_is_not_called_for_again() {
    let world = world_with(|builder| {
        builder
            .page_limit(2)
            .pages(Pages::ByPosition)
            .vlan_uniqueness(false)
    });
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    world.invoke(&web("k", Some(101))).await;
    // Newer ones are listed first, so the order's own is the first of the second page.
    let by_hand = |vlan| {
        let made = world
            .cloud
            .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand");
        made.unwrap().id
    };
    let newer = [by_hand(1001), by_hand(1002)];
    by_hand(1003);
    world.cloud.delete(&newer[0]).unwrap();
    let newest = by_hand(1004);
    world.cloud.delete(&newer[1]).unwrap();
    pass(60).await;
    world
        .cloud
        .set_latency_of(DESCRIBE, Duration::from_millis(100));
    let event = web("k", Some(101));
    // Deleted between the first page and the second: what follows moves up by one.
    let (answer, ()) = tokio::join!(world.invoke(&event), async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        world.cloud.delete(&newest).unwrap();
    });
    assert_eq!(answer.answer()["statusCode"], 201);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    let own = world
        .cloud
        .connections()
        .into_iter()
        .filter(|c| c.owner_account == OWNER);
    assert_eq!(own.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_an_answer_leaves_out_is_unknown_and_not_wrong() {
    for members in [
        vec!["vlan"],
        vec!["ownerAccount"],
        vec!["bandwidth"],
        vec!["connectionState"],
        vec![
            "vlan",
            "ownerAccount",
            "bandwidth",
            "connectionName",
            "connectionState",
        ],
    ] {
        let world = world_with(|builder| builder.allocate_leaves_out(&members));
        let answer = world.invoke(&web("k", Some(101))).await.answer();
        assert_eq!(answer["statusCode"], 201, "{members:?}: {answer}");
        // Followed and released as any other.
        let id = living(&world.cloud).pop().unwrap();
        world.cloud.set_state(&id, "available").unwrap();
        pass(60).await;
        run(&world).await;
        let told = story(&world, "k");
        assert_eq!(told.last().unwrap(), "ordering → available", "{members:?}");
        let answer = world.release("k").await.answer();
        assert_eq!(answer["statusCode"], 200, "{members:?}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_list_leaves_out_is_unknown_and_not_wrong() {
    for members in [
        vec!["ownerAccount"],
        vec!["bandwidth"],
        vec!["connectionState"],
        vec![
            "ownerAccount",
            "bandwidth",
            "connectionName",
            "connectionState",
        ],
    ] {
        let world = world_with(|builder| builder.list_leaves_out(&members));
        world
            .cloud
            .inject(Fault::on(FaultKind::ApplyThenReset, ALLOCATE));
        let answer = world.invoke(&web("k", Some(101))).await.answer();
        assert_eq!(answer["statusCode"], 201, "{members:?}: {answer}");
        assert_eq!(world.cloud.count(ALLOCATE), 1);
    }
    // Without VLANs no connection can be told from another: not adopted, and never called for again.
    let world = world_with(|builder| builder.list_leaves_out(&["vlan"]).vlan_uniqueness(false));
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenReset, ALLOCATE));
    for _ in 0..4 {
        let answer = world.invoke(&web("k", Some(101))).await.answer();
        assert_eq!(status_and_code(&answer), (503, "OutcomeUnknown".into()));
        pass(60).await;
    }
    assert_eq!(world.cloud.count(ALLOCATE), 1);
}

#[tokio::test(start_paused = true)]
async fn only_what_contradicts_is_somebody_elses() {
    let world = world_with(|builder| builder.allocate_leaves_out(&["vlan"]));
    let meddler = crate::meddler::Meddler::rewrites(ALLOCATE, "500Mbps", "400Mbps");
    let http = meddler.between(world.cloud.http_client());
    let answer = world
        .invoke_through(http, &web("k", Some(101)))
        .await
        .answer();
    assert_eq!(answer["statusCode"], 500, "{answer}");
    assert_eq!(
        world.items("allocation#")[0]["allocationState"]["S"],
        "quarantined"
    );
}

#[tokio::test(start_paused = true)]
async fn no_list_of_parents_does_not_mean_no_parents() {
    for operation in ["DescribeInterconnects", "DescribeLags"] {
        let world = World::new();
        place(&world, "k", 101).await;
        run(&world).await;
        let id = living(&world.cloud).pop().unwrap();
        world.cloud.set_state(&id, "available").unwrap();
        pass(60).await;
        world
            .cloud
            .inject(Fault::on(FaultKind::ApplyThenWithoutList, operation));
        let numbers = run(&world).await;
        assert_ne!(numbers["leftOut"], 0, "{operation}: {numbers}");
        pass(60).await;
        run(&world).await;
        assert_eq!(story(&world, "k").last().unwrap(), "ordering → available");
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_that_cannot_be_understood_keeps_no_order_and_no_connection_waiting() {
    let world = World::with(
        |builder| builder,
        &[("VLAN_RANGE", "101-104"), ("PARENT_POLICIES", "enforced")],
    );
    let id = place(&world, "k", 101).await;
    let item = |sk: &str| json!({"pk": {"S": format!("parent#{PARENT}")}, "sk": {"S": sk}, "new": {"S": "?"}});
    let items = vec![item("vlan#0102"), item("zzz#of-a-newer-version")];
    world.cloud.import_items(items).unwrap();
    let mut vlans = Vec::new();
    for key in ["a", "b"] {
        let answer = world.invoke(&web(key, None)).await.answer();
        assert_eq!(answer["statusCode"], 201, "{answer}");
        vlans.push(body(&answer)["connection"]["vlan"].as_u64().unwrap());
    }
    vlans.sort_unstable();
    assert_eq!(vlans, [103, 104], "whoever has VLAN 102, it is not free");
    world.cloud.set_state(&id, "available").unwrap();
    pass(60).await;
    run(&world).await;
    assert_eq!(story(&world, "k").last().unwrap(), "ordering → available");
}
