//! Deletions that take Direct Connect its time.

use std::time::Duration;

use local_cloud::Progress;
use proof::{Program, World, get};

use super::answers::{receipt, release};
use crate::partner::{
    body, is_unfinished, order_http, pass, place, run, status_and_code, story, taken_vlans,
};

fn slow() -> World {
    let progress = Progress {
        deleted_after: Some(Duration::from_secs(150)),
        ..Progress::default()
    };
    World::with(
        |builder| builder.progress(progress),
        &[("STUCK_AFTER_SECONDS", "100")],
    )
}

const STORY: [&str; 4] = [
    "allocated",
    "ordering → deleting",
    "deleting → deleted",
    "released, deleted",
];

#[tokio::test(start_paused = true)]
async fn a_release_that_takes_long_is_followed_to_its_end_without_being_asked_again() {
    let world = slow();
    place(&world, "k", 101).await;
    let http = release(&world, "k").await;
    assert_eq!((http.status, http.header("Retry-After")), (202, Some("10")));
    let receipt = receipt(&http);
    assert_eq!(receipt["status"], "releasing");
    assert_eq!(receipt["connection"]["connectionState"], "deleting");
    let mut stuck = Vec::new();
    for minute in 1..=3 {
        pass(60).await;
        let numbers = run(&world).await;
        stuck.push(numbers["stuck"].as_u64().unwrap());
        let gone = minute == 3;
        assert_eq!(numbers["finished"], u64::from(gone), "{numbers}");
        assert_eq!(numbers["unfinished"], u64::from(!gone), "{numbers}");
        assert_eq!(
            taken_vlans(&world).is_empty(),
            gone,
            "freed when it is gone, not before"
        );
    }
    assert_eq!(stuck, [0, 1, 0], "longer than the limit");
    assert_eq!(story(&world, "k"), STORY);
    assert_eq!(world.cloud.events().len(), 4);
    assert!(!is_unfinished(&world, "k"));
    let again = release(&world, "k").await;
    assert_eq!(
        (again.status, again.header("Idempotent-Replayed")),
        (200, Some("true"))
    );
}

#[tokio::test(start_paused = true)]
async fn while_it_is_being_deleted_everybody_is_told_so() {
    let world = slow();
    let id = place(&world, "k", 101).await;
    release(&world, "k").await;
    let again = release(&world, "k").await;
    assert_eq!(
        (again.status, receipt(&again)["status"].as_str()),
        (202, Some("releasing"))
    );
    let replay = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(replay["statusCode"], 201, "{replay}");
    assert_eq!(body(&replay)["status"], "releasing");
    assert_eq!(body(&replay)["connection"]["connectionId"], id);
    let question = get("/allocations/k");
    let asked = world.invoke_program(Program::Inspect, &question).await;
    assert_eq!(body(&asked.answer())["status"], "releasing");
    let other = world.invoke(&order_http("other", Some(101))).await.answer();
    assert_eq!(status_and_code(&other), (422, "VlanInUse".into()));
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    assert_eq!(world.cloud.events().len(), 3, "no change is told twice");
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_again_when_it_is_gone_ends_it_without_a_run() {
    let world = slow();
    place(&world, "k", 101).await;
    release(&world, "k").await;
    pass(151).await;
    let again = release(&world, "k").await;
    assert_eq!(
        (again.status, again.header("Idempotent-Replayed")),
        (200, None)
    );
    assert_eq!(story(&world, "k"), STORY);
    assert_eq!(taken_vlans(&world), [0; 0]);
    assert_eq!(run(&world).await["stateChanges"], 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_unfinished_on_the_same_parent_does_not_make_a_released_one_an_orphan() {
    // The run looks once for the unfinished order; by the time that it follows the parent the release has ended.
    let world = slow();
    place(&world, "k", 101).await;
    release(&world, "k").await;
    let fault = local_cloud::FaultKind::ApplyThenKill;
    world
        .cloud
        .inject(local_cloud::Fault::on(fault, "AllocateHostedConnection"));
    world.invoke(&order_http("unfinished", Some(102))).await;
    pass(149).await;
    // Slow enough for the deletion to end in between.
    world.cloud.set_latency(Duration::from_millis(250));
    let numbers = run(&world).await;
    assert_eq!(numbers["orphans"], 0, "{numbers}");
    world.cloud.set_latency(Duration::ZERO);
    run(&world).await;
    assert_eq!(story(&world, "k"), STORY);
    assert_eq!(taken_vlans(&world), [102]);
}
