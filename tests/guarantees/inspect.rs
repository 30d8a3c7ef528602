//! What may be asked about orders and parents, and that asking changes nothing.

mod lists;
mod moved;
mod orders;
mod parents;

use std::collections::BTreeSet;
use std::time::Duration;

use local_cloud::Progress;
use proof::{PARENT, Program, World, record, request, sqs, with_key};
use serde_json::{Value, json};

use crate::answers::{Http, operations};

/// What the role of the function allows.
const READS: [&str; 7] = [
    "BatchGetItem",
    "DescribeHostedConnections",
    "DescribeInterconnects",
    "DescribeLags",
    "GetItem",
    "Query",
    "Scan",
];

/// A question, as an HTTP API brings it.
fn question(path: &str, query: &str, headers: Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": {"domainName": "api.example", "requestId": "request-1", "stage": "$default",
            "http": {"method": "GET", "path": path}},
        "isBase64Encoded": false,
    })
}

async fn answer(world: &World, event: &Value) -> Http {
    let http = Http::of(world.invoke_program(Program::Inspect, event).await);
    assert_eq!(http.header("Cache-Control"), Some("no-store"), "{http:?}");
    http
}

async fn ask(world: &World, path: &str, query: &str) -> Http {
    answer(world, &question(path, query, json!({}))).await
}

/// The body of a 200.
async fn shown(world: &World, path: &str, query: &str) -> Value {
    let http = ask(world, path, query).await;
    assert_eq!(http.status, 200, "{http:?}");
    assert_eq!(http.header("content-type"), Some("application/json"));
    let etag = http.header("ETag").unwrap();
    assert!(etag.starts_with('"'), "a strong one: {etag}");
    serde_json::from_str(&http.body).unwrap()
}

pub(crate) async fn order(world: &World, key: &str) -> Value {
    shown(world, &format!("/allocations/{key}"), "").await
}

/// Direct Connect takes an hour for a deletion, so that a test can look meanwhile and end it when it likes.
fn world_with_slow_deletions() -> World {
    let progress = Progress {
        deleted_after: Some(Duration::from_secs(60 * 60)),
        ..Progress::default()
    };
    World::with(|builder| builder.progress(progress), &[])
}

/// A small order, so that a parent carries many.
fn small(vlan: u16) -> Value {
    let mut small = request(Some(vlan));
    small["bandwidth"] = "50Mbps".into();
    small
}

/// Places orders `k-<vlan>` on these VLANs of `parent`, ten to a batch and a batch a second.
async fn place(world: &World, parent: &str, vlans: impl IntoIterator<Item = u16>) {
    let vlans: Vec<_> = vlans.into_iter().collect();
    for batch in vlans.chunks(10) {
        let records = batch.iter().map(|vlan| {
            let mut small = small(*vlan);
            small["connectionId"] = parent.into();
            record(
                &format!("m-{vlan}"),
                &with_key(&format!("k-{vlan}"), small).to_string(),
            )
        });
        let answer = world.invoke(&sqs(records)).await.answer();
        assert_eq!(answer, json!({"batchItemFailures": []}));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn asking_changes_nothing_and_needs_no_more_than_reads() {
    let world = World::new();
    place(&world, PARENT, 101..104).await;
    world
        .cloud
        .insert_connection(PARENT, 200, "999988887777", "50Mbps", "by hand")
        .unwrap();
    let (items, events) = (world.items(""), world.cloud.events().len());
    world.cloud.forget_requests();
    for (path, query) in [
        ("/allocations/k-101", ""),
        ("/allocations/nobody", ""),
        ("/allocations", ""),
        ("/allocations", "parent=dxcon-ffabc123&state=allocated"),
        ("/parents/dxcon-ffabc123", ""),
        ("/parents/dxcon-nowhere00", ""),
    ] {
        ask(&world, path, query).await;
    }
    let asked: BTreeSet<_> = operations(&world).into_iter().collect();
    assert_eq!(asked, READS.map(str::to_owned).into());
    assert_eq!(
        (world.items(""), world.cloud.events().len()),
        (items, events)
    );
}

#[tokio::test(start_paused = true)]
async fn who_has_an_answer_already_is_told_that_it_still_holds() {
    let world = World::new();
    place(&world, PARENT, [101]).await;
    for path in [
        "/allocations/k-101",
        "/allocations",
        "/parents/dxcon-ffabc123",
    ] {
        let first = ask(&world, path, "").await;
        let etag = first.header("ETag").unwrap();
        let again = question(
            path,
            "",
            json!({"if-none-match": format!("\"other\", {etag}")}),
        );
        let again = answer(&world, &again).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
        assert_eq!(
            (again.header("ETag"), again.header("content-type")),
            (Some(etag), None)
        );
        let v1 = json!({"httpMethod": "GET", "path": path, "headers": {"If-None-Match": etag},
            "requestContext": {"requestId": "request-1"}});
        assert_eq!(answer(&world, &v1).await, again, "v1 answers as v2");
    }
    let etag = ask(&world, "/allocations", "")
        .await
        .header("ETag")
        .unwrap()
        .to_owned();
    place(&world, PARENT, [102]).await;
    let changed = question("/allocations", "", json!({ "if-none-match": etag }));
    assert_eq!(answer(&world, &changed).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_answered_is_a_problem_of_the_contract() {
    let world = World::new();
    let cases = [
        ("/", "", 404, "NotFound"),
        ("/allocations/nobody", "", 404, "NotFound"),
        ("/allocations/a b", "", 400, "InvalidIdempotencyKey"),
        ("/allocations", "limit=1000", 400, "InvalidRequest"),
        ("/parents/dxvif-ffabc123", "", 400, "InvalidRequest"),
        ("/parents/dxcon-nowhere00", "", 404, "NotFound"),
    ];
    for (path, query, status, code) in cases {
        let problem = ask(&world, path, query).await.problem(status, code);
        assert_eq!(problem["instance"], "request-1");
        assert_eq!(
            problem.get("violations").is_some(),
            status == 400,
            "{problem}"
        );
    }
    let mut event = question("/allocations/nobody", "", json!({}));
    event["requestContext"]["http"]["method"] = "DELETE".into();
    let refused = answer(&world, &event).await;
    refused.problem(405, "MethodNotAllowed");
    assert_eq!(refused.header("Allow"), Some("DELETE, GET, HEAD"));
}
