//! Where Direct Connect and the table disagree.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, http};
use serde_json::json;

use crate::answers::operations;
use crate::partner::{
    FOREIGN, body, order_http, parent, pass, place, run, small, status_and_code, story, taken_vlans,
};

fn by_hand(world: &World, vlan: u16) -> String {
    let made = world
        .cloud
        .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand");
    made.unwrap().id
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_no_record_knows_is_counted_and_shown() {
    let world = World::new();
    place(&world, "k", 101).await;
    let orphan = by_hand(&world, 200);
    for _ in 0..2 {
        let numbers = run(&world).await;
        assert_eq!(
            (&numbers["orphans"], &numbers["ghosts"]),
            (&1.into(), &0.into())
        );
    }
    assert_eq!(taken_vlans(&world), [101, 200]);
    let shown = parent(&world, PARENT).await;
    assert_eq!(
        shown["orphans"],
        json!([{"connectionId": orphan, "vlan": 200, "ownerAccount": FOREIGN, "bandwidth": "50Mbps",
            "connectionState": "ordering"}])
    );
    world.cloud.delete(&orphan).unwrap();
    let numbers = run(&world).await;
    assert_eq!(numbers["orphans"], 0);
    assert_eq!(taken_vlans(&world), [101]);
    assert_eq!(parent(&world, PARENT).await["orphans"], json!([]));
    assert_eq!(
        world.cloud.events().len(),
        1,
        "drift is reported, not published"
    );
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_connection_is_gone_without_a_word_is_a_ghost() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    place(&world, "other", 102).await;
    run(&world).await;
    world.cloud.delete(&id).unwrap();
    world.cloud.purge().unwrap();
    for _ in 0..2 {
        pass(60).await;
        let numbers = run(&world).await;
        assert_eq!(
            (&numbers["orphans"], &numbers["ghosts"]),
            (&0.into(), &1.into())
        );
    }
    let shown = parent(&world, PARENT).await;
    assert_eq!(
        shown["ghosts"],
        json!([{"idempotencyKey": "k", "vlan": 101, "connectionId": id}])
    );
    assert_eq!(
        story(&world, "k"),
        ["allocated"],
        "nobody knows what became of it"
    );
    assert_eq!(taken_vlans(&world), [101, 102], "its VLAN stays its own");
    // Whoever looked into it says so by releasing it.
    let released = world.release("k").await.answer();
    assert_eq!(released["statusCode"], 200, "{released}");
    assert_eq!(run(&world).await["ghosts"], 0);
    assert_eq!(taken_vlans(&world), [102]);
}

#[tokio::test(start_paused = true)]
async fn a_ghost_that_no_run_had_seen_alive_is_one_a_minute_after_its_allocation() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.delete(&id).unwrap();
    world.cloud.purge().unwrap();
    assert_eq!(run(&world).await["ghosts"], 0, "it may not show yet");
    pass(61).await;
    assert_eq!(run(&world).await["ghosts"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_orphans_vlan_is_refused_without_a_call() {
    let world = World::new();
    by_hand(&world, 200);
    run(&world).await;
    world.cloud.forget_requests();
    let answer = world.invoke(&order_http("k", Some(200))).await.answer();
    assert_eq!(status_and_code(&answer), (422, "VlanInUse".into()));
    assert_eq!(story(&world, "k"), ["rejected, VlanInUse"]);
    let asked = operations(&world);
    assert!(
        !asked.contains(&"AllocateHostedConnection".into()),
        "{asked:?}"
    );
    let again = world.invoke(&order_http("k", Some(200))).await.answer();
    assert_eq!(
        body(&again)["detail"],
        body(&answer)["detail"],
        "recorded, and replayed"
    );
    assert_eq!(taken_vlans(&world), [200], "still the orphan's");
}

#[tokio::test(start_paused = true)]
async fn an_orphans_vlan_is_given_again_as_soon_as_the_orphan_is_gone() {
    let world = World::new();
    let orphan = by_hand(&world, 200);
    run(&world).await;
    world.cloud.delete(&orphan).unwrap();
    // No run in between: what we remember may be old, and a rejection is for ever.
    let answer = world.invoke(&order_http("k", Some(200))).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(run(&world).await["orphans"], 0);
    assert_eq!(taken_vlans(&world), [200]);
    assert_eq!(world.items("parent#")[0]["holder"]["S"], "k");
}

#[tokio::test(start_paused = true)]
async fn while_nobody_can_look_an_orphans_vlan_is_neither_given_nor_refused() {
    let world = World::new();
    by_hand(&world, 200);
    run(&world).await;
    let throttled = Fault::on(FaultKind::Throttle, "DescribeHostedConnections");
    world.cloud.inject(throttled.always());
    let answer = world.invoke(&order_http("k", Some(200))).await.answer();
    assert_eq!(status_and_code(&answer), (429, "Throttled".into()));
    assert_eq!(story(&world, "k"), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_automatic_vlan_avoids_orphans() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "200-203")]);
    by_hand(&world, 201);
    run(&world).await;
    by_hand(&world, 202);
    for (key, status) in [("a", 201), ("b", 201), ("c", 422)] {
        let answer = world.invoke(&order_http(key, None)).await.answer();
        assert_eq!(answer["statusCode"], status, "{answer}");
    }
    assert_eq!(story(&world, "c"), ["rejected, NoVlanAvailable"]);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 2);
}

