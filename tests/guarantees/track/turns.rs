//! Where one run does not get through all parents: nobody waits longer than round-robin needs, and one run more.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use local_cloud::{Fault, FaultKind, Parent};
use proof::{Program, World, schedule};
use serde_json::{Value, json};

use crate::answers::operations;
use crate::partner::{pass, run};

const DESCRIBE: &str = "DescribeHostedConnections";

fn id(number: usize) -> String {
    format!("dxcon-ff{number:06}")
}

fn with_parents(count: usize) -> World {
    let parents = (0..count).map(|number| Parent::interconnect(id(number), "10Gbps"));
    World::with(|builder| builder.parents(parents), &[])
}

/// Has Direct Connect answer `looks` looks, and throttle all that come after them.
fn patient_for(world: &World, looks: u64) {
    world.cloud.clear_faults();
    let fault = Fault::on_nth(FaultKind::Throttle, DESCRIBE, looks + 1);
    world.cloud.inject(fault.always());
}

/// The parents whose look was answered since requests were forgotten, in order.
fn looked_at(world: &World) -> Vec<String> {
    let requests = world.cloud.requests().into_iter();
    let looks = requests.filter(|asked| asked.operation == DESCRIBE && asked.status == Some(200));
    let ids = looks.map(|look| look.body["connectionId"].as_str().unwrap().to_owned());
    ids.collect()
}

fn turn(world: &World) -> Option<Value> {
    world.items("tracking").pop()
}

/// Runs that often, each time after `prepare`, and answers with the longest that any parent waited, in runs.
async fn longest_wait(
    world: &World,
    count: usize,
    (runs, every_s): (usize, u64),
    prepare: impl Fn(&World),
) -> usize {
    let mut waiting: BTreeMap<_, usize> = (0..count).map(|number| (id(number), 0)).collect();
    let mut longest = 0;
    for _ in 0..runs {
        prepare(world);
        world.cloud.forget_requests();
        run(world).await;
        let seen: BTreeSet<_> = looked_at(world).into_iter().collect();
        for (parent, waited) in &mut waiting {
            *waited += 1;
            longest = longest.max(*waited);
            if seen.contains(parent) {
                *waited = 0;
            }
        }
        pass(every_s).await;
    }
    longest
}

#[tokio::test(start_paused = true)]
async fn at_every_rate_all_parents_have_their_turn_though_a_run_gets_to_four_of_ten() {
    for every_minutes in [1, 2, 5, 10, 60] {
        let world = with_parents(10);
        let schedule = (30, 60 * every_minutes);
        let longest = longest_wait(&world, 10, schedule, |world| patient_for(world, 4)).await;
        // Round-robin needs three.
        assert!(
            longest <= 4,
            "every {every_minutes} minutes: {longest} runs"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn where_time_is_short_all_parents_have_their_turn() {
    let world = with_parents(100);
    world
        .cloud
        .set_latency_of(DESCRIBE, Duration::from_millis(3_500));
    let longest = longest_wait(&world, 100, (12, 300), |_| {}).await;
    // A run has time for some forty.
    assert!(longest <= 4, "{longest} runs");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_gets_through_writes_nothing() {
    let world = with_parents(10);
    for _ in 0..3 {
        world.cloud.forget_requests();
        run(&world).await;
        let asked = operations(&world);
        let writes = ["Write", "Update", "Put", "Delete"];
        let is_write = |asked: &String| writes.iter().any(|verb| asked.contains(verb));
        assert!(!asked.iter().any(is_write), "{asked:?}");
        pass(60).await;
    }
    assert_eq!(turn(&world), None);
}

#[tokio::test(start_paused = true)]
async fn the_turn_is_kept_until_a_run_gets_through() {
    let world = with_parents(10);
    patient_for(&world, 4);
    run(&world).await;
    assert!(turn(&world).is_some());
    world.cloud.clear_faults();
    run(&world).await;
    assert_eq!(turn(&world), None);
}

#[tokio::test(start_paused = true)]
async fn a_killed_run_leaves_the_turn_as_it_was() {
    let world = with_parents(10);
    patient_for(&world, 4);
    run(&world).await;
    let before = turn(&world);
    world.cloud.clear_faults();
    let kill = Fault::on_nth(FaultKind::KillBefore, DESCRIBE, 3).for_worker("killed");
    world.cloud.inject(kill);
    world
        .invoke_program_as("killed", Program::Track, &schedule())
        .await;
    assert_eq!(turn(&world), before);
    world.cloud.forget_requests();
    patient_for(&world, 6);
    run(&world).await;
    let seen = looked_at(&world);
    assert_eq!(seen.len(), 6, "those that the first run did not get to");
    patient_for(&world, 10);
    run(&world).await;
    let all: BTreeSet<_> = looked_at(&world).into_iter().collect();
    assert_eq!(all.len(), 10);
}

#[tokio::test(start_paused = true)]
async fn of_two_runs_at_once_one_says_who_is_next() {
    let world = with_parents(40);
    world
        .cloud
        .set_latency_of(DESCRIBE, Duration::from_millis(3_500));
    let mut seen = BTreeSet::new();
    for _ in 0..4 {
        world.cloud.forget_requests();
        tokio::join!(run(&world), run(&world));
        seen.extend(looked_at(&world));
        pass(60).await;
    }
    assert_eq!(seen.len(), 40);
}

#[tokio::test(start_paused = true)]
async fn a_turn_that_cannot_be_understood_is_written_anew() {
    let strange = json!({
        "pk": {"S": "tracking"},
        "sk": {"S": "turn"},
        "nextParentId": {"N": "1"},
        "turnVersion": {"BOOL": true},
    });
    let world = with_parents(10);
    world.cloud.import_items(vec![strange.clone()]).unwrap();
    patient_for(&world, 4);
    run(&world).await;
    let next = &turn(&world).unwrap()["nextParentId"]["S"];
    assert!(next.as_str().unwrap().starts_with("dxcon-"), "{next}");
    world.cloud.import_items(vec![strange]).unwrap();
    world.cloud.clear_faults();
    run(&world).await;
    assert_eq!(turn(&world), None);
}
