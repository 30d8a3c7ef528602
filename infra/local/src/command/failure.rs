//! Why a command could not be carried out, and what to do about it.

use std::{io, net::SocketAddr, path::PathBuf};

use local_cloud::CloudError;

/// What keeps a command from being carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The event is not there.
    #[error(
        "cannot read {path}; give a file with a Lambda event, such as tests/events/sqs-one-order.json, or - for standard input"
    )]
    Unreadable {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The event is no JSON.
    #[error(
        "{path} is not JSON; an event is what Lambda hands to the function, see tests/events for one of each kind"
    )]
    NotJson {
        /// As it was given.
        path: PathBuf,
        /// Where it stops being JSON.
        source: serde_json::Error,
    },
    /// The functions do not start with these settings.
    #[error("the functions do not start; see the settings in --help")]
    Settings(#[from] aws::config::ConfigError),
    /// The table cannot be read or written.
    #[error("the table does not answer: {0}")]
    Ledger(String),
    /// The cloud does not start.
    #[error("the local cloud does not work")]
    Cloud(#[from] CloudError),
    /// There is no state to show.
    #[error(
        "nothing is kept in {0}; `local invoke EVENT --data {0}` or `local serve --data {0}` keeps something there"
    )]
    NothingKept(PathBuf),
    /// The address is not to be had.
    #[error(
        "cannot listen on {address}; choose another with --listen (port 0 takes any that is free)"
    )]
    Listen {
        /// As it was asked for.
        address: SocketAddr,
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

impl Failure {
    /// Whether it only means that the reader of our output has seen enough, as in `local show | head`.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
