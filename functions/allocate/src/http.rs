//! The HTTP door: `POST /allocations` through API Gateway (REST and HTTP API) or a function URL.
//!
//! It checks what only HTTP has — route, method, media type, size — and leaves the order itself to the domain.

mod dry_run;

use allocation::{Allocator, Deadline, Failure};
use doors::Refusal;
use doors::http::{Request, Response, segment};
use hosted_connection::{
    Code, InvalidRequest, KeySource, MAX_BODY_BYTES, Order, Permit, Receipt, Violation,
    ViolationCode,
};

use crate::decision::Subject;
use crate::single;

const ROUTE: &str = "/allocations";
const METHOD: &str = "POST";
const DRY_RUN: &str = "dryRun";

/// Answers one request; always, whatever is wrong with it.
pub(crate) async fn handle(
    allocator: &Allocator,
    permit: Result<Permit, Failure>,
    request: &Request<'_>,
    request_id: &str,
    deadline: Deadline,
) -> Response {
    let origin = request.origin(request_id);
    let order = || permit.map(|permit| permitted(&permit, request));
    let placed = match admit(request) {
        Ok(Wish::Forecast) => {
            return dry_run::answer(allocator, order(), &origin, deadline).await;
        }
        Ok(Wish::Order) => single::place(allocator, order(), origin, deadline).await,
        Err(refusal) => {
            Subject::new(None, &origin).log_refusal(refusal.code());
            Err(refusal)
        }
    };
    match placed {
        Ok((receipt, replayed)) => allocated(&receipt, replayed),
        Err(refusal) => Response::refused(refusal, request_id),
    }
}

/// What a request wants of its order.
#[derive(Debug)]
enum Wish {
    /// To be placed.
    Order,
    /// To be told what would come of it: `?dryRun=true`.
    Forecast,
}

/// The checks before anything is said about key and body, each hiding the later ones.
fn admit(request: &Request<'_>) -> Result<Wish, Refusal> {
    if request.path != ROUTE {
        return Err(Refusal::plain(
            Code::NotFound,
            format!("There is nothing here but {METHOD} {ROUTE}."),
        ));
    }
    if request.method != METHOD {
        return Err(Refusal::method(ROUTE, METHOD));
    }
    if !request.is_json() {
        return Err(Refusal::plain(
            Code::UnsupportedMediaType,
            "The body has to be application/json.",
        ));
    }
    match &request.body {
        Ok(body) if body.len() > MAX_BODY_BYTES => {
            let detail = format!(
                "The body has {} bytes; at most {MAX_BODY_BYTES} are taken.",
                body.len()
            );
            Err(Refusal::plain(Code::PayloadTooLarge, detail))
        }
        Ok(_) | Err(_) => wish(request),
    }
}

/// Parameters that are none of ours are somebody else's. But what was meant as a question, and is only misspelt, must
/// not become an order.
fn wish(request: &Request<'_>) -> Result<Wish, Refusal> {
    let mut wish = Wish::Order;
    let mut violations = Vec::new();
    for (name, value) in &request.query {
        let wrong = match (name.as_str(), value.as_str()) {
            (DRY_RUN, "true") => {
                wish = Wish::Forecast;
                continue;
            }
            (DRY_RUN, "false") => continue,
            (DRY_RUN, _) => (ViolationCode::Malformed, "must be true or false"),
            (name, _) if name.replace(['-', '_'], "").eq_ignore_ascii_case(DRY_RUN) => {
                (ViolationCode::UnknownField, "is spelt dryRun")
            }
            (_, _) => continue,
        };
        violations.push(Violation::new(format!("/{name}"), wrong.0, wrong.1));
    }
    if violations.is_empty() {
        return Ok(wish);
    }
    let detail = "The query of the request is not valid.";
    Err(Refusal::invalid(Code::InvalidRequest, detail, violations))
}

fn permitted(permit: &Permit, request: &Request<'_>) -> Result<Order, InvalidRequest> {
    let keys = request.idempotency_keys();
    let key = KeySource::Header(&keys);
    match &request.body {
        Ok(body) => permit.order(body, key),
        Err(not_base64) => Err(InvalidRequest::unread(b"", key, not_base64.to_string())),
    }
}

/// The order has its hosted connection, now or since an earlier delivery.
fn allocated(receipt: &Receipt, replayed: bool) -> Response {
    let key = segment(receipt.idempotency_key.as_str());
    Response::json(201, receipt.to_json())
        .at(format!("{ROUTE}/{key}"))
        .replayed(replayed)
}

#[cfg(test)]
mod tests;
