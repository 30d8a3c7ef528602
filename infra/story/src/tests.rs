//! Whole stories, word by word: the real functions live through them, the clock moves only when nobody has anything to do.

use std::time::Duration;

use hosted_connection::{Connection, IdempotencyKey, KeySource, Order, Origin, Vlan};
use ledger::{ClaimAnswer, NewClaim};
use local_cloud::{Fault, FaultKind, Parent};
use proof::{Invocation, World, http, record, request, sqs, with_key};
use serde_json::json;

use super::words::moment;
use super::*;

const ALLOCATE: &str = "AllocateHostedConnection";
const DESCRIBE: &str = "DescribeHostedConnections";

fn order(key: &str, vlan: Option<u16>) -> Value {
    sqs([record("m-1", &with_key(key, request(vlan)).to_string())])
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// The story as it is at this moment, a line for each thing told.
async fn told(world: &World, key: &str) -> String {
    told_with(world, key, Seen::NotLooked).await
}

async fn told_with(world: &World, key: &str, seen: Seen) -> String {
    let aws = world.aws("operator");
    let key = IdempotencyKey::parse(key).unwrap();
    let record = aws.ledger.record(&key).await.unwrap().unwrap();
    let config = world.config();
    let times = Times::of(aws.clock.now_ms(), &config.rules, config.tracking);
    let story = Story::of(&record, times, seen);
    let mut told = format!("{}\n", story.headline);
    for line in story.past {
        let at = line.at_ms.map_or_else(|| " ".repeat(19), moment);
        told.push_str(&format!("{at} {}\n", line.text));
    }
    for next in story.next {
        told.push_str(&format!("next: {next}\n"));
    }
    for advice in story.advice {
        told.push_str(&format!("do: {advice}\n"));
    }
    told
}

/// The stories are beside this file, to be read as they are told.
fn assert_told(name: &str, told: &str) {
    let file = format!("{}/src/stories/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(told == expected, "{name} is told like this:\n{told}");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_went_well() {
    let world = World::new();
    world.invoke(&order("k", None)).await.answer();
    assert_told("went-well", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_and_a_connection_that_was_adopted() {
    let world = World::new();
    world.cloud.inject(Fault::on(
        FaultKind::LandLate(Duration::from_secs(5)),
        ALLOCATE,
    ));
    world.invoke(&order("k", Some(101))).await.answer();
    pass(2).await;
    let open = told(&world, "k").await;
    pass(58).await;
    world.invoke(&order("k", Some(101))).await.answer();
    assert_told("answer-lost", &open);
    assert_told("adopted", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_lost_and_a_call_that_was_made_again() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    world.invoke(&order("k", Some(101))).await.answer();
    pass(60).await;
    world.invoke(&order("k", Some(101))).await.answer();
    assert_told("called-again", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_killed() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    assert_eq!(
        world.invoke(&order("k", Some(101))).await,
        Invocation::Killed
    );
    pass(10).await;
    let leased = told(&world, "k").await;
    pass(30).await;
    let over = told(&world, "k").await;
    pass(600).await;
    let late = told(&world, "k").await;
    assert_told("killed-leased", &leased);
    assert_told("killed-over", &over);
    assert_told("killed-late", &late);
}

#[tokio::test(start_paused = true)]
async fn rejections_with_and_without_a_call() {
    let world = World::new();
    world.invoke(&order("first", Some(101))).await.answer();
    world
        .invoke(&http("second", &request(Some(101)).to_string()))
        .await
        .answer();
    world.cloud.inject(Fault::on(
        FaultKind::Error {
            status: 400,
            code: "DirectConnectClientException".into(),
        },
        ALLOCATE,
    ));
    world.invoke(&order("third", Some(103))).await.answer();
    assert_told("rejected-unclaimed", &told(&world, "second").await);
    assert_told("rejected-by-direct-connect", &told(&world, "third").await);
}

#[tokio::test(start_paused = true)]
async fn something_else_than_was_asked_for() {
    let world = World::new();
    let aws = world.aws("zombie");
    let body = with_key("k", request(Some(101))).to_string();
    let order = Order::parse(body.as_bytes(), KeySource::Body).unwrap();
    let origin = Origin::Direct {
        request_id: "r-1".into(),
        correlation_id: None,
    };
    let now_ms = aws.clock.now_ms();
    let new = NewClaim {
        order: &order,
        parked: None,
        origin: &origin,
        vlan: Vlan::new(101).unwrap(),
        patient_until_ms: now_ms + 1_000,
        lease_expires_at_ms: now_ms + 32_000,
    };
    let ClaimAnswer::Won(claim) = aws.ledger.claim(new).await.unwrap() else {
        panic!("nobody else wants it")
    };
    let connection = Connection {
        connection_id: Some("dxcon-strange1".into()),
        owner_account: Some("111122223333".into()),
        bandwidth: Some("1Gbps".into()),
        vlan: Some(102),
        ..Connection::default()
    };
    aws.ledger
        .quarantined(&claim, &connection, aws.clock.timestamp())
        .await
        .unwrap();
    pass(3_600).await;
    assert_told("quarantined", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_lives_and_is_released() {
    let world = World::new();
    world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    let id = world.cloud.connections()[0].id.clone();
    world.track().await.answer();
    pass(3 * 86_400).await;
    world.track().await.answer();
    let reminded = told(&world, "k").await;
    for state in ["pending", "available", "down"] {
        world.cloud.set_state(&id, state).unwrap();
        pass(60).await;
        world.track().await.answer();
    }
    world.release("k").await.answer();
    assert_told("reminded", &reminded);
    assert_told("released", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_stuck_is_told_in_few_words() {
    let world = World::new();
    let hidden =
        Fault::parse("error(400,AccessDeniedException)@DescribeHostedConnections#1+always")
            .unwrap();
    world
        .cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    world.cloud.inject(hidden);
    for _ in 0..20 {
        world.invoke(&order("k", Some(101))).await.answer();
        pass(60).await;
    }
    assert!(world.cloud.count(DESCRIBE) >= 20);
    assert_told("stuck", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn what_keeps_being_turned_down_and_what_cannot_be_published() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::parse("throttle@AllocateHostedConnection#1+always").unwrap());
    world.invoke(&order("throttled", Some(101))).await.answer();
    pass(60).await;
    world.invoke(&order("throttled", Some(101))).await.answer();
    pass(1_200).await;
    let throttled = told(&world, "throttled").await;
    world.cloud.clear_faults();
    world
        .cloud
        .inject(Fault::parse("error(400,AccessDeniedException)@PutEvents#1+always").unwrap());
    world.invoke(&order("unheard", Some(102))).await.answer();
    assert_told("throttled", &throttled);
    assert_told("unpublished", &told(&world, "unheard").await);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_not_allowed_is_told_at_once_with_what_to_do() {
    let world = World::new();
    world.cloud.inject(
        Fault::parse("error(403,AccessDeniedException)@AllocateHostedConnection+always").unwrap(),
    );
    world.invoke(&order("k", Some(101))).await.answer();
    assert_told("denied", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_was_refused_is_told_with_the_reason() {
    let world = World::new();
    world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    let id = world.cloud.connections()[0].id.clone();
    world.cloud.set_state(&id, "available").unwrap();
    world.cloud.inject(
        Fault::parse("error(400,DirectConnectClientException)@DeleteConnection+always").unwrap(),
    );
    world.release("k").await.answer();
    pass(60).await;
    world.release("k").await.answer();
    assert_told("release-refused", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_declined_is_told_as_such() {
    let world = World::new();
    world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    let id = world.cloud.connections()[0].id.clone();
    world.cloud.set_state(&id, "rejected").unwrap();
    pass(60).await;
    world.track().await.answer();
    assert_told("declined", &told(&world, "k").await);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_shown_no_more_is_told_with_what_to_do() {
    let world = World::new();
    world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    pass(60).await;
    world.track().await.answer();
    let seen = Seen::Nowhere { is_new: false };
    assert_told("ghost", &told_with(&world, "k", seen).await);
}

#[tokio::test(start_paused = true)]
async fn orders_by_place_say_why_this_parent_and_why_none() {
    let parents = [
        Parent::interconnect("dxcon-aaaaaaaa", "10Gbps").on_device("d1"),
        Parent::interconnect("dxcon-bbbbbbbb", "1Gbps").on_device("d2"),
    ];
    let world = World::with(|cloud| cloud.parents(parents), &[]);
    let order = |placement: Value, bandwidth: &str| {
        json!({"placement": placement, "ownerAccount": "111122223333", "bandwidth": bandwidth,
            "connectionName": "customer"})
    };
    let here = json!({"location": "EqFA5"});
    let apart =
        json!({"location": "EqFA5", "diverseFrom": {"idempotencyKey": "first", "by": "device"}});
    let elsewhere = json!({"location": "Nowhere"});
    let mut stories = String::new();
    for (key, order) in [
        ("first", order(here, "500Mbps")),
        ("none", order(apart, "2Gbps")),
        ("nowhere", order(elsewhere, "50Mbps")),
    ] {
        world.invoke(&http(key, &order.to_string())).await.answer();
        stories.push_str(&told(&world, key).await);
    }
    assert_told("placed", &stories);
}
