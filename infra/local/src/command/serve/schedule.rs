//! EventBridge's part in running the track function: once a minute, and whenever somebody asks.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use http::StatusCode;
use lambda_runtime::Diagnostic;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use uuid::Uuid;

use super::{Shared, answers::document};
use crate::command::{functions::Name, view};

/// Runs the function at this interval, for ever; with an interval of no length, never.
pub(super) async fn every(shared: &Shared, interval: Duration) -> Infallible {
    if interval.is_zero() {
        return std::future::pending().await;
    }
    let mut ticks = interval_at(Instant::now() + interval, interval);
    // A run that took longer than the interval is not made up for.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        run(shared).await.ok();
    }
}

/// Runs the function now, and answers with what it said.
pub(super) async fn now(State(shared): State<Arc<Shared>>) -> Response {
    match run(&shared).await {
        Ok(report) => document(StatusCode::OK, &view::document(&report)),
        Err(failure) => document(StatusCode::INTERNAL_SERVER_ERROR, &json!(failure)),
    }
}

async fn run(shared: &Shared) -> Result<Box<RawValue>, Diagnostic> {
    let started = Instant::now();
    let answer = match to_raw_value(&event(shared)) {
        Ok(event) => shared.lambda.invoke(Name::Track, event).await,
        // What has just been made of JSON can be written as JSON.
        Err(error) => Err(Diagnostic {
            error_type: "Schedule".to_owned(),
            error_message: error.to_string(),
        }),
    };
    let said = match &answer {
        Ok(report) => format!("✓ {}", report.get()),
        Err(failure) => format!("✗ {}: {}", failure.error_type, failure.error_message),
    };
    shared.say(format!("track → {said}"), started);
    answer
}

/// What EventBridge sends when a schedule is due.
fn event(shared: &Shared) -> serde_json::Value {
    let (region, account) = (shared.cloud.region(), shared.cloud.account());
    json!({
        "version": "0",
        "id": Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account,
        "time": view::time(shared.cloud.clock().now()),
        "region": region,
        "resources": [format!("arn:aws:events:{region}:{account}:rule/track")],
        "detail": {},
    })
}
