//! Where an order stands, in words for its caller.

use aws::ledger::{Record, State};
use hosted_connection::{ReceiptStatus, Violation, ViolationCode};
use serde::{Serialize, Serializer};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Somebody is at it right now, or was and died.
    InProgress,
    /// Whether a call took effect is being found out.
    Unresolved,
    /// Certainly not applied yet; it is tried again.
    Waiting,
    /// Its connection exists, or did and ended in a way of its own.
    Allocated,
    /// No, for good.
    Rejected,
    /// Direct Connect answered with something else than was asked for; a person has to look.
    Quarantined,
    /// Its release was asked for; Direct Connect still shows the connection.
    Releasing,
    /// Released.
    Released,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 8] = [
        Status::Allocated,
        Status::Rejected,
        Status::InProgress,
        Status::Unresolved,
        Status::Waiting,
        Status::Quarantined,
        Status::Releasing,
        Status::Released,
    ];

    /// The status of a record.
    #[must_use]
    pub fn of(record: &Record) -> Status {
        match record.state {
            State::Calling => Status::InProgress,
            State::Unresolved => Status::Unresolved,
            State::Waiting => Status::Waiting,
            State::Rejected => Status::Rejected,
            State::Quarantined => Status::Quarantined,
            State::Allocated => match allocation::status(&record.lifecycle) {
                ReceiptStatus::Allocated => Status::Allocated,
                ReceiptStatus::Releasing => Status::Releasing,
                ReceiptStatus::Released => Status::Released,
            },
        }
    }

    /// Reads the parameter `state`.
    ///
    /// # Errors
    /// The text is none of the words.
    pub fn parse(text: &str) -> Result<Status, Violation> {
        let status = Status::ALL
            .into_iter()
            .find(|status| status.as_str() == text);
        status.ok_or_else(|| {
            let words = Status::ALL.map(Status::as_str).join(", ");
            let message = format!("must be one of {words}");
            Violation::new("/state", ViolationCode::Malformed, message)
        })
    }

    /// The word that answers and questions have for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::InProgress => "inProgress",
            Status::Unresolved => "unresolved",
            Status::Waiting => "waiting",
            Status::Allocated => "allocated",
            Status::Rejected => "rejected",
            Status::Quarantined => "quarantined",
            Status::Releasing => "releasing",
            Status::Released => "released",
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
