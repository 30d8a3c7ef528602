//! Tracking at size: a thousand parents with forty connections each, one of which has changed, and ten thousand orders that
//! were left unfinished. Direct Connect takes 60 ms for a call, the other services 5 ms. Prints what each run came to, how
//! long it took on the virtual clock, which counts the waiting, and in real time, which counts the work.
//! `cargo run --release -p proof --example tracking`
//!
//! In process, with the real function and SDKs: what is measured is the function's work and the local cloud's together.

#![expect(clippy::unwrap_used, reason = "an example may panic")]
#![expect(clippy::print_stdout, reason = "this is what it is for")]
#![expect(
    clippy::disallowed_methods,
    reason = "the paused clock does not tell how long the work takes"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hosted_connection::{
    AllocationRequest, Connection, IdempotencyKey, KeySource, Order, Origin, Vlan,
};
use ledger::{ClaimAnswer, NewClaim};
use local_cloud::{HostedConnection, Parent};
use proof::{OWNER, World, request, with_key};
use serde_json::Value;

/// Where orders have been placed for long.
const PARENTS: usize = 1_000;
/// On each of them: connections that were allocated long ago, and orders that were left unfinished.
const CONNECTIONS: u16 = 40;
const UNFINISHED: u16 = 10;
/// The unfinished orders' VLANs come after this.
const UNFINISHED_FROM: u16 = 100;
/// The VLAN of the order that the others are copied from.
const TEMPLATE_VLAN: u16 = 4_000;
const DIRECT_CONNECT_MS: u64 = 60;
const OTHERS_MS: u64 = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(tracking());
}

async fn tracking() {
    let ids: Vec<_> = (0..PARENTS).map(|n| format!("dxcon-ff{n:06}")).collect();
    let parents = ids
        .iter()
        .map(|id| Parent::interconnect(id.as_str(), "100Gbps").unlimited());
    let world = World::with(
        |builder| builder.parents(parents).remember_requests(1_000_000),
        &[],
    );
    let template = Template::of(&world, &ids[0]).await;
    for id in &ids {
        template.copy_to(&world, id);
    }
    let aws = world.aws("setup");
    for id in &ids {
        let vlans = UNFINISHED_FROM + 1..=UNFINISHED_FROM + UNFINISHED;
        for vlan in vlans.clone() {
            leave_unfinished(&aws, id, vlan).await;
        }
        // Of two thirds the call had taken effect.
        let landed = vlans.filter(|vlan| vlan % 3 != 0);
        let made = world
            .cloud
            .insert_connections(id, landed, OWNER, "500Mbps", "landed");
        made.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    set_latencies(&world);
    run_until_all_is_done(&world).await;
    println!(
        "{} events, {} connections",
        world.details().len(),
        world.cloud.connections().len()
    );
}

fn set_latencies(world: &World) {
    world.cloud.set_latency(Duration::from_millis(OTHERS_MS));
    for operation in [
        "AllocateHostedConnection",
        "DescribeHostedConnections",
        "DescribeInterconnects",
        "DescribeLags",
    ] {
        let latency = Duration::from_millis(DIRECT_CONNECT_MS);
        world.cloud.set_latency_of(operation, latency);
    }
}

async fn run_until_all_is_done(world: &World) {
    let first = tokio::time::Instant::now();
    for run in 1.. {
        world.cloud.forget_requests();
        let (begun, started) = (tokio::time::Instant::now(), Instant::now());
        let numbers = world.track().await.answer();
        println!(
            "run {run}: {:.1} s of waiting, {:.1} s of work, {numbers}",
            begun.elapsed().as_secs_f64(),
            started.elapsed().as_secs_f64(),
        );
        let mut calls: BTreeMap<String, u32> = BTreeMap::new();
        for request in world.cloud.requests() {
            *calls.entry(request.operation).or_default() += 1;
        }
        println!("    {calls:?}");
        if numbers["unfinished"] == 0 && numbers["parentsLeftOut"] == 0 {
            break;
        }
        tokio::time::sleep_until(begun + Duration::from_secs(60)).await;
    }
    println!("all done after {:.0} s", first.elapsed().as_secs_f64());
}

/// What the function itself has written of one order, after tracking has seen its connection.
struct Template {
    record: Value,
    lease: Value,
}

impl Template {
    async fn of(world: &World, parent: &str) -> Self {
        let order = proof::http("template", &body(parent, TEMPLATE_VLAN));
        let answer = world.invoke(&order).await.answer();
        assert_eq!(answer["statusCode"], 201, "{answer}");
        tokio::time::sleep(Duration::from_secs(120)).await;
        world.track().await;
        Self {
            record: world.items("allocation#").remove(0),
            lease: world.items("parent#").remove(0),
        }
    }

    /// Connections on `parent`, of which one was confirmed just now, each with its record and its lease.
    fn copy_to(&self, world: &World, parent: &str) {
        let vlans = 1..=CONNECTIONS;
        let made = world
            .cloud
            .insert_connections(parent, vlans, OWNER, "500Mbps", "old");
        let mut items = Vec::new();
        for made in made.unwrap() {
            let key = format!("old-{parent}-{}", made.vlan);
            let mut record = self.record.clone();
            record["pk"]["S"] = format!("allocation#{key}").into();
            record["parentConnectionId"]["S"] = parent.into();
            record["vlan"]["N"] = made.vlan.to_string().into();
            let (request, outcome) = self.copied(parent, &made);
            record["orderRequest"]["S"] = request.into();
            record["allocationOutcome"]["S"] = outcome.into();
            let mut lease = self.lease.clone();
            lease["pk"]["S"] = format!("parent#{parent}").into();
            lease["sk"]["S"] = format!("vlan#{:04}", made.vlan).into();
            lease["holder"]["S"] = key.into();
            lease["connectionId"]["S"] = made.id.clone().into();
            items.extend([record, lease]);
            if made.vlan == 1 {
                world.cloud.confirm(&made.id).unwrap();
            }
        }
        world.cloud.import_items(items).unwrap();
    }

    /// The request and the outcome of the copy.
    fn copied(&self, parent: &str, made: &HostedConnection) -> (String, String) {
        let text = |name: &str| self.record[name]["S"].as_str().unwrap();
        let request = AllocationRequest::from_kept(text("orderRequest")).unwrap();
        let connection = Connection::from_kept(text("allocationOutcome"), &request).unwrap();
        let mut asked: Value = serde_json::from_str(&request.to_json()).unwrap();
        asked["connectionId"] = parent.into();
        asked["vlan"] = made.vlan.into();
        let request = AllocationRequest::from_stored_json(&asked.to_string()).unwrap();
        let connection = Connection {
            connection_id: Some(made.id.clone()),
            vlan: Some(made.vlan.into()),
            ..connection
        };
        (request.kept(), connection.kept(&request))
    }
}

fn body(parent: &str, vlan: u16) -> String {
    let mut request: Value = request(Some(vlan));
    request["connectionId"] = parent.into();
    request.to_string()
}

/// Claims, and gives the claim back with the question open.
async fn leave_unfinished(aws: &ledger::Services, parent: &str, vlan: u16) {
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
        parked: None,
        patient_until_ms: 0,
        lease_expires_at_ms: aws.clock.now_ms(),
    };
    let ClaimAnswer::Won(claim) = aws.ledger.claim(new).await.unwrap() else {
        unreachable!("the key is fresh")
    };
    aws.ledger.unresolved(&claim, "a figure").await.unwrap();
}
