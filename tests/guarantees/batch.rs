//! Many messages at once: nobody waits for nobody, nobody harms anybody, and order is kept where it is promised.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{Invocation, Program, World, fifo_record, record, request, returned, sqs, with_key};
use serde_json::{Value, json};

use crate::doors::envelopes;
use crate::meddler::Meddler;

fn body(key: &str, vlan: u16) -> String {
    let mut small = request(Some(vlan));
    small["bandwidth"] = "50Mbps".into();
    with_key(key, small).to_string()
}

fn batch(count: u16) -> Value {
    sqs((0..count).map(|i| record(&format!("m-{i}"), &body(&format!("k-{i}"), 100 + i))))
}

/// Room for more orders than run at the same time.
fn roomy() -> local_cloud::Parent {
    local_cloud::Parent::interconnect("dxcon-ffabc123", "100Gbps")
}

fn vlans(world: &World) -> Vec<u16> {
    let mut vlans: Vec<_> = world
        .cloud
        .connections()
        .iter()
        .map(|connection| connection.vlan)
        .collect();
    vlans.sort_unstable();
    vlans
}

#[tokio::test(start_paused = true)]
async fn ten_messages_take_as_long_as_one() {
    let mut took = Vec::new();
    for count in [1, 10] {
        let world = World::new();
        world.cloud.set_latency(Duration::from_millis(20));
        let start = tokio::time::Instant::now();
        world.invoke(&batch(count)).await.answer();
        took.push(start.elapsed());
    }
    assert!(
        took[0] >= Duration::from_millis(100),
        "five calls of 20 ms: {took:?}"
    );
    assert!(took[1] <= took[0].mul_f64(1.3), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_a_hundred_loses_nothing() {
    let world = World::with(|builder| builder.parents([roomy()]), &[]);
    let answer = world.invoke(&batch(100)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(world.cloud.connections().len(), 100);
    assert_eq!(world.cloud.count("PutEvents"), 10);
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_two_hundred_in_any_envelope_ends_before_the_deadline_and_a_few_at_a_time() {
    let parent = local_cloud::Parent::interconnect("dxcon-ffabc123", "100Gbps");
    let world = World::with(|builder| builder.parents([parent]), &[]);
    world.cloud.set_latency(Duration::from_millis(100));
    let message = |n: u16| {
        let order = body(&format!("k-{n}"), 100 + n);
        let text = match n % 4 {
            0 => order,
            1 => envelopes::notification(&order).to_string(),
            2 => envelopes::event("shop", &serde_json::from_str(&order).unwrap()).to_string(),
            _ => format!("no order, message {n}"),
        };
        record(&format!("m-{n}"), &text)
    };
    let batch = sqs((0..200).map(message));
    let start = tokio::time::Instant::now();
    let answer = world.invoke(&batch).await.answer();
    assert!(start.elapsed() < proof::TIMEOUT);
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(world.cloud.connections().len(), 150);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 150);
    assert_eq!(world.cloud.count("PutEvents"), 20);
    assert_eq!(world.details().len(), 200);

    // One whose time is too short for all of it returns what it did not do or could not publish, and loses nothing.
    let hurried = World::with(
        |builder| {
            builder.parents([local_cloud::Parent::interconnect(
                "dxcon-ffabc123",
                "100Gbps",
            )])
        },
        &[],
    );
    hurried.cloud.set_latency(Duration::from_millis(200));
    let answer = hurried
        .invoke_as("hurried", &batch, Duration::from_secs(4))
        .await
        .answer();
    assert!(!returned(&answer).is_empty(), "{answer}");
    let mut turns = 0;
    while !returned(&hurried.invoke(&batch).await.answer()).is_empty() {
        turns += 1;
        assert!(turns < 20);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(hurried.cloud.connections().len(), 150);
}

#[tokio::test(start_paused = true)]
async fn two_deliveries_of_one_key_in_one_batch_do_the_work_once() {
    let world = World::new();
    let event = sqs([
        record("m-1", &body("k", 101)),
        record("m-2", &body("k", 101)),
        record("m-3", &body("other", 102)),
    ]);
    let answer = world.invoke(&event).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(vlans(&world), [101, 102]);
    let claims_and_mark = ["TransactWriteItems", "BatchExecuteStatement"];
    assert_eq!(claims_and_mark.map(|of| world.cloud.count(of)), [2, 1]);
    assert_eq!(world.details().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn one_key_with_two_requests_in_one_batch_keeps_the_first() {
    let world = World::new();
    let event = sqs([
        record("m-1", &body("k", 101)),
        record("m-2", &body("k", 102)),
    ]);
    let answer = world.invoke(&event).await.answer();
    assert!(returned(&answer).is_empty(), "both are final: {answer}");
    assert_eq!(vlans(&world), [101]);
    assert_eq!(
        world.details()[1]["rejection"]["code"],
        "IdempotencyKeyReused"
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_read_is_consumed_and_published_and_harms_nobody() {
    let world = World::new();
    let event = sqs([
        record("m-1", &body("k-1", 101)),
        record("m-2", "{\"connectionId\": "),
        record("m-3", &body("k-3", 103)),
    ]);
    let answer = world.invoke(&event).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(vlans(&world), [101, 103]);
    let rejected = world
        .details()
        .into_iter()
        .find(|detail| detail.get("rejection").is_some())
        .unwrap();
    assert_eq!(rejected["idempotencyKey"], Value::Null);
    assert_eq!(rejected["origin"]["messageId"], "m-2");
}

#[tokio::test(start_paused = true)]
async fn an_empty_batch_is_answered_and_asks_aws_for_nothing() {
    let world = World::new();
    for program in [Program::Allocate, Program::Release] {
        let invocation = world.invoke_program(program, &sqs([])).await;
        assert_eq!(invocation.answer(), json!({"batchItemFailures": []}));
    }
    assert_eq!(world.cloud.requests().len(), 0);
}

/// It could not be handed back if its answer had to be waited for, and its rejection could not be told from another's.
#[tokio::test(start_paused = true)]
async fn a_message_without_an_id_is_not_begun_and_fails_the_batch_whose_others_are_done() {
    for second in [body("k-2", 102), "nonsense".to_owned()] {
        let world = World::new();
        let mut nameless = record("", &second);
        nameless.as_object_mut().unwrap().remove("messageId");
        let event = sqs([record("m-1", &body("k-1", 101)), nameless.clone()]);
        let Invocation::Failed {
            error_type,
            error_message,
        } = world.invoke(&event).await
        else {
            panic!("a message that has no id was consumed")
        };
        assert_eq!(error_type, "Internal");
        let message = "a message that has to go back to its queue has no messageId";
        assert_eq!(error_message, message);
        assert_eq!(vlans(&world), [101]);
        assert_eq!(world.details().len(), 1, "of the first order alone");
        // It comes again with an id.
        nameless["messageId"] = "m-2".into();
        let again = world.invoke(&sqs([nameless])).await.answer();
        assert!(returned(&again).is_empty(), "{again}");
        assert_eq!(world.details().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_sends_back_its_own_message_only_and_before_the_deadline() {
    let world = World::new();
    world.cloud.inject(Fault::on_nth(
        FaultKind::HangBefore,
        "AllocateHostedConnection",
        2,
    ));
    world
        .cloud
        .inject(Fault::on(FaultKind::HangBefore, "DescribeHostedConnections").always());
    let answer = world.invoke(&batch(3)).await.answer();
    assert_eq!(returned(&answer).len(), 1, "{answer}");
    assert_eq!(world.cloud.connections().len(), 2);
    assert_eq!(world.details().len(), 2, "the others' results are out");
}

#[tokio::test(start_paused = true)]
async fn a_panic_sends_back_its_own_message_only() {
    let world = World::new();
    let wire = Meddler::panics_on("\"vlan\":101").between(world.cloud.http_client_as("meddled"));
    let answer = world.invoke_through(wire, &batch(3)).await.answer();
    assert_eq!(returned(&answer), ["m-1"]);
    assert_eq!(vlans(&world), [100, 102]);
    assert_eq!(world.details().len(), 2);
    world.deliver_until_final(&batch(3)).await;
    assert_eq!(vlans(&world), [100, 101, 102]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_not_asked_for_is_set_aside_and_never_called_for_again() {
    let world = World::new();
    let wire = Meddler::rewrites("AllocateHostedConnection", "\"vlan\":100", "\"vlan\":777")
        .between(world.cloud.http_client_as("meddled"));
    let answer = world.invoke_through(wire, &batch(1)).await.answer();
    assert_eq!(returned(&answer), ["m-0"]);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(120)).await;
        assert_eq!(
            returned(&world.invoke(&batch(1)).await.answer()),
            ["m-0"],
            "on its way to the dead-letter queue"
        );
    }
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    assert!(
        world.details().is_empty(),
        "our defect is not the caller's rejection"
    );
    assert_eq!(
        world.items("allocation#")[0]["allocationState"]["S"],
        "quarantined"
    );
}

#[tokio::test(start_paused = true)]
async fn access_denied_is_our_defect_and_never_a_rejection() {
    let world = World::new();
    let denied = FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    };
    world
        .cloud
        .inject(Fault::on(denied, "AllocateHostedConnection"));
    assert_eq!(returned(&world.invoke(&batch(1)).await.answer()), ["m-0"]);
    assert!(world.details().is_empty());
    world.deliver_until_final(&batch(1)).await;
    assert_eq!(world.cloud.connections().len(), 1, "mended, it goes on");
}

#[tokio::test(start_paused = true)]
async fn behind_a_returned_message_of_a_fifo_group_the_rest_of_the_group_waits_and_other_groups_go_on()
 {
    let world = World::new();
    world.cloud.inject(Fault::on_nth(
        FaultKind::Throttle,
        "AllocateHostedConnection",
        2,
    ));
    let event = sqs([
        fifo_record("a-1", "a", &body("a-1", 101)),
        fifo_record("a-2", "a", &body("a-2", 102)),
        fifo_record("a-3", "a", &body("a-3", 103)),
        fifo_record("b-1", "b", "not an order"),
        fifo_record("b-2", "b", "nor this one"),
    ]);
    let answer = world.invoke(&event).await.answer();
    assert_eq!(returned(&answer), ["a-2", "a-3"]);
    assert_eq!(vlans(&world), [101], "the one behind was not even started");
    assert_eq!(world.details().len(), 3);
    let rest = sqs([
        fifo_record("a-2", "a", &body("a-2", 102)),
        fifo_record("a-3", "a", &body("a-3", 103)),
    ]);
    world.deliver_until_final(&rest).await;
    assert_eq!(vlans(&world), [101, 102, 103]);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_groups_orders_are_done_in_their_order() {
    let world = World::new();
    world.cloud.set_latency(Duration::from_millis(20));
    let event =
        sqs((0..5).map(|i| fifo_record(&format!("m-{i}"), "g", &body(&format!("k-{i}"), 105 - i))));
    world.invoke(&event).await.answer();
    let requests = world.cloud.requests();
    let calls = requests
        .iter()
        .filter(|request| request.operation == "AllocateHostedConnection");
    let order: Vec<_> = calls
        .map(|request| request.body["vlan"].as_u64().unwrap())
        .collect();
    assert_eq!(order, [105, 104, 103, 102, 101]);
    let published: Vec<_> = world
        .details()
        .iter()
        .map(|d| d["connection"]["vlan"].as_u64().unwrap())
        .collect();
    assert_eq!(published, order);
}

#[tokio::test(start_paused = true)]
async fn what_would_not_end_before_the_deadline_is_not_started() {
    let world = World::new();
    let answer = world
        .invoke_as("hurried", &batch(3), Duration::from_millis(600))
        .await;
    assert_eq!(returned(&answer.answer()).len(), 3);
    assert!(world.cloud.requests().is_empty());
    assert_ne!(
        world
            .invoke_as("calm", &batch(3), Duration::from_secs(3))
            .await,
        Invocation::Killed
    );
    assert_eq!(
        world.cloud.connections().len(),
        3,
        "three seconds, Lambda's shortest default, are enough"
    );
}

#[tokio::test(start_paused = true)]
async fn once_direct_connect_throttles_one_order_no_further_one_of_the_batch_is_begun() {
    let world = World::with(|builder| builder.parents([roomy()]), &[]);
    world.cloud.set_latency(Duration::from_millis(20));
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection").always());
    let answer = world.invoke(&batch(100)).await.answer();
    assert_eq!(returned(&answer).len(), 100);
    let calls = world.cloud.count("AllocateHostedConnection");
    assert!(calls <= 16, "those that were under way: {calls}");
    assert_eq!(
        world.items("allocation#").len(),
        calls,
        "the others were not even claimed"
    );
    world.cloud.clear_faults();
    world.deliver_until_final(&batch(100)).await;
    assert_eq!(world.cloud.connections().len(), 100);
    assert_eq!(world.details().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_look_brakes_a_batch_as_a_throttled_call_does() {
    let world = World::with(|builder| builder.parents([roomy()]), &[]);
    world.cloud.set_latency(Duration::from_millis(20));
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "DescribeHostedConnections").always());
    let automatic = |i: u16| {
        let mut small = request(None);
        small["bandwidth"] = "50Mbps".into();
        let text = with_key(&format!("k-{i}"), small).to_string();
        record(&format!("m-{i}"), &text)
    };
    let orders = sqs((0..100).map(automatic));
    let answer = world.invoke(&orders).await.answer();
    assert_eq!(returned(&answer).len(), 100);
    let looks = world.cloud.count("DescribeHostedConnections");
    assert!(looks <= 3 * 16, "with the SDK's retries: {looks}");
    world.cloud.clear_faults();
    world.deliver_until_final(&orders).await;
    assert_eq!(world.cloud.connections().len(), 100);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_dynamodb_throttles_brakes_no_other() {
    let world = World::with(|builder| builder.parents([roomy()]), &[]);
    world.cloud.set_latency(Duration::from_millis(20));
    let throttle = "ProvisionedThroughputExceededException";
    let wire = Meddler::refuses("TransactWriteItems", "allocation#k-0\"", throttle)
        .between(world.cloud.http_client_as("meddled"));
    let answer = world.invoke_through(wire, &batch(60)).await.answer();
    assert_eq!(returned(&answer), ["m-0"]);
    assert_eq!(world.cloud.connections().len(), 59);
}

#[tokio::test(start_paused = true)]
async fn what_direct_connect_has_no_part_in_is_answered_though_it_throttles() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection").always());
    let orders = (0..20).map(|i| record(&format!("m-{i}"), &body(&format!("k-{i}"), 100 + i)));
    let unreadable = record("unreadable", "not an order");
    let answer = world.invoke(&sqs(orders.chain([unreadable]))).await;
    let back = returned(&answer.answer());
    assert_eq!(back.len(), 20, "{back:?}");
    assert!(!back.contains(&"unreadable".to_owned()), "{back:?}");
    assert_eq!(world.details().len(), 1);
}
