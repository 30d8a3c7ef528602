//! `POST /allocations?dryRun=true`: what the order would come to, without placing it.

use allocation::{Allocator, CandidateForecast, Deadline, DryRun, Failure, Forecast};
use aws::metrics::Metric;
use doors::Refusal;
use doors::http::Response;
use hosted_connection::{IdempotencyKey, InvalidRequest, Order, Origin, Outcome, ParentConnection};
use serde_json::{Value, json};

use crate::decision::Subject;
use crate::refusal;

/// Answers with 200 and the forecast, whatever it is; a request that is no order is refused as any other.
pub(crate) async fn answer(
    allocator: &Allocator,
    order: Result<Result<Order, InvalidRequest>, Failure>,
    origin: &Origin,
    deadline: Deadline,
) -> Response {
    let request_id = origin.delivery_id();
    let order = match order {
        Ok(Ok(order)) => order,
        Err(failure) => return not_now(allocator, None, origin, failure),
        Ok(Err(invalid)) => {
            Subject::new(None, origin).log_refusal(invalid.code);
            return Response::refused(Refusal::from(invalid.rejection()), request_id);
        }
    };
    match allocator.dry_run(&order, deadline).await {
        Ok(forecast) => {
            tracing::info!(allocation.key = %order.key, "told what the order would come to");
            Response::json(200, body(&order, &forecast).to_string())
        }
        Err(failure) => not_now(allocator, Some(&order.key), origin, failure),
    }
}

/// It cannot be told now.
fn not_now(
    allocator: &Allocator,
    key: Option<&IdempotencyKey>,
    origin: &Origin,
    failure: Failure,
) -> Response {
    Subject::new(key, origin).log_failure(&failure);
    if let Failure::Defect { .. } = &failure {
        allocator.meter().count(Metric::Defects);
    }
    Response::refused(refusal::not_now(failure), origin.delivery_id())
}

fn body(
    order: &Order,
    DryRun {
        forecast,
        candidates,
    }: &DryRun,
) -> Value {
    let mut body = json!({"dryRun": true, "idempotencyKey": order.key});
    if let Some(parent) = parent(order, forecast) {
        body["parentConnectionId"] = json!(parent);
    }
    let (would_be, name, value) = match forecast {
        Forecast::Allocated { vlan, .. } => ("allocated", "vlan", json!(vlan)),
        Forecast::Rejected(rejection) => ("rejected", "rejection", json!(rejection)),
        Forecast::InProgress => ("inProgress", "", Value::Null),
        Forecast::Replayed { outcome, .. } => match &**outcome {
            Outcome::Allocated(connection) => ("replayed", "connection", json!(connection)),
            Outcome::Rejected(rejection) => ("replayed", "rejection", json!(rejection)),
        },
    };
    body["wouldBe"] = would_be.into();
    if !name.is_empty() {
        body[name] = value;
    }
    if !candidates.is_empty() {
        body["candidates"] = candidates.iter().map(candidate).collect();
    }
    body
}

/// The parent that is named, or was or would be chosen.
fn parent<'a>(order: &'a Order, forecast: &'a Forecast) -> Option<&'a ParentConnection> {
    match forecast {
        Forecast::Allocated { parent, .. } => Some(parent),
        Forecast::Replayed { parent, .. } => parent.as_ref(),
        Forecast::InProgress | Forecast::Rejected(_) => order.request.parent(),
    }
}

fn candidate(candidate: &CandidateForecast) -> Value {
    match candidate {
        CandidateForecast::Refused(candidate) => json!(candidate),
        CandidateForecast::Open { id, share } => {
            let mut open = json!({"connectionId": id, "freeMbps": share.free_mbps});
            if let Some(parts) = share.ten_thousandths() {
                open["ofMbps"] = share.of_mbps.into();
                open["share"] = (parts as f64 / 10_000.0).into();
            }
            open
        }
    }
}
