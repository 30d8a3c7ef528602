//! Late calls, late answers and late repetitions: the ways to a second connection that the model of the protocol found.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{Invocation, PARENT, TIMEOUT, World, http, request};
use serde_json::Value;

use super::{ALLOCATE, order, pass, sent_vlans};
use crate::meddler::Meddler;

const LOOK: &str = "DescribeHostedConnections";
const FOREIGN: &str = "999988887777";

fn exclusive_or_not(unique: bool) -> World {
    World::with(|builder| builder.vlan_uniqueness(unique), &[])
}

fn web_order(vlan: Option<u16>) -> Value {
    http("k", &request(vlan).to_string())
}

/// VLANs of the order's own connections that are not deleted.
fn own_vlans(world: &World) -> Vec<u16> {
    let connections = world.cloud.connections().into_iter();
    let living = connections.filter(|one| one.state != "deleted" && one.owner_account != FOREIGN);
    living.map(|one| one.vlan).collect()
}

/// The first attempt's call has no answer, and is applied only after `delay`. Returns its VLAN.
async fn call_late_by(world: &World, vlan: Option<u16>, delay: Duration) -> u16 {
    world
        .cloud
        .inject(Fault::on(FaultKind::LandLate(delay), ALLOCATE));
    let answer = world.invoke(&web_order(vlan)).await.answer();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    u16::try_from(sent_vlans(world)[0]).unwrap()
}

fn take_by_hand(world: &World, vlan: u16) {
    world
        .cloud
        .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand")
        .unwrap();
}

