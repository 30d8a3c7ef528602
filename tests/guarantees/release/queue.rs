//! Releases over a queue.

use local_cloud::{Fault, FaultKind};
use proof::{Invocation, PARENT, Program, World, fifo_record, record, returned, sqs};
use serde_json::{Value, json};

use crate::answers::{rejection, sqs_origin, violations, wrong};
use crate::partner::{order_http, pass, place, story, taken_vlans};

const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:orders";

fn wish(key: &str) -> String {
    json!({"action": "release", "idempotencyKey": key}).to_string()
}

async fn deliver(world: &World, event: &Value) -> Vec<String> {
    let answer = world.invoke_program(Program::Release, event).await;
    returned(&answer.answer())
}

#[tokio::test(start_paused = true)]
async fn releases_are_consumed_when_they_are_done() {
    let world = World::new();
    let keys: Vec<_> = (0..10).map(|n| format!("k-{n}")).collect();
    for (key, vlan) in keys.iter().zip(101..) {
        place(&world, key, vlan).await;
    }
    let records = keys
        .iter()
        .map(|key| record(&format!("m-{key}"), &wish(key)));
    assert_eq!(deliver(&world, &sqs(records)).await, [""; 0]);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 0);
    assert_eq!(taken_vlans(&world), [0; 0]);
    for key in &keys {
        let expected = ["allocated", "ordering → deleted", "released, deleted"];
        assert_eq!(story(&world, key), expected);
    }
    let released = world.cloud.events().into_iter();
    let mut origins: Vec<_> = released
        .filter(|event| event.detail_type == "Hosted Connection Released")
        .map(|event| {
            event.detail["origin"]["messageId"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    origins.sort();
    assert_eq!(
        origins,
        keys.iter()
            .map(|key| format!("m-{key}"))
            .collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn a_release_without_a_message_id_is_not_begun_and_fails_the_batch() {
    let world = World::new();
    place(&world, "k", 101).await;
    let mut nameless = record("", &wish("k"));
    nameless["messageId"] = Value::Null;
    let invocation = world
        .invoke_program(Program::Release, &sqs([nameless]))
        .await;
    let Invocation::Failed { error_type, .. } = invocation else {
        panic!("a message that has no id was consumed")
    };
    assert_eq!(error_type, "Internal");
    assert_eq!(world.cloud.living_connections(PARENT).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_direct_connect_is_at_is_consumed() {
    let slow = local_cloud::Progress {
        deleted_after: Some(std::time::Duration::from_secs(90)),
        ..Default::default()
    };
    let world = World::with(|builder| builder.progress(slow), &[]);
    place(&world, "k", 101).await;
    let event = sqs([record("m-1", &wish("k"))]);
    assert_eq!(deliver(&world, &event).await, [""; 0]);
    assert_eq!(story(&world, "k"), ["allocated", "ordering → deleting"]);
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_released_is_told_and_consumed() {
    let world = World::new();
    let id = place(&world, "busy", 101).await;
    world.cloud.set_state(&id, "available").unwrap();
    world.cloud.attach_interface(&id).unwrap();
    let before = world.cloud.events().len();
    let event = sqs([record("m-1", &wish("nobody")), record("m-2", &wish("busy"))]);
    for _ in 0..2 {
        // What Direct Connect refuses comes again, until it is sure to be its last word.
        assert_eq!(deliver(&world, &event).await, ["m-2"]);
        pass(60).await;
        assert_eq!(deliver(&world, &event).await, [""; 0]);
    }
    // Told first of the key that nobody has, in each of the four deliveries; of the other one when it is known.
    let events = &world.cloud.events()[before..];
    let mut told: Vec<local_cloud::BusEvent> = Vec::new();
    for event in events {
        let same =
            |seen: &&local_cloud::BusEvent| seen.detail["eventId"] == event.detail["eventId"];
        match told.iter().find(same) {
            Some(seen) => assert_eq!(seen.detail["rejection"], event.detail["rejection"]),
            None => told.push(event.clone()),
        }
    }
    assert_eq!((events.len(), told.len()), (6, 2));
    let mut codes = Vec::new();
    for event in &told {
        let message = event.detail["origin"]["messageId"].as_str().unwrap();
        let key = &event.detail["idempotencyKey"];
        let rejection = rejection(&world, event, key, &sqs_origin(message, QUEUE));
        assert_eq!(
            event.detail.get("request"),
            None,
            "the order stays what it was"
        );
        codes.push((key.clone(), rejection["code"].clone()));
    }
    codes.sort_by_key(|(key, _)| key.to_string());
    let expected = [("busy", "RefusedByDirectConnect"), ("nobody", "NotFound")];
    assert_eq!(codes, expected.map(|(key, code)| (key.into(), code.into())));
    assert_eq!(world.cloud.connections()[0].state, "available");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_no_release_is_told_with_everything_that_is_wrong_with_it() {
    let cases = [
        (
            "{",
            Value::Null,
            vec![("", "Malformed"), ("/idempotencyKey", "Missing")],
        ),
        (
            "{}",
            Value::Null,
            vec![("/action", "Missing"), ("/idempotencyKey", "Missing")],
        ),
        (
            r#"{"action": "allocate", "idempotencyKey": "k"}"#,
            "k".into(),
            vec![("/action", "Malformed")],
        ),
        (
            r#"{"action": "release", "idempotencyKey": "k", "force": true}"#,
            "k".into(),
            vec![("/force", "UnknownField")],
        ),
        (
            r#"{"action": "release", "idempotencyKey": "a b"}"#,
            Value::Null,
            vec![("/idempotencyKey", "Malformed")],
        ),
    ];
    for (text, key, expected) in cases {
        let world = World::new();
        place(&world, "k", 101).await;
        let event = sqs([record("m-1", text)]);
        assert_eq!(deliver(&world, &event).await, [""; 0], "{text}");
        let events = world.cloud.events();
        let rejection = rejection(&world, &events[1], &key, &sqs_origin("m-1", QUEUE));
        let expected = match text {
            // Nothing more can be said about what is no JSON.
            "{" => violations(&rejection),
            _ => wrong(&expected),
        };
        assert_eq!(violations(&rejection), expected, "{text}");
        assert_eq!(world.cloud.count("DeleteConnection"), 0, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_strayed_into_the_queue_of_releases_releases_nothing() {
    let world = World::new();
    place(&world, "k", 101).await;
    let stray = crate::partner::order("k", Some(101));
    assert_eq!(deliver(&world, &stray).await, [""; 0]);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 1);
    assert_eq!(
        story(&world, "k"),
        ["allocated", "rejected, InvalidRequest"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_may_still_succeed_comes_again() {
    let world = World::new();
    place(&world, "fine", 101).await;
    let fault = Fault::on(FaultKind::ApplyThenKill, "AllocateHostedConnection");
    world.cloud.inject(fault);
    world.invoke(&order_http("open", Some(102))).await;
    let event = sqs([
        record("m-1", &wish("open")),
        record("m-2", &wish("fine")),
        record("m-3", &wish("nobody")),
    ]);
    assert_eq!(deliver(&world, &event).await, ["m-1"]);
    assert_eq!(world.cloud.events().len(), 4, "{:?}", world.details());
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "DeleteConnection").always());
    place(&world, "later", 103).await;
    let event = sqs([record("m-4", &wish("later"))]);
    assert_eq!(deliver(&world, &event).await, ["m-4"]);
    world.cloud.clear_faults();
    assert_eq!(deliver(&world, &event).await, [""; 0]);
    let expected = ["allocated", "ordering → deleted", "released, deleted"];
    assert_eq!(story(&world, "later"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_no_that_cannot_be_told_comes_again() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "PutEvents").always());
    let event = sqs([record("m-1", &wish("nobody")), record("m-2", "{")]);
    assert_eq!(deliver(&world, &event).await, ["m-1", "m-2"]);
    world.cloud.clear_faults();
    assert_eq!(deliver(&world, &event).await, [""; 0]);
    assert_eq!(world.cloud.events().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn within_a_fifo_group_nothing_is_done_after_what_comes_again() {
    let world = World::new();
    for (key, vlan) in [("a-2", 101), ("b-1", 102), ("b-2", 103), ("c-1", 104)] {
        place(&world, key, vlan).await;
    }
    let fault = Fault::on(FaultKind::ApplyThenKill, "AllocateHostedConnection");
    world.cloud.inject(fault);
    world.invoke(&order_http("open", Some(105))).await;
    world.cloud.forget_requests();
    let event = sqs([
        fifo_record("m-1", "a", &wish("open")),
        fifo_record("m-2", "b", &wish("b-1")),
        fifo_record("m-3", "a", &wish("a-2")),
        fifo_record("m-4", "b", &wish("b-2")),
        fifo_record("m-5", "c", &wish("c-1")),
    ]);
    assert_eq!(deliver(&world, &event).await, ["m-1", "m-3"]);
    assert_eq!(story(&world, "a-2"), ["allocated"]);
    let requests = world.cloud.requests();
    let ids: Vec<_> = requests
        .iter()
        .filter(|request| request.operation == "DeleteConnection")
        .map(|request| request.body["connectionId"].as_str().unwrap())
        .collect();
    let connections = world.cloud.connections();
    let vlan = |id: &&str| {
        connections
            .iter()
            .find(|known| known.id == **id)
            .unwrap()
            .vlan
    };
    assert_eq!(
        ids.iter().map(vlan).collect::<Vec<_>>(),
        [102, 103, 104],
        "in their order"
    );
}

#[tokio::test(start_paused = true)]
async fn the_key_may_come_as_a_message_attribute() {
    let world = World::new();
    place(&world, "k", 101).await;
    place(&world, "other", 102).await;
    let attribute = |body: &str| {
        let mut record = record("m-1", body);
        record["messageAttributes"] =
            json!({"Idempotency-Key": {"dataType": "String", "stringValue": "k"}});
        sqs([record])
    };
    // Which of the two is meant nobody can know.
    assert_eq!(deliver(&world, &attribute(&wish("other"))).await, [""; 0]);
    assert_eq!(world.cloud.living_connections(PARENT).len(), 2);
    let details = world.details();
    assert_eq!(details[2]["rejection"]["code"], "InvalidIdempotencyKey");
    assert_eq!(details[2]["idempotencyKey"], Value::Null);
    assert_eq!(
        deliver(&world, &attribute(r#"{"action": "release"}"#)).await,
        [""; 0]
    );
    let living = world.cloud.living_connections(PARENT);
    assert_eq!(
        living.iter().map(|left| left.vlan).collect::<Vec<_>>(),
        [102]
    );
}

#[tokio::test(start_paused = true)]
async fn two_releases_of_one_order_in_a_batch_are_told_as_one() {
    let world = World::new();
    world
        .cloud
        .set_latency(std::time::Duration::from_millis(20));
    place(&world, "k", 101).await;
    let event = sqs([record("m-1", &wish("k")), record("m-2", &wish("k"))]);
    assert_eq!(deliver(&world, &event).await, [""; 0]);
    let expected = ["allocated", "ordering → deleted", "released, deleted"];
    assert_eq!(story(&world, "k"), expected);
    assert_eq!(taken_vlans(&world), [0; 0]);
}
