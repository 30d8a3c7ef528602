//! What is told when a read failed.

use allocation::Failure;
use aws::failure::CallError;
use doors::Refusal;

/// A call that failed: asked again later it may work, or somebody has to mend something first.
pub(crate) fn of_call(error: CallError) -> Refusal {
    match Failure::from(error).later() {
        Ok(later) => Refusal::for_now(later.code, later.detail, later.retry_after_s),
        Err(detail) => defect(&detail),
    }
}

/// Our fault. The detail is for the log: it may name tables, roles and errors of ours.
pub(crate) fn defect(detail: &str) -> Refusal {
    tracing::error!("the question cannot be answered through our fault: {detail}");
    Refusal::our_fault("Nothing was changed.")
}
