//! How the cloud's Direct Connect behaves where the real one is not documented, or could be less kind.

use crate::{Builder, LagMembers, Parent, Progress};

impl Builder {
    /// The partner's interconnects and LAGs, in place of [`Parent::defaults`]. Not used when state was kept.
    #[must_use]
    pub fn parents(mut self, parents: impl IntoIterator<Item = Parent>) -> Self {
        self.parents = parents.into_iter().collect();
        self
    }

    /// Whether Direct Connect refuses a VLAN that a living connection of the parent has. AWS documents that for
    /// AssociateHostedConnection only, so the product must not need it. Default: true.
    #[must_use]
    pub fn vlan_uniqueness(mut self, on: bool) -> Self {
        self.rules.vlan_uniqueness = on;
        self
    }

    /// How many times its capacity a parent can be sold. Default: 1.
    #[must_use]
    pub fn oversubscription(mut self, ratio: f64) -> Self {
        self.rules.oversubscription = ratio;
        self
    }

    /// Entries to a page of Direct Connect's lists, at most AWS's 100. Fewer make paging tests cheap.
    #[must_use]
    pub fn page_limit(mut self, entries: usize) -> Self {
        self.rules.page_limit = entries.clamp(1, 100);
        self
    }

    /// Lets connections move on by themselves. Default: they stay as they are until a switch is thrown.
    #[must_use]
    pub fn progress(mut self, progress: Progress) -> Self {
        self.rules.progress = progress;
        self
    }

    /// What DescribeHostedConnections answers for an interconnect that has joined a LAG. Default: it shows nothing.
    #[must_use]
    pub fn lag_members(mut self, shown: LagMembers) -> Self {
        self.rules.lag_members = shown;
        self
    }

    /// Whether AllocateHostedConnection takes the id of a LAG's member; the connection is then the LAG's. Default: it is
    /// refused.
    #[must_use]
    pub fn lag_members_sell(mut self, on: bool) -> Self {
        self.rules.lag_members_sell = on;
        self
    }

    /// Whether DeleteConnection takes a connection that is `pending`. If not, it says that the id is "not available",
    /// which passes. Default: true.
    #[must_use]
    pub fn pending_deletable(mut self, on: bool) -> Self {
        self.rules.pending_deletable = on;
        self
    }
}
