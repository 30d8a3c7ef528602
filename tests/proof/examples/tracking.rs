//! One run of tracking at size: a thousand connections on a parent, all of which have changed, and ten thousand orders
//! that were left unfinished. Prints what it took. `cargo run --release -p proof --example tracking`
//!
//! In process, with the real function and SDKs: what is measured is the function's work and the local cloud's together.

#![expect(clippy::unwrap_used, reason = "an example may panic")]
#![expect(clippy::print_stdout, reason = "this is what it is for")]
#![expect(
    clippy::disallowed_methods,
    reason = "the paused clock does not tell how long the work takes"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use aws::ledger::{ClaimAnswer, NewClaim};
use hosted_connection::{IdempotencyKey, KeySource, Order, Origin, Vlan};
use local_cloud::Parent;
use proof::{OWNER, PARENT, World, request, with_key};
use serde_json::Value;

/// Connections that were allocated long ago.
const CONNECTIONS: u16 = 1_000;
/// Parents of the unfinished orders, and orders on each of them.
const PARENTS: [&str; 3] = ["dxcon-ffabc456", "dxlag-ffabc789", "dxcon-ffabc999"];
const UNFINISHED: u16 = 3_334;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(tracking());
}

async fn tracking() {
    let parents = [PARENT].iter().chain(&PARENTS);
    let parents = parents.map(|id| Parent::interconnect(*id, "100Gbps").unlimited());
    let world = World::with(
        |builder| builder.parents(parents).remember_requests(1_000_000),
        &[],
    );
    let aws = world.aws("setup");
    for vlan in 1..=CONNECTIONS {
        let order = proof::http(&format!("old-{vlan}"), &body(PARENT, vlan));
        let answer = world.invoke(&order).await.answer();
        assert_eq!(answer["statusCode"], 201);
    }
    for connection in world.cloud.connections() {
        world.cloud.confirm(&connection.id).unwrap();
    }
    for parent in PARENTS {
        for vlan in 1..=UNFINISHED {
            leave_unfinished(&aws, parent, vlan).await;
        }
        // Of two thirds the call had taken effect.
        let landed = (1..=UNFINISHED).filter(|vlan| vlan % 3 != 0);
        let made = world
            .cloud
            .insert_connections(parent, landed, OWNER, "500Mbps", "landed");
        made.unwrap();
    }
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    for run in 1.. {
        world.cloud.forget_requests();
        let started = Instant::now();
        let numbers = world.track().await.answer();
        println!(
            "run {run}: {:.1} s, {numbers}",
            started.elapsed().as_secs_f64()
        );
        let mut calls: BTreeMap<String, u32> = BTreeMap::new();
        for request in world.cloud.requests() {
            *calls.entry(request.operation).or_default() += 1;
        }
        println!("    {calls:?}");
        if numbers["unfinished"] == 0 && numbers["parentsLeftOut"] == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    }
    println!(
        "{} events, {} connections",
        world.details().len(),
        world.cloud.connections().len()
    );
}

fn body(parent: &str, vlan: u16) -> String {
    let mut request: Value = request(Some(vlan));
    request["connectionId"] = parent.into();
    request.to_string()
}

/// Claims, and gives the claim back with the question open.
async fn leave_unfinished(aws: &aws::Aws, parent: &str, vlan: u16) {
    let key = format!("open-{parent}-{vlan}");
    let request = serde_json::from_str(&body(parent, vlan)).unwrap();
    let text = with_key(&key, request).to_string();
    let order = Order::parse(text.as_bytes(), KeySource::Body).unwrap();
    assert_eq!(order.key, IdempotencyKey::parse(&key).unwrap());
    let new = NewClaim {
        order: &order,
        origin: &Origin::Direct {
            request_id: "lost".into(),
            correlation_id: None,
        },
        vlan: Vlan::new(vlan).unwrap(),
        patient_until_ms: 0,
        lease_expires_at_ms: aws.clock.now_ms(),
    };
    let ClaimAnswer::Won(claim) = aws.ledger.claim(new).await.unwrap() else {
        unreachable!("the key is fresh")
    };
    aws.ledger.unresolved(&claim).await.unwrap();
}
