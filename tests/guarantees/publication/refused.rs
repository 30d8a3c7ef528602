//! Requests that EventBridge does not take as a whole: one entry that it cannot read keeps no other from going out.

use local_cloud::{Fault, FaultKind};
use proof::{World, record, request, returned, sqs, with_key};
use serde_json::{Value, json};

use super::{batch, event_ids};
use crate::meddler::Meddler;

const TRACE: &str = "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1";

/// Has EventBridge refuse each request in which this stands.
fn refuses(
    world: &World,
    text: &'static str,
) -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    Meddler::refuses("PutEvents", text, "ValidationException")
        .between(world.cloud.http_client_as("meddled"))
}

fn traced(key: &str, vlan: u16) -> Value {
    let mut message = record(
        &format!("m-{key}"),
        &with_key(key, request(Some(vlan))).to_string(),
    );
    message["attributes"]["AWSTraceHeader"] = TRACE.into();
    message
}

#[tokio::test(start_paused = true)]
async fn one_event_that_is_refused_keeps_no_other_from_going_out() {
    let world = World::new();
    let wire = refuses(&world, "k-3");
    let answer = world.invoke_through(wire, &batch(10)).await.answer();
    assert_eq!(returned(&answer), ["m-3"]);
    assert_eq!(event_ids(&world).len(), 9);
    assert_eq!(world.cloud.count("PutEvents"), 9, "each alone");
    // Nothing of it is lost.
    world.deliver_until_final(&batch(10)).await;
    assert_eq!(event_ids(&world).len(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_refused_for_its_trace_goes_out_without_it() {
    let world = World::new();
    let mut messages = batch(5)["Records"].as_array().unwrap().clone();
    messages[2] = traced("traced", 200);
    let wire = refuses(&world, TRACE);
    let answer = world.invoke_through(wire, &sqs(messages)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    let traces = |traced: bool| {
        let events = world.cloud.events().into_iter();
        let of = events.filter(|event| (event.detail["idempotencyKey"] == "traced") == traced);
        of.map(|event| event.trace_header).collect::<Vec<_>>()
    };
    assert_eq!(traces(true), [None]);
    assert_eq!(traces(false).len(), 4);
    assert!(traces(false).iter().all(Option::is_some));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_alone_is_sent_once_more_without_its_trace_too() {
    let world = World::new();
    let wire = refuses(&world, TRACE);
    let order = sqs([traced("traced", 200)]);
    let answer = world.invoke_through(wire, &order).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(world.cloud.events()[0].trace_header, None);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_went_without_its_trace_is_tried_again_without_it() {
    let world = World::new();
    let wire = refuses(&world, TRACE);
    // Its request is taken, and the entry is throttled.
    let throttled = Fault::on(FaultKind::PartialPutEvents(vec![0]), "PutEvents");
    world.cloud.inject(throttled);
    let order = sqs([traced("traced", 200)]);
    let answer = world.invoke_through(wire, &order).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(world.cloud.count("PutEvents"), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_about_the_request_is_not_asked_ten_times_more() {
    let error = |status, code: &str| FaultKind::Error {
        status,
        code: code.into(),
    };
    for (kind, calls) in [
        (FaultKind::Throttle, 3),
        (FaultKind::ServerErrorBefore, 3),
        (FaultKind::RefuseBefore, 3),
        (error(400, "AccessDeniedException"), 1),
        (error(400, "ExpiredTokenException"), 1),
    ] {
        let name = format!("{kind}");
        let world = World::new();
        world.cloud.inject(Fault::on(kind, "PutEvents").always());
        let answer = world.invoke(&batch(10)).await.answer();
        assert_eq!(returned(&answer).len(), 10, "{name}");
        assert_eq!(world.cloud.count("PutEvents"), calls, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn once_the_bus_is_away_the_rest_of_a_split_request_is_not_sent() {
    let world = World::new();
    let wire = refuses(&world, "k-0");
    // The first alone is refused too; the second meets a bus that is away.
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    let answer = world.invoke_through(wire, &batch(10)).await.answer();
    assert_eq!(returned(&answer).len(), 10);
    assert_eq!(world.cloud.count("PutEvents"), 3, "the SDK's tries of one");
    assert_eq!(world.details(), [json!(null); 0]);
}
