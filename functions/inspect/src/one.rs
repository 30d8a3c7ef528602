//! `GET /allocations/{key}`.

use doors::Refusal;
use hosted_connection::{Code, IdempotencyKey};
use ledger::Services;

use crate::allocation::Allocation;
use crate::answer::Body;
use crate::refusal;

/// The allocation of `key` with its history.
///
/// # Errors
/// 404 when there is none, or its retention is over.
pub(crate) async fn read(aws: &Services, key: &IdempotencyKey) -> Result<Body, Refusal> {
    match aws.ledger.record(key).await.map_err(refusal::of_call)? {
        Some(record) => Body::of(&Allocation::whole(&record)),
        None => Err(Refusal::plain(
            Code::NotFound,
            "There is no order with this idempotency key.",
        )),
    }
}
