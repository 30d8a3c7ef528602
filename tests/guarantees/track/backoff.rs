//! Orders that will not end for long: tracking tries them ever more rarely, and tells of them in every run.

use std::time::Duration;

use allocation::Deadline;
use hosted_connection::ParentConnection;
use lifecycle::Tracker;
use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World};

use crate::answers::operations;
use crate::partner::{order, order_http, pass, record_of, run, status_and_code};

const ALLOCATE: &str = "AllocateHostedConnection";

/// A world in which nothing can be allocated, and an order that was tried.
async fn hopeless() -> World {
    let world = World::with(|builder| builder, &[("STUCK_AFTER_SECONDS", "600")]);
    let denied = FaultKind::Error {
        status: 403,
        code: "AccessDeniedException".into(),
    };
    world.cloud.inject(Fault::on(denied, ALLOCATE).always());
    world.invoke(&order("k", Some(101))).await;
    world
}

#[tokio::test(start_paused = true)]
async fn an_order_that_stays_stuck_is_tried_ever_more_rarely_and_told_of_in_every_run() {
    let world = hopeless().await;
    let mut tries = Vec::new();
    for minute in 1..=180 {
        pass(60).await;
        world.cloud.forget_requests();
        let numbers = run(&world).await;
        let told = (&numbers["unfinished"], &numbers["stuck"]);
        let stuck = u64::from(minute >= 10);
        assert_eq!(told, (&1.into(), &stuck.into()), "minute {minute}");
        match world.cloud.count(ALLOCATE) {
            0 => {
                let asked = operations(&world);
                let writes = ["Write", "Update", "Put", "Delete"];
                let writes = |asked: &String| writes.iter().any(|verb| asked.contains(verb));
                assert!(!asked.iter().any(writes), "minute {minute}: {asked:?}");
            }
            calls => tries.push((minute, calls)),
        }
    }
    let minutes: Vec<_> = tries.iter().map(|(minute, _)| *minute).collect();
    assert!(tries.iter().all(|(_, calls)| *calls == 1), "{tries:?}");
    assert_eq!(minutes[..8], [1, 2, 3, 4, 5, 6, 7, 8], "young, in each run");
    assert!(minutes.len() < 36, "{minutes:?}");
    assert!(minutes.last() >= Some(&155), "{minutes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_delivery_is_tried_at_once_however_long_ago_the_order_began() {
    let world = hopeless().await;
    for _ in 0..60 {
        pass(60).await;
        run(&world).await;
    }
    world.cloud.clear_faults();
    let answer = world.invoke(&order_http("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer).0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_person_who_asks_has_every_order_tried_now() {
    let world = hopeless().await;
    for _ in 0..60 {
        pass(60).await;
        run(&world).await;
    }
    // Right after a try, an order of an hour is not due.
    world.cloud.forget_requests();
    while world.cloud.count(ALLOCATE) == 0 {
        pass(60).await;
        run(&world).await;
    }
    pass(60).await;
    world.cloud.clear_faults();
    assert_eq!(run(&world).await["unfinished"], 1, "not due");
    let aws = world.aws("operator");
    let deadline = Deadline::at_ms(aws.clock.now_ms() + 30_000);
    let tracker = Tracker::new(aws, world.config());
    let parent = ParentConnection::parse(PARENT).unwrap();
    let report = tracker.finish_on(&parent, deadline).await.unwrap();
    assert_eq!((report.finished, report.unfinished), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_nobody_could_be_told_of_is_tried_in_every_run() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    world.invoke(&order("k", Some(101))).await;
    for _ in 0..120 {
        pass(60).await;
        world.cloud.forget_requests();
        run(&world).await;
        assert!(world.cloud.count("PutEvents") > 0);
    }
    world.cloud.clear_faults();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(run(&world).await["finished"], 1);
    assert!(record_of(&world, "k").get("unfinishedShard").is_none());
}
