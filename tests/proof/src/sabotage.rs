//! What a proof breaks to show what it is for: a safeguard of the function's own, or from outside, on the wire.

use aws::Safeguard;

/// One thing to do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sabotage {
    /// One of the function's own safeguards.
    Inside(Safeguard),
    /// Only the order's own parent is looked at: Direct Connect's lists of parents hold no other, and no LAG.
    OneParent,
    /// A refusal is final at once: after it nothing is shown on the VLAN, and all parents are available.
    RefusalFinal,
}

impl Sabotage {
    /// All that can be broken.
    pub const ALL: [Self; 10] = [
        Self::Inside(Safeguard::ALL[0]),
        Self::Inside(Safeguard::ALL[1]),
        Self::Inside(Safeguard::ALL[2]),
        Self::Inside(Safeguard::ALL[3]),
        Self::Inside(Safeguard::ALL[4]),
        Self::Inside(Safeguard::ALL[5]),
        Self::Inside(Safeguard::ALL[6]),
        Self::Inside(Safeguard::ALL[7]),
        Self::OneParent,
        Self::RefusalFinal,
    ];

    /// The function's own safeguard that is broken.
    pub(crate) fn inside(self) -> Option<Safeguard> {
        match self {
            Self::Inside(safeguard) => Some(safeguard),
            Self::OneParent | Self::RefusalFinal => None,
        }
    }
}
