//! Orders in the envelopes of SNS and EventBridge: through a queue, and as the function's own invocation.

use local_cloud::{Fault, FaultKind};
use proof::{Program, QUEUE_ARN, World, fifo_record, record, request, returned, sqs, with_key};
use serde_json::{Value, json};

use super::{KEY, nothing_returned, order, with_attribute};
use crate::answers::{
    allocation, direct_problem, operations, rejection, sqs_origin, violations, wrong,
};

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:orders";
const SHOP: &str = "com.example.shop";

/// What SNS puts into a queue where raw message delivery is off.
pub(crate) fn notification(message: &str) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "notification-1",
        "TopicArn": TOPIC,
        "Message": message,
        "Timestamp": "2026-01-02T03:04:05.678Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.example/cert.pem",
        "UnsubscribeURL": "https://sns.example/unsubscribe",
    })
}

/// What SNS invokes a function with.
pub(crate) fn sns(messages: &[&str]) -> Value {
    let record = |message: &&str| {
        let mut notification = notification(message);
        notification["MessageAttributes"] = json!({});
        json!({"EventVersion": "1.0", "EventSubscriptionArn": format!("{TOPIC}:1"), "EventSource": "aws:sns",
            "Sns": notification})
    };
    json!({"Records": messages.iter().map(record).collect::<Vec<_>>()})
}

/// What a rule without input path sends to its targets.
pub(crate) fn event(source: &str, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": "event-1",
        "detail-type": "Order Placed",
        "source": source,
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "eu-central-1",
        "resources": [],
        "detail": detail,
    })
}

fn keyed() -> Value {
    with_key(KEY, request(Some(101)))
}

fn via_topic() -> Value {
    json!({"sns": TOPIC})
}

fn via_bus() -> Value {
    json!({"eventBridge": {"source": SHOP, "detailType": "Order Placed", "id": "event-1"}})
}

