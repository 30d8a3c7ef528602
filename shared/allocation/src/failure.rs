//! The answers that are not final, and which failure leads to which.

use aws::failure::{CallError, Cause};
use hosted_connection::Code;

use crate::Answer;

/// Why there is no final answer yet.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Certainly not applied; may be tried again.
    Transient {
        /// `InProgress`, `Throttled` or `Unavailable`.
        code: Code,
        /// For the caller.
        detail: String,
        /// When asking again may help.
        retry_after_s: u64,
    },
    /// May be applied; has to be looked at before it is tried again.
    Ambiguous {
        /// For the caller.
        detail: String,
        /// When asking again may help.
        retry_after_s: u64,
    },
    /// Ours to mend.
    Defect {
        /// For logs only.
        detail: String,
    },
}

/// Not now: what a caller is told who may ask again.
#[derive(Debug)]
pub struct Later {
    /// `InProgress`, `Throttled`, `Unavailable` or `OutcomeUnknown`.
    pub code: Code,
    /// For the caller.
    pub detail: String,
    /// When asking again may help.
    pub retry_after_s: u64,
}

/// Seconds after which a dependency that failed may be back.
const RETRY_AFTER_S: u64 = 5;

/// Seconds after which a parent may have ended a change.
const TRANSITION_S: u64 = 60;

impl Failure {
    /// Another attempt is at the same key until `until_ms`.
    #[must_use]
    pub fn in_progress(until_ms: u64, now_ms: u64) -> Self {
        let detail = "The same idempotency key is being worked on right now.".to_owned();
        Self::Transient {
            code: Code::InProgress,
            detail,
            retry_after_s: seconds_until(until_ms, now_ms),
        }
    }

    /// The invocation's time is too short to start, or to go on.
    #[must_use]
    pub fn no_time() -> Self {
        let detail = "There is not enough time left in this invocation.".to_owned();
        Self::Transient {
            code: Code::Unavailable,
            detail,
            retry_after_s: 1,
        }
    }

    /// The parent, or the LAG that it is a member of, is being changed: what it refuses now it may take later.
    #[must_use]
    pub fn parent_in_transition() -> Self {
        let detail = "The interconnect or LAG is being changed and takes no orders now.".to_owned();
        Self::Transient {
            code: Code::Unavailable,
            detail,
            retry_after_s: TRANSITION_S,
        }
    }

    /// AWS asks for fewer requests.
    #[must_use]
    pub fn throttled() -> Self {
        Self::Transient {
            code: Code::Throttled,
            detail: "AWS asks for fewer requests.".into(),
            retry_after_s: RETRY_AFTER_S,
        }
    }

    /// The outcome is recorded, but its event could not be published.
    #[must_use]
    pub fn not_published() -> Self {
        let detail = "The outcome is recorded but not published yet.".to_owned();
        Self::Transient {
            code: Code::Unavailable,
            detail,
            retry_after_s: RETRY_AFTER_S,
        }
    }

    /// What to tell a caller who waits.
    ///
    /// # Errors
    /// A defect, with its detail, which is for the log: it may name tables, roles and errors of ours.
    pub fn later(self) -> Result<Later, String> {
        match self {
            Self::Transient {
                code,
                detail,
                retry_after_s,
            } => Ok(Later {
                code,
                detail,
                retry_after_s,
            }),
            Self::Ambiguous {
                detail,
                retry_after_s,
            } => Ok(Later {
                code: Code::OutcomeUnknown,
                detail,
                retry_after_s,
            }),
            Self::Defect { detail } => Err(detail),
        }
    }

    /// A call may have taken effect.
    #[must_use]
    pub fn unknown(retry_after_s: u64) -> Self {
        let detail =
            "Whether Direct Connect has allocated the connection is not known yet.".to_owned();
        Self::Ambiguous {
            detail,
            retry_after_s,
        }
    }
}

/// Failed calls that cannot have allocated anything.
impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        tracing::warn!(error = %error, "a call on AWS failed");
        match error.cause {
            Cause::Throttled => Self::throttled(),
            Cause::Unavailable => Self::Transient {
                code: Code::Unavailable,
                detail: "A service that this one depends on cannot be reached.".into(),
                retry_after_s: RETRY_AFTER_S,
            },
            Cause::Misconfigured => Self::Defect {
                detail: error.to_string(),
            },
        }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Whole seconds from `now_ms` to `until_ms`, at least one.
pub(crate) fn seconds_until(until_ms: u64, now_ms: u64) -> u64 {
    until_ms.saturating_sub(now_ms).div_ceil(1000).max(1)
}
