//! Which request goes where, among those that are not for an AWS service.

use std::{future::Future, io, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use local_cloud::{Body, Route};
use serde_json::json;
use tokio::time::Instant;
use tower::ServiceExt;
use web_console::{Console, Door};

use super::{Shared, schedule, switches};
use crate::command::{functions::Name, gateway};

/// Paths under this are the local cloud's own.
const LOCAL: &str = "/_local/";

/// Runs the track function at once.
const TRACK: &str = "/_local/track";

/// The way in for everything that is not for an AWS service: the console's pages, and all else.
pub(super) fn router(shared: Arc<Shared>, console: &Console) -> Route {
    let pages = console.router();
    Arc::new(
        move |request| -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
            let (shared, pages) = (shared.clone(), pages.clone());
            Box::pin(async move {
                let (head, body) = request.into_parts();
                if !web_console::belongs(&head) {
                    return whole(route(&shared, Request::from_parts(head, body)).await);
                }
                let request = Request::from_parts(head, axum::body::Body::from(body));
                match pages.oneshot(request).await {
                    Ok(response) => {
                        response.map(|body| body.map_err(io::Error::other).boxed_unsync())
                    }
                    Err(never) => match never {},
                }
            })
        },
    )
}

/// The way in for the console's own forms, which is the callers' way.
pub(super) fn door(shared: Arc<Shared>) -> Door {
    Arc::new(
        move |request| -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send>> {
            let shared = shared.clone();
            Box::pin(async move { route(&shared, request).await })
        },
    )
}

/// A response that is there at once.
fn whole(response: Response<Bytes>) -> Response<Body> {
    response.map(|body| {
        Full::new(body)
            .map_err(|never| match never {})
            .boxed_unsync()
    })
}

async fn route(shared: &Shared, request: Request<Bytes>) -> Response<Bytes> {
    let path = request.uri().path();
    if path == TRACK && request.method() == Method::POST {
        return schedule::now(shared).await;
    }
    if let Some(switch) = path.strip_prefix(LOCAL) {
        return switches::answer(&shared.cloud, request.method(), switch, request.body());
    }
    if path == "/" && request.method() == Method::GET {
        return gateway::json_response(StatusCode::OK, &overview());
    }
    // API Gateway routes only what it knows. Here a function refuses the rest, so that its refusals can be seen.
    invoke(shared, request).await
}

async fn invoke(shared: &Shared, request: Request<Bytes>) -> Response<Bytes> {
    let started = Instant::now();
    let Ok(event) = gateway::event(&request, &shared.caller) else {
        return gateway::json_response(StatusCode::BAD_REQUEST, &json!({"message": "Bad Request"}));
    };
    let answer = shared.lambda.invoke(Name::for_event(&event), event).await;
    let response = gateway::response(&answer);
    let mark = if response.status().is_success() {
        '✓'
    } else {
        '✗'
    };
    let mut line = format!(
        "{} {} → {mark} {}",
        request.method(),
        request.uri().path(),
        response.status()
    );
    if let Err(failure) = &answer {
        // The caller is not told, so it has to be told here.
        line.push_str(&format!(
            ", the invocation failed: {}: {}",
            failure.error_type, failure.error_message
        ));
    }
    shared.say(line, started);
    response
}

fn overview() -> serde_json::Value {
    json!({
        "GET / in a browser": "the console: parents, VLANs, orders, events, and buttons that break things",
        "aws": "any request with X-Amz-Target: Direct Connect, DynamoDB, EventBridge, SQS",
        "POST /allocations": "an order; needs the header Idempotency-Key. ?dryRun=true: only the outcome that it would have",
        "GET /allocations": "all orders, or those with ?parent= or ?state=",
        "GET /allocations/{key}": "an order and its history",
        "DELETE /allocations/{key}": "releases its connection",
        "GET /parents/{connectionId}": "VLANs and bandwidth of an interconnect or LAG, and who uses them",
        "POST /_local/track": "runs the track function",
        "GET /_local/": switches::VIEWS,
        "POST /_local/faults": "injects the faults in the body, one a line; GET lists those pending, DELETE removes them",
        "POST /_local/connections/{id}/{switch}": switches::SWITCHES,
        "POST /_local/connections/{id}/move": "moves it to the interconnect or LAG in the body",
        "POST /_local/parents/{id}/state": "puts it into the state in the body",
        "POST /_local/parents/{id}/lag": "adds it to the LAG in the body; DELETE removes it from the LAG",
        "PUT /_local/parents/{id}": "sets up an interconnect or LAG: bandwidth, location, device, ports, allowsHostedConnections",
        "DELETE /_local/parents/{id}": "removes it",
        "POST /_local/purge": "removes deleted and rejected connections from Direct Connect",
    })
}

impl Shared {
    /// Logs what has just been done.
    pub(super) fn say(&self, what: String, started: Instant) {
        let took_ms = started.elapsed().as_secs_f64() * 1000.0;
        // The receiver is gone only when the server is about to end.
        let _ = self.log.send(format!("{what}, {took_ms:.0} ms"));
    }
}
