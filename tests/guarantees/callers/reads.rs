//! What a caller sees of orders and parents: its own, and nothing of what else there is.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use proof::{Program, get, sqs};

use super::*;
use crate::answers::{Http, operations};

async fn ask(world: &World, principal: &str, path_and_query: &str) -> Http {
    let question = by(principal, get(path_and_query));
    Http::of(world.invoke_program(Program::Inspect, &question).await)
}

async fn shown(world: &World, principal: &str, path_and_query: &str) -> Value {
    let http = ask(world, principal, path_and_query).await;
    assert_eq!(http.status, 200, "{http:?}");
    serde_json::from_str(&http.body).unwrap()
}

/// Small orders of a caller on these VLANs, ten to a batch and a batch a second.
async fn place(world: &World, principal: &str, prefix: &str, vlans: std::ops::Range<u16>) {
    let vlans: Vec<_> = vlans.collect();
    for batch in vlans.chunks(10) {
        let records = batch.iter().map(|vlan| {
            let mut order = keyed(&format!("{prefix}{vlan}"), *vlan);
            order["bandwidth"] = "50Mbps".into();
            sent_by(principal, &format!("m-{vlan}"), &order)
        });
        let answer = world.invoke(&sqs(records)).await.answer();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// All pages of a list.
async fn list(world: &World, principal: &str, query: &str) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shown(world, principal, &format!("/allocations?{query}{cursor}")).await;
        let orders = page["allocations"].as_array().unwrap().iter();
        let keys = orders.map(|order| order["idempotencyKey"].as_str().unwrap().to_owned());
        pages.push(keys.collect());
        let Some(next) = page.get("cursor").and_then(Value::as_str) else {
            return pages;
        };
        let place = BASE64_URL_SAFE_NO_PAD.decode(next).unwrap();
        let place = String::from_utf8(place).unwrap();
        assert!(
            place.contains("allocation#acme-"),
            "a cursor names another's: {place}"
        );
        cursor = format!("&cursor={next}");
        assert!(pages.len() < 100, "a list has an end");
    }
}

#[tokio::test(start_paused = true)]
async fn another_callers_order_is_as_one_that_was_never_there_for_get_and_delete() {
    let world = apart().await;
    Http::of(world.invoke(&order_by(ACME, "acme-1", 101)).await).receipt();
    let (items, events) = (world.items(""), world.cloud.events());
    for (program, method) in [(Program::Inspect, "GET"), (Program::Release, "DELETE")] {
        let mut answers = Vec::new();
        // Theirs, one that nobody has under their prefix, one of nobody, and one of its own that is not there.
        for key in ["acme-1", "acme-2", "nobody", "umbrella-9"] {
            let mut event = by(UMBRELLA, proof::delete(key));
            event["requestContext"]["http"]["method"] = method.into();
            world.cloud.forget_requests();
            let http = Http::of(world.invoke_program(program, &event).await);
            http.problem(404, "NotFound");
            let asked = world.cloud.requests().into_iter();
            let sent: Vec<_> = asked.map(|one| (one.operation, one.applied)).collect();
            answers.push((http, sent));
        }
        assert!(
            answers.windows(2).all(|two| two[0] == two[1]),
            "{answers:#?}"
        );
        let asked: Vec<_> = answers[0].1.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(asked, ["Query", "GetItem"]);
    }
    assert_eq!((world.items(""), world.cloud.events()), (items, events));
    let own = shown(&world, ACME, "/allocations/acme-1").await;
    assert_eq!(own["status"], "allocated");
}

#[tokio::test(start_paused = true)]
async fn who_is_registered_for_it_sees_the_orders_of_all_and_orders_under_its_own_keys_only() {
    let world = apart().await;
    place(&world, ACME, "acme-", 101..104).await;
    assert_eq!(
        shown(&world, DESK, "/allocations/acme-101").await["status"],
        "allocated"
    );
    let all = shown(&world, DESK, "/allocations").await;
    assert_eq!(all["allocations"].as_array().unwrap().len(), 3);
    let http = Http::of(world.invoke(&order_by(DESK, "acme-101", 101)).await);
    http.problem(400, "InvalidIdempotencyKey");
}

