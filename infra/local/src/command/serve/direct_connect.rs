//! How Direct Connect behaves where AWS does not say, as options.

use std::time::Duration;

use clap::{Args, ValueEnum};
use local_cloud::{Builder, LagMembers, Pages};

use super::milliseconds;

/// Members of the API's `Connection` that the local Direct Connect fills.
const MEMBERS: [&str; 27] = [
    "ownerAccount",
    "connectionId",
    "connectionName",
    "connectionState",
    "region",
    "location",
    "bandwidth",
    "vlan",
    "partnerName",
    "loaIssueTime",
    "lagId",
    "awsDevice",
    "jumboFrameCapable",
    "awsDeviceV2",
    "awsLogicalDeviceId",
    "hasLogicalRedundancy",
    "tags",
    "providerName",
    "macSecCapable",
    "portEncryptionStatus",
    "encryptionMode",
    "macSecKeys",
    "rateLimiterStatus",
    "partnerInterconnectMacSecCapable",
    "prefixPoolSizeIpv4",
    "prefixPoolSizeIpv6",
    "billingMode",
];

/// Where the real Direct Connect may be less kind than the local one is by default.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Direct Connect")]
pub(super) struct DirectConnectOptions {
    /// Take a VLAN twice on one parent
    #[arg(long)]
    no_vlan_uniqueness: bool,
    /// What the list for an interconnect in a LAG holds
    #[arg(long, value_name = "WHAT", default_value = "nothing")]
    lag_members_show: Shown,
    /// Take orders on an interconnect in a LAG; the connection is the LAG's
    #[arg(long)]
    lag_members_sell: bool,
    /// Refuse to delete a connection that is pending
    #[arg(long)]
    pending_not_deletable: bool,
    /// Refuse to delete a connection that is deleting or deleted
    #[arg(long)]
    second_delete_refused: bool,
    /// Do not list deleted and rejected connections
    #[arg(long)]
    deleted_not_listed: bool,
    /// Repeat or skip a connection when another comes or goes between two pages
    #[arg(long)]
    pages_by_position: bool,
    /// Time before a new connection is listed
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = milliseconds())]
    visible_after_ms: u64,
    /// Age of the list
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = milliseconds())]
    stale_ms: u64,
    /// Members that the answer to an allocation does not have, such as vlan,ownerAccount
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',', value_parser = MEMBERS, hide_possible_values = true)]
    allocate_leaves_out: Vec<String>,
    /// Members that listed connections do not have
    #[arg(long, value_name = "MEMBERS", value_delimiter = ',', value_parser = MEMBERS, hide_possible_values = true)]
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
