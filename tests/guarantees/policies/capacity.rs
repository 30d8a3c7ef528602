//! No more is sold than the policy allows, and what is free again may be sold again.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, TIMEOUT, World, record, request, returned, sqs, with_key};
use serde_json::{Value, json};

use super::{enforced, set, sold};
use crate::partner::{
    FOREIGN, body, order, order_http, parent, pass, place, run, small, status_and_code, story,
};

const ALLOCATE: &str = "AllocateHostedConnection";

async fn refused(world: &World, key: &str, vlan: u16) -> Value {
    let answer = world.invoke(&order_http(key, Some(vlan))).await.answer();
    assert_eq!(
        status_and_code(&answer),
        (422, "CapacityExceeded".into()),
        "{answer}"
    );
    body(&answer)["detail"].clone()
}

#[tokio::test(start_paused = true)]
async fn no_more_is_sold_than_limit_times_ratio() {
    let world = enforced();
    set(
        &world,
        &json!({"bandwidthLimitMbps": 150, "oversubscriptionRatio": 1.5}),
    )
    .await;
    for vlan in 101..105 {
        place(&world, &format!("k-{vlan}"), vlan).await;
    }
    assert_eq!(sold(&world), 200);
    world.cloud.forget_requests();
    let detail = refused(&world, "late", 105).await;
    assert_eq!(
        detail,
        "50 Mbps were asked for, and the parent has 25 Mbps left to sell."
    );
    assert_eq!(world.cloud.count(ALLOCATE), 0);
    assert_eq!(sold(&world), 200);
    let shown = parent(&world, PARENT).await;
    assert_eq!(
        shown["capacity"],
        json!({"soldMbps": 200, "limitMbps": 225, "freeMbps": 25})
    );
    assert_eq!(story(&world, "late"), ["rejected, CapacityExceeded"]);
}

#[tokio::test(start_paused = true)]
async fn a_no_for_want_of_capacity_is_final_whatever_becomes_free() {
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 50})).await;
    place(&world, "first", 101).await;
    let detail = refused(&world, "late", 102).await;
    world.release("first").await;
    assert_eq!(sold(&world), 0);
    world.cloud.forget_requests();
    assert_eq!(
        refused(&world, "late", 102).await,
        detail,
        "recorded, and replayed"
    );
    assert_eq!(
        world.cloud.count("TransactWriteItems"),
        1,
        "{:#?}",
        world.cloud.requests()
    );
    place(&world, "new", 102).await;
}

