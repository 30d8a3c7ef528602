//! What comes between an order by place and its end, and in which worlds.

use super::OTHER;
use crate::manner::Manner;
use crate::scenario::KEY;

/// What comes between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Between {
    /// Nothing.
    Nothing,
    /// The order is delivered once more.
    SameKey,
    /// Another order by place.
    Rival,
    /// An order that names the best candidate, and fills it up.
    FillsUp,
    /// The best candidate is deleted.
    Vanishes,
    /// The policy of the best candidate is changed: the order is not allowed any more.
    Closes,
    /// The order's VLAN is in use by hand on the best candidate, and has been before.
    Taken,
    /// The order's VLAN is used by hand on the best candidate meanwhile.
    TakenMeanwhile,
    /// The port of the best candidate is full, with connections made by hand that the table knows nothing of.
    Full,
    /// The same, and the order is delivered once more.
    FullSameKey,
    /// The port of the best candidate is filled up by hand meanwhile.
    FilledMeanwhile,
    /// A second order that is to be kept apart from the first.
    Apart,
    /// An order that is to be kept apart from the second, which comes meanwhile.
    ApartFirst,
}

pub(super) const BETWEEN: [(Between, &str); 13] = [
    (Between::Nothing, "nothing"),
    (Between::SameKey, "same-key"),
    (Between::Rival, "rival"),
    (Between::FillsUp, "fills-up"),
    (Between::Vanishes, "vanishes"),
    (Between::Closes, "closes"),
    (Between::Taken, "taken"),
    (Between::TakenMeanwhile, "taken-meanwhile"),
    (Between::Full, "full"),
    (Between::FullSameKey, "full-same-key"),
    (Between::FilledMeanwhile, "filled-meanwhile"),
    (Between::Apart, "apart"),
    (Between::ApartFirst, "apart-first"),
];

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Nothing,
    Order(Ordered),
    Vanish,
    Close,
    UseByHand,
    FillByHand,
}

/// An order of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ordered {
    pub(super) key: &'static str,
    /// The key of the order that it is to be kept apart from.
    pub(super) apart: Option<&'static str>,
    /// Whether it names the best candidate.
    pub(super) names: bool,
}

impl Ordered {
    const fn by_place(key: &'static str) -> Self {
        Self {
            key,
            apart: None,
            names: false,
        }
    }

    const fn apart(key: &'static str, other: &'static str) -> Self {
        Self {
            apart: Some(other),
            ..Self::by_place(key)
        }
    }
}

impl Between {
    /// What the first and the second do.
    pub(super) fn acts(self) -> (Act, Act) {
        let first = Act::Order(Ordered::by_place(KEY));
        match self {
            Self::Nothing | Self::Taken | Self::Full => (first, Act::Nothing),
            Self::SameKey | Self::FullSameKey => (first, first),
            Self::Rival => (first, Act::Order(Ordered::by_place(OTHER))),
            Self::FillsUp => (
                first,
                Act::Order(Ordered {
                    names: true,
                    ..Ordered::by_place(OTHER)
                }),
            ),
            Self::Vanishes => (first, Act::Vanish),
            Self::Closes => (first, Act::Close),
            Self::TakenMeanwhile => (first, Act::UseByHand),
            Self::FilledMeanwhile => (first, Act::FillByHand),
            Self::Apart => (first, Act::Order(Ordered::apart(OTHER, KEY))),
            Self::ApartFirst => (Act::Order(Ordered::apart(OTHER, KEY)), first),
        }
    }

    /// With or without policies, and with a VLAN given or left to us.
    pub(super) fn worlds(self) -> &'static [(bool, bool)] {
        match self {
            Self::Nothing => &[(false, false), (false, true), (true, false), (true, true)],
            Self::SameKey | Self::Vanishes => &[(false, true), (true, false)],
            Self::Rival => &[(false, false), (true, false), (true, true)],
            Self::FillsUp | Self::Closes => &[(true, false), (true, true)],
            Self::Taken | Self::TakenMeanwhile => &[(false, false), (true, false)],
            // Without a policy, what is looked at is seen to be full; with a given VLAN, only leases are read.
            Self::Full => &[(true, true), (true, false), (false, false)],
            Self::FullSameKey => &[(true, true), (true, false)],
            Self::FilledMeanwhile => &[(true, false), (false, true)],
            Self::Apart | Self::ApartFirst => &[(false, true)],
        }
    }

    /// Where automatic VLANs go by memory: with or without policies, and how the memory is.
    pub(super) fn remembered(self) -> &'static [(bool, Manner)] {
        use Manner::{Misremembered, Remembered};
        match self {
            Self::Nothing => &[
                (false, Remembered),
                (true, Remembered),
                (false, Misremembered),
                (true, Misremembered),
            ],
            Self::SameKey => &[(false, Remembered), (true, Misremembered)],
            Self::Rival | Self::FillsUp | Self::Closes => &[(true, Remembered)],
            // By memory nothing is on it.
            Self::Full => &[(false, Remembered), (false, Misremembered)],
            Self::FullSameKey | Self::FilledMeanwhile => &[(false, Remembered)],
            Self::Vanishes
            | Self::Taken
            | Self::TakenMeanwhile
            | Self::Apart
            | Self::ApartFirst => &[],
        }
    }

    /// Whether the second acts while the first is at it.
    pub(super) fn is_between(self) -> bool {
        !matches!(self, Self::Nothing | Self::Taken | Self::Full)
    }
}
