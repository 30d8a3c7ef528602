//! What a benchmark asks of its cloud and tells it, beside the calls on AWS.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use local_cloud::{Body, Cloud, Fault, Route};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{fill, outcome};

/// Operations whose requests are counted.
const COUNTED: [&str; 14] = [
    "AllocateHostedConnection",
    "BatchExecuteStatement",
    "BatchGetItem",
    "DeleteConnection",
    "DeleteItem",
    "DescribeHostedConnections",
    "DescribeInterconnects",
    "DescribeLags",
    "GetItem",
    "PutEvents",
    "PutItem",
    "Query",
    "TransactWriteItems",
    "UpdateItem",
];

#[derive(Deserialize)]
struct Records {
    record: Value,
    count: u32,
}

#[derive(Deserialize)]
struct Crowd {
    parent: String,
    lease: Value,
    vlans: u16,
}

pub(crate) fn router(cloud: Cloud) -> Route {
    Arc::new(
        move |request| -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
            let cloud = cloud.clone();
            Box::pin(async move {
                let (status, body) = match answer(&cloud, &request).await {
                    Ok(body) => (StatusCode::OK, body),
                    Err(problem) => (StatusCode::BAD_REQUEST, json!({"error": problem})),
                };
                let body = Full::from(body.to_string()).map_err(|never| match never {});
                let mut response = Response::new(body.boxed_unsync());
                *response.status_mut() = status;
                response
            })
        },
    )
}

async fn answer(cloud: &Cloud, request: &Request<Bytes>) -> Result<Value, String> {
    let body = request.body();
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/counts") => Ok(json!(counts(cloud))),
        (&Method::GET, "/requests") => Ok(requests(cloud)),
        (&Method::GET, "/units") => Ok(units(cloud)),
        (&Method::GET, "/outcome") => outcome::count(cloud).await.map(|outcome| json!(outcome)),
        (&Method::POST, "/confirm") => {
            let connections = cloud.connections();
            for connection in connections.iter().filter(|one| one.state == "ordering") {
                cloud
                    .confirm(&connection.id)
                    .map_err(|error| error.to_string())?;
            }
            Ok(json!({}))
        }
        (&Method::POST, "/forget") => {
            cloud.forget_requests();
            Ok(json!({}))
        }
        (&Method::POST, "/latency") => {
            cloud.set_latency(Duration::from_millis(read(body)?));
            Ok(json!({}))
        }
        (&Method::POST, "/latencies") => {
            for (operation, ms) in read::<BTreeMap<String, u64>>(body)? {
                cloud.set_latency_of(&operation, Duration::from_millis(ms));
            }
            Ok(json!({}))
        }
        (&Method::POST, "/faults") => {
            let text = String::from_utf8_lossy(body);
            let faults = text
                .lines()
                .map(Fault::parse)
                .collect::<Result<Vec<_>, _>>();
            for fault in faults.map_err(|error| error.to_string())? {
                cloud.inject(fault);
            }
            Ok(json!({}))
        }
        (&Method::DELETE, "/faults") => {
            cloud.clear_faults();
            Ok(json!({}))
        }
        (&Method::POST, "/records") => {
            let Records { record, count } = read(body)?;
            fill::records(cloud, &record, count).map_err(|error| error.to_string())?;
            Ok(json!({}))
        }
        (&Method::POST, "/crowd") => {
            let Crowd {
                parent,
                lease,
                vlans,
            } = read(body)?;
            fill::crowd(cloud, &parent, &lease, vlans).map_err(|error| error.to_string())?;
            Ok(json!({}))
        }
        (method, path) => Err(format!("there is no {method} {path}")),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a Bytes) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn counts(cloud: &Cloud) -> BTreeMap<&'static str, usize> {
    COUNTED
        .into_iter()
        .map(|operation| (operation, cloud.count(operation)))
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// What DynamoDB bills for the requests that are remembered.
fn units(cloud: &Cloud) -> Value {
    let requests = cloud.requests();
    let writes: u32 = requests.iter().map(|request| request.units.writes).sum();
    let halves: u32 = requests
        .iter()
        .map(|request| request.units.half_reads)
        .sum();
    json!({"writes": writes, "reads": f64::from(halves) / 2.0})
}

fn requests(cloud: &Cloud) -> Value {
    let requests = cloud.requests();
    let requests = requests.iter().map(|request| {
        json!({
            "operation": request.operation,
            "fault": request.fault.as_ref().map(ToString::to_string),
            "status": request.status,
            "body": request.body,
        })
    });
    requests.collect()
}
