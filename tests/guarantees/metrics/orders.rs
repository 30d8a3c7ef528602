//! What becomes of orders, by door, and what is found of calls without an answer.

use std::time::Duration;

use aws::metrics::OrderMetric;
use local_cloud::{Fault, FaultKind};
use proof::{PARENT, http, record, request, sqs, with_key};
use serde_json::{Value, json};

use super::{ALLOCATE, denied, figures, forget, measured, only, order, told};
use crate::partner::{FOREIGN, pass};

#[tokio::test(start_paused = true)]
async fn orders_are_counted_by_what_became_of_them_and_by_door() {
    let world = measured();
    let good = with_key("good", request(Some(101)));
    let mut reused = good.clone();
    reused["bandwidth"] = "50Mbps".into();
    let batch = sqs([
        record("m-1", &good.to_string()),
        record("m-2", &good.to_string()),
        record("m-3", &reused.to_string()),
        record("m-4", "{}"),
        record("m-5", &with_key("other", request(Some(102))).to_string()),
    ]);
    world.invoke(&batch).await.answer();
    let documents = world.take_metrics();
    assert_eq!(documents[0]["Door"], "sqs");
    let orders = [
        ("AllocatedOrders", 2),
        ("ReplayedOrders", 1),
        ("RejectedOrders", 2),
    ];
    for (name, count) in orders {
        assert_eq!(documents[0][name], count, "{}", documents[0]);
    }
    for (event, door, name) in [
        (order("over-http", 103), "http", "AllocatedOrders"),
        (order("good", 101), "http", "ReplayedOrders"),
        (http("invalid", "{}"), "http", "RejectedOrders"),
        (order("taken", 101), "http", "RejectedOrders"),
        (
            with_key("direct", request(Some(104))),
            "direct",
            "AllocatedOrders",
        ),
        (good, "direct", "ReplayedOrders"),
        (with_key("bad", json!({})), "direct", "RejectedOrders"),
    ] {
        world.invoke(&event).await;
        let documents = world.take_metrics();
        assert_eq!(documents.len(), 1);
        assert_eq!(documents[0]["Door"], door, "{event}");
        let mut orders = figures(&documents[0]);
        orders.retain(|name, _| OrderMetric::ALL.iter().any(|order| order.name() == name));
        assert_eq!(orders, only([(name, 1)]), "{event}");
    }
}

#[tokio::test(start_paused = true)]
async fn orders_that_are_handed_back_are_counted_by_why() {
    for (kind, operation, expected) in [
        (
            FaultKind::Throttle,
            ALLOCATE,
            only([("ReturnedOrders", 1), ("DirectConnectThrottles", 1)]),
        ),
        (
            FaultKind::ResetBefore,
            ALLOCATE,
            only([("UnknownOutcomes", 1), ("ReconciledAbsent", 1)]),
        ),
        (denied(), ALLOCATE, only([("Defects", 1)])),
        (
            FaultKind::ServerErrorBefore,
            "PutEvents",
            only([("ReturnedOrders", 1), ("PublishFailures", 1)]),
        ),
        (
            FaultKind::HangBefore,
            "PutEvents",
            only([("ReturnedOrders", 1), ("PublishFailures", 1)]),
        ),
    ] {
        let world = measured();
        let story = format!("{kind:?}");
        world.cloud.inject(Fault::on(kind, operation).always());
        world.invoke(&order("k", 101)).await;
        assert_eq!(told(&world), expected, "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_is_no_order_and_neither_is_a_request_for_something_else() {
    let world = measured();
    let mut question = order("k", 101);
    question["rawQueryString"] = "dryRun=true".into();
    let mut elsewhere = order("k", 101);
    elsewhere["rawPath"] = "/elsewhere".into();
    for event in [question.clone(), elsewhere] {
        world.invoke(&event).await;
        assert_eq!(told(&world), only([]));
    }
    world.cloud.inject(Fault::on(denied(), "GetItem"));
    world.invoke(&question).await;
    assert_eq!(told(&world), only([("Defects", 1)]));
}

#[tokio::test(start_paused = true)]
async fn takeovers_and_what_they_find_are_counted() {
    let world = measured();
    let orders = || async {
        world.invoke(&order("k", 101)).await;
        told(&world)
    };
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    assert_eq!(world.take_metrics(), [Value::Null; 0], "killed");
    pass(60).await;
    let adopted = [
        ("Takeovers", 1),
        ("ReconciledAdopted", 1),
        ("AllocatedOrders", 1),
    ];
    assert_eq!(orders().await, only(adopted));
    assert_eq!(orders().await, only([("ReplayedOrders", 1)]));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_and_found_in_the_same_invocation_is_no_takeover() {
    let world = measured();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenReset, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    let expected = [("ReconciledAdopted", 1), ("AllocatedOrders", 1)];
    assert_eq!(told(&world), only(expected));
}

#[tokio::test(start_paused = true)]
async fn somebody_else_in_the_place_of_a_lost_call_is_counted() {
    let world = measured();
    world
        .cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    forget(&world);
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    pass(60).await;
    world.invoke(&order("k", 101)).await;
    let expected = [
        ("Takeovers", 1),
        ("ReconciledForeign", 1),
        ("RejectedOrders", 1),
    ];
    assert_eq!(told(&world), only(expected));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_meets_an_earlier_lost_call_finds_it_and_counts_it() {
    let world = measured();
    let late = FaultKind::LandLate(Duration::from_secs(100));
    world.cloud.inject(Fault::on(late, ALLOCATE));
    world.invoke(&order("k", 101)).await;
    let lost = [("UnknownOutcomes", 1), ("ReconciledAbsent", 1)];
    assert_eq!(told(&world), only(lost));
    pass(99).await;
    // Between the look and the call of the second delivery, the first call lands.
    let slow = Duration::from_millis(900);
    world.cloud.set_latency_of("UpdateItem", slow);
    world.invoke(&order("k", 101)).await;
    let found = [
        ("Takeovers", 1),
        ("ReconciledAbsent", 1),
        ("ReconciledAdopted", 1),
        ("AllocatedOrders", 1),
    ];
    assert_eq!(told(&world), only(found));
}
