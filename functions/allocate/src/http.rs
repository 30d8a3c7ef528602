//! The HTTP door: `POST /allocations` through API Gateway (REST and HTTP API) or a function URL.
//!
//! It checks what only HTTP has — route, method, media type, size — and leaves the order itself to the domain.

pub(crate) mod v1;
pub(crate) mod v2;

mod request;
mod response;

use allocation::{Allocator, Deadline};
use hosted_connection::{
    Code, InvalidRequest, KeySource, MAX_BODY_BYTES, Order, Origin, ViolationCode,
};

pub(crate) use self::request::Request;
use self::response::Response;
use crate::decision::Subject;
use crate::refusal::Refusal;
use crate::single;

const ROUTE: &str = "/allocations";
const METHOD: &str = "POST";
const MEDIA_TYPE: &str = "application/json";
const KEY_HEADER: &str = "idempotency-key";

/// Answers one request; always, whatever is wrong with it.
pub(crate) async fn handle(
    allocator: &Allocator,
    request: &Request<'_>,
    request_id: &str,
    deadline: Deadline,
) -> Response {
    let placed = match admit(request) {
        Ok(()) => {
            let origin = Origin::Http {
                request_id: request_id.into(),
            };
            single::place(allocator, order(request), origin, deadline).await
        }
        Err(refusal) => {
            Subject::without_order(request_id).log_refusal(refusal.code);
            Err(refusal)
        }
    };
    match placed {
        Ok((receipt, replayed)) => Response::allocated(&receipt, replayed),
        Err(refusal) => Response::refused(refusal, request_id),
    }
}

/// The checks before anything is said about key and body, each hiding the later ones.
fn admit(request: &Request<'_>) -> Result<(), Refusal> {
    if request.path != ROUTE {
        return Err(Refusal::plain(
            Code::NotFound,
            format!("There is nothing here but {METHOD} {ROUTE}."),
        ));
    }
    if request.method != METHOD {
        return Err(Refusal::plain(
            Code::MethodNotAllowed,
            format!("{ROUTE} takes {METHOD} only."),
        ));
    }
    if !request
        .headers("content-type")
        .iter()
        .all(|value| is_json(value))
    {
        return Err(Refusal::plain(
            Code::UnsupportedMediaType,
            format!("The body has to be {MEDIA_TYPE}."),
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
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Whether a media type is JSON's, in any case and with any parameters.
fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split_once(';')
        .map_or(content_type, |(essence, _parameters)| essence);
    essence.trim().eq_ignore_ascii_case(MEDIA_TYPE)
}

fn order(request: &Request<'_>) -> Result<Order, InvalidRequest> {
    let keys = request.headers(KEY_HEADER);
    let key = KeySource::Header(&keys);
    match &request.body {
        Ok(body) => Order::parse(body, key),
        Err(not_base64) => Order::parse(b"", key).map_err(|mut invalid| {
            let about_body = invalid.violations.iter_mut().find(|violation| {
                violation.field.is_empty() && violation.code == ViolationCode::Malformed
            });
            if let Some(violation) = about_body {
                violation.message = not_base64.to_string();
            }
            invalid
        }),
    }
}

#[cfg(test)]
mod tests;
