//! Where an order stands.

/// Where an allocation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Somebody is about to call Direct Connect, is calling, or died doing so.
    Calling,
    /// A call may have taken effect; Direct Connect has to be looked at before anything else.
    Unresolved,
    /// Certainly not applied; may be tried again.
    Waiting,
    /// The connection exists. Final.
    Allocated,
    /// No, for good.
    Rejected,
    /// Direct Connect answered with a connection that was not asked for. A person has to look; never called again.
    Quarantined,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Calling,
        Self::Unresolved,
        Self::Waiting,
        Self::Allocated,
        Self::Rejected,
        Self::Quarantined,
    ];

    /// The state's name in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::Unresolved => "unresolved",
            Self::Waiting => "waiting",
            Self::Allocated => "allocated",
            Self::Rejected => "rejected",
            Self::Quarantined => "quarantined",
        }
    }

    /// What stands for it in an expression.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Calling => ":calling",
            Self::Unresolved => ":unresolved",
            Self::Waiting => ":waiting",
            Self::Allocated => ":allocated",
            Self::Rejected => ":rejected",
            Self::Quarantined => ":quarantined",
        }
    }
}
