//! Answers that may still change: in progress, throttled, unknown, unavailable; and our own faults.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{World, http, record, request, sqs, with_key};
use serde_json::json;

use super::{KEY, order};
use crate::answers::{Http, direct_problem};

#[tokio::test(start_paused = true)]
async fn while_another_worker_has_the_key_the_answer_is_409_until_it_is_done() {
    let world = World::new();
    world
        .cloud
        .set_latency_of("AllocateHostedConnection", Duration::from_secs(5));
    let keyed = with_key(KEY, request(Some(101)));
    let event = http(KEY, &order());
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let second = Http::of(world.invoke(&event).await);
        let direct = world.invoke(&keyed).await;
        let queued = world
            .invoke(&sqs([record("m-1", &keyed.to_string())]))
            .await;
        (second, direct, queued)
    };
    let (first, (second, direct, queued)) = tokio::join!(world.invoke(&event), second);
    second.problem(409, "InProgress");
    direct_problem(direct, 409, "InProgress");
    assert_eq!(
        queued.answer(),
        json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]})
    );
    let first = Http::of(first);
    assert_eq!(first.header("Idempotent-Replayed"), None);
    let third = Http::of(world.invoke(&event).await);
    assert_eq!((third.status, third.body), (201, first.body));
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

#[tokio::test(start_paused = true)]
async fn throttling_is_429_for_now_and_the_order_goes_through_later() {
    for operation in ["AllocateHostedConnection", "TransactWriteItems"] {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(FaultKind::Throttle, operation).always());
        let event = http(KEY, &order());
        Http::of(world.invoke(&event).await).problem(429, "Throttled");
        let keyed = with_key(KEY, request(Some(101)));
        direct_problem(world.invoke(&keyed).await, 429, "Throttled");
        assert!(world.cloud.events().is_empty(), "nothing is final yet");
        world.cloud.clear_faults();
        Http::of(world.invoke(&event).await).receipt();
        assert_eq!(world.cloud.connections().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_is_503_until_it_is_known() {
    let world = World::new();
    world.cloud.inject(Fault::on(
        FaultKind::LandLate(Duration::from_secs(10)),
        "AllocateHostedConnection",
    ));
    let event = http(KEY, &order());
    Http::of(world.invoke(&event).await).problem(503, "OutcomeUnknown");
    let keyed = with_key(KEY, request(Some(101)));
    direct_problem(world.invoke(&keyed).await, 503, "OutcomeUnknown");
    assert!(world.cloud.events().is_empty(), "nothing is final yet");
    tokio::time::sleep(Duration::from_secs(15)).await;
    Http::of(world.invoke(&event).await).receipt();
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn when_a_dependency_is_down_the_answer_is_503_and_nothing_final_is_said() {
    for operation in ["PutEvents", "TransactWriteItems"] {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(FaultKind::ServerErrorBefore, operation).always());
        let event = http(KEY, &order());
        Http::of(world.invoke(&event).await).problem(503, "Unavailable");
        world.cloud.clear_faults();
        let receipt = Http::of(world.invoke(&event).await).receipt();
        assert_eq!(world.cloud.connections().len(), 1);
        assert_eq!(world.details()[0]["connection"], receipt["connection"]);
    }
}

#[tokio::test(start_paused = true)]
async fn our_own_fault_is_500_without_internals() {
    let world = World::new();
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    world
        .cloud
        .inject(Fault::on(denied, "AllocateHostedConnection").always());
    let answer = Http::of(world.invoke(&http(KEY, &order())).await);
    answer.problem(500, "Internal");
    let keyed = with_key(KEY, request(Some(101)));
    let direct = direct_problem(world.invoke(&keyed).await, 500, "Internal").to_string();
    for text in [&answer.body, &direct] {
        for internal in [
            "AccessDenied",
            "AllocateHosted",
            "allocations",
            "arn:",
            "injected",
        ] {
            assert!(!text.contains(internal), "{internal} in {text}");
        }
    }
    assert!(
        world.cloud.events().is_empty(),
        "we failed, the order did not"
    );
}
