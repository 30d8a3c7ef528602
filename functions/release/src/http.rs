//! The HTTP door: `DELETE /allocations/{key}`.

use allocation::{Deadline, Failure};
use doors::Refusal;
use doors::http::{Request, Response};
use hosted_connection::{Code, CorrelationId, IdempotencyKey, Origin, Permit};
use lifecycle::{Release, ReleaseAnswer, Releaser};

use crate::decision;

const ROUTE: &str = "/allocations/";
const METHOD: &str = "DELETE";

/// Answers one request; always, whatever is wrong with it.
pub(crate) async fn handle(
    releaser: &Releaser,
    permit: Result<Permit, Failure>,
    request: &Request<'_>,
    request_id: &str,
    deadline: Deadline,
) -> Response {
    let origin = request.origin(request_id);
    let key = match key(request) {
        Ok(key) => key,
        Err(refusal) => return refused(refusal, &origin, request_id),
    };
    let visible = match permit.map(|permit| permit.visible(&key)) {
        Ok(Ok(visible)) => visible,
        Ok(Err(nobody)) => return refused(Refusal::from(nobody.rejection()), &origin, request_id),
        Err(failure) => {
            let answer = ReleaseAnswer::Failed(failure);
            decision::decided(Some(&key), &origin, &answer, releaser.meter());
            return response(answer, request_id).not_to_be_stored();
        }
    };
    let release = Release {
        key: visible,
        origin,
    };
    let answer = releaser.release(&release, deadline).await;
    decision::decided(Some(&key), &release.origin, &answer, releaser.meter());
    response(answer, request_id).not_to_be_stored()
}

/// There is nothing to be released here, or nobody who may.
fn refused(refusal: Refusal, origin: &Origin, request_id: &str) -> Response {
    tracing::info!(
        allocation.origin_id = request_id,
        correlation.id = origin.correlation_id().map(CorrelationId::as_str),
        allocation.decision = refusal.code().as_str(),
        "the request is refused"
    );
    Response::refused(refusal, request_id).not_to_be_stored()
}

/// The key in the path. What cannot be a key names no allocation.
fn key(request: &Request<'_>) -> Result<IdempotencyKey, Refusal> {
    let nothing_here = |detail: &str| Refusal::plain(Code::NotFound, detail);
    let Some(key) = request.below(ROUTE) else {
        return Err(nothing_here(
            "There is nothing here but DELETE /allocations/{key}.",
        ));
    };
    if request.method != METHOD {
        return Err(Refusal::method("/allocations/{key}", METHOD));
    }
    IdempotencyKey::parse(&key).map_err(|_| nothing_here("There is no such allocation."))
}

fn response(answer: ReleaseAnswer, request_id: &str) -> Response {
    match answer {
        ReleaseAnswer::Released { receipt, replayed } => {
            Response::json(200, receipt.to_json()).replayed(replayed)
        }
        ReleaseAnswer::Releasing {
            receipt,
            retry_after_s,
        } => Response::json(202, receipt.to_json()).retry_after(retry_after_s),
        ReleaseAnswer::Refused(rejection) => {
            Response::refused(Refusal::from(rejection), request_id)
        }
        ReleaseAnswer::Failed(failure) => Response::refused(not_now(failure), request_id),
    }
}

fn not_now(failure: Failure) -> Refusal {
    match failure.later() {
        Ok(later) => Refusal::for_now(later.code, later.detail, later.retry_after_s),
        Err(_) => Refusal::our_fault("Asking again is safe."),
    }
}