#[tokio::test(start_paused = true)]
async fn an_order_in_an_envelope_is_allocated_and_says_where_it_came_from() {
    let mut keyed_outside = notification(&order());
    keyed_outside["MessageAttributes"] = json!({"idempotency-key": {"Type": "String", "Value": KEY}, "n": {"Type": "Number", "Value": "1"}});
    for (body, via) in [
        (notification(&keyed().to_string()), via_topic()),
        (keyed_outside, via_topic()),
        (event(SHOP, &keyed()), via_bus()),
    ] {
        let world = World::new();
        let message = sqs([record("m-1", &body.to_string())]);
        assert_eq!(world.invoke(&message).await.answer(), nothing_returned());
        assert_eq!(
            operations(&world),
            [
                "TransactWriteItems",
                "AllocateHostedConnection",
                "UpdateItem",
                "PutEvents",
                "UpdateItem"
            ],
            "as many calls as the bare order's"
        );
        let mut origin = sqs_origin("m-1", QUEUE_ARN);
        origin["via"] = via;
        let events = world.cloud.events();
        allocation(&world, &events[0], KEY, &origin);
        assert_eq!(events[0].detail["request"], request(Some(101)));
        // The same order in another envelope, or in none, is the same order.
        let bare = sqs([record("m-2", &keyed().to_string())]);
        let other = sqs([record("m-3", &event("elsewhere", &keyed()).to_string())]);
        for again in [message, bare, other] {
            assert_eq!(world.invoke(&again).await.answer(), nothing_returned());
        }
        assert_eq!(world.cloud.connections().len(), 1);
        assert_eq!(world.cloud.events(), events);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_order_in_an_envelope_is_refused_as_the_bare_one_between_its_neighbours() {
    let world = World::new();
    let bad = |key: &str| {
        let mut bad = with_key(key, request(Some(0)));
        bad["vlanId"] = 1.into();
        bad
    };
    let bodies = [
        notification(&with_key("good-1", request(Some(201))).to_string()),
        notification(&bad("bad-1").to_string()),
        event(SHOP, &bad("bad-2")),
        event(SHOP, &with_key("good-2", request(Some(202)))),
    ];
    let records = bodies.iter().zip(1..);
    let records = records.map(|(body, n)| record(&format!("m-{n}"), &body.to_string()));
    let answer = world.invoke(&sqs(records)).await.answer();
    assert_eq!(answer, nothing_returned());
    assert_eq!(world.cloud.connections().len(), 2);
    for (message, key, via, body) in [
        ("m-2", "bad-1", via_topic(), &bodies[1]),
        ("m-3", "bad-2", via_bus(), &bodies[2]),
    ] {
        let events = world.cloud.events();
        let told = events
            .iter()
            .find(|event| event.detail["origin"]["messageId"] == message);
        let mut origin = sqs_origin(message, QUEUE_ARN);
        origin["via"] = via;
        let rejection = rejection(&world, told.unwrap(), &json!(key), &origin);
        assert_eq!(
            violations(&rejection),
            wrong(&[("/vlan", "OutOfRange"), ("/vlanId", "UnknownField")])
        );
        assert_eq!(told.unwrap().detail["received"], body.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn an_envelope_in_an_envelope_is_no_order() {
    let world = World::new();
    let twice = notification(&event(SHOP, &keyed()).to_string());
    let message = sqs([record("m-1", &twice.to_string())]);
    assert_eq!(world.invoke(&message).await.answer(), nothing_returned());
    assert_eq!(operations(&world), ["PutEvents"]);
    let mut origin = sqs_origin("m-1", QUEUE_ARN);
    origin["via"] = via_topic();
    let rejection = rejection(&world, &world.cloud.events()[0], &Value::Null, &origin);
    assert_eq!(violations(&rejection), wrong(&[("", "WrongType")]));
    let message = rejection["message"].as_str().unwrap();
    assert!(
        message.starts_with("the body is an envelope inside an envelope: send the order itself"),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_and_its_notification_may_not_name_different_keys() {
    let world = World::new();
    let message = with_attribute(
        record("m-1", &notification(&keyed().to_string()).to_string()),
        "other",
    );
    assert_eq!(
        world.invoke(&sqs([message])).await.answer(),
        nothing_returned()
    );
    assert_eq!(operations(&world), ["PutEvents"]);
    assert_eq!(
        world.details()[0]["rejection"]["code"],
        "InvalidIdempotencyKey"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_invokes_the_function_and_a_final_answer_ends_the_invocation_well() {
    let world = World::new();
    let order = event(SHOP, &keyed());
    let first = world.invoke(&order).await.answer();
    let [outcome] = &first["outcomes"].as_array().unwrap()[..] else {
        panic!("{first}");
    };
    let connection = world.cloud.connections()[0].id.clone();
    assert_eq!(
        *outcome,
        json!({"status": "allocated", "idempotencyKey": KEY, "connectionId": connection})
    );
    let origin = json!({"door": "eventbridge", "id": "event-1", "source": SHOP, "detailType": "Order Placed"});
    allocation(&world, &world.cloud.events()[0], KEY, &origin);
    assert_eq!(world.invoke(&order).await.answer(), first, "a replay");
    assert_eq!(world.cloud.events().len(), 1);

    let invalid = json!({"connectionId": "dxcon-ffabc123"});
    let refused = world.invoke(&event(SHOP, &invalid)).await.answer();
    assert_eq!(
        refused,
        json!({"outcomes": [{"status": "rejected", "code": "InvalidRequest"}]})
    );
    let events = world.cloud.events();
    rejection(&world, &events[1], &Value::Null, &origin);
    assert_eq!(events[1].detail["received"], invalid.to_string());
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_notification_invokes_the_function_with_its_key_in_an_attribute() {
    let world = World::new();
    let mut order = sns(&[&order()]);
    order["Records"][0]["Sns"]["MessageAttributes"] = json!({
        "Idempotency-Key": {"Type": "Number.int", "Value": "1001"},
        "Correlation-Id": {"Type": "String", "Value": "ticket-1"},
    });
    let answer = world.invoke(&order).await.answer();
    assert_eq!(answer["outcomes"][0]["status"], "allocated");
    let origin = json!({"door": "sns", "messageId": "notification-1", "topicArn": TOPIC, "correlationId": "ticket-1"});
    allocation(&world, &world.cloud.events()[0], "1001", &origin);
    assert_eq!(world.invoke(&order).await.answer(), answer);
    assert_eq!(world.cloud.connections().len(), 1);

    let nonsense = world.invoke(&sns(&["nonsense"])).await.answer();
    assert_eq!(nonsense["outcomes"][0]["code"], "InvalidRequest");
    assert_eq!(world.details()[1]["received"], "nonsense");
}

#[tokio::test(start_paused = true)]
async fn an_event_of_which_something_may_still_change_fails_the_invocation_and_comes_again() {
    for order in [
        event(SHOP, &keyed()),
        sns(&[&keyed().to_string(), "nonsense"]),
    ] {
        for (kind, status, code) in [
            (FaultKind::Throttle, 429, "Throttled"),
            (FaultKind::ApplyThenReset, 503, "OutcomeUnknown"),
        ] {
            let world = World::new();
            let fault = Fault::on(kind, "AllocateHostedConnection").always();
            world.cloud.inject(fault);
            world
                .cloud
                .inject(Fault::on(FaultKind::ResetBefore, "DescribeHostedConnections").always());
            direct_problem(world.invoke(&order).await, status, code);
            world.cloud.clear_faults();
            // Lambda tries again after a minute.
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            let answer = world.invoke(&order).await.answer();
            assert_eq!(answer["outcomes"][0]["status"], "allocated", "{answer}");
            assert_eq!(world.cloud.connections().len(), 1);
        }
    }
}

/// What our own bus would hand on of everything that was published: whole, its detail alone, and within each other.
fn fed_back(world: &World) -> Vec<Value> {
    let published = world.cloud.events().into_iter().flat_map(|published| {
        let mut whole = event(&published.source, &published.detail);
        whole["detail-type"] = published.detail_type.into();
        let topic = notification(&whole.to_string());
        [whole, topic, published.detail]
    });
    published.collect()
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_feeds_our_own_bus_back_makes_no_event_of_an_event() {
    let world = World::new().measured();
    let both = sqs([
        record("m-1", &keyed().to_string()),
        record("m-2", "nonsense"),
    ]);
    world.invoke(&both).await.answer();
    let events = world.cloud.events();
    assert_eq!(events.len(), 2);
    world.cloud.forget_requests();
    let _ = world.take_metrics();
    for own in fed_back(&world) {
        let text = own.to_string();
        let queued = sqs([record("m-3", &text)]);
        assert_eq!(world.invoke(&queued).await.answer(), nothing_returned());
        let released = world.invoke_program(Program::Release, &queued).await;
        assert_eq!(returned(&released.answer()), [""; 0]);
        let ignored = json!({"outcomes": [{"status": "ignored"}]});
        assert_eq!(world.invoke(&sns(&[&text])).await.answer(), ignored);
        assert_eq!(
            world.invoke(&event("forwarder", &own)).await.answer(),
            ignored
        );
        let figures = world.take_metrics();
        assert_eq!(figures.len(), 4);
        assert!(figures.iter().all(|figures| figures["OwnEvents"] == 1));
    }
    assert_eq!(operations(&world), [""; 0], "no call, and no event");
    assert_eq!(world.cloud.events(), events);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_our_own_leaves_its_neighbours_alone() {
    let world = World::new();
    let own = event("hosted-connections", &json!({}));
    let order = |n: u16| with_key(&format!("k-{n}"), request(Some(200 + n))).to_string();
    world.cloud.inject(Fault::on_nth(
        FaultKind::Throttle,
        "AllocateHostedConnection",
        2,
    ));
    let answer = world
        .invoke(&sqs([
            fifo_record("m-1", "a", &order(1)),
            fifo_record("m-2", "a", &own.to_string()),
            fifo_record("m-3", "a", &order(3)),
        ]))
        .await
        .answer();
    assert_eq!(returned(&answer), ["m-3"], "only the throttled one");
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_release_may_be_in_an_envelope_too() {
    let world = World::new();
    world.invoke(&keyed()).await.answer();
    let release = json!({"action": "release", "idempotencyKey": KEY});
    let message = sqs([record(
        "m-1",
        &notification(&release.to_string()).to_string(),
    )]);
    let answer = world.invoke_program(Program::Release, &message).await;
    assert_eq!(returned(&answer.answer()), [""; 0]);
    let details = world.details();
    let released = details.last().unwrap();
    assert_eq!(released["connection"]["connectionState"], "deleted");
    assert_eq!(released["origin"]["via"], via_topic());
}
