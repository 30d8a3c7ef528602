//! Who meets at a connection that was there before, and what each of the two does.

use crate::happening::{ELSEWHERE, LAG};
use crate::orders::PARENT;
use crate::scenario::KEY;

use super::OTHER;

/// Who meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meeting {
    /// An adopter, and nobody.
    Nobody,
    /// Two adopters who give the connection the same key.
    SameKey,
    /// Two adopters who give it different keys.
    TwoKeys,
    /// An adopter, and an order with the same key.
    OrderOfTheKey,
    /// An adopter, and an order with another key for the same VLAN.
    OrderOnTheVlan,
    /// An order, and an adopter who takes what it finds: it may be the order's own connection.
    OwnOrder,
    /// A release of an order's connection, and an adopter who takes what it finds.
    Release,
    /// An adopter, and tracking.
    Tracking,
    /// Tracking, and an adopter.
    Tracked,
    /// A record is forgotten, and tracking.
    ForgottenTracked,
    /// A record is forgotten, and its connection is released.
    ForgottenReleased,
    /// A connection is released, and its record forgotten.
    ReleasedForgotten,
    /// Two movers who move the connection to the same parent.
    MovedTwice,
    /// Two movers who move the connection to different parents.
    MovedApart,
    /// A mover, and an adopter who takes what it finds where the connection goes.
    MovedIn,
    /// An adopter who takes what it finds where the connection goes, and a mover.
    MovedInUnder,
    /// A mover, and the record is forgotten.
    MovedForgotten,
    /// A record is forgotten, and a mover.
    ForgottenMoved,
}

pub(super) const MEETINGS: [(Meeting, &str); 18] = [
    (Meeting::Nobody, "nobody"),
    (Meeting::SameKey, "same-key"),
    (Meeting::TwoKeys, "two-keys"),
    (Meeting::OrderOfTheKey, "order-of-the-key"),
    (Meeting::OrderOnTheVlan, "order-on-the-vlan"),
    (Meeting::OwnOrder, "own-order"),
    (Meeting::Release, "release"),
    (Meeting::Tracking, "tracking"),
    (Meeting::Tracked, "tracked"),
    (Meeting::ForgottenTracked, "forgotten-tracked"),
    (Meeting::ForgottenReleased, "forgotten-released"),
    (Meeting::ReleasedForgotten, "released-forgotten"),
    (Meeting::MovedTwice, "moved-twice"),
    (Meeting::MovedApart, "moved-apart"),
    (Meeting::MovedIn, "moved-in"),
    (Meeting::MovedInUnder, "moved-in-under"),
    (Meeting::MovedForgotten, "moved-forgotten"),
    (Meeting::ForgottenMoved, "forgotten-moved"),
];

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Nothing,
    /// Adopts the connection on the VLAN under that key.
    Adopt(&'static str),
    /// Adopts whatever no record knows on that parent.
    AdoptAll(&'static str),
    Order(&'static str),
    Track,
    Release(&'static str),
    Forget,
    /// Moves the connection to that parent.
    Move(&'static str),
}

/// What there is before the two meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// No connection: the story's order makes it.
    Nothing,
    /// A connection that an order has made.
    Order,
    /// A connection without a record.
    Connection,
    /// A connection that was adopted.
    Adopted,
}

impl Meeting {
    /// What the first and the second do.
    pub(super) fn acts(self) -> (Act, Act) {
        match self {
            Self::Nobody => (Act::Adopt(KEY), Act::Nothing),
            Self::SameKey => (Act::Adopt(KEY), Act::Adopt(KEY)),
            Self::TwoKeys => (Act::Adopt(KEY), Act::Adopt(OTHER)),
            Self::OrderOfTheKey => (Act::Adopt(KEY), Act::Order(KEY)),
            Self::OrderOnTheVlan => (Act::Adopt(KEY), Act::Order(OTHER)),
            Self::OwnOrder => (Act::Order(KEY), Act::AdoptAll(PARENT)),
            Self::Release => (Act::Release(KEY), Act::AdoptAll(PARENT)),
            Self::Tracking => (Act::Adopt(KEY), Act::Track),
            Self::Tracked => (Act::Track, Act::Adopt(KEY)),
            Self::ForgottenTracked => (Act::Forget, Act::Track),
            Self::ForgottenReleased => (Act::Forget, Act::Release(KEY)),
            Self::ReleasedForgotten => (Act::Release(KEY), Act::Forget),
            Self::MovedTwice => (Act::Move(ELSEWHERE), Act::Move(ELSEWHERE)),
            Self::MovedApart => (Act::Move(ELSEWHERE), Act::Move(LAG)),
            Self::MovedIn => (Act::Move(ELSEWHERE), Act::AdoptAll(ELSEWHERE)),
            Self::MovedInUnder => (Act::AdoptAll(ELSEWHERE), Act::Move(ELSEWHERE)),
            Self::MovedForgotten => (Act::Move(ELSEWHERE), Act::Forget),
            Self::ForgottenMoved => (Act::Forget, Act::Move(ELSEWHERE)),
        }
    }

    /// What the story begins with.
    pub(super) fn given(self) -> Given {
        match self {
            Self::OwnOrder => Given::Nothing,
            Self::Release => Given::Order,
            Self::Nobody
            | Self::SameKey
            | Self::TwoKeys
            | Self::OrderOfTheKey
            | Self::OrderOnTheVlan
            | Self::Tracking
            | Self::Tracked => Given::Connection,
            Self::ForgottenTracked
            | Self::ForgottenReleased
            | Self::ReleasedForgotten
            | Self::MovedTwice
            | Self::MovedApart
            | Self::MovedIn
            | Self::MovedInUnder
            | Self::MovedForgotten
            | Self::ForgottenMoved => Given::Adopted,
        }
    }

    /// Whether the connection is moved.
    pub(crate) fn moves(self) -> bool {
        let acts = self.acts();
        [acts.0, acts.1]
            .iter()
            .any(|act| matches!(act, Act::Move(_)))
    }

    /// Whether a living connection has to have a record at the end.
    pub(crate) fn record_is_due(self) -> bool {
        match self {
            // An order that claims the key first is refused, because the VLAN is taken: the key is its own then.
            Self::OrderOfTheKey
            | Self::ForgottenTracked
            | Self::ForgottenReleased
            | Self::ReleasedForgotten
            | Self::MovedForgotten
            | Self::ForgottenMoved => false,
            Self::Nobody
            | Self::SameKey
            | Self::TwoKeys
            | Self::OrderOnTheVlan
            | Self::OwnOrder
            | Self::Release
            | Self::Tracking
            | Self::Tracked
            | Self::MovedTwice
            | Self::MovedApart
            | Self::MovedIn
            | Self::MovedInUnder => true,
        }
    }
}
