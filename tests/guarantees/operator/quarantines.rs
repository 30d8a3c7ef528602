//! `operator resolve` on quarantined orders.

use adoption::Wanted;
use lifecycle::MoveAnswer;
use proof::{Decision, PARENT, World};

use crate::partner::{pass, run, story};
use crate::unkind::{OTHER, lease_on, leases, web};

const WHY: Decision<'_> = Decision::Reject("wrong connection");

#[tokio::test(start_paused = true)]
async fn what_direct_connect_answered_with_can_be_taken_although_it_is_not_as_asked_for() {
    for vlan in [101, 102] {
        let world = World::new();
        let id = world.quarantined("k", vlan).await;
        pass(60).await;
        run(&world).await;
        for _ in 0..2 {
            let done = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
            assert_eq!(done, Ok(()), "VLAN {vlan}");
        }
        assert_eq!(story(&world, "k"), ["allocated"]);
        let lease = (format!("parent#{PARENT}"), format!("vlan#{vlan:04}"));
        assert_eq!(leases(&world), [lease]);
        let answer = world.invoke(&web("k", Some(101))).await.answer();
        assert_eq!(answer["statusCode"], 201, "{answer}");
        let other = world.resolve("k", WHY).await.unwrap();
        assert_eq!(other, Err("it has its final outcome".into()));
        assert_eq!(world.release("k").await.answer()["statusCode"], 200);
        assert!(leases(&world).is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_but_a_living_connection_on_the_parent_that_may_be_the_orders_is_taken() {
    let world = World::new();
    let id = world.quarantined("k", 102).await;
    let made = |vlan, owner, bandwidth| {
        let made = world
            .cloud
            .insert_connection(PARENT, vlan, owner, bandwidth, "made");
        made.unwrap().id
    };
    let strangers = made(103, "999988887777", "500Mbps");
    let smaller = made(104, proof::OWNER, "50Mbps");
    let deleted = made(101, proof::OWNER, "500Mbps");
    world.cloud.delete(&deleted).unwrap();
    let placed = world.invoke(&web("other", Some(105))).await.answer();
    assert_eq!(placed["statusCode"], 201);
    let theirs = world
        .cloud
        .connections()
        .into_iter()
        .find(|c| c.vlan == 105);
    for (id, why) in [
        (strangers, "another account"),
        (smaller, "neither as the order asks for"),
        (deleted, "is deleted"),
        (theirs.unwrap().id, "neither as the order asks for"),
        ("dxcon-nowhere1".to_owned(), "does not show"),
    ] {
        let kept = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
        let kept = kept.unwrap_err();
        assert!(kept.contains(why), "{id}: {kept}");
    }
    assert_eq!(leases(&world).len(), 2);
    pass(60).await;
    assert_eq!(
        world.resolve("k", Decision::Adopt(&id)).await.unwrap(),
        Ok(())
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_moved_by_hand_is_told_where_it_is_and_what_to_do() {
    for moves_back in [true, false] {
        let world = World::new();
        let id = world.quarantined("k", 101).await;
        world.cloud.move_connection(&id, OTHER).unwrap();
        pass(60).await;
        run(&world).await;
        let kept = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
        let kept = kept.unwrap_err();
        let back = format!("--connection-id {id} --parent-connection-id {PARENT}`");
        let adopting = format!("reject the order; `operator adopt {OTHER}`");
        for words in [&back, &adopting, &format!("{id} is on {OTHER}")] {
            assert!(kept.contains(words.as_str()), "{words}: {kept}");
        }
        // Either does what the answer says.
        if moves_back {
            world.cloud.move_connection(&id, PARENT).unwrap();
            let done = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
            assert_eq!(done, Ok(()));
            world.cloud.confirm(&id).unwrap();
            let moved = world.move_to("k", OTHER).await.unwrap();
            assert!(matches!(moved, MoveAnswer::Moved { .. }), "{moved:?}");
            assert_eq!(leases(&world), [lease_on(OTHER)]);
        } else {
            assert_eq!(world.resolve("k", WHY).await.unwrap(), Ok(()));
            let adopted = world.adopt_on("operator", OTHER, Wanted::Orphans).await;
            assert!(adopted);
            assert_eq!(leases(&world), [lease_on(OTHER)]);
            let told = world.cloud.events().pop().unwrap();
            assert_eq!(told.detail_type, "Hosted Connection Adopted");
            assert_eq!(told.detail["idempotencyKey"], id.as_str());
        }
        let numbers = run(&world).await;
        let orphans_and_ghosts = (&numbers["orphans"], &numbers["ghosts"]);
        assert_eq!(orphans_and_ghosts, (&0.into(), &0.into()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_rejection_frees_the_vlan_only_if_nothing_living_is_on_it() {
    for on_it in [true, false] {
        let world = World::new();
        let vlan = if on_it { 101 } else { 102 };
        let id = world.quarantined("k", vlan).await;
        let early = world.resolve("k", WHY).await.unwrap().unwrap_err();
        assert!(early.contains("may still take effect"), "{early}");
        pass(60).await;
        run(&world).await;
        for _ in 0..2 {
            assert_eq!(world.resolve("k", WHY).await.unwrap(), Ok(()));
        }
        assert_eq!(story(&world, "k"), ["rejected, RefusedByDirectConnect"]);
        assert!(leases(&world).is_empty(), "no order holds one");
        let items = world.items("parent#");
        let lease = items.iter().find(|item| item["sk"]["S"] == "vlan#0101");
        assert_eq!(
            lease.map(|lease| lease["connectionId"]["S"] == *id),
            on_it.then_some(true)
        );
        let numbers = run(&world).await;
        assert_eq!(numbers["quarantined"], 0);
        let other = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
        assert_eq!(other, Err("the order was rejected".into()));
        let next = world.invoke(&web("next", Some(101))).await.answer();
        assert_eq!(next["statusCode"], if on_it { 422 } else { 201 }, "{next}");
    }
}

/// The order's call was answered with a connection on VLAN 102. Another call of it is on the wire, for VLAN 101.
#[tokio::test(start_paused = true)]
async fn a_connection_on_another_vlan_is_taken_once_no_call_of_the_order_can_land_on_its_own() {
    for lands in [true, false] {
        let world = World::new();
        let id = world.quarantined("k", 102).await;
        let early = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
        let early = early.unwrap_err();
        assert!(early.contains("may still take effect"), "{early}");
        let other = world.invoke(&web("other", Some(101))).await.answer();
        assert_eq!(other["statusCode"], 422, "the VLAN is kept: {other}");
        if lands {
            let late = world
                .cloud
                .insert_connection(PARENT, 101, proof::OWNER, "500Mbps", "late");
            late.unwrap();
        }
        pass(60).await;
        for _ in 0..2 {
            let done = world.resolve("k", Decision::Adopt(&id)).await.unwrap();
            assert_eq!(done, Ok(()));
        }
        assert_eq!(story(&world, "k"), ["allocated"]);
        let numbers = run(&world).await;
        assert_eq!(numbers["orphans"], i32::from(lands), "{numbers}");
        let next = world.invoke(&web("next", Some(101))).await.answer();
        assert_eq!(next["statusCode"], if lands { 422 } else { 201 }, "{next}");
        assert_eq!(world.cloud.connections().len(), 2);
    }
}
