//! What happens to an order whose attempt ended in the middle, or is not as dead as it looks.

mod late;
mod seen;
mod told;

use std::time::Duration;

use hosted_connection::{Code, Rejection};
use ledger::{ClaimAnswer, KnownKey, Recorded, State};
use local_cloud::{Fault, FaultKind, Parent};
use proof::{
    Invocation, OWNER, PARENT, TIMEOUT, World, http, record, request, returned, sqs, with_key,
};
use serde_json::Value;

const ALLOCATE: &str = "AllocateHostedConnection";

fn order(key: &str, vlan: Option<u16>) -> Value {
    sqs([record("m-1", &with_key(key, request(vlan)).to_string())])
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A parent with room for more connections than one page shows.
fn roomy() -> World {
    let parent = Parent::interconnect(PARENT, "100Gbps").unlimited();
    World::with(|builder| builder.parents([parent]), &[])
}

fn sent_vlans(world: &World) -> Vec<u64> {
    let requests = world.cloud.requests();
    let calls = requests
        .iter()
        .filter(|request| request.operation == ALLOCATE);
    calls
        .map(|request| request.body["vlan"].as_u64().unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn nobody_takes_over_before_the_dead_attempts_lease_is_over() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::KillBefore, ALLOCATE));
    assert_eq!(
        world.invoke(&order("k", Some(101))).await,
        Invocation::Killed
    );
    pass(20).await;
    let answer = world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    assert_eq!(answer["statusCode"], 409, "{answer}");
    assert_eq!(
        answer["headers"]["Retry-After"], "12",
        "30 s of invocation and 2 s of margin, less 20 s"
    );
    assert_eq!(
        world.cloud.count(ALLOCATE),
        1,
        "only the killed attempt's own"
    );
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_killed_attempts_connection_is_adopted_and_not_allocated_again() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    assert_eq!(
        world.invoke(&order("k", Some(101))).await,
        Invocation::Killed
    );
    pass(33).await;
    let answer = world.invoke(&order("k", Some(101))).await.answer();
    assert!(returned(&answer).is_empty(), "found at the first look");
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(
        world.details()[0]["connection"]["connectionId"],
        world.cloud.connections()[0].id.as_str()
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_may_still_land_is_not_made_again_before_the_settle_time() {
    let world = World::with(|builder| builder.vlan_uniqueness(false), &[]);
    world.cloud.inject(Fault::on(
        FaultKind::LandLate(Duration::from_secs(25)),
        ALLOCATE,
    ));
    for _ in 0..2 {
        let answer = world
            .invoke(&http("k", &request(Some(101)).to_string()))
            .await
            .answer();
        assert_eq!(answer["statusCode"], 503, "{answer}");
        assert!(
            answer["body"]
                .as_str()
                .unwrap()
                .contains("\"code\":\"OutcomeUnknown\""),
            "{answer}"
        );
        pass(10).await;
    }
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    pass(10).await;
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(
        world.cloud.count(ALLOCATE),
        1,
        "the late arrival was adopted"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_call_is_made_again_after_the_settle_time_with_the_same_vlan() {
    for vlan in [Some(101), None] {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
        world.deliver_until_final(&order("k", vlan)).await;
        let vlans = sent_vlans(&world);
        assert_eq!(vlans.len(), 2, "{vlans:?}");
        assert_eq!(
            vlans[0], vlans[1],
            "a different VLAN while the first call is open would be a second connection"
        );
        assert_eq!(world.cloud.connections().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_by_our_own_late_connection_is_an_allocation() {
    // Beyond the settle time only the uniqueness of VLANs protects: the second call runs into the first one's effect.
    let world = World::new();
    world.cloud.inject(Fault::on(
        FaultKind::LandLate(Duration::from_secs(100)),
        ALLOCATE,
    ));
    world.invoke(&order("k", Some(101))).await.answer();
    pass(99).await;
    // Between the look and the call of the second delivery, the first call lands.
    world
        .cloud
        .set_latency_of("UpdateItem", Duration::from_millis(900));
    let answer = world
        .deliver_until_final(&http("k", &request(Some(101)).to_string()))
        .await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.count(ALLOCATE), 2, "or this test shows nothing");
}

#[tokio::test(start_paused = true)]
async fn two_workers_with_one_key_make_one_connection_between_them() {
    let world = World::new();
    world.cloud.set_latency(Duration::from_millis(20));
    let event = http("k", &request(Some(101)).to_string());
    let (a, b) = tokio::join!(world.invoke(&event), world.invoke(&event));
    let mut statuses: Vec<_> = [a, b]
        .into_iter()
        .map(|one| one.answer()["statusCode"].as_u64().unwrap())
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(world.cloud.connections().len(), 1);
    let again = world.invoke(&event).await.answer();
    assert_eq!(again["headers"]["Idempotent-Replayed"], "true");
}

#[tokio::test(start_paused = true)]
async fn a_zombies_answer_does_not_undo_what_its_successor_recorded() {
    let world = World::new();
    // The first attempt's record of the outcome is on the wire for longer than its process lives.
    world.cloud.inject(
        Fault::on(FaultKind::Delay(Duration::from_secs(50)), "UpdateItem")
            .for_worker("zombie")
            .always(),
    );
    let first = world
        .invoke_as("zombie", &order("k", Some(101)), TIMEOUT)
        .await;
    assert!(!first.is_final());
    pass(5).await;
    let successor = world
        .deliver_until_final(&http("k", &request(Some(101)).to_string()))
        .await;
    let before = world.items("allocation#");
    pass(100).await;
    assert_eq!(
        world.items("allocation#"),
        before,
        "the late write was refused"
    );
    let replay = world
        .invoke(&http("k", &request(Some(101)).to_string()))
        .await
        .answer();
    assert_eq!(replay["body"], successor["body"]);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_write_of_an_attempt_that_lost_its_claim_is_refused_and_shows_the_winners_record() {
    let world = World::new();
    let aws = world.aws("ledger");
    let order = proof::order("k", request(Some(101)));
    let ClaimAnswer::Won(mut zombie) = world.claim(&aws.ledger, &order).await else {
        panic!("a fresh key")
    };
    assert!(matches!(
        world.claim(&aws.ledger, &order).await,
        ClaimAnswer::Known(KnownKey::HeldElsewhere { .. })
    ));
    pass(2).await;
    let ClaimAnswer::Known(KnownKey::TakenOver {
        claim: winner,
        must_reconcile: true,
    }) = world.claim(&aws.ledger, &order).await
    else {
        panic!("an expired lease on `calling` is taken over, to be looked into")
    };
    assert_eq!(winner.attempt, 2);

    let connection = hosted_connection::Connection::default();
    let rejection = Rejection::new(Code::RefusedByDirectConnect, "no");
    let at = aws.clock.timestamp();
    let ledger = &aws.ledger;
    let lost = [
        ledger
            .allocated(&zombie, &connection, None, at)
            .await
            .unwrap(),
        ledger.rejected(&zombie, &rejection, at).await.unwrap(),
        ledger.quarantined(&zombie, &connection, at).await.unwrap(),
        ledger.unresolved(&zombie, "a test").await.unwrap(),
        ledger.waiting(&zombie, "a test").await.unwrap(),
        ledger.begin_call(&mut zombie, None).await.unwrap(),
    ];
    for recorded in lost {
        let Recorded::Lost(record) = recorded else {
            panic!("a zombie wrote")
        };
        assert_eq!(
            (record.token.as_str(), record.state),
            (winner.token.as_str(), State::Unresolved)
        );
    }
    assert_eq!(
        world.items("parent#").len(),
        1,
        "the winner still holds the VLAN"
    );
    assert!(matches!(
        ledger
            .allocated(&winner, &connection, None, at)
            .await
            .unwrap(),
        Recorded::Done
    ));
}

#[tokio::test(start_paused = true)]
async fn the_owner_may_rename_the_connection_before_it_is_found() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    world.invoke(&order("k", Some(101))).await;
    world
        .cloud
        .rename(&world.cloud.connections()[0].id.clone(), "my own name")
        .unwrap();
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_alike_on_another_vlan_is_never_adopted() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 200, OWNER, "500Mbps", "customer-42-frankfurt")
        .unwrap();
    world
        .cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    world.deliver_until_final(&order("k", Some(101))).await;
    let mut vlans: Vec<_> = world
        .cloud
        .connections()
        .iter()
        .map(|connection| connection.vlan)
        .collect();
    vlans.sort_unstable();
    assert_eq!(vlans, [101, 200]);
    assert_eq!(world.details()[0]["connection"]["vlan"], 101);
}

#[tokio::test(start_paused = true)]
async fn a_look_alike_that_was_there_before_our_first_call_is_somebody_elses() {
    // What a call has just made is new, and has the name that was asked for.
    for (name, state) in [
        ("somebody else's name", "ordering"),
        ("customer-42-frankfurt", "available"),
    ] {
        let world = World::new();
        let id = world
            .cloud
            .insert_connection(PARENT, 101, OWNER, "500Mbps", name)
            .unwrap()
            .id;
        world.cloud.set_state(&id, state).unwrap();
        let event = http("k", &request(Some(101)).to_string());
        let answer = world.invoke(&event).await.answer();
        assert_eq!(answer["statusCode"], 422, "{answer}");
        assert!(
            answer["body"].as_str().unwrap().contains("VlanInUse"),
            "{answer}"
        );
    }
}

/// Nothing that a partner can see tells it from what AWS does when it repeats a send by itself. There is one connection, as
/// asked for, and the order is answered with it.
#[tokio::test(start_paused = true)]
async fn a_twin_made_by_hand_that_differs_in_nothing_becomes_the_orders_own() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, OWNER, "500Mbps", "customer-42-frankfurt")
        .unwrap();
    let event = http("k", &request(Some(101)).to_string());
    let answer = world.invoke(&event).await.answer();
    assert_eq!(answer["statusCode"], 503, "no rejection at once: {answer}");
    let answer = world.deliver_until_final(&event).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
}

/// A world in which the connections of the parent fill two pages and half of a third.
fn of_three_pages() -> World {
    let world = roomy();
    let made =
        world
            .cloud
            .insert_connections(PARENT, 1000..1250, "999988887777", "50Mbps", "by hand");
    made.unwrap();
    world
}

#[tokio::test(start_paused = true)]
async fn a_connection_on_the_third_page_is_found() {
    let world = of_three_pages();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenReset, ALLOCATE));
    let answer = world.invoke(&order("k", Some(101))).await.answer();
    assert!(returned(&answer).is_empty(), "found in the same invocation");
    assert_eq!(world.cloud.count("DescribeHostedConnections"), 3);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(world.cloud.connections().len(), 251);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_page_is_not_taken_for_absence() {
    let world = of_three_pages();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    world.invoke(&order("k", Some(101))).await;
    pass(60).await;
    // All tries of the third page fail, long after the settle time.
    for n in 3..=5 {
        world.cloud.inject(Fault::on_nth(
            FaultKind::ServerErrorBefore,
            "DescribeHostedConnections",
            n,
        ));
    }
    let answer = world.invoke(&order("k", Some(101))).await.answer();
    assert_eq!(returned(&answer), ["m-1"]);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(world.cloud.connections().len(), 251);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_list_is_not_taken_for_absence() {
    let world = World::with(|builder| builder.vlan_uniqueness(false), &[]);
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenKill, ALLOCATE));
    world.invoke(&order("k", Some(101))).await;
    pass(60).await;
    world.cloud.inject(Fault::on(
        FaultKind::ApplyThenEmptyBody,
        "DescribeHostedConnections",
    ));
    let answer = world.invoke(&order("k", Some(101))).await.answer();
    assert_eq!(returned(&answer), ["m-1"]);
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(world.cloud.connections().len(), 1);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
}
