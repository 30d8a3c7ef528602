//! A call that was applied and then refused, and whose connection somebody moved to an unrelated parent before the first look.

use std::time::Duration;

use local_cloud::{Fault, FaultKind, Pages, Parent};
use proof::{OWNER, PARENT, World};

use super::{ALLOCATE, DESCRIBE, LAG, OTHER, leases, living, web, web_on, world_with};
use crate::partner::{FOREIGN, body, pass, run, status_and_code};

const LATENCY: Duration = Duration::from_millis(100);
/// As the usual order asks.
const BANDWIDTH: &str = "500Mbps";
const NAME: &str = "customer-42-frankfurt";

fn unknown() -> (u64, String) {
    (503, "OutcomeUnknown".into())
}

fn refused() -> (u64, String) {
    (422, "RefusedByDirectConnect".into())
}

/// Orders, and has `meanwhile` happen after the call and before the first look at what refused it.
async fn order_and(world: &World, vlan: Option<u16>, meanwhile: impl FnOnce(&str)) {
    world.cloud.set_latency_of(DESCRIBE, LATENCY);
    let event = web("k", vlan);
    // An automatic order looks before the call too.
    let looks = if vlan.is_some() { 0 } else { 1 };
    let (first, ()) = tokio::join!(world.invoke(&event), async {
        tokio::time::sleep(LATENCY * looks + LATENCY / 2).await;
        assert_eq!(world.cloud.count(ALLOCATE), 1, "the call has been made");
        meanwhile(&living(&world.cloud).pop().unwrap());
    });
    assert_eq!(status_and_code(&first.answer()), unknown(), "{vlan:?}");
    world.cloud.set_latency_of(DESCRIBE, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_after_it_was_done_and_moved_away_before_anybody_looked_waits_for_a_person()
{
    for (vlan, unique) in [(Some(101), true), (Some(101), false), (None, true)] {
        for state in ["available", "pending"] {
            let name = format!("{vlan:?} {unique} {state}");
            let world = world_with(|builder| builder.vlan_uniqueness(unique));
            let repeated = Fault::on(FaultKind::ApplyThenClientException, ALLOCATE);
            world.cloud.inject(repeated);
            order_and(&world, vlan, |id| {
                world.cloud.move_connection(id, OTHER).unwrap();
                world.cloud.set_parent_state(PARENT, state).unwrap();
            })
            .await;
            world.cloud.set_parent_state(PARENT, "available").unwrap();
            let id = living(&world.cloud).pop().unwrap();
            // Accepted by its owner meanwhile, it is the same connection.
            world.cloud.set_state(&id, "available").unwrap();
            for _ in 0..4 {
                pass(60).await;
                let answer = world.invoke(&web("k", vlan)).await.answer();
                assert_eq!(status_and_code(&answer), unknown(), "{name}");
            }
            assert_eq!(world.cloud.count(ALLOCATE), 1, "{name}");
            assert_eq!(living(&world.cloud), std::slice::from_ref(&id), "{name}");
            assert!(world.details().is_empty(), "{name}: nothing is told");
            assert_eq!(leases(&world).len(), 1, "{name}: the VLAN is kept");
            // Moved back, it is the order's own.
            world.cloud.move_connection(&id, PARENT).unwrap();
            let answer = world.deliver_until_final(&web("k", vlan)).await;
            assert_eq!(answer["statusCode"], 201, "{name}: {answer}");
            assert_eq!(body(&answer)["connection"]["connectionId"], id.as_str());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_passes_over_a_connection_elsewhere_is_taken_twice() {
    let world = world_with(|builder| builder.page_limit(2).pages(Pages::ByPosition));
    let by_hand = |vlan| {
        let made = world
            .cloud
            .insert_connection(OTHER, vlan, FOREIGN, "50Mbps", "by hand");
        made.unwrap().id
    };
    let repeated = Fault::on(FaultKind::ApplyThenClientException, ALLOCATE);
    world.cloud.inject(repeated);
    let newest = std::cell::Cell::new(String::new());
    let deleted = async {
        // The look at the parent, and the first page of the one at the other; what follows moves up by one.
        tokio::time::sleep(LATENCY * 2 + LATENCY / 2).await;
        world.cloud.delete(&newest.take()).unwrap();
    };
    let ordered = order_and(&world, Some(101), |id| {
        world.cloud.move_connection(id, OTHER).unwrap();
        // Newer ones are listed first, so the order's own is the first of the second page.
        by_hand(1001);
        newest.set(by_hand(1002));
    });
    tokio::join!(ordered, deleted);
    assert!(world.details().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_is_explained_costs_no_look_at_other_parents() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), (422, "VlanInUse".into()));
    assert_eq!(world.cloud.count(DESCRIBE), 1);
    let nowhere = web_on("dxcon-fffffff0", "other", Some(101));
    let answer = world.invoke(&nowhere).await.answer();
    assert_eq!(status_and_code(&answer), refused(), "{answer}");
    assert_eq!(world.cloud.count(DESCRIBE), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_final_before_all_parents_have_been_looked_at() {
    let world = World::new();
    let refusal = Fault::on(FaultKind::ClientExceptionBefore, ALLOCATE);
    world.cloud.inject(refusal);
    let without_list = Fault::on_nth(FaultKind::ApplyThenWithoutList, DESCRIBE, 2);
    world.cloud.inject(without_list);
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), unknown(), "{answer}");
    assert!(world.details().is_empty());
    let answer = world.deliver_until_final(&web("k", Some(101))).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_with_more_parents_than_there_is_time_to_look_at_is_left_unresolved() {
    let ids = (0..400).map(|number| format!("dxcon-ffab{number:04}"));
    let parents = ids.map(|id| Parent::interconnect(id, "10Gbps"));
    let parents: Vec<_> = std::iter::once(Parent::interconnect(PARENT, "10Gbps"))
        .chain(parents)
        .collect();
    let world = world_with(|builder| builder.parents(parents));
    world.cloud.set_latency_of(DESCRIBE, Duration::from_secs(1));
    let refusal = Fault::on(FaultKind::ClientExceptionBefore, ALLOCATE);
    world.cloud.inject(refusal);
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), unknown(), "{answer}");
    // Written down, so that whoever comes next need not wait for the end of a lease.
    let record = &world.items("allocation#")[0];
    assert_eq!(record["allocationState"]["S"], "unresolved");
}

#[tokio::test(start_paused = true)]
async fn look_alikes_on_other_parents_that_were_there_before_make_no_refusal_doubtful() {
    let refuse = |world: &World| {
        let refusal = Fault::on(FaultKind::ClientExceptionBefore, ALLOCATE);
        world.cloud.inject(refusal);
    };
    // Accepted by its owner, which takes longer than a call.
    let world = World::new();
    let by_hand = |world: &World, parent| {
        let made = world
            .cloud
            .insert_connection(parent, 101, OWNER, BANDWIDTH, NAME);
        made.unwrap().id
    };
    let id = by_hand(&world, OTHER);
    world.cloud.set_state(&id, "available").unwrap();
    refuse(&world);
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), refused(), "{answer}");
    // Not accepted yet, and seen by tracking before.
    let world = World::new();
    by_hand(&world, OTHER);
    run(&world).await;
    pass(60).await;
    refuse(&world);
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), refused(), "{answer}");
    // Another order's: the other half of a pair.
    let world = World::new();
    for parent in [OTHER, LAG] {
        let answer = world.invoke(&web_on(parent, parent, Some(101))).await;
        assert_eq!(answer.answer()["statusCode"], 201);
    }
    refuse(&world);
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), refused(), "{answer}");
    // Of a minute ago, and of nobody that we know: a person has to look.
    let world = World::new();
    by_hand(&world, OTHER);
    refuse(&world);
    let answer = world.invoke(&web("k", Some(101))).await.answer();
    assert_eq!(status_and_code(&answer), unknown(), "{answer}");
}
