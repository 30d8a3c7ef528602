//! What is told when a read failed.

use allocation::Failure;
use aws::failure::CallError;
use doors::Refusal;
use hosted_connection::InvalidRequest;

/// A call that failed: asked again later it may work, or somebody has to mend something first.
pub(crate) fn of_call(error: CallError) -> Refusal {
    not_now(Failure::from(error))
}

/// For whoever may see no order at all.
pub(crate) fn of_nobody(invalid: InvalidRequest) -> Refusal {
    Refusal::from(invalid.rejection())
}

/// There is no answer now.
pub(crate) fn not_now(failure: Failure) -> Refusal {
    match failure.later() {
        Ok(later) => Refusal::for_now(later.code, later.detail, later.retry_after_s),
        Err(detail) => defect(&detail),
    }
}

/// Our fault. The detail is for the log: it may name tables, roles and errors of ours.
pub(crate) fn defect(detail: &str) -> Refusal {
    tracing::error!("the question cannot be answered through our fault: {detail}");
    Refusal::our_fault("Nothing was changed.")
}
