//! The attributes of a record, a VLAN lease and a policy.

/// An attribute, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// The item's partition key: there exactly when the item is.
    Item,

    /// Fingerprint of the request that came with the key first.
    Fingerprint,
    /// That request, as JSON.
    Request,
    /// Where it came from first, as JSON.
    Origin,
    /// Where the allocation stands.
    State,
    /// The VLAN that is leased to the key.
    Vlan,
    /// Who owns the record: fresh per attempt.
    Token,
    /// Until when an attempt has the record and nobody else may take it over.
    ClaimedUntil,
    /// When the latest call was about to be sent.
    CallStartedAt,
    /// Attempts made.
    Attempts,
    /// Whether some earlier call ended without an answer.
    Unanswered,
    /// What came of the order, as JSON.
    Outcome,
    /// When that was.
    OccurredAt,
    /// Whether the outcome's event is out.
    Published,
    /// When the record counts as absent, in seconds; DynamoDB deletes it some time later.
    ExpiresAt,
    /// Partition of the index of unfinished allocations.
    UnfinishedShard,
    /// Since when, or from when on, somebody has to look after it: the sort key of that index.
    UnfinishedAt,
    /// The parent that was asked for: with the next one the key of the index by parent.
    ParentId,
    /// When the key was first claimed.
    ClaimedAt,
    /// The parent whose VLAN is leased, where that is another one than was asked for.
    LeaseParentId,
    /// Why the latest call had no effect. For people.
    WaitsFor,
    /// Whether the VLAN lease was counted in the parent's policy when it was taken.
    Counted,
    /// What happened and when.
    History,
    /// What became of the connection after its allocation, as JSON.
    Lifecycle,
    /// Counts the writes on the lifecycle.
    LifecycleRevision,

    /// The key that holds the VLAN; none for a connection that no order made.
    Holder,
    /// Since when the VLAN is leased.
    LeasedAt,
    /// Bandwidth that was asked for.
    Mbps,
    /// Bandwidth that is counted in the parent's policy.
    CountedMbps,
    /// The connection on the VLAN.
    ConnectionId,
    /// Its state as last seen.
    ConnectionState,
    /// Whether the owner's silence has been published.
    Reminded,
    /// The revision of the lifecycle that it is noted from.
    NotedRevision,

    /// The policy, as JSON.
    Policy,
    /// Sum of what is sold.
    SoldMbps,
    /// What may still be sold.
    FreeMbps,
    /// First VLAN that may be sold.
    VlanFirst,
    /// Last VLAN that may be sold.
    VlanLast,
    /// Bandwidths that may be sold; absent when all may.
    AllowedBandwidths,
    /// VLANs that are not sold; absent when there are none.
    ReservedVlans,
}

impl Attribute {
    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Item => "pk",
            Self::Fingerprint => "orderFingerprint",
            Self::Request => "orderRequest",
            Self::Origin => "orderOrigin",
            Self::State => "allocationState",
            Self::Vlan => "vlan",
            Self::Token => "claimToken",
            Self::ClaimedUntil => "leaseExpiresAtMs",
            Self::CallStartedAt => "callStartedAtMs",
            Self::Attempts => "attemptCount",
            Self::Unanswered => "earlierSendUnanswered",
            Self::Outcome => "allocationOutcome",
            Self::OccurredAt => "occurredAtMs",
            Self::Published => "eventPublished",
            Self::ExpiresAt => "expiresAt",
            Self::UnfinishedShard => "unfinishedShard",
            Self::UnfinishedAt => "unfinishedAtMs",
            Self::ParentId => "parentConnectionId",
            Self::ClaimedAt => "claimedAtMs",
            Self::LeaseParentId => "leaseParentId",
            Self::WaitsFor => "waitsFor",
            Self::Counted => "capacityCounted",
            Self::History => "history",
            Self::Lifecycle => "lifecycle",
            Self::LifecycleRevision => "lifecycleRevision",
            Self::Holder => "holder",
            Self::LeasedAt => "leasedAtMs",
            Self::Mbps => "mbps",
            Self::CountedMbps => "countedMbps",
            Self::ConnectionId => "connectionId",
            Self::ConnectionState => "connectionState",
            Self::Reminded => "reminded",
            Self::NotedRevision => "notedRevision",
            Self::Policy => "parentPolicy",
            Self::SoldMbps => "soldMbps",
            Self::FreeMbps => "freeMbps",
            Self::VlanFirst => "vlanFirst",
            Self::VlanLast => "vlanLast",
            Self::AllowedBandwidths => "allowedBandwidths",
            Self::ReservedVlans => "reservedVlans",
        }
    }
}