fn delete_by_hand(world: &World) {
    let connections = world.cloud.connections();
    let foreign = connections.iter().find(|one| one.owner_account == FOREIGN);
    let id = &foreign.unwrap().id;
    world.cloud.delete(id).unwrap();
    world.cloud.set_state(id, "deleted").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_look_that_began_before_the_settle_time_was_over_does_not_count_as_one_after_it() {
    let world = exclusive_or_not(false);
    call_late_by(&world, Some(101), Duration::from_millis(29_500)).await;
    pass(28).await;
    // Looked after 28 s, landed after 29.5, answered after 32.
    let late = Meddler::holds_back(LOOK, Duration::from_secs(4));
    let wire = late.between(world.cloud.http_client_as("through"));
    let answer = world.invoke_through(wire, &web_order(Some(101))).await;
    assert_eq!(answer.answer()["statusCode"], 503);
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(own_vlans(&world), [101], "or this test shows nothing");
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(world.cloud.count(ALLOCATE), 1, "adopted");
}

#[tokio::test(start_paused = true)]
async fn a_late_repetition_of_the_write_that_notes_a_call_does_not_set_its_start_back() {
    let world = exclusive_or_not(false);
    world
        .cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    world.invoke(&order("k", Some(101))).await.answer();
    pass(31).await;
    // The second attempt takes over with its first UpdateItem. Its second notes the start of a new call, is on the wire
    // for ten seconds, and is repeated by the SDK; by then a second and a half has gone, so that a newer start is noted.
    world.cloud.inject(
        Fault::on_nth(FaultKind::Delay(Duration::from_secs(10)), "UpdateItem", 2)
            .for_worker("second"),
    );
    // Within the settle time of the newer start, but not of the one in the late repetition.
    let late = FaultKind::LandLate(Duration::from_millis(29_500));
    world
        .cloud
        .inject(Fault::on(late, ALLOCATE).for_worker("second"));
    let begun = tokio::time::Instant::now();
    let event = order("k", Some(101));
    let second = world.invoke_as("second", &event, TIMEOUT).await;
    assert!(!second.is_final());
    assert_eq!(world.cloud.count(ALLOCATE), 2);
    let newest_start = || world.items("allocation#")[0]["callStartedAtMs"].clone();
    let noted = newest_start();
    tokio::time::sleep_until(begun + Duration::from_millis(10_100)).await;
    let requests = world.cloud.requests();
    let repeated = requests
        .iter()
        .find(|one| one.operation == "UpdateItem" && one.fault.is_some());
    assert!(repeated.unwrap().applied, "or this test shows nothing");
    assert_eq!(newest_start(), noted);

    tokio::time::sleep_until(begun + Duration::from_millis(30_500)).await;
    assert!(!world.invoke(&order("k", Some(101))).await.is_final());
    world.deliver_until_final(&order("k", Some(101))).await;
    assert_eq!(own_vlans(&world), [101]);
    assert_eq!(world.cloud.count(ALLOCATE), 2);
}

#[tokio::test(start_paused = true)]
async fn an_automatic_order_whose_call_is_unanswered_is_rejected_and_not_moved_when_somebody_takes_its_vlan()
 {
    let world = exclusive_or_not(true);
    let vlan = call_late_by(&world, None, Duration::from_secs(100)).await;
    take_by_hand(&world, vlan);
    let answer = world.deliver_until_final(&web_order(None)).await;
    assert_eq!(answer["statusCode"], 422, "{answer}");
    assert!(answer["body"].as_str().unwrap().contains("VlanInUse"));
    // The call lands after all, against the settle time.
    delete_by_hand(&world);
    pass(100).await;
    assert_eq!(own_vlans(&world), [vlan], "one, where there could be two");
    assert_eq!(sent_vlans(&world), [u64::from(vlan)]);
}

#[tokio::test(start_paused = true)]
async fn an_automatic_order_with_an_unanswered_call_is_not_moved_after_the_refusal_of_a_later_one_either()
 {
    let world = exclusive_or_not(true);
    let vlan = call_late_by(&world, None, Duration::from_secs(100)).await;
    pass(31).await;
    // Between the look and the call of the second delivery, somebody takes the VLAN.
    world
        .cloud
        .set_latency_of("UpdateItem", Duration::from_millis(900));
    let event = web_order(None);
    let (answer, ()) = tokio::join!(world.invoke(&event), async {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        take_by_hand(&world, vlan);
    });
    let answer = answer.answer();
    assert_eq!(answer["statusCode"], 422, "{answer}");
    assert_eq!(
        world.cloud.count(ALLOCATE),
        2,
        "the second one was refused, or this test shows nothing"
    );
    delete_by_hand(&world);
    pass(100).await;
    assert_eq!(own_vlans(&world), [vlan], "one, where there could be two");
    assert_eq!(sent_vlans(&world), [u64::from(vlan); 2]);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_cannot_be_looked_into_is_not_final_while_an_earlier_call_is_unanswered() {
    for no_look in [
        FaultKind::ServerErrorBefore,
        FaultKind::Error {
            status: 400,
            code: "DirectConnectClientException".into(),
        },
    ] {
        let world = exclusive_or_not(true);
        call_late_by(&world, Some(101), Duration::from_secs(100)).await;
        pass(99).await;
        // Between the looks (at all three parents, as a call is to be repeated) and the call of the second delivery, the
        // first call lands. Its look after that fails, three times if the SDK asks three times.
        world
            .cloud
            .set_latency_of("UpdateItem", Duration::from_millis(900));
        let blind = Fault::on_nth(no_look, LOOK, 4).for_worker("second");
        world.cloud.inject(blind.always());
        let event = web_order(Some(101));
        let second = world.invoke_as("second", &event, TIMEOUT).await;
        let Invocation::Answered(answer) = second else {
            panic!("{second:?}")
        };
        assert_eq!(answer["statusCode"], 503, "{answer}");
        assert_eq!(world.cloud.count(ALLOCATE), 2, "or this test shows nothing");
        let answer = world.deliver_until_final(&event).await;
        assert_eq!(answer["statusCode"], 201, "{answer}");
        assert_eq!(own_vlans(&world), [101]);
    }
}