#[tokio::test(start_paused = true)]
async fn the_last_automatic_vlan_is_not_withheld_for_an_orphan_that_is_gone() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "200-200")]);
    let orphan = by_hand(&world, 200);
    run(&world).await;
    world.cloud.delete(&orphan).unwrap();
    let answer = world.invoke(&order_http("k", None)).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(body(&answer)["connection"]["vlan"], 200);
    assert_eq!(world.items("parent#").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_on_the_vlan_of_an_orphan_that_no_run_has_seen_is_decided_by_direct_connect() {
    let world = World::new();
    by_hand(&world, 200);
    let answer = world.invoke(&order_http("k", Some(200))).await.answer();
    assert_eq!(status_and_code(&answer), (422, "VlanInUse".into()));
    assert_eq!(run(&world).await["orphans"], 1);
    assert_eq!(taken_vlans(&world), [200]);
}

#[tokio::test(start_paused = true)]
async fn an_orphan_beside_an_orders_own_connection_is_still_an_orphan() {
    // Somebody made a connection of the same owner and bandwidth by hand, where VLANs are not exclusive.
    let world = World::with(|builder| builder.vlan_uniqueness(false), &[]);
    place(&world, "k", 101).await;
    run(&world).await;
    let owner = small(None)["ownerAccount"].as_str().unwrap().to_owned();
    world
        .cloud
        .insert_connection(PARENT, 101, &owner, "50Mbps", "a twin by hand")
        .unwrap();
    let numbers = run(&world).await;
    assert_eq!(numbers["orphans"], 1, "{numbers}");
    assert_eq!(taken_vlans(&world), [101]);
    assert_eq!(
        world.items("parent#")[0]["holder"]["S"],
        "k",
        "the order keeps its lease"
    );
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_claimed_while_a_run_looks_does_not_become_an_orphan() {
    let world = World::new();
    world.cloud.set_latency(Duration::from_millis(50));
    let event = http("k", &small(Some(101)).to_string());
    for ms in (0..400).step_by(25) {
        let world = World::new();
        world.cloud.set_latency(Duration::from_millis(50));
        let (numbers, answer) = tokio::join!(run(&world), async {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            world.invoke(&event).await.answer()
        });
        assert_eq!(answer["statusCode"], 201);
        assert_eq!(numbers["orphans"], 0, "ordered after {ms} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_moved_and_deleted_before_anybody_looked_is_told_as_deleted() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    run(&world).await;
    world.cloud.move_connection(&id, "dxcon-ffabc456").unwrap();
    world.cloud.delete(&id).unwrap();
    pass(60).await;
    let numbers = run(&world).await;
    assert_eq!(numbers["ghosts"], 0);
    assert_eq!(story(&world, "k"), ["allocated", "ordering → deleted"]);
    assert_eq!(taken_vlans(&world), [0; 0]);
    run(&world).await;
    assert_eq!(world.cloud.events().len(), 2, "told once");
}
