//! Why AWS could not be asked how it behaves.

use std::io;
use std::path::PathBuf;

use conformance::{CleanupError, MadeError, Unfit, Wrong};
use hosted_connection::ParentConnection;

/// What keeps a run, or its end, from being carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Arguments are missing or wrong.
    #[error("the arguments are not usable; nothing was made:{}", listed(.0))]
    Arguments(Vec<Wrong>),
    /// The report could not be written.
    #[error("cannot write the report to {}", .path.display())]
    Report {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A run must not begin.
    #[error("nothing was made")]
    Unfit(#[source] Unfit),
    /// Nobody can be asked.
    #[error(
        "standard input is not a terminal, so nobody can be asked; nothing was made. Give --yes"
    )]
    NobodyToAsk,
    /// Whoever was asked did not want it.
    #[error("nothing was made")]
    Declined,
    /// What is made cannot be noted.
    #[error(transparent)]
    Made(#[from] MadeError),
    /// Nothing could be cleaned up.
    #[error(transparent)]
    Cleanup(#[from] CleanupError),
    /// Somebody has ended it at once.
    #[error(
        "ended at once; what was made may be left. Run `operator conformance --parent {parent} --cleanup --made {}`",
        .made.display()
    )]
    Ended {
        /// The file that notes it.
        made: PathBuf,
        /// Where it is.
        parent: ParentConnection,
    },
    /// Something could not be deleted.
    #[error("{0}")]
    Left(String),
    /// The probes could not be carried out.
    #[error("not carried out: {0}")]
    Halted(String),
}

fn listed(wrong: &[Wrong]) -> String {
    wrong.iter().map(|one| format!("\n  {one}")).collect()
}
