//! What is left of an order whose connection is gone: an answer, for a long time, and then nothing.

use proof::World;

use crate::partner::{
    body, order_http, pass, place, record_of, run, status_and_code, story, taken_vlans,
};

const DAY: u64 = 24 * 60 * 60;

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_gone_gives_its_vlan_to_the_next_order() {
    for state in ["rejected", "deleted"] {
        let world = World::new();
        let id = place(&world, "first", 101).await;
        assert_eq!(
            status_and_code(&world.invoke(&order_http("early", Some(101))).await.answer()),
            (422, "VlanInUse".into())
        );
        world.cloud.set_state(&id, state).unwrap();
        run(&world).await;
        assert_eq!(taken_vlans(&world), [0; 0], "{state}");
        place(&world, "second", 101).await;
        assert_eq!(world.cloud.connections().len(), 2, "{state}");
        // The first one's end has nothing to do with the second one.
        for _ in 0..2 {
            run(&world).await;
        }
        assert_eq!(taken_vlans(&world), [101], "{state}");
        assert_eq!(
            story(&world, "first"),
            ["allocated".into(), format!("ordering → {state}")]
        );
        assert_eq!(story(&world, "second"), ["allocated"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_connection_is_gone_is_answered_for_ninety_days_and_is_new_after_that() {
    for state in ["rejected", "deleted"] {
        let world = World::new();
        let id = place(&world, "k", 101).await;
        run(&world).await;
        assert_eq!(record_of(&world, "k").get("expiresAt"), None, "it lives");
        world.cloud.set_state(&id, state).unwrap();
        run(&world).await;
        let expires_at_s: u64 = record_of(&world, "k")["expiresAt"]["N"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(expires_at_s, 1_767_323_045 + 90 * DAY);
        world.cloud.purge().unwrap();
        pass(90 * DAY - 60).await;
        run(&world).await;
        let replay = world.invoke(&order_http("k", Some(101))).await.answer();
        assert_eq!(replay["statusCode"], 201, "{replay}");
        assert_eq!(replay["headers"]["Idempotent-Replayed"], "true");
        assert_eq!(body(&replay)["connection"]["connectionId"], id);
        assert_eq!(body(&replay)["status"], "allocated");
        pass(120).await;
        let anew = world.invoke(&order_http("k", Some(101))).await.answer();
        assert_eq!(anew["statusCode"], 201, "{anew}");
        assert_eq!(anew["headers"].get("Idempotent-Replayed"), None);
        assert_ne!(body(&anew)["connection"]["connectionId"], id);
        assert_eq!(world.cloud.connections().len(), 1);
        let allocated = story(&world, "k")
            .iter()
            .filter(|line| *line == "allocated")
            .count();
        assert_eq!(allocated, 2, "another connection is another fact");
        // The new order's life is followed like any other's.
        let id = body(&anew)["connection"]["connectionId"]
            .as_str()
            .unwrap()
            .to_owned();
        world.cloud.confirm(&id).unwrap();
        run(&world).await;
        assert_eq!(story(&world, "k").last().unwrap(), "ordering → pending");
        assert_eq!(record_of(&world, "k").get("expiresAt"), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_lives_is_answered_for_ever() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.confirm(&id).unwrap();
    run(&world).await;
    pass(1000 * DAY).await;
    let replay = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(body(&replay)["connection"]["connectionId"], id);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_retention_begins_only_when_the_end_is_told() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.decline(&id).unwrap();
    let down = local_cloud::FaultKind::ServerErrorBefore;
    world
        .cloud
        .inject(local_cloud::Fault::on(down, "PutEvents").always());
    run(&world).await;
    assert_eq!(record_of(&world, "k").get("expiresAt"), None);
    world.cloud.clear_faults();
    pass(60).await;
    run(&world).await;
    assert_eq!(story(&world, "k"), ["allocated", "ordering → rejected"]);
    assert!(record_of(&world, "k").get("expiresAt").is_some());
}
