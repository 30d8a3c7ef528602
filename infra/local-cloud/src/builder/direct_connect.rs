//! How the cloud's Direct Connect behaves where the real one is not documented, or could be less kind.

use std::time::Duration;

use crate::{ArnAccount, Builder, ErrorAnswer, LagMembers, Pages, Parent, Progress};

/// What the API has and a hosted connection has no use for: keys and limits of ports that are the customer's own. For
/// [`Builder::allocate_leaves_out`] and [`Builder::list_leaves_out`].
pub const OF_PORTS: [&str; 6] = [
    "macSecKeys",
    "rateLimiterStatus",
    "prefixPoolSizeIpv4",
    "prefixPoolSizeIpv6",
    "prefixPoolUnallocatedCountIpv4",
    "prefixPoolUnallocatedCountIpv6",
];

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

    /// How a VLAN that is in use is refused. Default: 400, `DirectConnectClientException`.
    #[must_use]
    pub fn duplicate_vlan_error(mut self, error: ErrorAnswer) -> Self {
        self.rules.duplicate_vlan_error = error;
        self
    }

    /// How long after a connection is `deleted` or `rejected` its VLAN is still refused; `None`: until it is
    /// [purged](crate::Cloud::purge). Default: no time.
    #[must_use]
    pub fn vlan_free_after(mut self, time: Option<Duration>) -> Self {
        self.rules.vlan_free_after = time;
        self
    }

    /// How many characters a connection's name may have. Default: any number.
    #[must_use]
    pub fn longest_name(mut self, characters: Option<usize>) -> Self {
        self.rules.longest_name = characters;
        self
    }

    /// Characters that a connection's name may not have. Default: none.
    #[must_use]
    pub fn name_refuses(mut self, characters: impl Into<String>) -> Self {
        self.rules.name_refuses = characters.into();
        self
    }

    /// The only bandwidths that are sold on `parent`, or on every parent that is not named (`None`). Default: all.
    #[must_use]
    pub fn bandwidths(mut self, parent: Option<&str>, sold: &[impl AsRef<str>]) -> Self {
        let parent = parent.unwrap_or_default().to_owned();
        let sold = owned(sold).into_iter().collect();
        self.rules.bandwidths.insert(parent, sold);
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

    /// How long a deletion takes: until then a connection is `deleting`. Default: until the next look.
    #[must_use]
    pub fn deleted_after(mut self, time: Duration) -> Self {
        self.rules.progress.deleted_after = (!time.is_zero()).then_some(time);
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

    /// Whether DeleteConnection takes a connection that is `ordering`. If not, it says that the id is "not available".
    /// Default: true.
    #[must_use]
    pub fn ordering_deletable(mut self, on: bool) -> Self {
        self.rules.ordering_deletable = on;
        self
    }

    /// Whether DeleteConnection takes a connection that is `pending`. If not, it says that the id is "not available",
    /// which passes. Default: true.
    #[must_use]
    pub fn pending_deletable(mut self, on: bool) -> Self {
        self.rules.pending_deletable = on;
        self
    }

    /// Whether DeleteConnection refuses a connection that is `deleting` or `deleted`, as one that repeats itself would
    /// find it. Default: it answers with the connection.
    #[must_use]
    pub fn second_delete_refused(mut self, on: bool) -> Self {
        self.rules.second_delete_refused = on;
        self
    }

    /// Whether AssociateHostedConnection takes the parent that a connection is on already, and changes nothing. If not, it is
    /// refused. Default: true.
    #[must_use]
    pub fn associate_idempotent(mut self, on: bool) -> Self {
        self.rules.associate_idempotent = on;
        self
    }

    /// Whether DescribeHostedConnections shows what is deleted or rejected. Default: until it is
    /// [purged](crate::Cloud::purge).
    #[must_use]
    pub fn deleted_listed(mut self, on: bool) -> Self {
        self.rules.deleted_listed = on;
        self
    }

    /// What becomes of pages of DescribeHostedConnections while connections come and go. Default: nothing is repeated or
    /// skipped.
    #[must_use]
    pub fn pages(mut self, pages: Pages) -> Self {
        self.rules.pages = pages;
        self
    }

    /// How long a new connection, by whomever it was made, is not shown by DescribeHostedConnections. It is there: its
    /// VLAN is taken, and it can be deleted. Default: no time.
    #[must_use]
    pub fn visible_after(mut self, time: Duration) -> Self {
        self.rules.visible_after = time;
        self
    }

    /// Has DescribeHostedConnections show what there was this long ago. Default: what there is.
    #[must_use]
    pub fn stale_for(mut self, time: Duration) -> Self {
        self.rules.stale_for = time;
        self
    }

    /// How DescribeHostedConnections refuses an id that is no parent; `None`: it answers with an empty list. Default: 400,
    /// `DirectConnectClientException`.
    #[must_use]
    pub fn unknown_parent_error(mut self, error: Option<ErrorAnswer>) -> Self {
        self.rules.unknown_parent_error = error;
        self
    }

    /// Whether DescribeHostedConnections shows a connection's tags. Default: false.
    #[must_use]
    pub fn list_shows_tags(mut self, on: bool) -> Self {
        self.rules.list_shows_tags = on;
        self
    }

    /// Whose account is in a hosted connection's ARN. It shows where a delete is denied. Default: the partner's.
    #[must_use]
    pub fn arn_account(mut self, account: ArnAccount) -> Self {
        self.rules.arn_account = account;
        self
    }

    /// The account whose ARNs the caller's role lets it delete: others are answered with `AccessDeniedException`, which
    /// names the ARN. Default: any.
    #[must_use]
    pub fn deletes_allowed_for(mut self, account: Option<ArnAccount>) -> Self {
        self.rules.deletes_allowed_for = account;
        self
    }

    /// How Direct Connect says that it is asked too much. Default: 400, `ThrottlingException`.
    #[must_use]
    pub fn throttle_error(mut self, error: ErrorAnswer) -> Self {
        self.rules.throttle_error = error;
        self
    }

    /// How many requests Direct Connect takes in a second before it throttles. Default: any number.
    #[must_use]
    pub fn requests_per_second(mut self, most: Option<u32>) -> Self {
        self.rules.requests_per_second = most;
        self
    }

    /// Whether a refused conditional write of DynamoDB is answered without the items that refused it, though they were
    /// asked for. Default: false.
    #[must_use]
    pub fn refused_items_left_out(mut self, on: bool) -> Self {
        self.rules.refused_items_left_out = on;
        self
    }

    /// Whether PutEvents refuses a request, and all of its entries, for one entry that fails. Default: false.
    #[must_use]
    pub fn put_events_whole(mut self, on: bool) -> Self {
        self.rules.put_events_whole = on;
        self
    }

    /// Members of a connection, such as `vlan`, that AllocateHostedConnection's answer leaves out. Default: none.
    #[must_use]
    pub fn allocate_leaves_out(mut self, members: &[impl AsRef<str>]) -> Self {
        self.rules.allocate_leaves_out = owned(members);
        self
    }

    /// Members of a connection that DescribeHostedConnections leaves out of every one. Default: none.
    #[must_use]
    pub fn list_leaves_out(mut self, members: &[impl AsRef<str>]) -> Self {
        self.rules.list_leaves_out = owned(members);
        self
    }
}

fn owned(members: &[impl AsRef<str>]) -> Vec<String> {
    let members = members.iter().map(AsRef::as_ref);
    members.map(str::to_owned).collect()
}
