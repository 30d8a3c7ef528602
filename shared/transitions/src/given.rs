//! What a writer brings: the values of a write that are not the same each time.

/// A value that the writer brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Given {
    /// The token that the writer holds, or of the record as it read it.
    Token,
    /// A token that nobody has had before.
    FreshToken,
    /// The token that the record had when it was read, where a fresh one is to replace it.
    SeenToken,
    /// The state that the record had when it was read.
    SeenState,
    /// The moment of the write.
    Now,
    /// The same, in whole seconds.
    NowSeconds,
    /// The moment at which the outcome was reached.
    At,
    /// When the attempt's invocation has ended for certain.
    ClaimEnd,
    /// The start of the latest call, as the writer knows it.
    SeenStart,
    /// The same, where it is written again.
    KeptStart,
    /// The moment of the write, as the start of a call.
    FreshStart,
    /// What the record says of earlier calls without an answer, written again.
    KeptUnanswered,
    /// One more than the record says.
    Attempts,
    /// The whole history, with one more entry.
    History,
    /// An entry for the history.
    Entry,
    /// Why there was no effect.
    WaitsFor,
    /// The outcome, as JSON.
    Outcome,
    /// The VLAN that the order is to have.
    Vlan,
    /// The VLAN that it had.
    OldVlan,
    /// The end of the retention.
    Expires,
    /// The next lifecycle, as JSON.
    Lifecycle,
    /// Its revision: one more than was seen.
    NextRevision,
    /// The revision of the lifecycle when it was read.
    SeenRevision,
    /// The key's partition of the index of unfinished allocations.
    Shard,
    /// The parent on which the connection is now.
    Place,
    /// The request's fingerprint.
    Fingerprint,
    /// The request, as JSON.
    Request,
    /// Where the order came from first, as JSON.
    Origin,
    /// The parent that was asked for.
    Parent,
    /// When the key was first claimed.
    ClaimedAt,
    /// The parent whose VLAN is leased, where that is another one than was asked for.
    LeaseParent,
    /// That the bandwidth is counted, where it is.
    Counted,

    /// The idempotency key.
    Key,
    /// Since when the VLAN is leased.
    LeasedAt,
    /// The order's bandwidth; less than nothing where it is given back.
    Mbps,
    /// The same, where it is counted in the policy.
    CountedMbps,
    /// The connection on the VLAN.
    ConnectionId,
    /// Its state.
    ConnectionState,
    /// Whether the owner's silence has been published.
    Reminded,
    /// The revision of the lifecycle that says so.
    NotedRevision,

    /// The bandwidth's name.
    Bandwidth,
    /// The policy to set, as JSON.
    Policy,
    /// The policy when it was read, as JSON.
    SeenPolicy,
    /// What may be sold under the policy; what more may be, where it replaces another.
    Sellable,
    /// First VLAN that may be sold.
    VlanFirst,
    /// Last VLAN that may be sold.
    VlanLast,
    /// Bandwidths that may be sold, where not all may.
    AllowedBandwidths,
    /// VLANs that are not sold, where there are any.
    ReservedVlans,
}

impl Given {
    /// What stands for it in an expression. Two may share one, as long as no write mentions both.
    #[must_use]
    pub const fn placeholder(self) -> &'static str {
        match self {
            Self::Token | Self::FreshToken => ":token",
            Self::SeenToken => ":seen_token",
            Self::SeenState => ":seen_state",
            Self::Now => ":now",
            Self::NowSeconds => ":now_s",
            Self::At => ":at",
            Self::ClaimEnd => ":lease",
            Self::SeenStart | Self::SeenRevision => ":seen",
            Self::KeptStart | Self::FreshStart => ":started",
            Self::KeptUnanswered => ":unanswered",
            Self::Attempts => ":attempts",
            Self::History => ":history",
            Self::Entry => ":entry",
            Self::WaitsFor => ":why",
            Self::Outcome => ":outcome",
            Self::Vlan => ":vlan",
            Self::OldVlan => ":old",
            Self::Expires => ":expires",
            Self::Lifecycle => ":lifecycle",
            Self::NextRevision => ":next",
            Self::Shard => ":shard",
            Self::Place => ":place",
            Self::Fingerprint => ":fingerprint",
            Self::Request => ":request",
            Self::Origin => ":origin",
            Self::Parent => ":parent",
            Self::ClaimedAt => ":claimed",
            Self::LeaseParent => ":leaseParent",
            Self::Counted => ":counted",
            Self::Key => ":key",
            Self::LeasedAt => ":since",
            Self::Mbps => ":mbps",
            Self::CountedMbps => ":countedMbps",
            Self::ConnectionId => ":id",
            Self::ConnectionState => ":state",
            Self::Reminded => ":reminded",
            Self::NotedRevision => ":revision",
            Self::Bandwidth => ":bandwidth",
            Self::Policy => ":policy",
            Self::SeenPolicy => ":before",
            Self::Sellable => ":more",
            Self::VlanFirst => ":vlanFirst",
            Self::VlanLast => ":vlanLast",
            Self::AllowedBandwidths => ":allowedBandwidths",
            Self::ReservedVlans => ":reservedVlans",
        }
    }
}
