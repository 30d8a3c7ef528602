//! What can hold a VLAN: the kinds that the map tells apart.

/// What holds a VLAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// An order that has no connection yet.
    InFlight,
    /// A connection whose owner has not confirmed it, or that is being set up.
    Ordering,
    /// A connection that carries traffic.
    Available,
    /// A connection in any other state.
    Down,
    /// A connection that no order made.
    Orphan,
    /// An order whose connection Direct Connect does not show.
    Ghost,
    /// Nothing may be sold on it, by the parent's policy.
    Reserved,
    /// Nothing.
    Free,
}

impl Holds {
    /// All of them, as the legend has them.
    pub(crate) const ALL: [Self; 8] = [
        Self::InFlight,
        Self::Ordering,
        Self::Available,
        Self::Down,
        Self::Orphan,
        Self::Ghost,
        Self::Reserved,
        Self::Free,
    ];

    /// For classes and ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InFlight => "in-flight",
            Self::Ordering => "ordering",
            Self::Available => "available",
            Self::Down => "down",
            Self::Orphan => "orphan",
            Self::Ghost => "ghost",
            Self::Reserved => "reserved",
            Self::Free => "free",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InFlight => "order in flight",
            Self::Ordering => "ordering",
            Self::Available => "available",
            Self::Down => "down",
            Self::Orphan => "orphan",
            Self::Ghost => "ghost",
            Self::Reserved => "reserved by policy",
            Self::Free => "free",
        }
    }

    /// What that means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::InFlight => "an order holds the VLAN and has no connection yet",
            Self::Ordering => {
                "the customer has not confirmed the connection, or it is being set up"
            }
            Self::Available => "the connection is available",
            Self::Down => "the connection is in another state, such as down or deleting",
            Self::Orphan => "a connection that no order made",
            Self::Ghost => "an order has a connection that Direct Connect does not show",
            Self::Reserved => "the parent's policy keeps the VLAN from being sold",
            Self::Free => "nothing holds the VLAN",
        }
    }

    /// A connection's, by its state in Direct Connect's spelling.
    pub(super) fn of_state(state: &str) -> Self {
        match state {
            "available" => Self::Available,
            "ordering" | "requested" | "pending" => Self::Ordering,
            _ => Self::Down,
        }
    }
}
