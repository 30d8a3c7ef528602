//! Why a command could not be carried out, and what to do about it.

use std::borrow::Cow;
use std::{io, path::PathBuf};

use aws::config::ConfigError;
use aws::failure::{CallError, Cause, Denial};
use doors::Refusal;
use hosted_connection::ParentConnection;
use inspect::Unshown;
use local_cloud::CloudError;

use super::environment;

/// What keeps a command from being carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The environment says too little.
    #[error(
        "invalid configuration:{}\n  For a directory of the local cloud, give it with --data",
        environment::told(.0)
    )]
    Environment(Vec<ConfigError>),
    /// The traffic cannot be recorded.
    #[error(transparent)]
    Record(#[from] recording::RecorderError),
    /// There is no state to look at.
    #[error("nothing is kept in {0}; `local serve --data {0}` keeps its state there")]
    NothingKept(PathBuf),
    /// Somebody else has the directory.
    #[error(
        "data directory {0} is in use by another process. If `local serve` serves it, use the variables that it prints instead of --data; otherwise try again when that process has ended"
    )]
    InUse(PathBuf),
    /// The directory is unusable.
    #[error("cannot open data directory {0}")]
    Directory(PathBuf, #[source] CloudError),
    /// The page cannot be served there.
    #[error("cannot listen on {address}; another program may use it: choose another with --listen")]
    Listen {
        /// As it was given.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// Others could reach it.
    #[error(
        "{0} is not an address of this computer alone: whoever reaches the page acts with your credentials. If that is meant, \
         say the name that it is reached by with --allow-host"
    )]
    NotLoopback(std::net::SocketAddr),
    /// A service refused or did not answer.
    #[error("{what}: {error}{}", advice(error))]
    Call {
        /// What could not be done.
        what: Cow<'static, str>,
        /// Why.
        error: CallError,
    },
    /// The parent could not be looked at.
    #[error("{}: {}", .0.code(), .0.detail())]
    Refused(Refusal),
    /// Which queue?
    #[error(
        "the queue's URL is missing; give it with --queue-url or in {0} (the stack's output {1})"
    )]
    NoQueue(&'static str, &'static str),
    /// It has no dead-letter queue.
    #[error("the queue {0} has no dead-letter queue, so there is nothing to redrive")]
    NoDeadLetters(String),
    /// The policy is not there.
    #[error("cannot read the policy from {}; give a file, or - for standard input", terminal::name_of(.path))]
    Unreadable {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The policy breaks rules.
    #[error("{} is not a policy:{violations}", terminal::name_of(.path))]
    NotAPolicy {
        /// As it was given.
        path: PathBuf,
        /// One a line.
        violations: String,
    },
    /// The caller is not there.
    #[error("cannot read the caller from {}; give a file, or - for standard input", terminal::name_of(.path))]
    UnreadableCaller {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The caller breaks rules.
    #[error("{} is not a caller:{violations}", terminal::name_of(.path))]
    NotACaller {
        /// As it was given.
        path: PathBuf,
        /// One a line.
        violations: String,
    },
    /// The list is not there.
    #[error("cannot read the list from {}; give a file, or - for standard input", terminal::name_of(.path))]
    UnreadableList {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The list has lines that cannot be understood.
    #[error("{} has lines that cannot be understood; nothing was done:{}", terminal::name_of(.path), lines(.faults))]
    NotAList {
        /// As it was given.
        path: PathBuf,
        /// What is wrong, line by line.
        faults: Vec<adoption::Fault>,
    },
    /// The parent's connections cannot be looked at.
    #[error("Direct Connect does not show the connections of {parent}: {message}")]
    ParentNotShown {
        /// As it was given.
        parent: ParentConnection,
        /// Direct Connect's own words.
        message: String,
    },
    /// The functions would go by neither of the two.
    #[error(
        "caller {0} {1}; nothing is written. Choose another principal or prefix, or change the other caller first"
    )]
    CallerInTheWay(String, String),
    /// There is no such parent.
    #[error(
        "Direct Connect shows no interconnect or LAG {parent} in this account and region{}",
        known(.others)
    )]
    NoParent {
        /// As it was given.
        parent: ParentConnection,
        /// Those that there are.
        others: Vec<ParentConnection>,
    },
    /// What was read of a parent cannot be understood.
    #[error("what was read of the parent cannot be understood")]
    Unintelligible(#[from] serde_json::Error),
    /// AWS could not be asked how it behaves.
    #[error(transparent)]
    Conformance(#[from] super::conformance::Trouble),
    /// The output is closed, or its disk is full.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

impl Failure {
    /// For `map_err`: what could not be done because a call failed.
    pub(crate) fn to(what: impl Into<Cow<'static, str>>) -> impl FnOnce(CallError) -> Failure {
        let what = what.into();
        move |error| Failure::Call { what, error }
    }

    /// For `map_err`: the parent could not be looked at.
    pub(crate) fn to_look_at(parent: &ParentConnection) -> impl FnOnce(Unshown) -> Failure {
        move |unshown| match unshown {
            Unshown::Failed(error) => Self::to(format!("{parent} cannot be looked at"))(error),
            Unshown::Refused(refusal) => Self::Refused(refusal),
        }
    }

    /// Whether it only means that the reader of our output has seen enough, as in `operator list | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

/// What to do where Direct Connect is played from a recording that lacks a call.
const NOT_RECORDED: &str = "Direct Connect's answers come from a recording (`local serve --replay`), which does not have this one. \
    Record the same command with `operator --record FILE`, and play that; or name only parents that `local serve` says are in the file";

/// What somebody may do about a failed call, on a line of its own.
fn advice(error: &CallError) -> String {
    if error.code() == recording::NOT_IN_THE_RECORDING {
        return format!("\n  {NOT_RECORDED}");
    }
    let advice = match (error.denial(), error.cause) {
        (Some(Denial::Credentials), _) => expired(),
        (Some(Denial::Permission), _) => {
            "your role may not do this; `operator doctor` names the missing permission".to_owned()
        }
        (None, Cause::Throttled) => "AWS asks for fewer requests; try again in a minute".to_owned(),
        (None, Cause::Unavailable) => {
            "try again; `operator doctor` shows what can be reached".to_owned()
        }
        (None, Cause::Misconfigured) => "`operator doctor` shows what is wrong".to_owned(),
    };
    format!("\n  {advice}")
}

/// What to do about credentials that AWS does not accept.
pub(crate) fn expired() -> String {
    let export = environment::export_credentials();
    format!("AWS does not accept the credentials; most often they have expired: {export}")
}

fn lines(faults: &[adoption::Fault]) -> String {
    let line = |fault: &adoption::Fault| format!("\n  line {}: {}", fault.line, fault.problem);
    faults.iter().map(line).collect()
}

fn known(parents: &[ParentConnection]) -> String {
    if parents.is_empty() {
        return "; it shows none at all".to_owned();
    }
    let parents: Vec<_> = parents.iter().map(ParentConnection::as_str).collect();
    format!("; there are {}", parents.join(", "))
}
