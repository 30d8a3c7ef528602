//! What AWS does not document, or does now and then: a test, or a person, says which it is.

use std::time::Duration;

use super::paging;

/// How this cloud's Direct Connect behaves where the real one could behave otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) vlan_uniqueness: bool,
    pub(crate) oversubscription: f64,
    pub(crate) page_limit: usize,
    pub(crate) progress: Progress,
    pub(crate) lag_members: LagMembers,
    /// Whether AllocateHostedConnection takes the id of a LAG's member.
    pub(crate) lag_members_sell: bool,
    /// Whether a connection that is `pending` can be deleted.
    pub(crate) pending_deletable: bool,
    /// Whether DeleteConnection refuses what is already `deleting` or `deleted`.
    pub(crate) second_delete_refused: bool,
    /// Whether DescribeHostedConnections shows what is deleted or rejected.
    pub(crate) deleted_listed: bool,
    pub(crate) pages: Pages,
    /// How long a new connection is not shown.
    pub(crate) visible_after: Duration,
    /// How old what DescribeHostedConnections shows is.
    pub(crate) stale_for: Duration,
    /// Members that AllocateHostedConnection's answer does not have.
    pub(crate) allocate_leaves_out: Vec<String>,
    /// Members that connections in DescribeHostedConnections' answer do not have.
    pub(crate) list_leaves_out: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            vlan_uniqueness: true,
            oversubscription: 1.0,
            page_limit: paging::MOST_PER_PAGE,
            progress: Progress::default(),
            lag_members: LagMembers::default(),
            lag_members_sell: false,
            pending_deletable: true,
            second_delete_refused: false,
            deleted_listed: true,
            pages: Pages::default(),
            visible_after: Duration::ZERO,
            stale_for: Duration::ZERO,
            allocate_leaves_out: Vec::new(),
            list_leaves_out: Vec::new(),
        }
    }
}

/// How connections move on by themselves. `None` means that they wait for a switch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How long until the customer confirms: `ordering` → `pending`.
    pub confirmed_after: Option<Duration>,
    /// How long until AWS has set it up: `pending` → `available`.
    pub available_after: Option<Duration>,
    /// How long a deletion takes: `deleting` → `deleted`. By the next look when `None`.
    pub deleted_after: Option<Duration>,
}

/// What DescribeHostedConnections answers for an interconnect that is a member of a LAG. The connections are the LAG's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LagMembers {
    /// No connections.
    #[default]
    ShowNothing,
    /// The LAG's connections.
    ShowTheLags,
    /// A client exception, as for an id that is no parent.
    RefuseToShow,
}

/// Where the next page of DescribeHostedConnections starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pages {
    /// Where the last one ended, whatever has come or gone meanwhile: nothing is shown twice, nothing is skipped.
    #[default]
    Stable,
    /// After so many connections, the living ones first and of them the newest. One that is added between two pages has
    /// another shown twice; one that is deleted or forgotten has another skipped.
    ByPosition,
}
