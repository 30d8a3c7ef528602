//! Many parents: followed side by side, and each by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use local_cloud::{Fault, FaultKind, Parent};
use proof::{Invocation, Program, World, schedule};
use serde_json::json;

use crate::meddler::Meddler;
use crate::partner::{pass, place, run, story};

const DESCRIBE: &str = "DescribeHostedConnections";
const TRACK: Program = Program::Track;

fn parents(count: usize) -> Vec<Parent> {
    let ids = (0..count).map(|number| format!("dxcon-ff{number:06}"));
    ids.map(|id| Parent::interconnect(id, "10Gbps")).collect()
}

#[tokio::test(start_paused = true)]
async fn parents_are_followed_side_by_side_but_not_all_at_once() {
    let world = World::with(|builder| builder.parents(parents(150)), &[]);
    // One after the other, they would take five runs.
    world.cloud.set_latency_of(DESCRIBE, Duration::from_secs(1));
    let numbers = run(&world).await;
    let followed = (&numbers["parents"], &numbers["parentsLeftOut"]);
    assert_eq!(followed, (&150.into(), &0.into()), "{numbers}");
    let mut at_once: BTreeMap<_, usize> = BTreeMap::new();
    let requests = world.cloud.requests().into_iter();
    for look in requests.filter(|request| request.operation == DESCRIBE) {
        *at_once.entry(look.time).or_default() += 1;
    }
    assert!(at_once.values().all(|looks| *looks <= 8), "{at_once:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_parents_are_followed_within_five_minutes() {
    let world = World::with(|builder| builder.parents(parents(1_000)), &[]);
    world.cloud.set_latency(Duration::from_millis(5));
    for operation in [DESCRIBE, "DescribeInterconnects", "DescribeLags"] {
        let latency = Duration::from_millis(60);
        world.cloud.set_latency_of(operation, latency);
    }
    let begun = tokio::time::Instant::now();
    let numbers = run(&world).await;
    assert_eq!(numbers["parents"], 1_000, "{numbers}");
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_panic_over_one_parent_keeps_no_other_from_being_followed() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.confirm(&id).unwrap();
    let wire = Meddler::panics_on("dxcon-ffabc456").between(world.cloud.http_client_as("meddled"));
    for _ in 0..3 {
        // Whichever parent comes first.
        let ran = world
            .invoke_program_through(wire.clone(), TRACK, &json!({}))
            .await;
        let Invocation::Failed { error_type, .. } = ran else {
            panic!("a panic is nobody's fault but ours: {ran:?}")
        };
        assert_eq!(error_type, "Internal");
        pass(60).await;
    }
    assert_eq!(story(&world, "k"), ["allocated", "ordering → pending"]);
    let looks = world.cloud.count(DESCRIBE);
    assert_eq!(looks, 2 * 3, "the two others, in each run");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_does_not_answer_keeps_no_other_waiting() {
    let world = World::new();
    // Whichever comes first, and all that the SDK tries.
    world
        .cloud
        .inject(Fault::on_nth(FaultKind::HangBefore, DESCRIBE, 1));
    let begun = world.cloud.clock().now();
    let numbers = world
        .invoke_program_as("slow", TRACK, &schedule())
        .await
        .answer();
    assert_eq!(numbers["parents"], 3, "{numbers}");
    let requests = world.cloud.requests();
    let looks = requests
        .iter()
        .filter(|request| request.operation == DESCRIBE);
    let times: Vec<_> = looks
        .map(|look| look.time.duration_since(begun).unwrap())
        .collect();
    assert_eq!(times.len(), 4, "{times:?}");
    let others = times[1..3].iter();
    assert!(
        others.copied().all(|time| time < Duration::from_secs(3)),
        "{times:?}"
    );
}
