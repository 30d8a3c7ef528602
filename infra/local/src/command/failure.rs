//! Why a command could not be carried out, and what to do about it.

use std::{io, path::PathBuf};

use local_cloud::CloudError;

/// What keeps a command from being carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The event's file cannot be read.
    #[error(
        "cannot read {path}; name a file with a Lambda event, such as tests/events/sqs-one-order.json, or - for standard input"
    )]
    Unreadable {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The event is no JSON.
    #[error("{file} is not JSON; tests/events has an example of each kind of event")]
    NotJson {
        /// The file, or standard input.
        file: String,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// The report of measurements cannot be read.
    #[error(
        "cannot read {path}; --profile wants the file that `operator conformance --report FILE` writes"
    )]
    Profile {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no report of measurements.
    #[error("cannot take a profile from {path}: {problem}")]
    NotAReport {
        /// As it was given.
        path: PathBuf,
        /// What is wrong, and how to get a report.
        problem: String,
    },
    /// The traffic cannot be recorded.
    #[error(transparent)]
    Record(#[from] recording::RecorderError),
    /// The recording cannot be played.
    #[error("cannot replay {path}: {problem}")]
    Recording {
        /// As it was given.
        path: PathBuf,
        /// What is wrong with it.
        problem: recording::ReadError,
    },
    /// A switch of the local cloud cannot be set like that.
    #[error(transparent)]
    Switch(#[from] local_cloud::SwitchError),
    /// The functions do not start with these settings.
    #[error("invalid configuration: {0}; --help lists the options for it")]
    Settings(aws::config::ConfigError),
    /// The table cannot be read or written.
    #[error("the table does not answer: {0}")]
    Ledger(String),
    /// There is no state to show.
    #[error(
        "nothing is kept in {0}; `local invoke EVENT --data {0}` or `local serve --data {0}` keeps something there"
    )]
    NothingKept(PathBuf),
    /// The cloud does not start, or its state cannot be kept.
    #[error(transparent)]
    Cloud(CloudError),
    /// The address is in use, or not this computer's.
    #[error(
        "cannot listen on {address}; choose another address with --listen (port 0 is any free port)"
    )]
    Listen {
        /// As it was asked for.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The listener stopped working.
    #[error("the listener failed")]
    Served(#[source] io::Error),
    /// The output is closed, or its disk is full.
    #[error("cannot write the output")]
    Output(#[from] io::Error),
}

impl From<aws::config::ConfigError> for Failure {
    fn from(error: aws::config::ConfigError) -> Self {
        Self::Settings(error)
    }
}

impl From<CloudError> for Failure {
    fn from(error: CloudError) -> Self {
        match error {
            CloudError::NothingKept(path) => Self::NothingKept(path),
            other => Self::Cloud(other),
        }
    }
}

impl Failure {
    /// Whether it only means that the reader of our output has seen enough, as in `local show | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