#[tokio::test(start_paused = true)]
async fn a_list_holds_a_callers_own_orders_each_once_and_no_cursor_names_anothers() {
    let world = apart().await;
    place(&world, UMBRELLA, "umbrella-", 200..260).await;
    place(&world, ACME, "acme-", 100..160).await;
    place(&world, UMBRELLA, "umbrella-", 260..320).await;
    for query in [
        "",
        "parent=dxcon-ffabc123",
        "state=allocated",
        "state=waiting",
    ] {
        let pages = list(&world, ACME, query).await;
        let mut listed = pages.concat();
        listed.sort();
        let expected: Vec<_> = (100..160).map(|vlan| format!("acme-{vlan}")).collect();
        match query {
            "state=waiting" => assert_eq!(listed, [""; 0]),
            _ => assert_eq!(listed, expected, "{query}"),
        }
    }
    // A place in the list that somebody who sees all has been told gives no more than its own.
    let all = shown(&world, DESK, "/allocations").await;
    let query = format!("/allocations?cursor={}", all["cursor"].as_str().unwrap());
    let page = shown(&world, ACME, &query).await;
    let orders = page["allocations"].as_array().unwrap();
    let is_own = |order: &Value| {
        order["idempotencyKey"]
            .as_str()
            .unwrap()
            .starts_with("acme-")
    };
    assert!(orders.iter().all(is_own), "{page}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_takes_too_long_ends_behind_an_order_of_the_callers_own_or_says_that_it_did() {
    let world = apart().await;
    place(&world, UMBRELLA, "umbrella-", 200..220).await;
    place(&world, ACME, "acme-", 400..420).await;
    // Half of the invocation's time is over before 20 MB are read.
    let padding = "x".repeat(10_000);
    let others = (0..2_000).map(|number| {
        json!({"pk": {"S": format!("parent#dxcon-{number:08}")}, "sk": {"S": "lag"}, "padding": {"S": padding}})
    });
    world.cloud.import_items(others.collect()).unwrap();
    let slow = Duration::from_millis(1_200);
    world.cloud.set_latency_of("Scan", slow);
    let first = shown(&world, ACME, "/allocations").await;
    assert_eq!(first["allocations"].as_array().unwrap().len(), 20);
    let cursor = first["cursor"].as_str().unwrap();
    let place = BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap();
    let place = String::from_utf8(place).unwrap();
    assert!(place.contains("allocation#acme-"), "{place}");
    let rest = ask(&world, ACME, &format!("/allocations?cursor={cursor}")).await;
    let problem = rest.problem(503, "Unavailable");
    assert!(!problem.to_string().contains("dxcon"), "{problem}");
    // With time enough it is there to its end.
    world.cloud.set_latency_of("Scan", Duration::ZERO);
    let rest = shown(&world, ACME, &format!("/allocations?cursor={cursor}")).await;
    assert_eq!(rest, json!({"allocations": []}));
}

#[tokio::test(start_paused = true)]
async fn on_a_parent_a_caller_sees_its_own_and_nothing_of_what_is_sold_on_it() {
    let world = apart().await;
    place(&world, ACME, "acme-", 101..103).await;
    place(&world, UMBRELLA, "umbrella-", 201..204).await;
    let by_hand = world
        .cloud
        .insert_connection(PARENT, 300, "999988887777", "50Mbps", "by hand");
    by_hand.unwrap();
    let path = format!("/parents/{PARENT}");
    let seen = shown(&world, ACME, &path).await;
    let vlans: Vec<_> = seen["vlans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["vlan"].clone())
        .collect();
    assert_eq!(vlans, [101, 102]);
    assert_eq!(seen["capacity"], json!({"soldMbps": 100}));
    assert_eq!(
        (&seen["orphans"], &seen["ghosts"]),
        (&json!([]), &json!([]))
    );
    let all = shown(&world, DESK, &path).await;
    assert_eq!(all["vlans"].as_array().unwrap().len(), 6);
    // One that it may not order on is as one that is not there.
    let nowhere = ask(&world, ACME, "/parents/dxcon-nowhere00").await;
    nowhere.problem(404, "NotFound");
    assert_eq!(ask(&world, ACME, "/parents/dxcon-ffabc456").await, nowhere);
}

#[tokio::test(start_paused = true)]
async fn for_whoever_is_no_caller_there_is_nothing_to_see_or_to_release() {
    let world = apart().await;
    Http::of(world.invoke(&order_by(ACME, "acme-1", 101)).await).receipt();
    for path in [
        "/allocations/acme-1",
        "/allocations/acme-2",
        "/allocations",
        "/parents/dxcon-ffabc123",
    ] {
        for event in [by(STRANGER, get(path)), get(path)] {
            world.cloud.forget_requests();
            let http = Http::of(world.invoke_program(Program::Inspect, &event).await);
            http.problem(404, "NotFound");
            assert_eq!(operations(&world), ["Query"]);
        }
    }
    let released = by(STRANGER, proof::delete("acme-1"));
    let http = Http::of(world.invoke_program(Program::Release, &released).await);
    http.problem(404, "NotFound");
    assert_eq!(world.cloud.connections().len(), 1);
}
