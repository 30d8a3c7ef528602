//! VLANs: given, taken, foreign, and chosen by us.

use std::collections::BTreeSet;
use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, fifo_record, http, record, request, returned, sqs, with_key};
use serde_json::Value;

use crate::partner::{FOREIGN, pass, small};

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

async fn order(world: &World, key: &str, vlan: Option<u16>) -> Value {
    world
        .deliver_until_final(&http(key, &request(vlan).to_string()))
        .await
}

#[tokio::test(start_paused = true)]
async fn a_vlan_that_somebody_elses_connection_has_is_a_final_no_and_leaves_nothing_behind() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    let first = order(&world, "k", Some(101)).await;
    assert_eq!(first["statusCode"], 422);
    assert_eq!(body(&first)["code"], "VlanInUse");
    assert_eq!(world.details()[0]["rejection"]["code"], "VlanInUse");
    assert!(
        world.items("parent#").is_empty(),
        "the VLAN lease is freed with the rejection"
    );
    world.cloud.forget_requests();
    let again = order(&world, "k", Some(101)).await;
    assert_eq!(body(&again)["detail"], body(&first)["detail"]);
    assert_eq!(world.cloud.requests().len(), 1, "a replayed no is one call");
}

#[tokio::test(start_paused = true)]
async fn a_vlan_that_another_key_holds_is_refused_before_direct_connect_is_asked() {
    let world = World::new();
    order(&world, "first", Some(101)).await;
    let answer = order(&world, "second", Some(101)).await;
    assert_eq!(
        (
            answer["statusCode"].as_u64(),
            body(&answer)["code"].as_str()
        ),
        (Some(422), Some("VlanInUse"))
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    let again = order(&world, "second", Some(101)).await;
    assert_eq!(body(&again)["code"], "VlanInUse", "recorded, and replayed");
    assert_eq!(world.details().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_same_vlan_on_another_parent_is_another_vlan() {
    let world = World::new();
    order(&world, "first", Some(101)).await;
    let mut other = request(Some(101));
    other["connectionId"] = "dxcon-ffabc456".into();
    let answer = world
        .deliver_until_final(&http("second", &other.to_string()))
        .await;
    assert_eq!(answer["statusCode"], 201);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_frees_the_vlan_for_the_next_order() {
    let world = World::new();
    let mut impossible = request(Some(101));
    impossible["bandwidth"] = "25Gbps".into();
    let refused = world
        .deliver_until_final(&http("big", &impossible.to_string()))
        .await;
    assert_eq!(
        body(&refused)["code"],
        "RefusedByDirectConnect",
        "{refused}"
    );
    assert_eq!(order(&world, "small", Some(101)).await["statusCode"], 201);
}

#[tokio::test(start_paused = true)]
async fn an_automatic_vlan_avoids_leases_and_what_direct_connect_shows() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "100-104")]);
    world
        .cloud
        .insert_connection(PARENT, 100, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand, deleted")
        .unwrap();
    let gone = world
        .cloud
        .connections()
        .into_iter()
        .find(|connection| connection.vlan == 101)
        .unwrap();
    world.cloud.delete(&gone.id).unwrap();
    world.cloud.set_state(&gone.id, "deleted").unwrap();
    order(&world, "given", Some(102)).await;
    let mut chosen = BTreeSet::new();
    for key in ["a", "b", "c"] {
        chosen.insert(
            body(&order(&world, key, None).await)["connection"]["vlan"]
                .as_u64()
                .unwrap(),
        );
    }
    assert_eq!(
        chosen,
        BTreeSet::from([101, 103, 104]),
        "a deleted connection's VLAN is free again"
    );
    let none = order(&world, "d", None).await;
    assert_eq!(
        (none["statusCode"].as_u64(), body(&none)["code"].as_str()),
        (Some(422), Some("NoVlanAvailable"))
    );
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 4);
}

#[tokio::test(start_paused = true)]
async fn ten_automatic_orders_at_once_get_ten_vlans() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "100-109")]);
    world.cloud.set_latency(Duration::from_millis(20));
    let records = (0..10).map(|i| {
        record(
            &format!("m-{i}"),
            &with_key(&format!("k-{i}"), small(None)).to_string(),
        )
    });
    let answer = world.invoke(&sqs(records)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    let vlans: BTreeSet<_> = world
        .cloud
        .connections()
        .iter()
        .map(|connection| connection.vlan)
        .collect();
    assert_eq!(vlans, (100..110).collect());
    assert_eq!(
        world.cloud.count("AllocateHostedConnection"),
        10,
        "VLANs are settled between us, not at Direct Connect"
    );
}

