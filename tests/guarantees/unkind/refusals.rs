//! A refusal that is not the last word: AWS repeats by itself what it has done, and what is being changed is not gone.

use local_cloud::{Fault, FaultKind, LagMembers};
use proof::{PARENT, World, record, request, returned, sqs, with_key};

use super::{ALLOCATE, LAG, leases, living, web, web_on, world_with};
use crate::partner::{body, pass, run, status_and_code};

#[tokio::test(start_paused = true)]
async fn what_is_refused_after_it_was_done_is_neither_a_rejection_nor_a_second_connection() {
    for vlan in [Some(101), None] {
        for unique in [true, false] {
            let world = world_with(|builder| builder.vlan_uniqueness(unique));
            let repeated = Fault::on(FaultKind::ApplyThenClientException, ALLOCATE);
            world.cloud.inject(repeated);
            let first = world.invoke(&web("k", vlan)).await.answer();
            assert_eq!(status_and_code(&first), (503, "OutcomeUnknown".into()));
            let made = living(&world.cloud);
            let answer = world.deliver_until_final(&web("k", vlan)).await;
            assert_eq!(answer["statusCode"], 201, "{vlan:?}: {answer}");
            assert_eq!(
                body(&answer)["connection"]["connectionId"],
                made[0].as_str()
            );
            assert_eq!(living(&world.cloud), made, "{vlan:?}");
            assert_eq!(world.cloud.count(ALLOCATE), 1, "{vlan:?}");
            assert_eq!(leases(&world).len(), 1, "{vlan:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_after_it_was_done_is_found_although_it_moved_meanwhile() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ApplyThenClientException, ALLOCATE));
    world
        .cloud
        .set_latency_of(ALLOCATE, std::time::Duration::from_millis(100));
    let event = web("k", Some(101));
    let (first, ()) = tokio::join!(world.invoke(&event), async {
        tokio::time::sleep(std::time::Duration::from_millis(99)).await;
    });
    assert_eq!(first.answer()["statusCode"], 503);
    world.cloud.join_lag(PARENT, LAG).unwrap();
    let answer = world.deliver_until_final(&event).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(living(&world.cloud).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_during_a_change_of_its_parent_waits_for_its_end() {
    for vlan in [Some(101), None] {
        for state in ["pending", "requested", "deleting", "unknown"] {
            let world = World::new();
            world.cloud.set_parent_state(PARENT, state).unwrap();
            for _ in 0..3 {
                let answer = world.invoke(&web("k", vlan)).await.answer();
                let expected = (503, "Unavailable".to_owned());
                assert_eq!(status_and_code(&answer), expected, "{state} {vlan:?}");
                pass(60).await;
            }
            assert!(world.details().is_empty(), "nothing final is told");
            world.cloud.set_parent_state(PARENT, "available").unwrap();
            let answer = world.deliver_until_final(&web("k", vlan)).await;
            assert_eq!(answer["statusCode"], 201, "{state} {vlan:?}: {answer}");
            assert_eq!(living(&world.cloud).len(), 1, "{state} {vlan:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_members_order_waits_for_the_end_of_its_lags_change() {
    for way in [LagMembers::ShowNothing, LagMembers::RefuseToShow] {
        let world = world_with(|builder| builder.lag_members(way).lag_members_sell(true));
        world.cloud.join_lag(PARENT, LAG).unwrap();
        world.cloud.set_parent_state(LAG, "pending").unwrap();
        for vlan in [Some(101), None] {
            let answer = world.invoke(&web("k", vlan)).await.answer();
            assert_eq!(
                answer["statusCode"],
                if vlan.is_some() { 503 } else { 422 },
                "{way:?}"
            );
        }
        world.cloud.set_parent_state(LAG, "available").unwrap();
        let answer = world.deliver_until_final(&web("k", Some(101))).await;
        assert_eq!(answer["statusCode"], 201, "{way:?}: {answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_queue_gave_it_up_during_a_change_is_finished_by_the_schedule() {
    let world = World::new();
    world.cloud.set_parent_state(PARENT, "pending").unwrap();
    let event = sqs([record(
        "m-1",
        &with_key("k", request(Some(101))).to_string(),
    )]);
    for _ in 0..5 {
        assert_eq!(returned(&world.invoke(&event).await.answer()), ["m-1"]);
        pass(180).await;
    }
    world.cloud.set_parent_state(PARENT, "available").unwrap();
    for _ in 0..5 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(world.details()[0]["connection"]["vlan"], 101);
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_order_whose_parent_is_gone_comes_to_an_end() {
    for vlan in [Some(101), None] {
        let world = World::new();
        world
            .cloud
            .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
        world.invoke(&web("k", vlan)).await;
        world.cloud.remove_parent(PARENT).unwrap();
        let answer = world.deliver_until_final(&web("k", vlan)).await;
        let expected = (422, "RefusedByDirectConnect".into());
        assert_eq!(status_and_code(&answer), expected, "{answer}");
        assert!(leases(&world).is_empty());
        assert!(living(&world.cloud).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_refusal_is_still_final_at_once() {
    let world = World::new();
    for _ in 0..2 {
        let big = world.invoke(&web_on(PARENT, "k", Some(101))).await.answer();
        assert_eq!(big["statusCode"], 201);
    }
    let refused = Fault::on(FaultKind::ClientExceptionBefore, ALLOCATE);
    world.cloud.inject(refused);
    let answer = world.invoke(&web("other", Some(102))).await.answer();
    let expected = (422, "RefusedByDirectConnect".into());
    assert_eq!(status_and_code(&answer), expected, "{answer}");
    assert_eq!(leases(&world).len(), 1);
}

/// Orders of one run share the list of parents, and it may be older than a call of theirs.
#[tokio::test(start_paused = true)]
async fn a_change_that_begins_during_a_run_ends_no_order_of_it() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ResetBefore, ALLOCATE));
    world.invoke(&web("unanswered", Some(101))).await;
    world.cloud.inject(Fault::on(FaultKind::Throttle, ALLOCATE));
    world.invoke(&web("waiting", Some(102))).await;
    pass(60).await;
    let a_while = std::time::Duration::from_secs(5);
    world.cloud.set_latency_of(ALLOCATE, a_while);
    tokio::join!(run(&world), async {
        tokio::time::sleep(a_while / 2).await;
        world.cloud.set_parent_state(PARENT, "pending").unwrap();
    });
    assert!(world.details().is_empty(), "{:?}", world.details());
    world
        .cloud
        .set_latency_of(ALLOCATE, std::time::Duration::ZERO);
    world.cloud.set_parent_state(PARENT, "available").unwrap();
    for _ in 0..3 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(living(&world.cloud).len(), 2);
    assert_eq!(world.details().len(), 2);
}
