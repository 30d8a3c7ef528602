//! The safeguards that the guarantees rest on, by name, so that the proof can show what each of them is for: built with
//! the feature `sabotage`, one of them can be broken, and the exploration has to find out.
//!
//! Without that feature, which the deployed function never has, all of them hold and the question costs nothing.

/// Something that the flow does for safety only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safeguard {
    /// Every write of an attempt is conditional on its token.
    Fencing,
    /// AllocateHostedConnection is sent once; the SDK must not repeat it.
    SingleSend,
    /// Only what Direct Connect says after looking at the request is final, not every 4xx.
    Classification,
    /// A call that may still land is not made again before the settle time.
    SettleTime,
    /// A call that may have taken effect is only repeated with the same VLAN.
    SameVlan,
    /// The outcome is recorded before its event goes out, and every replay sends what is not out.
    RecordBeforePublish,
    /// A parent's connections are read to the last page.
    AllPages,
    /// The record of a living connection never expires.
    Retention,
}

impl Safeguard {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Fencing,
        Self::SingleSend,
        Self::Classification,
        Self::SettleTime,
        Self::SameVlan,
        Self::RecordBeforePublish,
        Self::AllPages,
        Self::Retention,
    ];

    /// Whether it holds, which is always, but for the one that a proof has broken.
    #[cfg(feature = "sabotage")]
    #[must_use]
    pub fn holds(self, broken: Option<Self>) -> bool {
        broken != Some(self)
    }

    /// Whether it holds, which is always.
    #[cfg(not(feature = "sabotage"))]
    #[must_use]
    pub fn holds(self, _broken: Option<Self>) -> bool {
        true
    }
}
