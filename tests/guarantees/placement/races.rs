//! Many orders by place at once, and parents that change meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use proof::{record, returned, sqs, with_key};

use super::*;
use crate::partner::story;

/// What each parent of the place has sold, by its policy; what they sold is what they carry.
fn sold(world: &World) -> BTreeMap<String, i64> {
    let items = world.items("parent#");
    let policies = items.iter().filter(|item| item["sk"]["S"] == "policy");
    let sold = policies.map(|item| {
        let parent = item["pk"]["S"].as_str().unwrap();
        let sold = item["soldMbps"]["N"].as_str().unwrap();
        (
            parent.trim_start_matches("parent#").to_owned(),
            sold.parse().unwrap(),
        )
    });
    let sold: BTreeMap<String, i64> = sold.collect();
    for (parent, sold) in &sold {
        let living = world.cloud.connections();
        let living = living.iter().filter(|one| one.parent == *parent);
        assert_eq!(living.count() as i64 * 50, *sold, "{parent}");
    }
    sold
}

async fn room_for_seven() -> World {
    let world = world();
    for (parent, mbps) in [(A, 150), (B, 100), (C, 100)] {
        set(&world, parent, &json!({"bandwidthLimitMbps": mbps})).await;
    }
    world.cloud.set_latency(Duration::from_millis(20));
    world
}

fn check_seven(world: &World) {
    let expected = [(A, 150), (B, 100), (C, 100)];
    let expected = expected.map(|(id, mbps)| (id.to_owned(), mbps));
    assert_eq!(sold(world), BTreeMap::from(expected));
    let stories: Vec<_> = (0..10).map(|n| story(world, &format!("k-{n}"))).collect();
    let count = |told: &str| stories.iter().filter(|story| **story == [told]).count();
    assert_eq!(
        (count("allocated"), count("rejected, NoParentAvailable")),
        (7, 3),
        "{stories:?}"
    );
    let rejected = world.cloud.events();
    let rejected = rejected.iter().map(|event| &event.detail["rejection"]);
    for rejection in rejected.filter(|rejection| rejection.is_object()) {
        let candidates = rejection["candidates"].as_array().unwrap();
        assert_eq!(candidates.len(), 3, "{rejection}");
        assert!(
            candidates
                .iter()
                .all(|one| one["code"] == "CapacityExceeded")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_ten_orders_in_a_batch_seven_fit_on_three_parents() {
    for vlan in [Some(101), None] {
        let world = room_for_seven().await;
        let started = tokio::time::Instant::now();
        let records = (0..10).map(|n: u16| {
            let order = order(&here(), vlan.map(|first| first + n));
            record(
                &format!("m-{n}"),
                &with_key(&format!("k-{n}"), order).to_string(),
            )
        });
        let answer = world.invoke(&sqs(records)).await.answer();
        assert_eq!(returned(&answer), [""; 0]);
        check_seven(&world);
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}",
            started.elapsed()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_ten_orders_of_as_many_processes_seven_fit_on_three_parents() {
    let world = room_for_seven().await;
    let started = tokio::time::Instant::now();
    let one = async |n: u16| {
        let order = order(&here(), Some(101 + n));
        ask(&world, &format!("k-{n}"), &order).await["statusCode"].clone()
    };
    let (a, b, c, d, e) = tokio::join!(one(0), one(1), one(2), one(3), one(4));
    let mut statuses = vec![a, b, c, d, e];
    let (a, b, c, d, e) = tokio::join!(one(5), one(6), one(7), one(8), one(9));
    statuses.extend([a, b, c, d, e]);
    statuses.sort_by_key(Value::as_u64);
    assert_eq!(statuses, [201, 201, 201, 201, 201, 201, 201, 422, 422, 422]);
    check_seven(&world);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
}
