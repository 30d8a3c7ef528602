//! What an event is a part of: X-Ray's trace beside it, and the caller's correlation id in it. Neither changes what
//! happens, nor what a fact is called.

use std::collections::HashMap;

use lambda_runtime::{Context, LambdaEvent};
use local_cloud::{Fault, FaultKind};
use proof::{PARENT, Program, TIMEOUT, World, http, record, request, sqs, with_key};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};

use crate::partner::{pass, record_of, run};

const SENDERS: &str = "Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1";

fn message(key: &str, vlan: u16) -> Value {
    let order = with_key(key, request(Some(vlan)));
    record(&format!("m-{key}"), &order.to_string())
}

fn sent_in(mut message: Value, trace: &str) -> Value {
    message["attributes"]["AWSTraceHeader"] = trace.into();
    message
}

fn correlated(mut message: Value, id: &str) -> Value {
    message["messageAttributes"]["Correlation-Id"] =
        json!({"stringValue": id, "dataType": "String"});
    message
}

/// The trace of each publication of `key`, in order.
fn traces(world: &World, key: &str) -> Vec<String> {
    let events = world.cloud.events().into_iter();
    let of_key = events.filter(|event| event.detail["idempotencyKey"] == key);
    of_key
        .map(|event| event.trace_header.unwrap_or_default())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_event_belongs_to_the_trace_of_its_message_or_else_of_its_invocation() {
    let world = World::new();
    let batch = sqs([
        sent_in(message("sent", 101), SENDERS),
        message("plain", 102),
        sent_in(message("unusable", 103), "no trace at all"),
        sent_in(
            message("long", 104),
            &format!("{SENDERS};{}", "x".repeat(500)),
        ),
    ]);
    world.invoke_as("worker", &batch, TIMEOUT).await.answer();
    let own = World::trace_of("worker");
    assert_eq!(traces(&world, "sent"), [SENDERS]);
    for key in ["plain", "unusable", "long"] {
        assert_eq!(traces(&world, key), [own.as_str()], "{key}");
    }
    let order = http("http", &request(Some(105)).to_string());
    world.invoke_as("other", &order, TIMEOUT).await.answer();
    assert_eq!(traces(&world, "http"), [World::trace_of("other")]);
}

#[tokio::test(start_paused = true)]
async fn a_late_publication_belongs_to_the_trace_that_it_happens_in() {
    let world = World::new();
    let order = http("k", &request(Some(101)).to_string());
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    world.invoke_as("first", &order, TIMEOUT).await;
    world.cloud.clear_faults();
    world.invoke_as("second", &order, TIMEOUT).await;
    assert_eq!(traces(&world, "k"), [World::trace_of("second")]);
}

#[tokio::test(start_paused = true)]
async fn what_tracking_and_releases_publish_has_traces_too() {
    let world = World::new();
    let order = http("k", &request(Some(101)).to_string());
    world.invoke_as("caller", &order, TIMEOUT).await;
    let id = world.cloud.connections()[0].id.clone();
    world.cloud.confirm(&id).unwrap();
    pass(60).await;
    world
        .invoke_program_as("schedule", Program::Track, &proof::schedule())
        .await;
    let wish = json!({"action": "release", "idempotencyKey": "k"}).to_string();
    let wishes = sqs([sent_in(record("m-1", &wish), SENDERS)]);
    world
        .invoke_program_as("releaser", Program::Release, &wishes)
        .await;
    let (caller, schedule) = (World::trace_of("caller"), World::trace_of("schedule"));
    let expected = [caller.as_str(), &schedule, SENDERS, SENDERS];
    assert_eq!(traces(&world, "k"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_trace_is_in_no_record_and_no_event_and_changes_no_id() {
    let mut told = Vec::new();
    for message in [message("k", 101), sent_in(message("k", 101), SENDERS)] {
        let world = World::new();
        world.invoke(&sqs([message])).await.answer();
        let detail = world.details().remove(0);
        let stored = record_of(&world, "k").to_string();
        assert!(!stored.contains("Root="), "{stored}");
        assert!(!detail.to_string().contains("Root="), "{detail}");
        told.push(detail);
    }
    assert_eq!(told[0], told[1]);
}

/// A direct invocation whose caller put `id` into the client context.
async fn invoke_directly(world: &World, order: &Value, id: &str) {
    let mut context = Context::default();
    context.deadline = world.aws("clock").clock.now_ms() + 30_000;
    let custom = HashMap::from([("correlationId", id)]);
    let client_context = json!({ "custom": custom });
    context.client_context = Some(serde_json::from_value(client_context).unwrap());
    let event = LambdaEvent::new(to_raw_value(order).unwrap(), context);
    world.function("direct").handle(event).await.unwrap();
}

fn ids(world: &World, key: &str) -> Vec<Value> {
    let details = world.details().into_iter();
    let of_key = details.filter(|detail| detail["idempotencyKey"] == key);
    of_key
        .map(|mut detail| detail["origin"]["correlationId"].take())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_correlation_id_is_taken_at_every_door_and_carried_into_the_event() {
    let world = World::new();
    world
        .invoke(&sqs([
            correlated(message("queue", 101), "ticket-1"),
            correlated(message("unusable", 102), "a ticket"),
            message("none", 103),
        ]))
        .await
        .answer();
    let mut order = http("http", &request(Some(104)).to_string());
    order["headers"]["X-Correlation-Id"] = "ticket-2".into();
    world.invoke(&order).await.answer();
    invoke_directly(&world, &with_key("direct", request(Some(105))), "ticket-3").await;
    assert_eq!(ids(&world, "queue"), ["ticket-1"]);
    assert_eq!(ids(&world, "http"), ["ticket-2"]);
    assert_eq!(ids(&world, "direct"), ["ticket-3"]);
    for without in ["unusable", "none"] {
        assert_eq!(ids(&world, without), [Value::Null], "{without}");
    }
    assert_eq!(world.cloud.living_connections(PARENT).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_invalid_request_carries_its_correlation_id_as_well() {
    let world = World::new();
    let unreadable = correlated(record("m-1", "no order"), "ticket-1");
    world.invoke(&sqs([unreadable])).await.answer();
    let details = world.details();
    assert_eq!(details[0]["origin"]["correlationId"], "ticket-1");
}

#[tokio::test(start_paused = true)]
async fn the_first_correlation_id_stays_with_the_order_for_its_whole_life() {
    let world = World::new();
    // Killed, so that everything comes from the record.
    let fault = Fault::on(FaultKind::ApplyThenKill, "AllocateHostedConnection");
    world.cloud.inject(fault);
    world
        .invoke(&sqs([correlated(message("k", 101), "ticket-1")]))
        .await;
    pass(60).await;
    // Another id is no other request.
    let again = correlated(message("k", 101), "ticket-2");
    assert_eq!(
        world.invoke(&sqs([again])).await.answer(),
        json!({"batchItemFailures": []})
    );
    let id = world.cloud.connections()[0].id.clone();
    world.cloud.confirm(&id).unwrap();
    pass(60).await;
    run(&world).await;
    // The release is a request of its own.
    let mut release = proof::delete("k");
    release["headers"]["x-correlation-id"] = "ticket-3".into();
    world.invoke_program(Program::Release, &release).await;
    let told: Vec<_> = world.cloud.events().into_iter().collect();
    let story: Vec<_> = told
        .iter()
        .map(|event| {
            let id = event.detail["origin"]["correlationId"].as_str();
            (event.detail_type.as_str(), id.unwrap_or_default())
        })
        .collect();
    assert_eq!(
        story,
        [
            ("Hosted Connection Allocated", "ticket-1"),
            ("Hosted Connection State Changed", "ticket-1"),
            ("Hosted Connection State Changed", "ticket-1"),
            ("Hosted Connection Released", "ticket-3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_correlation_id_changes_no_event_id_and_no_fingerprint() {
    let mut told = Vec::new();
    for message in [message("k", 101), correlated(message("k", 101), "ticket-1")] {
        let world = World::new();
        world.invoke(&sqs([message])).await.answer();
        let detail = world.details().remove(0);
        let fingerprint = record_of(&world, "k")["orderFingerprint"].clone();
        told.push((detail["eventId"].clone(), fingerprint));
    }
    assert_eq!(told[0], told[1]);
}
