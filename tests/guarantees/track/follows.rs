//! Every change of a connection's state, once and in order.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::World;

use crate::answers::operations;
use crate::partner::{is_unfinished, order, pass, place, run, story};

#[tokio::test(start_paused = true)]
async fn every_change_of_state_is_told_once_with_the_state_before() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    let mut expected = vec!["allocated".to_owned()];
    let mut before = "ordering";
    for state in [
        "pending",
        "available",
        "down",
        "available",
        "half-asleep",
        "rejected",
    ] {
        world.cloud.set_state(&id, state).unwrap();
        pass(60).await;
        assert_eq!(run(&world).await["stateChanges"], 1, "{state}");
        for _ in 0..2 {
            assert_eq!(run(&world).await["stateChanges"], 0, "{state}, again");
        }
        expected.push(format!("{before} → {state}"));
        before = state;
    }
    assert_eq!(story(&world, "k"), expected);
    assert_eq!(
        world.cloud.events().len(),
        expected.len(),
        "nothing is told twice"
    );
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_takes_its_time_is_told_step_by_step() {
    let slow = local_cloud::Progress {
        deleted_after: Some(Duration::from_secs(90)),
        ..Default::default()
    };
    let world = World::with(|builder| builder.progress(slow), &[]);
    let id = place(&world, "k", 101).await;
    world.cloud.set_state(&id, "deleting").unwrap();
    for _ in 0..4 {
        run(&world).await;
        pass(60).await;
    }
    let expected = ["allocated", "ordering → deleting", "deleting → deleted"];
    assert_eq!(story(&world, "k"), expected);
    assert_eq!(world.cloud.events().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_change_say_all_that_the_contract_promises() {
    let world = World::new();
    let id = place(&world, "k", 101).await;
    world.cloud.confirm(&id).unwrap();
    pass(60).await;
    run(&world).await;
    let events = world.cloud.events();
    let [allocated, changed] = &events[..] else {
        panic!("{events:#?}")
    };
    assert_eq!(changed.detail_type, "Hosted Connection State Changed");
    assert_eq!(
        (&changed.source, &changed.bus),
        (&allocated.source, &allocated.bus)
    );
    assert_eq!(changed.resources, allocated.resources);
    for member in ["schemaVersion", "idempotencyKey", "request", "origin"] {
        assert_eq!(changed.detail[member], allocated.detail[member], "{member}");
    }
    let mut connection = allocated.detail["connection"].clone();
    connection["connectionState"] = "pending".into();
    // The partner sees tags in the answer to the allocation only.
    connection.as_object_mut().unwrap().remove("tags");
    assert_eq!(changed.detail["connection"], connection);
    assert_eq!(changed.detail["previousState"], "ordering");
    assert_eq!(changed.detail["occurredAt"], "2026-01-02T03:05:05.000Z");
    assert_eq!(changed.detail.get("ageSeconds"), None);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_news_costs_one_look_and_one_query_per_parent_and_writes_nothing() {
    let world = World::new();
    for vlan in 101..121 {
        let id = place(&world, &format!("k-{vlan}"), vlan).await;
        world.cloud.confirm(&id).unwrap();
    }
    run(&world).await;
    let (events, items) = (world.cloud.events().len(), world.items(""));
    world.cloud.forget_requests();
    assert_eq!(run(&world).await["connections"], 20);
    let mut asked = operations(&world);
    asked.sort();
    let mut expected = vec!["DescribeHostedConnections"; 3];
    expected.extend(["DescribeInterconnects", "DescribeLags"]);
    // The eight partitions of the index, three parents, and whose turn it is.
    expected.extend(vec!["Query"; 8 + 3 + 1]);
    assert_eq!(asked, expected);
    assert_eq!(
        (world.cloud.events().len(), world.items("")),
        (events, items)
    );
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_nobody_has_touched_needs_no_record_from_the_second_run_on() {
    let world = World::new();
    place(&world, "k", 101).await;
    run(&world).await;
    world.cloud.forget_requests();
    assert_eq!(run(&world).await["stateChanges"], 0);
    assert_eq!(
        (
            world.cloud.count("BatchGetItem"),
            world.cloud.count("TransactWriteItems"),
            world.cloud.count("UpdateItem")
        ),
        (0, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_stays_silent_is_reminded_of_once() {
    let day = 24 * 60 * 60;
    let world = World::new();
    let id = place(&world, "k", 101).await;
    for _ in 0..2 {
        pass(day - 10).await;
        assert_eq!(run(&world).await["stateChanges"], 0);
    }
    pass(30).await;
    for _ in 0..3 {
        run(&world).await;
        pass(60).await;
    }
    let age = 2 * day + 10;
    assert_eq!(
        story(&world, "k"),
        ["allocated".to_owned(), format!("ordering for {age} s")]
    );
    let reminder = &world.details()[1];
    assert_eq!(
        (&reminder["previousState"], &reminder["ageSeconds"]),
        (&"ordering".into(), &age.into())
    );
    assert_eq!(world.cloud.events().len(), 2);
    world.cloud.confirm(&id).unwrap();
    run(&world).await;
    assert_eq!(story(&world, "k")[2], "ordering → pending");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_allocated_late_gives_its_owner_the_whole_time() {
    let world = World::with(|builder| builder, &[("ORDERING_REMINDER_SECONDS", "600")]);
    let fault = Fault::parse("throttle@AllocateHostedConnection+always").unwrap();
    world.cloud.inject(fault);
    world.invoke(&order("k", Some(101))).await.answer();
    pass(400).await;
    world.cloud.clear_faults();
    world.invoke(&order("k", Some(101))).await.answer();
    pass(590).await;
    run(&world).await;
    assert_eq!(story(&world, "k"), ["allocated"], "its order is older");
    pass(10).await;
    run(&world).await;
    assert_eq!(story(&world, "k"), ["allocated", "ordering for 600 s"]);
}

#[tokio::test(start_paused = true)]
async fn an_owner_who_confirmed_in_time_is_not_reminded() {
    let world = World::with(|builder| builder, &[("ORDERING_REMINDER_SECONDS", "600")]);
    let id = place(&world, "k", 101).await;
    pass(590).await;
    run(&world).await;
    world.cloud.confirm(&id).unwrap();
    pass(60).await;
    run(&world).await;
    assert_eq!(story(&world, "k"), ["allocated", "ordering → pending"]);
}

#[tokio::test(start_paused = true)]
async fn that_it_was_allocated_is_told_before_anything_that_came_after() {
    let world = World::new();
    // The bus is down when the order is placed, and for the first run.
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "PutEvents").always());
    world.invoke(&crate::partner::order("k", Some(101))).await;
    let id = world.cloud.connections()[0].id.clone();
    world.cloud.confirm(&id).unwrap();
    pass(60).await;
    run(&world).await;
    assert_eq!(world.cloud.events().len(), 0);
    world.cloud.clear_faults();
    for _ in 0..2 {
        pass(60).await;
        run(&world).await;
    }
    assert_eq!(story(&world, "k"), ["allocated", "ordering → pending"]);
    assert_eq!(world.cloud.events().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_bus_turned_away_goes_out_with_a_later_run_in_order() {
    let world = World::new();
    let ids = [place(&world, "a", 101).await, place(&world, "b", 102).await];
    for id in &ids {
        world.cloud.confirm(id).unwrap();
    }
    let first_of_each_call = FaultKind::PartialPutEvents(vec![0]);
    world
        .cloud
        .inject(Fault::on(first_of_each_call, "PutEvents").always());
    run(&world).await;
    assert_eq!(story(&world, "a"), ["allocated"]);
    assert_eq!(story(&world, "b"), ["allocated", "ordering → pending"]);
    assert_eq!(
        (is_unfinished(&world, "a"), is_unfinished(&world, "b")),
        (true, false)
    );
    // Still turned away when the next change comes.
    for id in &ids {
        world.cloud.set_state(id, "available").unwrap();
    }
    pass(60).await;
    run(&world).await;
    world.cloud.clear_faults();
    pass(60).await;
    run(&world).await;
    for key in ["a", "b"] {
        let expected = ["allocated", "ordering → pending", "pending → available"];
        assert_eq!(story(&world, key), expected);
        assert!(!is_unfinished(&world, key));
    }
}
