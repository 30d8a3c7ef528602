//! An order after its release, and releases of what is gone already.

use proof::World;

use super::answers::{receipt, release};
use crate::partner::{
    body, order_http, pass, place, record_of, run, status_and_code, story, taken_vlans,
};

const DAY: u64 = 24 * 60 * 60;

#[tokio::test(start_paused = true)]
async fn the_order_delivered_again_is_answered_as_released_and_never_allocates() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    release(&world, "k").await;
    // Somebody else has its VLAN by now.
    let other = place(&world, "other", 101).await;
    world.cloud.forget_requests();
    let replay = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(replay["statusCode"], 201, "{replay}");
    assert_eq!(replay["headers"]["Idempotent-Replayed"], "true");
    let receipt = body(&replay);
    assert_eq!(
        (&receipt["status"], &receipt["idempotencyKey"]),
        (&"released".into(), &"k".into())
    );
    assert_eq!(receipt["connection"]["connectionId"], id);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 0);
    let another = world.invoke(&order_http("k", Some(102))).await.answer();
    assert_eq!(
        status_and_code(&another),
        (422, "IdempotencyKeyReused".into())
    );
    // Nor does releasing it again touch the one who came after.
    release(&world, "k").await;
    let living = world.cloud.living_connections(proof::PARENT);
    assert_eq!(living.len(), 1);
    assert_eq!(living[0].id, other);
    assert_eq!(taken_vlans(&world), [101]);
}

#[tokio::test(start_paused = true)]
async fn a_released_order_is_answered_for_ninety_days_and_is_new_after_that() {
    let world = World::new();
    place(&world, "k", 101).await;
    release(&world, "k").await;
    assert!(record_of(&world, "k").get("expiresAt").is_some());
    pass(90 * DAY - 60).await;
    let replay = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(body(&replay)["status"], "released");
    assert_eq!(release(&world, "k").await.status, 200);
    pass(120).await;
    release(&world, "k").await.problem(404, "NotFound");
    let anew = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(body(&anew)["status"], "allocated");
    assert_eq!(world.cloud.living_connections(proof::PARENT).len(), 1);
    // And can be released in its turn, which is told as a fact of its own.
    release(&world, "k").await;
    let story = story(&world, "k");
    assert_eq!(story.len(), 6, "{story:?}");
    assert_eq!(story[3..], story[..3]);
}

#[tokio::test(start_paused = true)]
async fn releasing_what_was_deleted_or_declined_is_no_more_than_saying_so() {
    for (state, seen) in [
        ("deleted", true),
        ("deleted", false),
        ("rejected", true),
        ("rejected", false),
    ] {
        let name = format!("{state}, seen by a run: {seen}");
        let world = World::new();
        let id = place(&world, "k", 101).await;
        world.cloud.set_state(&id, state).unwrap();
        if seen {
            run(&world).await;
            assert_eq!(taken_vlans(&world), [0; 0], "{name}");
        }
        let http = release(&world, "k").await;
        assert_eq!(
            (http.status, http.header("Idempotent-Replayed")),
            (200, None),
            "{name}"
        );
        let receipt = receipt(&http);
        assert_eq!(receipt["status"], "released", "{name}");
        assert_eq!(receipt["connection"]["connectionState"], state, "{name}");
        let expected = [
            "allocated".into(),
            format!("ordering → {state}"),
            format!("released, {state}"),
        ];
        assert_eq!(story(&world, "k"), expected, "{name}");
        assert_eq!(taken_vlans(&world), [0; 0], "{name}");
        assert_eq!(world.cloud.connections()[0].state, state, "{name}");
        let again = release(&world, "k").await;
        assert_eq!(again.header("Idempotent-Replayed"), Some("true"), "{name}");
        assert_eq!(world.cloud.events().len(), 3, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn releasing_what_direct_connect_has_forgotten_is_no_more_than_saying_so() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.delete(&id).unwrap();
    world.cloud.purge().unwrap();
    // So soon after it was allocated, it may only not be shown yet.
    let soon = release(&world, "k").await;
    soon.problem(503, "OutcomeUnknown");
    assert_eq!(taken_vlans(&world), [101]);
    pass(31).await;
    assert_eq!(release(&world, "k").await.status, 200);
    let expected = ["allocated", "ordering → deleted", "released, deleted"];
    assert_eq!(story(&world, "k"), expected);
    assert_eq!(taken_vlans(&world), [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_release_of_an_old_order_leaves_the_vlans_new_holder_alone() {
    let world = World::new();
    let id = place(&world, "old", 101).await;
    world.cloud.decline(&id).unwrap();
    run(&world).await;
    let new = place(&world, "new", 101).await;
    assert_eq!(release(&world, "old").await.status, 200);
    assert_eq!(taken_vlans(&world), [101]);
    assert_eq!(world.items("parent#")[0]["holder"]["S"], "new");
    let living = world.cloud.living_connections(proof::PARENT);
    assert_eq!(living[0].id, new);
    assert_eq!(run(&world).await["orphans"], 0);
}
