//! What can go wrong with the cloud itself, as opposed to what its services answer.

use std::path::PathBuf;

/// The cloud could not be set up, or was asked about something it does not have.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The SAM template does not hold a table that can be created from it.
    #[error("template: {0}")]
    Template(String),
    /// DynamoDB's engine refused: the table definition is wrong or its file is unusable.
    #[error("DynamoDB's engine refused: {0}")]
    Database(#[from] dynoxide::DynoxideError),
    /// The file that DynamoDB's engine keeps between runs is damaged, or no such file.
    #[error(
        "{path} is not readable as the local cloud's table: {reason}; delete {dir} to start afresh"
    )]
    Table {
        /// The file in question.
        path: PathBuf,
        /// The directory that it is in.
        dir: PathBuf,
        /// What the engine says.
        reason: String,
    },
    /// There is no state to look at.
    #[error("nothing is kept in {0}")]
    NothingKept(PathBuf),
    /// The state kept between runs could not be read or written.
    #[error("cannot open data directory {path}")]
    Data {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Two processes would undo each other's work.
    #[error(
        "data directory {0} is in use by another process; end that process first, or choose another directory"
    )]
    InUse(PathBuf),
    /// The state kept between runs is not what this version writes.
    #[error(
        "{path} is not readable as the local cloud's state; delete the directory to start afresh"
    )]
    State {
        /// The file in question.
        path: PathBuf,
        /// Where it stopped making sense.
        source: serde_json::Error,
    },
    /// There is no hosted connection with this id.
    #[error("no hosted connection {0}")]
    NoSuchConnection(String),
    /// Only a connection that is still `ordering` can be confirmed or declined.
    #[error("hosted connection {id} is {state}, not ordering")]
    NotOrdering {
        /// The connection.
        id: String,
        /// The state it is in.
        state: String,
    },
    /// Only a connection that its owner has confirmed can carry virtual interfaces.
    #[error("hosted connection {id} is {state}; virtual interfaces need a confirmed one")]
    NotAccepted {
        /// The connection.
        id: String,
        /// The state it is in.
        state: String,
    },
    /// There is no interconnect or LAG with this id.
    #[error("no interconnect or LAG {0}")]
    NoSuchParent(String),
    /// Only an interconnect can join a LAG.
    #[error("{0} is a LAG, not an interconnect")]
    NotAnInterconnect(String),
    /// Only a LAG can be joined.
    #[error("{0} is an interconnect, not a LAG")]
    NotALag(String),
    /// Only a member can leave a LAG.
    #[error("{0} is not a member of a LAG")]
    NotAMember(String),
    /// Two living hosted connections would share a VLAN.
    #[error("VLAN {vlan} has a living hosted connection on {parent}")]
    VlanTaken {
        /// The parent that was to take another connection.
        parent: String,
        /// The VLAN that both have.
        vlan: u16,
    },
    /// There is no queue with this name.
    #[error("no queue {0}")]
    NoSuchQueue(String),
    /// SQS refused the message.
    #[error("SQS refused: {0}")]
    Refused(String),
}
