//! An order that cannot have a VLAN yet, because nobody can look which are free, leaves a record all the same.

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, http, record, request, returned, sqs, with_key};

use super::{ALLOCATE, DESCRIBE, leases, living, web};
use crate::partner::{FOREIGN, body, pass, run, status_and_code};

fn queued(vlan: Option<u16>) -> serde_json::Value {
    sqs([record("m-1", &with_key("k", request(vlan)).to_string())])
}

#[tokio::test(start_paused = true)]
async fn an_automatic_order_in_an_outage_longer_than_five_receives_is_finished_by_the_schedule() {
    for kind in [
        FaultKind::ServerErrorBefore,
        FaultKind::Throttle,
        FaultKind::RefuseBefore,
    ] {
        let world = World::new();
        let name = kind.to_string();
        world.cloud.inject(Fault::on(kind, DESCRIBE).always());
        for _ in 0..5 {
            let answer = world.invoke(&queued(None)).await.answer();
            assert_eq!(returned(&answer), ["m-1"], "{name}");
            pass(180).await;
        }
        let record = &world.items("allocation#")[0];
        assert_eq!(record["allocationState"]["S"], "waiting", "{name}");
        assert!(
            record.get("vlan").is_none() && leases(&world).is_empty(),
            "{name}"
        );
        assert_eq!(world.cloud.count(ALLOCATE), 0, "{name}");
        // The message is in the dead-letter queue by now.
        world.cloud.clear_faults();
        for _ in 0..5 {
            pass(60).await;
            run(&world).await;
        }
        assert_eq!(living(&world.cloud).len(), 1, "{name}");
        assert_eq!(world.details().len(), 1, "{name}");
        assert_eq!(world.details()[0]["origin"]["messageId"], "m-1", "{name}");
        // And its message, redriven, is a replay.
        let answer = world.invoke(&queued(None)).await.answer();
        assert!(returned(&answer).is_empty(), "{name}");
        assert_eq!(
            (world.cloud.count(ALLOCATE), world.details().len()),
            (1, 1),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_it_first_goes_on_with_it_and_nobody_else_does() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, DESCRIBE).always());
    world.invoke(&web("k", None)).await;
    world.cloud.clear_faults();
    let event = web("k", None);
    let (a, b, c) = tokio::join!(world.invoke(&event), world.invoke(&event), world.track());
    drop((a, b, c));
    let answer = world.deliver_until_final(&event).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(
        (living(&world.cloud).len(), world.cloud.count(ALLOCATE)),
        (1, 1)
    );
    assert_eq!(leases(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn its_key_is_spoken_for() {
    let world = World::new();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, DESCRIBE).always());
    world.invoke(&web("k", None)).await;
    let other = world.invoke(&web("k", Some(7))).await.answer();
    assert_eq!(
        status_and_code(&other),
        (422, "IdempotencyKeyReused".into())
    );
    let release = world.release("k").await.answer();
    assert_eq!(release["statusCode"], 409, "{release}");
}

#[tokio::test(start_paused = true)]
async fn a_given_vlan_whose_orphan_cannot_be_looked_for_waits_as_well() {
    let world = World::new();
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    run(&world).await;
    let orphan = living(&world.cloud).pop().unwrap();
    world.cloud.delete(&orphan).unwrap();
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, DESCRIBE).always());
    let event = http("k", &request(Some(101)).to_string());
    let answer = world.invoke(&event).await.answer();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    assert_eq!(
        world.items("allocation#")[0]["allocationState"]["S"],
        "waiting"
    );
    world.cloud.clear_faults();
    pass(60).await;
    run(&world).await;
    let answer = world.invoke(&event).await.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(body(&answer)["connection"]["vlan"], 101);
    assert_eq!(
        answer["headers"]["Idempotent-Replayed"], "true",
        "the schedule did it"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_is_refused_in_the_end_is_rejected_once() {
    let world = World::with(|builder| builder, &[("VLAN_RANGE", "101-101")]);
    world
        .cloud
        .inject(Fault::on(FaultKind::ServerErrorBefore, DESCRIBE).always());
    world.invoke(&web("k", None)).await;
    world.cloud.clear_faults();
    world
        .cloud
        .insert_connection(PARENT, 101, FOREIGN, "50Mbps", "by hand")
        .unwrap();
    for _ in 0..2 {
        let answer = world.deliver_until_final(&web("k", None)).await;
        assert_eq!(status_and_code(&answer), (422, "NoVlanAvailable".into()));
    }
    assert_eq!(world.details().len(), 1);
    assert!(leases(&world).is_empty());
}
