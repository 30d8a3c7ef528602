//! What a caller who waits for the answer is told when it is not a receipt.
//!
//! HTTP and direct invocation share it; a queue has nobody to tell.

use allocation::{Answer, Failure};
use doors::Refusal;
use hosted_connection::Receipt;

/// The receipt and whether it is a replay, or else the refusal.
pub(crate) fn unless_allocated(answer: Answer) -> Result<(Receipt, bool), Refusal> {
    match answer {
        Answer::Allocated { receipt, replayed } => Ok((receipt, replayed)),
        Answer::Rejected(rejection) => Err(Refusal::from(rejection)),
        Answer::Failed(failure) => Err(not_now(failure)),
    }
}

/// There is no final answer yet.
pub(crate) fn not_now(failure: Failure) -> Refusal {
    match failure.later() {
        Ok(later) => Refusal::for_now(later.code, later.detail, later.retry_after_s),
        Err(_) => Refusal::our_fault("Asking again with the same idempotency key is safe."),
    }
}

#[cfg(test)]
mod tests {
    use hosted_connection::{Code, Rejection};

    use super::*;

    fn refusal(answer: impl Into<Answer>) -> Refusal {
        unless_allocated(answer.into()).unwrap_err()
    }

    #[test]
    fn what_may_still_change_says_when_to_ask_again() {
        for code in [Code::InProgress, Code::Throttled, Code::Unavailable] {
            let refusal = refusal(Failure::Transient {
                code,
                detail: "later".into(),
                retry_after_s: 7,
            });
            assert_eq!((refusal.code(), refusal.retry_after_s()), (code, Some(7)));
        }
        let refusal = refusal(Failure::Ambiguous {
            detail: "later".into(),
            retry_after_s: 30,
        });
        assert_eq!(
            (refusal.code(), refusal.retry_after_s()),
            (Code::OutcomeUnknown, Some(30))
        );
    }

    #[test]
    fn a_rejection_is_told_as_it_is_recorded() {
        let refusal = refusal(Answer::Rejected(Rejection::new(Code::VlanInUse, "taken")));
        assert_eq!(
            (refusal.code(), refusal.detail(), refusal.retry_after_s()),
            (Code::VlanInUse, "taken", None)
        );
    }

    #[test]
    fn a_defect_shows_no_internals() {
        let refusal = refusal(Failure::Defect {
            detail: "AccessDenied on table allocations".into(),
        });
        assert_eq!(refusal.code(), Code::Internal);
        let problem = serde_json::to_string(&refusal.into_problem("r-1")).unwrap();
        assert!(
            !problem.contains("table") && !problem.contains("AccessDenied"),
            "{problem}"
        );
    }
}
