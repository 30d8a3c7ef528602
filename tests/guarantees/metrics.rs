//! What the metrics say: each figure where it comes about, once, and nothing where there is nothing.
//!
//! The documents are those that each invocation writes at its end.

mod afterwards;
mod calls;
mod orders;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use aws::Meter;
use aws::metrics::{Metric, OrderMetric};
use lambda_runtime::{Context, LambdaEvent};
use ledger::Services;
use local_cloud::{FaultKind, Parent};
use proof::{PARENT, World, http, record, request, sqs, with_key};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::answers::invoke_text;

const ALLOCATE: &str = "AllocateHostedConnection";

fn measured() -> World {
    World::new().measured()
}

/// An order over HTTP.
fn order(key: &str, vlan: u16) -> Value {
    http(key, &request(Some(vlan)).to_string())
}

fn denied() -> FaultKind {
    FaultKind::Error {
        status: 400,
        code: "AccessDeniedException".into(),
    }
}

/// The figures of one document, by name; a latency's is how often it was measured.
fn figures(document: &Value) -> BTreeMap<String, u64> {
    let metrics = document["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    let metrics = metrics
        .iter()
        .flat_map(|directive| directive["Metrics"].as_array().unwrap());
    metrics
        .map(|metric| {
            let name = metric["Name"].as_str().unwrap();
            let figure = match &document[name] {
                Value::Array(values) => u64::try_from(values.len()).unwrap(),
                value => value.as_u64().unwrap(),
            };
            (name.to_owned(), figure)
        })
        .collect()
}

/// The figures of the last invocation without those of its calls, nor that its process was new.
fn told(world: &World) -> BTreeMap<String, u64> {
    let documents = world.take_metrics();
    assert_eq!(documents.len(), 1, "one document per invocation");
    let mut figures = figures(&documents[0]);
    assert_eq!(figures.remove("ColdStarts"), Some(1));
    figures.retain(|name, _| !name.ends_with("Latency"));
    figures
}

fn forget(world: &World) {
    let _ = world.take_metrics();
}

fn only<const N: usize>(expected: [(&str, u64); N]) -> BTreeMap<String, u64> {
    expected
        .map(|(name, figure)| (name.to_owned(), figure))
        .into()
}

fn invocation(world: &World, event: &Value, id: &str) -> LambdaEvent<Box<RawValue>> {
    let mut context = Context::default();
    context.request_id = id.into();
    context.deadline = world.aws("clock").clock.now_ms() + 30_000;
    LambdaEvent::new(to_raw_value(event).unwrap(), context)
}

#[tokio::test(start_paused = true)]
async fn invocations_side_by_side_in_one_process_lose_no_figure_and_tell_none_twice() {
    let world = World::with(
        |cloud| {
            let roomy = Parent::interconnect(PARENT, "100Gbps").unlimited();
            cloud.parents([roomy]).latency(Duration::from_millis(20))
        },
        &[],
    );
    let meter = Meter::keeping();
    let http = world.cloud.http_client_as("process");
    let clock = world.aws("clock").clock;
    let aws = Services::metered(world.config(), http, clock, meter.clone());
    let function = allocate::Function::new(aws, world.config());
    let event = |n: u16| {
        let key = format!("k-{n}");
        let order = with_key(&key, request(Some(100 + n)));
        match n % 3 {
            0 => sqs([record(&format!("m-{n}"), &order.to_string())]),
            1 => self::order(&key, 100 + n),
            _ => order,
        }
    };
    let invocations: Vec<_> = (0..9)
        .map(|n| invocation(&world, &event(n), &format!("r-{n}")))
        .collect();
    let mut running: Vec<_> = invocations
        .into_iter()
        .map(|invocation| Box::pin(function.handle(invocation)))
        .collect();
    // All at once: each is polled before any of them is done.
    std::future::poll_fn(|context| {
        running.retain_mut(|one| one.as_mut().poll(context).is_pending());
        match running.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
    assert_eq!(world.cloud.living_connections(PARENT).len(), 9);
    let documents: Vec<Value> = meter
        .kept()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(documents.len() <= 9);
    let sum = |name: &str| -> u64 {
        let found = documents.iter().map(figures);
        found.filter_map(|figures| figures.get(name).copied()).sum()
    };
    assert_eq!(sum("AllocatedOrders"), 9);
    assert_eq!(sum("ColdStarts"), 1);
    assert_eq!(sum("DirectConnectLatency"), 9);
    assert_eq!(sum("EventBridgeLatency"), 9);
    assert_eq!(sum("DynamoDBLatency"), 27);
    let by_door = |door: &str| -> u64 {
        let of_door = documents.iter().filter(|document| document["Door"] == door);
        of_door
            .filter_map(|document| document["AllocatedOrders"].as_u64())
            .sum()
    };
    assert_eq!(["sqs", "http", "direct"].map(by_door), [3, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_process_tells_once_that_it_started_and_names_each_invocation() {
    let world = World::new();
    let meter = Meter::keeping();
    let http = world.cloud.http_client_as("process");
    let clock = world.aws("clock").clock;
    let aws = Services::metered(world.config(), http, clock, meter.clone());
    let function = allocate::Function::new(aws, world.config());
    for id in ["r-1", "r-2"] {
        let event = invocation(&world, &order("k", 101), id);
        function.handle(event).await.unwrap();
    }
    let documents: Vec<Value> = meter
        .kept()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ids: Vec<_> = documents
        .iter()
        .map(|document| document["span"]["requestId"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["r-1", "r-2"]);
    assert_eq!(documents[0]["ColdStarts"], 1);
    assert_eq!(documents[1]["ColdStarts"], Value::Null);
    assert_eq!(documents[1]["ReplayedOrders"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_nobody_knows_tells_of_nothing_but_the_start() {
    let world = measured();
    world.invoke(&json!({})).await;
    assert_eq!(told(&world), only([]));
    // A process that keeps nothing writes nothing either: standard output is not its own here.
    invoke_text(&world, "{}").await;
    assert_eq!(world.take_metrics(), [Value::Null; 0]);
}

#[test]
fn the_documentation_names_every_metric_and_no_other() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/observability.md");
    let text = std::fs::read_to_string(path).unwrap();
    let table = text.split("## Metrics").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let mut documented: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let latencies = [
        "DirectConnectLatency",
        "DynamoDBLatency",
        "EventBridgeLatency",
    ];
    let mut known: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    known.extend(OrderMetric::ALL.iter().map(|metric| metric.name()));
    known.extend(latencies);
    documented.sort_unstable();
    known.sort_unstable();
    assert_eq!(documented, known);
}
