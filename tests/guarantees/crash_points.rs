//! Every request that a fresh order sends × everything that can go wrong with it: redelivery ends with exactly one
//! connection, one event id, and the first answer on replay.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};
use serde_json::Value;

use crate::orders::{http, record, request, sqs, with_key};
use crate::world::World;

const KEY: &str = "order-1001";

/// All that can happen to one request.
fn faults() -> Vec<FaultKind> {
    vec![
        FaultKind::RefuseBefore,
        FaultKind::ResetBefore,
        FaultKind::Throttle,
        FaultKind::Error {
            status: 403,
            code: "AccessDeniedException".into(),
        },
        FaultKind::ServerErrorBefore,
        FaultKind::ApplyThen500,
        FaultKind::ServerExceptionBefore,
        FaultKind::ApplyThenServerException,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThenCutBody,
        FaultKind::ApplyThenEmptyBody,
        FaultKind::HangBefore,
        FaultKind::ApplyThenHang,
        FaultKind::Delay(Duration::from_secs(20)),
        FaultKind::Delay(Duration::from_secs(45)),
        FaultKind::LandLate(Duration::from_secs(20)),
        FaultKind::KillBefore,
        FaultKind::ApplyThenKill,
    ]
}

#[derive(Debug, Clone, Copy)]
enum Door {
    Sqs,
    Http,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    door: Door,
    vlan: Option<u16>,
    uniqueness: bool,
}

impl Case {
    fn event(self) -> Value {
        match self.door {
            Door::Sqs => sqs([record(
                "m-1",
                &with_key(KEY, request(self.vlan)).to_string(),
            )]),
            Door::Http => http(KEY, &request(self.vlan).to_string()),
        }
    }

    fn world(self) -> World {
        World::with(|builder| builder.vlan_uniqueness(self.uniqueness), &[])
    }

    /// Requests that a fresh order sends when nothing goes wrong.
    async fn requests(self) -> u64 {
        let world = self.world();
        world.deliver_until_final(&self.event()).await;
        world.cloud.requests().len() as u64
    }
}

/// The invariants that hold once an order is final, whatever happened on the way.
async fn check(world: &World, case: Case, story: &str) {
    world.cloud.clear_faults();
    if world.items("allocation#")[0]
        .get("eventPublished")
        .is_none()
    {
        // The mark was lost, not the event: the next delivery, or a sweep, publishes it again and marks it.
        assert!(
            !world.details().is_empty(),
            "{story}: answered before it was published"
        );
        world.invoke(&case.event()).await.answer();
    }
    let connections = world.cloud.connections();
    assert_eq!(connections.len(), 1, "{story}: {connections:#?}");

    let details = world.details();
    assert!(!details.is_empty(), "{story}: nothing was published");
    for detail in &details {
        assert_eq!(detail, &details[0], "{story}: one fact, two events");
        assert_eq!(
            detail["connection"]["connectionId"],
            connections[0].id.as_str(),
            "{story}"
        );
    }

    let allocations = world.items("allocation#");
    assert_eq!(allocations.len(), 1, "{story}");
    assert_eq!(
        allocations[0]["allocationState"]["S"], "allocated",
        "{story}"
    );
    assert_eq!(allocations[0]["eventPublished"]["BOOL"], true, "{story}");
    assert!(
        allocations[0].get("unfinishedShard").is_none(),
        "{story}: still in the index of unfinished work"
    );
    assert!(
        allocations[0].get("expiresAt").is_none(),
        "{story}: a living connection's record must not expire"
    );
    let leases = world.items("parent#");
    assert_eq!(leases.len(), 1, "{story}: {leases:#?}");
    assert_eq!(
        leases[0]["sk"]["S"],
        format!("vlan#{:04}", connections[0].vlan),
        "{story}"
    );

    let published = world.details().len();
    world.cloud.forget_requests();
    let replay = http(KEY, &request(case.vlan).to_string());
    let answer = world.invoke(&replay).await.answer();
    assert_eq!(answer["statusCode"], 201, "{story}: {answer}");
    assert_eq!(answer["headers"]["Idempotent-Replayed"], "true", "{story}");
    let receipt: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        receipt["connection"], details[0]["connection"],
        "{story}: the replay differs from the event"
    );
    assert_eq!(
        world.cloud.requests().len(),
        1,
        "{story}: a replay is one call"
    );
    assert_eq!(
        world.details().len(),
        published,
        "{story}: a replay publishes nothing new"
    );
}

async fn explore(door: Door, vlan: Option<u16>) {
    for uniqueness in [true, false] {
        let case = Case {
            door,
            vlan,
            uniqueness,
        };
        for k in 1..=case.requests().await {
            for kind in faults() {
                let story = format!("{case:?}, {kind} on request {k}");
                let world = case.world();
                world.cloud.inject(Fault::on_request(kind, k));
                world.deliver_until_final(&case.event()).await;
                check(&world, case, &story).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_an_order_from_a_queue_becomes_one_connection() {
    explore(Door::Sqs, Some(101)).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_an_order_over_http_becomes_one_connection() {
    explore(Door::Http, Some(101)).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_an_automatic_vlan_from_a_queue_becomes_one_connection() {
    explore(Door::Sqs, None).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_one_request_an_automatic_vlan_over_http_becomes_one_connection() {
    explore(Door::Http, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_fresh_order_takes_five_calls_one_after_the_other() {
    let case = Case {
        door: Door::Sqs,
        vlan: Some(101),
        uniqueness: true,
    };
    let world = case.world();
    world.deliver_until_final(&case.event()).await;
    let operations: Vec<_> = world
        .cloud
        .requests()
        .into_iter()
        .map(|request| request.operation)
        .collect();
    assert_eq!(
        operations,
        [
            "TransactWriteItems",
            "AllocateHostedConnection",
            "UpdateItem",
            "PutEvents",
            "TransactWriteItems"
        ]
    );
}
