//! How evenly orders by place fill their candidates, by all that the function does.
//!
//! Whoever got an order last would have had the larger share in use on any other parent. So the share in use of no parent
//! is larger than another's by more than what that order is of the other one.

use std::collections::BTreeMap;
use std::time::Duration;

use hosted_connection::Bandwidth;
use proof::{record, returned, sqs, with_key};

use super::*;
use crate::partner::{pass, run};

/// Ten parents of different size: id, Gbps of a port, ports, and how many Mbps their policies let be sold where there are any.
const TEN: [(&str, u64, u64, Option<u64>); 10] = [
    ("dxcon-00000001", 1, 1, Some(500)),
    ("dxcon-00000002", 1, 1, None),
    ("dxcon-00000003", 10, 1, Some(10_000)),
    ("dxcon-00000004", 10, 1, Some(9_000)),
    ("dxcon-00000005", 10, 1, None),
    ("dxcon-00000006", 100, 1, Some(50_000)),
    ("dxcon-00000007", 100, 1, None),
    ("dxlag-00000008", 10, 2, Some(8_000)),
    ("dxlag-00000009", 10, 4, None),
    ("dxlag-0000000a", 100, 2, None),
];
/// Every parent can take one of these. All together they come to about half of what there is.
const SOLD: [&str; 6] = [
    "50Mbps", "100Mbps", "200Mbps", "300Mbps", "400Mbps", "500Mbps",
];

/// What a parent has to sell, has sold, and sold last, in Mbps.
#[derive(Debug, Clone, Copy)]
struct Share {
    of: u64,
    used: u64,
    last: u64,
}

async fn ten(policies: bool, env: &[(&str, &str)]) -> World {
    let parents = TEN.map(|(id, gbps, ports, _)| {
        let port = format!("{gbps}Gbps");
        let parent = match ports {
            1 => Parent::interconnect(id, port),
            ports => Parent::lag(id, port, ports.try_into().unwrap()),
        };
        parent.at("EqDC2")
    });
    let world = World::with(|builder| builder.parents(parents), env);
    for (id, _, _, limit) in TEN.into_iter().filter(|_| policies) {
        let policy = limit.map(|limit| json!({"bandwidthLimitMbps": limit}));
        set(&world, id, &policy.unwrap_or(json!({}))).await;
    }
    world
}

/// As many random orders, the same on every run. Where tracking notes nothing, each has a VLAN of its own, which saves looks.
fn random(count: u16, automatic: bool) -> Vec<(String, Value)> {
    let mut dice = 20_u64;
    let orders = (1..=count).map(|n| {
        // A linear congruential generator by Knuth.
        dice = dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut order = order(&here(), (!automatic).then_some(n));
        order["bandwidth"] = SOLD[(dice >> 33) as usize % SOLD.len()].into();
        (format!("k-{n}"), order)
    });
    orders.collect()
}

/// The parents as the cloud shows them, with the orders in the order in which they were made.
fn shares(world: &World, policies: bool) -> BTreeMap<String, Share> {
    let size = |(id, gbps, ports, limit): (&str, u64, u64, Option<u64>)| {
        let own = ports * gbps * 1_000;
        let of = limit.filter(|_| policies).unwrap_or(own);
        (
            id.to_owned(),
            Share {
                of,
                used: 0,
                last: 0,
            },
        )
    };
    let mut shares: BTreeMap<_, _> = TEN.map(size).into();
    for made in world.cloud.connections() {
        let share = shares.get_mut(&made.parent).unwrap();
        share.last = Bandwidth::parse(&made.bandwidth).unwrap().mbps().into();
        share.used += share.last;
    }
    shares
}

/// By how many orders' worth, at most, one parent is fuller than another. Of orders that came at once, nobody knows which was
/// the last: the largest there is stands for it.
fn most_uneven(shares: &BTreeMap<String, Share>, at_once: usize) -> f64 {
    let part = |mbps: u64, share: &Share| mbps as f64 / share.of as f64;
    let pairs = shares
        .values()
        .flat_map(|one| shares.values().map(move |other| (one, other)));
    let uneven = pairs.filter(|(one, _)| one.last > 0).map(|(one, other)| {
        let last = if at_once == 1 { one.last } else { 500 };
        (part(one.used, one) - part(other.used, other)) / part(last, other)
    });
    uneven.fold(0.0, f64::max)
}

const MEMORY: (&str, &str) = ("VLAN_MEMORY_SECONDS", "600");

/// What is asked for, one after the other or ten at a time.
async fn fill(policies: bool, env: &[(&str, &str)], orders: u16, at_once: usize) {
    let world = ten(policies, env).await;
    let remembers = env.contains(&MEMORY);
    if remembers {
        pass(1).await;
        run(&world).await;
    }
    world.cloud.set_latency(Duration::from_millis(5));
    let process = world.function("stays");
    for batch in random(orders, remembers).chunks(at_once) {
        let records = batch.iter().map(|(key, order)| {
            let order = with_key(key, order.clone()).to_string();
            record(&format!("m-{key}"), &order)
        });
        let answer = invoke(&process, &sqs(records)).await;
        assert_eq!(returned(&answer), [""; 0]);
        pass(1).await;
    }
    let made = world.cloud.connections().len();
    assert_eq!(made, usize::from(orders));
    let looks = world.cloud.count("DescribeHostedConnections");
    assert_eq!(
        looks,
        if remembers { TEN.len() } else { 0 },
        "tracking's own"
    );
    let shares = shares(&world, policies);
    let uneven = most_uneven(&shares, at_once);
    assert!(uneven <= 1.0 + 1e-9, "{uneven} orders: {shares:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_orders_fill_ten_parents_evenly() {
    fill(false, &[], 1_000, 10).await;
}

#[tokio::test(start_paused = true)]
async fn orders_one_after_the_other_or_at_once_fill_ten_parents_evenly_with_policies_and_by_memory()
{
    for at_once in [1, 10] {
        fill(false, &[], 60, at_once).await;
        fill(true, &[ENFORCED], 60, at_once).await;
        fill(false, &[MEMORY], 60, at_once).await;
        fill(true, &[ENFORCED, MEMORY], 60, at_once).await;
    }
}

/// A process that has just begun knows nothing of what others have sold.
#[tokio::test(start_paused = true)]
async fn orders_of_as_many_processes_fill_ten_parents_evenly() {
    let world = ten(false, &[]).await;
    for (key, order) in random(60, false) {
        placed(&world, &key, &order).await;
        pass(1).await;
    }
    let shares = shares(&world, false);
    let uneven = most_uneven(&shares, 1);
    assert!(uneven <= 1.0 + 1e-9, "{uneven} orders: {shares:#?}");
}

/// Without policies and without what tracking notes, not all of so many are read. None of them is left out for ever.
#[tokio::test(start_paused = true)]
async fn of_thirty_parents_that_nothing_is_known_of_none_is_left_out() {
    let thirty = (0..30).map(|n| format!("dxcon-{n:08}"));
    let thirty = thirty.map(|id| Parent::interconnect(id, "10Gbps").at("EqDC2"));
    let world = World::with(|builder| builder.parents(thirty), &[]);
    for n in 1..=90_u16 {
        let key = format!("order-{}", u32::from(n) * 7_919);
        placed(&world, &key, &order(&here(), Some(n))).await;
    }
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for one in world.cloud.connections() {
        *made.entry(one.parent).or_default() += 1;
    }
    let (least, most) = (made.values().min(), made.values().max());
    assert_eq!(made.len(), 30, "{made:?}");
    assert!(most <= Some(&5), "{least:?} to {most:?}: {made:?}");
}