#[tokio::test(start_paused = true)]
async fn orders_that_leave_the_vlan_to_us_at_the_same_time_take_one_look_and_later_ones_another() {
    let world = World::new();
    world.cloud.set_latency(Duration::from_millis(20));
    let records = |name: &str| {
        let record = |i| {
            let body = with_key(&format!("{name}-{i}"), small(None)).to_string();
            (format!("m-{name}-{i}"), body)
        };
        (0..5).map(record).collect::<Vec<_>>()
    };
    let looks = || world.cloud.count("DescribeHostedConnections");
    for (batch, seen) in [("first", 1), ("second", 2)] {
        let records = records(batch);
        let records = records.iter().map(|(id, body)| record(id, body));
        let answer = world.invoke(&sqs(records)).await.answer();
        assert!(returned(&answer).is_empty(), "{answer}");
        assert_eq!(looks(), seen);
        assert_eq!(world.cloud.count("Query"), seen);
    }
    // In a group the second order begins when the first one is done: by then somebody may have used a VLAN by hand.
    let records = records("group");
    let records = records
        .iter()
        .map(|(id, body)| fifo_record(id, "group", body));
    let answer = world.invoke(&sqs(records)).await.answer();
    assert!(returned(&answer).is_empty(), "{answer}");
    assert_eq!(looks(), 2 + 5);
    let connections = world.cloud.connections();
    let vlans: BTreeSet<_> = connections.iter().map(|one| one.vlan).collect();
    assert_eq!((connections.len(), vlans.len()), (15, 15));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_for_one_of_a_batch_is_taken_again_by_the_next() {
    let world = World::new();
    // As often as the SDK tries.
    for n in 1..=4 {
        world
            .cloud
            .inject(Fault::on_nth(FaultKind::ServerErrorBefore, "Query", n));
    }
    let records = ["a", "b"].map(|key| {
        let body = with_key(key, request(None)).to_string();
        record(&format!("m-{key}"), &body)
    });
    let answer = world.invoke(&sqs(records)).await.answer();
    assert_eq!(returned(&answer).len(), 1, "{answer}");
    assert_eq!(world.cloud.connections().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_automatic_vlan_that_turns_out_foreign_is_chosen_anew() {
    let probe = World::with(|builder| builder, &[("VLAN_RANGE", "100-102")]);
    let vlan = body(&order(&probe, "k", None).await)["connection"]["vlan"]
        .as_u64()
        .unwrap();

    let world = World::with(|builder| builder, &[("VLAN_RANGE", "100-102")]);
    world.cloud.inject(Fault::on(
        FaultKind::Delay(Duration::from_secs(2)),
        "TransactWriteItems",
    ));
    let event = http("k", &request(None).to_string());
    let (answer, ()) = tokio::join!(world.invoke(&event), async {
        // After the choice, before the call.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let vlan = u16::try_from(vlan).unwrap();
        world
            .cloud
            .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand")
            .unwrap();
    });
    let answer = answer.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_ne!(body(&answer)["connection"]["vlan"], vlan);
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 2);
    let leases = world.items("parent#");
    assert_eq!(
        leases.len(),
        1,
        "the foreign VLAN's lease is given up: {leases:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_does_not_exist_is_refused_with_and_without_a_vlan() {
    let world = World::new();
    for (key, vlan) in [("given", Some(101)), ("automatic", None)] {
        let mut request = request(vlan);
        request["connectionId"] = "dxcon-nowhere00".into();
        let answer = world
            .deliver_until_final(&http(key, &request.to_string()))
            .await;
        assert_eq!(body(&answer)["code"], "RefusedByDirectConnect", "{answer}");
    }
    assert!(world.items("parent#").is_empty());
    assert_eq!(world.details().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refused_vlan_of_our_choice_is_no_rejection_while_nobody_can_see_what_is_on_it() {
    let world = World::with(
        |builder| builder.vlan_uniqueness(true),
        &[("VLAN_RANGE", "100-102")],
    );
    world.cloud.inject(Fault::on(
        FaultKind::Delay(Duration::from_secs(2)),
        "TransactWriteItems",
    ));
    let event = http("k", &request(None).to_string());
    let (answer, ()) = tokio::join!(world.invoke(&event), async {
        // After the choice, before the call.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for vlan in 100..=102 {
            world
                .cloud
                .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand")
                .unwrap();
        }
        world
            .cloud
            .inject(Fault::on(FaultKind::ServerErrorBefore, "DescribeHostedConnections").always());
    });
    let answer = answer.answer();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    assert!(world.details().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_vlan_of_the_callers_choice_is_rejected_once_it_can_be_seen_who_has_it() {
    let world = World::with(|builder| builder.vlan_uniqueness(true), &[]);
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, "DescribeHostedConnections").always());
    let event = http("k", &request(Some(101)).to_string());
    for _ in 0..3 {
        // What has the VLAN may be this very order's connection: AWS repeats by itself what it sends inside.
        let answer = world.invoke(&event).await.answer();
        assert_eq!(answer["statusCode"], 503, "{answer}");
        pass(60).await;
    }
    assert_eq!(world.cloud.count("AllocateHostedConnection"), 1);
    world.cloud.clear_faults();
    let answer = world.deliver_until_final(&event).await;
    assert_eq!(answer["statusCode"], 422, "{answer}");
    assert_eq!(world.details().len(), 1);
}
