//! How Direct Connect behaves where AWS does not say, as options.

use std::time::Duration;

use clap::{Args, ValueEnum};
use local_cloud::{Builder, LagMembers, Pages};

/// Where the real Direct Connect may be less kind than the local one is by default.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Direct Connect")]
pub(super) struct DirectConnectOptions {
    /// Let it allocate a VLAN twice on one parent, which AWS does not document that it refuses
    #[arg(long)]
    no_vlan_uniqueness: bool,
    /// What it shows of an interconnect that has joined a LAG
    #[arg(long, value_name = "WHAT", default_value = "nothing")]
    lag_members_show: Shown,
    /// Let it sell on an interconnect that has joined a LAG; the connection is the LAG's
    #[arg(long)]
    lag_members_sell: bool,
    /// Refuse to delete a connection that is pending
    #[arg(long)]
    pending_not_deletable: bool,
    /// Refuse to delete a connection that is being deleted, or is deleted
    #[arg(long)]
    second_delete_refused: bool,
    /// Do not list what is deleted or rejected
    #[arg(long)]
    deleted_not_listed: bool,
    /// Count pages by position, so that one that comes or goes has another repeated or skipped
    #[arg(long)]
    pages_by_position: bool,
    /// How long a new connection is not listed
    #[arg(long, value_name = "N", default_value_t = 0)]
    visible_after_ms: u64,
    /// How old what is listed is
    #[arg(long, value_name = "N", default_value_t = 0)]
    stale_ms: u64,
    /// Members of a connection that the answer to an allocation leaves out, such as vlan,ownerAccount
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',')]
    allocate_leaves_out: Vec<String>,
    /// Members of a connection that the list leaves out
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',')]
    list_leaves_out: Vec<String>,
}

/// What DescribeHostedConnections answers for the member of a LAG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shown {
    /// No connections
    Nothing,
    /// The LAG's connections
    TheLags,
    /// A refusal, as for an id that is no parent
    Refusal,
}

impl DirectConnectOptions {
    pub(super) fn apply(&self, builder: Builder) -> Builder {
        builder
            .vlan_uniqueness(!self.no_vlan_uniqueness)
            .lag_members(match self.lag_members_show {
                Shown::Nothing => LagMembers::ShowNothing,
                Shown::TheLags => LagMembers::ShowTheLags,
                Shown::Refusal => LagMembers::RefuseToShow,
            })
            .lag_members_sell(self.lag_members_sell)
            .pending_deletable(!self.pending_not_deletable)
            .second_delete_refused(self.second_delete_refused)
            .deleted_listed(!self.deleted_not_listed)
            .pages(match self.pages_by_position {
                true => Pages::ByPosition,
                false => Pages::Stable,
            })
            .visible_after(Duration::from_millis(self.visible_after_ms))
            .stale_for(Duration::from_millis(self.stale_ms))
            .allocate_leaves_out(&self.allocate_leaves_out)
            .list_leaves_out(&self.list_leaves_out)
    }
}
