//! Which request goes where, among those that are not for an AWS service.

use std::{future::Future, io, pin::Pin, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use local_cloud::Route;
use serde_json::json;
use tokio::time::Instant;
use tower::ServiceExt;
use web_console::{Console, Door, Hosts};

use super::{
    Shared,
    answers::{document, problem},
    schedule, switches,
};
use crate::command::{functions::Name, gateway};

/// The way in for everything that is not for an AWS service: the console's pages, and all else.
pub(super) fn router(shared: &Arc<Shared>, console: &Console, hosts: Hosts) -> Route {
    let (pages, others) = (console.router(), others(shared));
    Arc::new(
        move |request| -> Pin<Box<dyn Future<Output = http::Response<local_cloud::Body>> + Send>> {
            let (pages, others, hosts) = (pages.clone(), others.clone(), hosts.clone());
            Box::pin(async move {
                let (head, body) = request.into_parts();
                let routes = match web_console::belongs(&head) {
                    true => pages,
                    // A page of any web site can have a browser send this; nothing of ours does.
                    false if hosts.is_from_another_site(&head) => Router::new().fallback(foreign),
                    false => others,
                };
                let request = Request::from_parts(head, Body::from(body));
                match routes.oneshot(request).await {
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
pub(super) fn door(shared: &Arc<Shared>) -> Door {
    let others = others(shared);
    Arc::new(
        move |request| -> Pin<Box<dyn Future<Output = http::Response<Bytes>> + Send>> {
            let others = others.clone();
            Box::pin(async move {
                let response = match others.oneshot(request.map(Body::from)).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                };
                let (head, body) = response.into_parts();
                // What is in memory can be read.
                let body = body.collect().await.map(|body| body.to_bytes());
                http::Response::from_parts(head, body.unwrap_or_default())
            })
        },
    )
}

/// Everything but the console.
fn others(shared: &Arc<Shared>) -> Router {
    let switches = switches::routes().with_state(shared.cloud.clone());
    Router::new()
        .route("/", get(overview).fallback(invoke))
        // Runs the track function at once.
        .route("/_local/track", post(schedule::now))
        .nest("/_local", switches)
        // API Gateway routes only what it knows. Here a function refuses the rest, so that its refusals can be seen.
        .fallback(invoke)
        // The cloud has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .with_state(shared.clone())
}

async fn foreign() -> Response {
    problem(
        StatusCode::FORBIDDEN,
        "this request comes from a page of another web site",
    )
}

async fn invoke(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let body = match Bytes::from_request(Request::from_parts(head.clone(), body), &()).await {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    let request = Request::from_parts(head, body);
    let Ok(event) = gateway::event(&request, &shared.caller) else {
        return document(StatusCode::BAD_REQUEST, &json!({"message": "Bad Request"}));
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
    response.map(Body::from)
}

async fn overview() -> Response {
    let routes = json!({
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
    });
    document(StatusCode::OK, &routes)
}

impl Shared {
    /// Logs what has just been done.
    pub(super) fn say(&self, what: String, started: Instant) {
        let took_ms = started.elapsed().as_secs_f64() * 1000.0;
        // The receiver is gone only when the server is about to end.
        let _ = self.log.send(format!("{what}, {took_ms:.0} ms"));
    }
}
