//! Where an order stands, in words for its caller.

use serde::{Serialize, Serializer};

use crate::{ReceiptStatus, Violation, ViolationCode};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderStatus {
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

impl OrderStatus {
    /// Every status, the final ones first.
    pub const ALL: [Self; 8] = [
        Self::Allocated,
        Self::Rejected,
        Self::InProgress,
        Self::Unresolved,
        Self::Waiting,
        Self::Quarantined,
        Self::Releasing,
        Self::Released,
    ];

    /// Reads the parameter `state`.
    ///
    /// # Errors
    /// The text is none of the words.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let status = Self::ALL.into_iter().find(|status| status.as_str() == text);
        status.ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            let message = format!("must be one of {words}");
            Violation::new("/state", ViolationCode::Malformed, message)
        })
    }

    /// The status as it is written: `inProgress`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "inProgress",
            Self::Unresolved => "unresolved",
            Self::Waiting => "waiting",
            Self::Allocated => ReceiptStatus::Allocated.as_str(),
            Self::Rejected => "rejected",
            Self::Quarantined => "quarantined",
            Self::Releasing => ReceiptStatus::Releasing.as_str(),
            Self::Released => ReceiptStatus::Released.as_str(),
        }
    }
}

impl From<ReceiptStatus> for OrderStatus {
    fn from(status: ReceiptStatus) -> Self {
        match status {
            ReceiptStatus::Allocated => Self::Allocated,
            ReceiptStatus::Releasing => Self::Releasing,
            ReceiptStatus::Released => Self::Released,
        }
    }
}

impl Serialize for OrderStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
