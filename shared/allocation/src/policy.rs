//! What a parent's policy says to an order.

use hosted_connection::{AllocationRequest, Code, Rejection};
use ledger::PolicyState;

/// Why the parent's policy does not allow the order; none when it does.
pub(crate) fn rejection(request: &AllocationRequest, state: &PolicyState) -> Option<Rejection> {
    let violations = state.policy.violations(request);
    if !violations.is_empty() {
        return Some(Rejection {
            violations,
            ..Rejection::new(
                Code::InvalidRequest,
                "The policy of this parent does not allow the order.",
            )
        });
    }
    let asked_mbps = request.bandwidth.mbps();
    let free_mbps = state.free_mbps?;
    (free_mbps < i64::from(asked_mbps)).then(|| {
        let free_mbps = u64::try_from(free_mbps).unwrap_or_default();
        Rejection::capacity_exceeded(asked_mbps, free_mbps)
    })
}
