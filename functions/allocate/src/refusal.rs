//! What a caller who waits for the answer is told when it is not a receipt.
//!
//! HTTP and direct invocation share it; a queue has nobody to tell.

use allocation::Answer;
use doors::Refusal;
use hosted_connection::{Code, Receipt};

/// The receipt and whether it is a replay, or else the refusal.
pub(crate) fn unless_allocated(answer: Answer) -> Result<(Receipt, bool), Refusal> {
    match answer {
        Answer::Allocated { receipt, replayed } => Ok((receipt, replayed)),
        Answer::Rejected(rejection) => Err(Refusal::from(rejection)),
        Answer::Transient {
            code,
            detail,
            retry_after_s,
        } => Err(Refusal::for_now(code, detail, retry_after_s)),
        Answer::Ambiguous {
            detail,
            retry_after_s,
        } => Err(Refusal::for_now(
            Code::OutcomeUnknown,
            detail,
            retry_after_s,
        )),
        // The detail is for the log: it may name tables, roles and errors of ours.
        Answer::Defect { detail: _ } => Err(Refusal::our_fault(
            "Asking again with the same idempotency key is safe.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use hosted_connection::Rejection;

    use super::*;

    fn refusal(answer: Answer) -> Refusal {
        unless_allocated(answer).unwrap_err()
    }

    #[test]
    fn what_may_still_change_says_when_to_ask_again() {
        for code in [Code::InProgress, Code::Throttled, Code::Unavailable] {
            let refusal = refusal(Answer::Transient {
                code,
                detail: "later".into(),
                retry_after_s: 7,
            });
            assert_eq!((refusal.code(), refusal.retry_after_s()), (code, Some(7)));
        }
        let refusal = refusal(Answer::Ambiguous {
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
        let refusal = refusal(Answer::Defect {
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