#[tokio::test(start_paused = true)]
async fn of_ten_orders_at_once_as_many_are_sold_as_there_is_room_for() {
    for in_one_batch in [true, false] {
        for vlan in [Some(101), None] {
            let world = enforced();
            set(&world, &json!({"bandwidthLimitMbps": 199})).await;
            world.cloud.set_latency(Duration::from_millis(20));
            let vlan = |n: u16| vlan.map(|first: u16| first + n);
            if in_one_batch {
                let records = (0..10).map(|n| {
                    let body = with_key(&format!("k-{n}"), small(vlan(n)));
                    record(&format!("m-{n}"), &body.to_string())
                });
                let answer = world.invoke(&sqs(records)).await.answer();
                assert_eq!(returned(&answer), [""; 0]);
            } else {
                let events: Vec<_> = (0..10).map(|n| order(&format!("k-{n}"), vlan(n))).collect();
                let (a, b, c, d, e) = tokio::join!(
                    async {
                        (
                            world.invoke(&events[0]).await,
                            world.invoke(&events[1]).await,
                        )
                    },
                    async {
                        (
                            world.invoke(&events[2]).await,
                            world.invoke(&events[3]).await,
                        )
                    },
                    async {
                        (
                            world.invoke(&events[4]).await,
                            world.invoke(&events[5]).await,
                        )
                    },
                    async {
                        (
                            world.invoke(&events[6]).await,
                            world.invoke(&events[7]).await,
                        )
                    },
                    async {
                        (
                            world.invoke(&events[8]).await,
                            world.invoke(&events[9]).await,
                        )
                    },
                );
                for (first, second) in [a, b, c, d, e] {
                    assert!(first.is_final() && second.is_final());
                }
            }
            assert_eq!(world.cloud.connections().len(), 3);
            assert_eq!(
                world.cloud.count(ALLOCATE),
                3,
                "nobody asks for what is not there"
            );
            assert_eq!(sold(&world), 150);
            let details = world.details();
            let noes: Vec<_> = details
                .iter()
                .filter(|detail| detail.get("rejection").is_some())
                .collect();
            assert_eq!((details.len(), noes.len()), (10, 7));
            for no in noes {
                assert_eq!(no["rejection"]["code"], "CapacityExceeded");
                let message = no["rejection"]["message"].as_str().unwrap();
                assert_eq!(
                    message,
                    "50 Mbps were asked for, and the parent has 49 Mbps left to sell."
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_declined_deleted_or_released_is_given_back() {
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 100})).await;
    place(&world, "stays", 100).await;
    for (n, end) in ["declined", "deleted", "released", "refused"]
        .into_iter()
        .enumerate()
    {
        let vlan = 101 + u16::try_from(n).unwrap();
        if end == "refused" {
            // Direct Connect's own no, after the claim has counted it.
            let no = world
                .cloud
                .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand");
            let answer = world.invoke(&order_http(end, Some(vlan))).await.answer();
            assert_eq!(status_and_code(&answer), (422, "VlanInUse".into()));
            world.cloud.delete(&no.unwrap().id).unwrap();
        } else {
            let id = place(&world, end, vlan).await;
            assert_eq!(sold(&world), 100, "{end}");
            match end {
                "declined" => world.cloud.decline(&id).unwrap(),
                "deleted" => world.cloud.delete(&id).unwrap(),
                _ => drop(world.release(end).await),
            }
        }
        run(&world).await;
        assert_eq!(sold(&world), 50, "{end}");
    }
    run(&world).await;
    assert_eq!(sold(&world), 50, "nothing is given back twice");
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_comes_later_counts_what_is_sold_already() {
    let world = enforced();
    place(&world, "living", 101).await;
    let gone = place(&world, "gone", 102).await;
    world.cloud.decline(&gone).unwrap();
    let orphan = world
        .cloud
        .insert_connection(PARENT, 200, FOREIGN, "100Mbps", "by hand");
    run(&world).await;
    let fault = Fault::on(FaultKind::ApplyThenKill, ALLOCATE);
    world.cloud.inject(fault);
    world.invoke(&order_http("open", Some(103))).await;
    set(&world, &json!({"bandwidthLimitMbps": 250})).await;
    assert_eq!(sold(&world), 200, "one living, one open, one by hand");
    pass(60).await;
    run(&world).await;
    assert_eq!(sold(&world), 200, "and once only");
    place(&world, "last", 104).await;
    assert_eq!(
        refused(&world, "late", 105).await,
        "50 Mbps were asked for, and the parent has 0 Mbps left to sell."
    );
    // All of them give back what was counted for them.
    world.cloud.delete(&orphan.unwrap().id).unwrap();
    for key in ["living", "open", "last"] {
        world.release(key).await;
    }
    run(&world).await;
    assert_eq!(sold(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn a_limit_below_what_is_sold_sells_nothing_until_enough_is_free() {
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 200})).await;
    for vlan in 101..105 {
        place(&world, &format!("k-{vlan}"), vlan).await;
    }
    set(&world, &json!({"bandwidthLimitMbps": 100})).await;
    assert_eq!(
        refused(&world, "late", 105).await,
        "50 Mbps were asked for, and the parent has 0 Mbps left to sell."
    );
    assert_eq!(parent(&world, PARENT).await["capacity"]["freeMbps"], -100);
    for (key, status) in [("k-101", 422), ("k-102", 422), ("k-103", 201)] {
        world.release(key).await;
        let answer = world
            .invoke(&order_http(&format!("after-{key}"), Some(105)))
            .await;
        assert_eq!(answer.answer()["statusCode"], status, "{key}");
    }
    set(&world, &json!({})).await;
    assert_eq!(sold(&world), 100, "a policy without a limit still counts");
    place(&world, "more", 106).await;
    assert_eq!(sold(&world), 150);
}

#[tokio::test(start_paused = true)]
async fn an_orphan_takes_up_what_could_be_sold() {
    let world = enforced();
    set(&world, &json!({"bandwidthLimitMbps": 100})).await;
    let orphan = world
        .cloud
        .insert_connection(PARENT, 200, FOREIGN, "100Mbps", "by hand");
    for _ in 0..2 {
        run(&world).await;
    }
    assert_eq!(sold(&world), 100);
    refused(&world, "late", 101).await;
    world.cloud.delete(&orphan.unwrap().id).unwrap();
    run(&world).await;
    assert_eq!(sold(&world), 0);
    place(&world, "k", 101).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_what_is_sold_is_what_is_there() {
    for k in 1..=7 {
        for kind in [
            FaultKind::KillBefore,
            FaultKind::ApplyThenKill,
            FaultKind::ApplyThenReset,
            FaultKind::ApplyThenHang,
            FaultKind::LandLate(Duration::from_secs(20)),
        ] {
            let name = format!("{kind} at request {k}");
            let world = enforced();
            set(&world, &json!({"bandwidthLimitMbps": 100})).await;
            let strike = |worker: &str| {
                world
                    .cloud
                    .inject(Fault::on_request(kind.clone(), k).for_worker(worker));
            };
            strike("caller");
            world
                .invoke_as("caller", &order("k", Some(101)), TIMEOUT)
                .await;
            for _ in 0..2 {
                pass(60).await;
                run(&world).await;
            }
            // Who was struck before the claim has asked for nothing.
            world.deliver_until_final(&order("k", Some(101))).await;
            assert_eq!(sold(&world), 50, "{name}");
            strike("releaser");
            let release = proof::delete("k");
            world
                .invoke_program_as("releaser", proof::Program::Release, &release)
                .await;
            pass(60).await;
            run(&world).await;
            world.release("k").await;
            assert_eq!(sold(&world), 0, "{name}");
            assert_eq!(world.cloud.living_connections(PARENT).len(), 0, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_set_while_orders_come_counts_each_of_them_once() {
    for ms in (0..140).step_by(10) {
        let world = enforced();
        world.cloud.set_latency(Duration::from_millis(15));
        let events: Vec<_> = (0..4)
            .map(|n| order(&format!("k-{n}"), Some(101 + n)))
            .collect();
        tokio::join!(
            world.invoke(&events[0]),
            world.invoke(&events[1]),
            async {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                set(&world, &json!({"bandwidthLimitMbps": 1000})).await;
            },
            async {
                tokio::time::sleep(Duration::from_millis(60)).await;
                tokio::join!(world.invoke(&events[2]), world.invoke(&events[3]))
            },
            run(&world),
        );
        world.cloud.set_latency(Duration::ZERO);
        pass(60).await;
        run(&world).await;
        assert_eq!(sold(&world), 200, "set after {ms} ms");
        for n in 0..4 {
            world.release(&format!("k-{n}")).await;
        }
        assert_eq!(sold(&world), 0, "set after {ms} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_vlan_that_is_chosen_anew_is_sold_once() {
    let env = [super::ENFORCED, ("VLAN_RANGE", "100-102")];
    let world = World::with(|builder| builder, &env);
    set(&world, &json!({"bandwidthLimitMbps": 500})).await;
    world.cloud.inject(Fault::on_nth(
        FaultKind::Delay(Duration::from_secs(2)),
        "TransactWriteItems",
        1,
    ));
    let event = proof::http("k", &request(None).to_string());
    let (answer, ()) = tokio::join!(world.invoke(&event), async {
        // After the choice, before the call.
        tokio::time::sleep(Duration::from_secs(1)).await;
        for vlan in [100, 101] {
            let made = world
                .cloud
                .insert_connection(PARENT, vlan, FOREIGN, "50Mbps", "by hand");
            made.unwrap();
        }
    });
    let answer = answer.answer();
    assert_eq!(answer["statusCode"], 201, "{answer}");
    assert_eq!(body(&answer)["connection"]["vlan"], 102);
    assert_eq!(sold(&world), 500);
    world.release("k").await;
    assert_eq!(sold(&world), 0);
}
