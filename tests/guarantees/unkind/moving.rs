//! Connections move: an interconnect joins a LAG, or somebody associates a connection anew.

use hosted_connection::{ParentConnection, ParentPolicy};
use local_cloud::{Fault, FaultKind, LagMembers};
use proof::{OWNER, PARENT, Program, World, get};

use super::{ALLOCATE, LAG, OTHER, lease_on, leases, living, web, web_on, world_with};
use crate::partner::{body, order_http, pass, place, run, status_and_code, story};

const WAYS: [LagMembers; 3] = [
    LagMembers::ShowNothing,
    LagMembers::ShowTheLags,
    LagMembers::RefuseToShow,
];

#[tokio::test(start_paused = true)]
async fn a_refused_release_of_a_connection_that_was_moved_frees_nothing() {
    for way in WAYS {
        let world = world_with(|builder| builder.lag_members(way));
        let id = place(&world, "k", 101).await;
        world.cloud.set_state(&id, "available").unwrap();
        world.cloud.attach_interface(&id).unwrap();
        world.cloud.join_lag(PARENT, LAG).unwrap();
        let first = world.release("k").await.answer();
        assert_eq!(
            status_and_code(&first),
            (503, "OutcomeUnknown".into()),
            "{way:?}"
        );
        pass(31).await;
        let second = world.release("k").await.answer();
        let refused = (422, "RefusedByDirectConnect".into());
        assert_eq!(status_and_code(&second), refused, "{way:?}");
        assert_eq!(living(&world.cloud), [id], "{way:?}");
        assert_eq!(leases(&world).len(), 1, "{way:?}");
        let told = story(&world, "k");
        assert!(
            !told.iter().any(|told| told.contains("released")),
            "{told:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_finds_the_connection_wherever_it_was_moved_to() {
    for way in WAYS {
        for parent in [LAG, OTHER] {
            let world = world_with(|builder| builder.lag_members(way));
            let id = place(&world, "k", 101).await;
            move_to(&world, &id, parent);
            let answer = world.release("k").await.answer();
            assert_eq!(answer["statusCode"], 200, "{way:?} {parent}: {answer}");
            assert!(living(&world.cloud).is_empty(), "{way:?} {parent}");
            assert!(leases(&world).is_empty(), "{way:?} {parent}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_on_a_parent_that_is_no_longer_shown_comes_to_its_end() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.move_connection(&id, LAG).unwrap();
    world.cloud.remove_parent(PARENT).unwrap();
    let answer = world.release("k").await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert!(living(&world.cloud).is_empty());
    // And one whose connection has gone together with its parent.
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.delete(&id).unwrap();
    world.cloud.purge().unwrap();
    world.cloud.remove_parent(PARENT).unwrap();
    pass(31).await;
    let answer = world.release("k").await.answer();
    assert_eq!(answer["statusCode"], 200, "{answer}");
    assert!(leases(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_call_that_landed_and_moved_with_its_interconnect_is_found_and_not_made_again()
 {
    for way in WAYS {
        for vlan in [Some(101), None] {
            let world = world_with(|builder| builder.lag_members(way));
            let lost = Fault::on(FaultKind::ApplyThenKill, ALLOCATE);
            world.cloud.inject(lost);
            world.invoke(&web("k", vlan)).await;
            world.cloud.join_lag(PARENT, LAG).unwrap();
            let answer = world.deliver_until_final(&web("k", vlan)).await;
            assert_eq!(answer["statusCode"], 201, "{way:?}: {answer}");
            assert_eq!(world.cloud.connections().len(), 1, "{way:?} {vlan:?}");
            assert_eq!(world.cloud.count(ALLOCATE), 1, "{way:?} {vlan:?}");
        }
    }
}

/// Nobody can tell it from a connection that was made by hand, so it is neither adopted nor called for again.
#[tokio::test(start_paused = true)]
async fn an_unanswered_call_whose_connection_somebody_moved_elsewhere_waits_for_a_person() {
    let world = world_with(|builder| builder.vlan_uniqueness(false));
    let lost = Fault::on(FaultKind::ApplyThenKill, ALLOCATE);
    world.cloud.inject(lost);
    world.invoke(&web("k", Some(101))).await;
    let id = living(&world.cloud).pop().unwrap();
    world.cloud.move_connection(&id, OTHER).unwrap();
    for _ in 0..4 {
        pass(60).await;
        let answer = world.invoke(&web("k", Some(101))).await.answer();
        assert_eq!(status_and_code(&answer), (503, "OutcomeUnknown".into()));
    }
    assert_eq!(world.cloud.count(ALLOCATE), 1);
    assert_eq!(living(&world.cloud), std::slice::from_ref(&id));
    // Moved back, it is the order's own.
    world.cloud.move_connection(&id, PARENT).unwrap();
    let answer = world.deliver_until_final(&web("k", Some(101))).await;
    assert_eq!(body(&answer)["connection"]["connectionId"], id.as_str());
}

#[tokio::test(start_paused = true)]
async fn the_lease_of_a_moved_connection_moves_along_and_everything_goes_on_from_there() {
    for way in WAYS {
        for parent in [LAG, OTHER] {
            let name = format!("{way:?} {parent}");
            let world = world_with(|builder| builder.lag_members(way));
            let id = place(&world, "k", 101).await;
            run(&world).await;
            move_to(&world, &id, parent);
            pass(60).await;
            let numbers = run(&world).await;
            assert_eq!(
                (&numbers["orphans"], &numbers["ghosts"]),
                (&0.into(), &0.into()),
                "{name}: {numbers}"
            );
            assert_eq!(leases(&world), [lease_on(parent)], "{name}");
            let moved = world.cloud.events().pop().unwrap();
            assert_eq!(moved.detail_type, "Hosted Connection Moved", "{name}");
            assert_eq!(moved.detail["previousParentConnectionId"], PARENT, "{name}");
            assert_eq!(moved.detail["parentConnectionId"], parent, "{name}");
            assert_eq!(moved.detail["sequence"], 1, "{name}");
            // Replays and lists have it there, although it was asked for elsewhere.
            let again = world.invoke(&order_http("k", Some(101))).await.answer();
            assert_eq!(body(&again)["parentConnectionId"], parent, "{name}");
            let listed = |of: &str| get(&format!("/allocations?parent={of}"));
            for (of, expected) in [(PARENT, 0), (parent, 1)] {
                let list = world.invoke_program(Program::Inspect, &listed(of)).await;
                let list = body(&list.answer())["allocations"].clone();
                assert_eq!(list.as_array().unwrap().len(), expected, "{name}: {of}");
                if expected == 1 {
                    assert_eq!(list[0]["parentConnectionId"], parent, "{name}");
                    assert_eq!(list[0]["request"]["connectionId"], PARENT, "{name}");
                }
            }
            // Its VLAN is taken there, and it is followed there.
            let (before, taken) = (
                world.cloud.count(ALLOCATE),
                web_on(parent, "other", Some(101)),
            );
            let answer = world.invoke(&taken).await.answer();
            assert_eq!(
                status_and_code(&answer),
                (422, "VlanInUse".into()),
                "{name}"
            );
            assert_eq!(world.cloud.count(ALLOCATE), before, "{name}");
            world.cloud.set_state(&id, "available").unwrap();
            pass(60).await;
            run(&world).await;
            assert_eq!(
                story(&world, "k").last().unwrap(),
                "ordering → available",
                "{name}"
            );
            let events = world.cloud.events().len();
            pass(60).await;
            run(&world).await;
            assert_eq!(world.cloud.events().len(), events, "{name}: told once");
            let answer = world.release("k").await.answer();
            assert_eq!(answer["statusCode"], 200, "{name}: {answer}");
            assert!(leases(&world).is_empty(), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_moved_right_after_its_order_is_followed_by_the_next_run() {
    for way in WAYS {
        for parent in [LAG, OTHER] {
            let name = format!("{way:?} {parent}");
            let world = world_with(|builder| builder.lag_members(way));
            let id = place(&world, "k", 101).await;
            move_to(&world, &id, parent);
            let numbers = run(&world).await;
            let odd = (&numbers["orphans"], &numbers["ghosts"]);
            assert_eq!(odd, (&0.into(), &0.into()), "{name}: {numbers}");
            assert_eq!(leases(&world), [lease_on(parent)], "{name}");
            let moved = world.cloud.events().pop().unwrap();
            assert_eq!(moved.detail_type, "Hosted Connection Moved", "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_move_to_a_vlan_that_is_another_orders_overwrites_nothing() {
    let world = world_with(|builder| builder.vlan_uniqueness(false));
    place(&world, "there", 101).await;
    let answer = world.invoke(&web_on(OTHER, "k", Some(101))).await.answer();
    let id = body(&answer)["connection"]["connectionId"].clone();
    let id = id.as_str().unwrap();
    run(&world).await;
    // Past every check, as no AWS would.
    let mut moved = world
        .cloud
        .connections()
        .into_iter()
        .find(|c| c.id == id)
        .unwrap();
    moved.parent = PARENT.into();
    world.cloud.put_connection(moved).unwrap();
    pass(60).await;
    run(&world).await;
    let mut leases = leases(&world);
    leases.sort();
    assert_eq!(leases, [lease_on(PARENT), lease_on(OTHER)]);
    assert!(
        !world
            .cloud
            .events()
            .iter()
            .any(|event| event.detail_type.ends_with("Moved"))
    );
}

#[tokio::test(start_paused = true)]
async fn another_orders_connection_that_was_moved_here_is_not_adopted() {
    for unique in [true, false] {
        let world = world_with(|builder| builder.vlan_uniqueness(unique));
        let answer = world.invoke(&web("first", Some(101))).await.answer();
        let first = body(&answer)["connection"]["connectionId"].clone();
        world
            .cloud
            .move_connection(first.as_str().unwrap(), LAG)
            .unwrap();
        world
            .cloud
            .inject(Fault::on(FaultKind::ApplyThenReset, ALLOCATE));
        let second = world
            .deliver_until_final(&web_on(LAG, "second", Some(101)))
            .await;
        if unique {
            assert_eq!(status_and_code(&second), (422, "VlanInUse".into()));
            assert_eq!(living(&world.cloud).len(), 1);
        } else {
            assert_eq!(second["statusCode"], 201, "{second}");
            assert_ne!(body(&second)["connection"]["connectionId"], first);
            assert_eq!(living(&world.cloud).len(), 2);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_automatic_order_refused_for_a_vlan_that_its_own_parent_does_not_show_chooses_anew() {
    let world = World::with(
        |builder| {
            builder
                .lag_members(LagMembers::ShowNothing)
                .lag_members_sell(true)
        },
        &[("VLAN_RANGE", "101-103")],
    );
    world.cloud.join_lag(PARENT, LAG).unwrap();
    for vlan in [101, 102] {
        let by_hand = world
            .cloud
            .insert_connection(LAG, vlan, OWNER, "50Mbps", "by hand");
        by_hand.unwrap();
    }
    let answer = world.deliver_until_final(&web("k", None)).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(body(&answer)["connection"]["vlan"], 103);
    assert_eq!(living(&world.cloud).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_member_is_sold_under_its_lags_policy_and_shares_its_vlans() {
    let world = World::with(
        |builder| builder.lag_members_sell(true),
        &[("PARENT_POLICIES", "enforced")],
    );
    world.cloud.join_lag(PARENT, LAG).unwrap();
    let policy =
        hosted_connection::ParentPolicy::parse(br#"{"bandwidthLimitMbps": 1000}"#).unwrap();
    let lag = hosted_connection::ParentConnection::parse(LAG).unwrap();
    world
        .aws("operator")
        .ledger
        .set_policy(&lag, &policy)
        .await
        .unwrap();
    // Who is a member of what is known once tracking has looked.
    run(&world).await;
    pass(31).await;
    let on_the_lag = world.invoke(&web_on(LAG, "a", Some(101))).await.answer();
    assert_eq!(on_the_lag["statusCode"], 201, "{on_the_lag}");
    let same_vlan = world.invoke(&web("b", Some(101))).await.answer();
    assert_eq!(status_and_code(&same_vlan), (422, "VlanInUse".into()));
    let on_the_member = world.invoke(&web("c", Some(102))).await.answer();
    assert_eq!(on_the_member["statusCode"], 201, "{on_the_member}");
    let too_much = world.invoke(&web("d", Some(103))).await.answer();
    assert_eq!(status_and_code(&too_much), (422, "CapacityExceeded".into()));
    for key in ["a", "c"] {
        let answer = world.release(key).await.answer();
        assert_eq!(answer["statusCode"], 200, "{answer}");
    }
    let items = world.items(&format!("parent#{LAG}"));
    let sold = items
        .iter()
        .find(|item| item["sk"]["S"] == "policy")
        .unwrap();
    assert_eq!(sold["soldMbps"]["N"], "0");
}

#[tokio::test(start_paused = true)]
async fn what_is_counted_for_a_moved_connection_moves_in_the_same_write() {
    let world = World::with(|builder| builder, &[("PARENT_POLICIES", "enforced")]);
    let policy = ParentPolicy::parse(br#"{"bandwidthLimitMbps": 500}"#).unwrap();
    let ledger = world.aws("operator").ledger;
    for parent in [PARENT, OTHER] {
        let parent = ParentConnection::parse(parent).unwrap();
        ledger.set_policy(&parent, &policy).await.unwrap();
    }
    let id = place(&world, "k", 101).await;
    assert_eq!((sold(&world, PARENT), sold(&world, OTHER)), (50, 0));
    run(&world).await;
    world.cloud.move_connection(&id, OTHER).unwrap();
    pass(60).await;
    run(&world).await;
    assert_eq!((sold(&world, PARENT), sold(&world, OTHER)), (0, 50));
    assert_eq!(leases(&world), [lease_on(OTHER)]);
}

/// The connection gets to `parent`: with its interconnect, or by itself.
fn move_to(world: &World, id: &str, parent: &str) {
    if parent == LAG {
        world.cloud.join_lag(PARENT, LAG).unwrap();
    } else {
        world.cloud.move_connection(id, parent).unwrap();
    }
}

/// What the policy of `parent` counts.
fn sold(world: &World, parent: &str) -> u64 {
    let items = world.items(&format!("parent#{parent}"));
    let policy = items.iter().find(|item| item["sk"]["S"] == "policy");
    policy.unwrap()["soldMbps"]["N"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}
