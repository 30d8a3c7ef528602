//! The direct door: the event is the order, the answer is the receipt.
//!
//! Whatever is no receipt fails the invocation, with the problem's code as error type and the problem as message, so
//! that a caller such as Step Functions can match on it.

use allocation::{Allocator, Deadline, Failure};
use doors::envelope::Members;
use doors::failed;
use hosted_connection::{CorrelationId, KeySource, Origin, Permit, Receipt};
use lambda_runtime::{Context, Diagnostic};
use serde_json::value::RawValue;

use crate::single;

/// The member of the client context's `custom` that may hold the caller's correlation id.
const CORRELATION: &str = "correlationId";

/// Any of them makes an object an order.
const ORDER: [&str; 3] = ["connectionId", "placement", "idempotencyKey"];

/// Whether an object is an order: it has a member that nothing but an order has.
pub(crate) fn is_order(members: &Members<'_>) -> bool {
    ORDER.iter().any(|name| members.get(name).is_some())
}

/// Answers one order.
///
/// # Errors
/// The problem.
pub(crate) async fn handle(
    allocator: &Allocator,
    permit: Result<Permit, Failure>,
    event: &RawValue,
    context: &Context,
) -> Result<Receipt, Diagnostic> {
    let order = permit.map(|permit| permit.order(event.get().as_bytes(), KeySource::Body));
    let origin = Origin::Direct {
        request_id: context.request_id.clone(),
        correlation_id: correlation_id(context),
    };
    let deadline = Deadline::at_ms(context.deadline);
    match single::place(allocator, order, origin, deadline).await {
        Ok((receipt, _replayed)) => Ok(receipt),
        Err(refusal) => Err(failed::problem(&refusal.into_problem(&context.request_id))),
    }
}

/// The event is the order and takes nothing else, so it is in the client context that Lambda hands through.
fn correlation_id(context: &Context) -> Option<CorrelationId> {
    let custom = &context.client_context.as_ref()?.custom;
    CorrelationId::parse(custom.get(CORRELATION)?)
}
