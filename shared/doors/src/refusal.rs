//! What a caller who waits for the answer is told when there is none to give.
//!
//! HTTP and direct invocation share it; a queue has nobody to tell.

use hosted_connection::{Candidate, Code, Problem, Rejection, Violation};

/// A no, final or for now.
#[derive(Debug, Clone)]
pub struct Refusal {
    code: Code,
    detail: String,
    violations: Vec<Violation>,
    /// The parents that could not take an order by place.
    candidates: Vec<Candidate>,
    /// When asking again makes sense; `None` when it does not.
    retry_after_s: Option<u64>,
    /// The methods of the route, for a method that it has not.
    allow: Option<&'static str>,
}

impl Refusal {
    /// A final no with nothing to point at.
    pub fn plain(code: Code, detail: impl Into<String>) -> Refusal {
        Refusal {
            code,
            detail: detail.into(),
            violations: Vec::new(),
            candidates: Vec::new(),
            retry_after_s: None,
            allow: None,
        }
    }

    /// A no for now: asking again makes sense in `retry_after_s` seconds.
    pub fn for_now(code: Code, detail: impl Into<String>, retry_after_s: u64) -> Refusal {
        Refusal {
            retry_after_s: Some(retry_after_s),
            ..Refusal::plain(code, detail)
        }
    }

    /// A no to a request that breaks these rules.
    pub fn invalid(code: Code, detail: impl Into<String>, violations: Vec<Violation>) -> Refusal {
        Refusal {
            violations,
            ..Refusal::plain(code, detail)
        }
    }

    /// A no to a method: `allow` names those that `route` takes, as the header `Allow` lists them.
    pub fn method(route: &str, allow: &'static str) -> Refusal {
        Refusal {
            allow: Some(allow),
            ..Refusal::plain(
                Code::MethodNotAllowed,
                format!("{route} takes {allow}, and no other method."),
            )
        }
    }

    /// A no that is our fault. What is to be mended is for the log: it may name tables, roles and errors of ours.
    pub fn our_fault(advice: &str) -> Refusal {
        let detail = format!("Something failed on our side and has been reported. {advice}");
        Refusal::plain(Code::Internal, detail)
    }

    /// What kind of no it is.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The reason, for the caller's eyes.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// When asking again makes sense, in seconds; `None` when it does not.
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// The methods of the route, when it is the method that is refused.
    pub fn allow(&self) -> Option<&'static str> {
        self.allow
    }

    /// The problem document, for the request of this id.
    pub fn into_problem(self, request_id: &str) -> Problem {
        Problem::new(self.code, self.detail, request_id)
            .with_violations(self.violations)
            .with_candidates(self.candidates)
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Refusal {
        let Rejection {
            code,
            message,
            violations,
            candidates,
        } = rejection;
        Refusal {
            candidates,
            ..Refusal::invalid(code, message, violations)
        }
    }
}
