//! The direct door: the event is the order, the answer is the receipt.
//!
//! Whatever is no receipt fails the invocation, with the problem's code as error type and the problem as message, so
//! that a caller such as Step Functions can match on it.

use allocation::{Allocator, Deadline};
use doors::failed;
use hosted_connection::{KeySource, Order, Origin, Receipt};
use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;

use crate::single;

/// Answers one order.
///
/// # Errors
/// The problem.
pub(crate) async fn handle(
    allocator: &Allocator,
    event: &RawValue,
    request_id: &str,
    deadline: Deadline,
) -> Result<Receipt, Diagnostic> {
    let order = Order::parse(event.get().as_bytes(), KeySource::Body);
    let origin = Origin::Direct {
        request_id: request_id.into(),
    };
    match single::place(allocator, order, origin, deadline).await {
        Ok((receipt, _replayed)) => Ok(receipt),
        Err(refusal) => Err(failed::problem(&refusal.into_problem(request_id))),
    }
}
