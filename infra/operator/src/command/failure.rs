//! Why a command could not be carried out, and what to do about it.

use std::{io, path::PathBuf};

use aws::config::ConfigError;
use aws::failure::{CallError, Cause, Denial};
use doors::Refusal;
use local_cloud::CloudError;

/// What keeps a command from being carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The environment says too little.
    #[error(
        "where? set AWS's variables as --help shows, or give a directory with --data; `operator doctor` names all that is missing"
    )]
    Where(#[source] ConfigError),
    /// There is no state to look at.
    #[error("nothing is kept in {0}; `local serve --data {0}` keeps something there")]
    NothingKept(PathBuf),
    /// The directory is unusable, or somebody else's.
    #[error(
        "the local cloud's directory cannot be used; while it is served, use what `local serve` prints instead of --data"
    )]
    Cloud(#[from] CloudError),
    /// A service refused or did not answer.
    #[error("{what}: {error}{}", advice(error))]
    Call {
        /// What could not be done.
        what: &'static str,
        /// Why.
        error: CallError,
    },
    /// The parent could not be looked at.
    #[error("{}: {}", .0.code(), .0.detail())]
    Refused(Refusal),
    /// Which queue?
    #[error("which queue? give its URL with --queue-url or in {0}: the stack's output {1}")]
    NoQueue(&'static str, &'static str),
    /// It has no dead-letter queue.
    #[error("the queue {0} has no dead-letter queue; nothing can be redriven to it")]
    NoDeadLetters(String),
    /// The policy is not there.
    #[error("cannot read {path}; give a file with a policy, or - for standard input")]
    Unreadable {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The policy breaks rules.
    #[error("{path} is not a policy:{violations}")]
    NotAPolicy {
        /// As it was given.
        path: PathBuf,
        /// One a line.
        violations: String,
    },
    /// The caller is not there.
    #[error("cannot read {path}; give a file with a caller, or - for standard input")]
    UnreadableCaller {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The caller breaks rules.
    #[error("{path} is not a caller:{violations}")]
    NotACaller {
        /// As it was given.
        path: PathBuf,
        /// One a line.
        violations: String,
    },
    /// The functions would go by neither of the two.
    #[error(
        "caller {0} {1}; nothing is written. Choose another principal or prefix, or change the other caller first"
    )]
    CallerInTheWay(String, String),
    /// An answer of our own makes no sense.
    #[error("the look at the parent is not readable")]
    Unintelligible(#[from] serde_json::Error),
    /// The output is closed, or its disk is full.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

impl Failure {
    /// For `map_err`: what could not be done because a call failed.
    pub(crate) fn to(what: &'static str) -> impl FnOnce(CallError) -> Failure {
        move |error| Failure::Call { what, error }
    }

    /// Whether it only means that the reader of our output has seen enough, as in `operator list | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// What somebody may do about a failed call, on a line of its own.
fn advice(error: &CallError) -> String {
    let advice = match (error.denial(), error.cause) {
        (Some(Denial::Credentials), _) => EXPIRED,
        (Some(Denial::Permission), _) => {
            "your role may not do this; `operator doctor` names the permission that is missing"
        }
        (None, Cause::Throttled) => "AWS asks for fewer requests; try again in a minute",
        (None, Cause::Unavailable) => "try again; `operator doctor` tells what can be reached",
        (None, Cause::Misconfigured) => "`operator doctor` tells what is wrong",
    };
    format!("\n  {advice}")
}

/// What to do about credentials that AWS does not accept.
pub(crate) const EXPIRED: &str = "the credentials are not accepted, most often because they have expired: \
     eval \"$(aws configure export-credentials --profile NAME --format env)\"";
