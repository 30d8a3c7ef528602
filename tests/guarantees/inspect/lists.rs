//! Lists of orders: every one once, in pages of a bounded price.

use std::collections::BTreeSet;

use local_cloud::{Fault, FaultKind};
use proof::{World, http, request};
use serde_json::Value;

use super::{PARENT, ask, place, shown, small};
use crate::answers::violations;

const OTHER: &str = "dxcon-ffabc456";

/// All pages of a list: the keys on each, and how many requests each cost.
async fn pages(world: &World, query: &str) -> Vec<(Vec<String>, usize)> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        world.cloud.forget_requests();
        let page = shown(world, "/allocations", &format!("{query}{cursor}")).await;
        pages.push((keys(&page), world.cloud.requests().len()));
        match page.get("cursor").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
        assert!(pages.len() < 100, "a list has an end");
    }
}

fn keys(page: &Value) -> Vec<String> {
    let allocations = page["allocations"].as_array().unwrap().iter();
    let key = |allocation: &Value| {
        assert!(allocation.get("history").is_none(), "lists are brief");
        allocation["idempotencyKey"].as_str().unwrap().to_owned()
    };
    allocations.map(key).collect()
}

fn all(pages: &[(Vec<String>, usize)]) -> Vec<String> {
    pages.iter().flat_map(|(keys, _)| keys.clone()).collect()
}

fn of(vlans: impl IntoIterator<Item = u16>) -> BTreeSet<String> {
    vlans.into_iter().map(|vlan| format!("k-{vlan}")).collect()
}

#[tokio::test(start_paused = true)]
async fn orders_of_a_parent_come_newest_first_and_each_once() {
    let world = World::new();
    place(&world, PARENT, 1..=120).await;
    place(&world, OTHER, 201..=203).await;
    let pages = pages(&world, "parent=dxcon-ffabc123").await;
    let sizes: Vec<_> = pages.iter().map(|(keys, _)| keys.len()).collect();
    assert_eq!(sizes, [50, 50, 20]);
    let listed = all(&pages);
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), of(1..=120));
    // A batch of ten was claimed at once; the batches came one after the other.
    for (number, batch) in listed.chunks(10).enumerate() {
        let first = 111 - 10 * u16::try_from(number).unwrap();
        let expected = of(first..first + 10);
        assert_eq!(batch.iter().cloned().collect::<BTreeSet<_>>(), expected);
    }
    assert!(
        pages.iter().all(|(_, requests)| *requests <= 2),
        "{pages:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn all_orders_are_listed_each_once_among_everything_else_in_the_table() {
    let world = World::new();
    place(&world, PARENT, 1..=70).await;
    place(&world, OTHER, 201..=250).await;
    let pages = pages(&world, "").await;
    let listed = all(&pages);
    assert_eq!(listed.len(), 120);
    let expected: BTreeSet<_> = of((1..=70).chain(201..=250));
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected);
    assert!(pages.iter().all(|(keys, _)| keys.len() <= 50));
}

#[tokio::test(start_paused = true)]
async fn a_page_has_no_more_orders_than_are_wanted_and_all_come_each_once() {
    let world = World::new();
    place(&world, PARENT, 1..=20).await;
    for query in ["limit=7", "limit=7&parent=dxcon-ffabc123"] {
        let pages = pages(&world, query).await;
        assert!(pages.iter().all(|(keys, _)| keys.len() <= 7), "{pages:?}");
        let listed = all(&pages);
        assert_eq!(listed.len(), 20, "{query}");
        let expected: BTreeSet<_> = of(1..=20);
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_picks_its_orders() {
    let world = World::new();
    place(&world, PARENT, [1]).await;
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection"));
    world.invoke(&http("stuck", &small(2).to_string())).await;
    let mut impossible = request(Some(3));
    impossible["bandwidth"] = "25Gbps".into();
    world
        .deliver_until_final(&http("refused", &impossible.to_string()))
        .await;
    for (state, key) in [
        ("allocated", "k-1"),
        ("waiting", "stuck"),
        ("rejected", "refused"),
    ] {
        for parent in ["", "&parent=dxcon-ffabc123"] {
            let listed = all(&pages(&world, &format!("state={state}{parent}")).await);
            assert_eq!(listed, [key], "{state}{parent}");
        }
    }
    assert!(all(&pages(&world, "state=releasing").await).is_empty());
    assert!(all(&pages(&world, "parent=dxlag-ffabc789").await).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_page_costs_no_more_however_little_there_is_to_show_and_leads_on_even_when_empty() {
    let world = World::new();
    world
        .cloud
        .insert_connections(PARENT, 1001..=2500, "999988887777", "50Mbps", "by hand")
        .unwrap();
    // The ledger notes each of them beside the orders.
    world.track().await;
    assert!(world.items("parent#").len() > 1_400);
    place(&world, OTHER, 1..=150).await;
    for (query, most) in [
        ("", 10),
        ("state=quarantined", 10),
        ("state=quarantined&parent=dxcon-ffabc456", 20),
    ] {
        let pages = pages(&world, query).await;
        let found = all(&pages).len();
        assert_eq!(found, if query.is_empty() { 150 } else { 0 });
        assert!(
            pages.iter().all(|(_, requests)| *requests <= most),
            "{pages:?}"
        );
    }
    let first = shown(&world, "/allocations", "state=quarantined").await;
    assert!(first["allocations"].as_array().unwrap().is_empty());
    assert!(first["cursor"].is_string(), "there may be more: {first}");
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_with_a_list_is_named_at_once() {
    let world = World::new();
    let query = "parent=nobody&state=happy&cursor=eyJwayI6IngifQ&page=2";
    let problem = ask(&world, "/allocations", query).await;
    let named = violations(&problem.problem(400, "InvalidRequest"));
    let expected = [
        ("/cursor", "Malformed"),
        ("/page", "UnknownField"),
        ("/parent", "Malformed"),
        ("/state", "Malformed"),
    ];
    assert_eq!(named, crate::answers::wrong(&expected));
    assert!(world.cloud.requests().is_empty(), "AWS hears nothing of it");
}

#[tokio::test(start_paused = true)]
async fn a_cursor_of_another_list_is_refused() {
    let world = World::new();
    place(&world, PARENT, 1..=60).await;
    let page = shown(&world, "/allocations", "parent=dxcon-ffabc123").await;
    let cursor = page["cursor"].as_str().unwrap();
    for query in ["", "parent=dxcon-ffabc456&"] {
        let refused = ask(&world, "/allocations", &format!("{query}cursor={cursor}")).await;
        let problem = refused.problem(400, "InvalidRequest");
        assert_eq!(problem["violations"][0]["field"], "/cursor");
    }
}
