//! What AWS does not document, or does now and then: a test, or a person, says which it is.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::paging;
use crate::reply::ApiError;

/// How this cloud behaves where AWS could behave otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rules {
    pub(crate) vlan_uniqueness: bool,
    /// How a VLAN that is in use is refused.
    pub(crate) duplicate_vlan_error: ErrorAnswer,
    /// How long the VLAN of what is deleted or rejected is still refused; for ever when `None`.
    pub(crate) vlan_free_after: Option<Duration>,
    /// Most characters of a connection's name.
    pub(crate) longest_name: Option<usize>,
    /// Characters that a connection's name may not have.
    pub(crate) name_refuses: String,
    /// What may be sold on a parent. The empty id stands for every parent that is not named; none of them: everything.
    pub(crate) bandwidths: BTreeMap<String, BTreeSet<String>>,
    pub(crate) oversubscription: f64,
    pub(crate) page_limit: usize,
    pub(crate) progress: Progress,
    pub(crate) lag_members: LagMembers,
    /// Whether AllocateHostedConnection takes the id of a LAG's member.
    pub(crate) lag_members_sell: bool,
    /// Whether a connection that is `ordering` can be deleted.
    pub(crate) ordering_deletable: bool,
    /// Whether a connection that is `pending` can be deleted.
    pub(crate) pending_deletable: bool,
    /// Whether DeleteConnection refuses what is already `deleting` or `deleted`.
    pub(crate) second_delete_refused: bool,
    /// Whether AssociateHostedConnection takes the parent that the connection is on already.
    pub(crate) associate_idempotent: bool,
    /// Whether DescribeHostedConnections shows what is deleted or rejected.
    pub(crate) deleted_listed: bool,
    pub(crate) pages: Pages,
    /// How long a new connection is not shown.
    pub(crate) visible_after: Duration,
    /// How old what DescribeHostedConnections shows is.
    pub(crate) stale_for: Duration,
    /// How DescribeHostedConnections refuses what is no parent; an empty list when `None`.
    pub(crate) unknown_parent_error: Option<ErrorAnswer>,
    /// Whether DescribeHostedConnections shows tags.
    pub(crate) list_shows_tags: bool,
    /// Whose account is in a hosted connection's ARN.
    pub(crate) arn_account: ArnAccount,
    /// The one account in whose ARNs the caller may delete; any when `None`.
    pub(crate) deletes_allowed_for: Option<ArnAccount>,
    /// How Direct Connect says that it is asked too much.
    pub(crate) throttle_error: ErrorAnswer,
    /// How many requests Direct Connect takes in a second; any number when `None`.
    pub(crate) requests_per_second: Option<u32>,
    /// Whether a refused write of DynamoDB answers without the items that refused it.
    pub(crate) refused_items_left_out: bool,
    /// Whether one entry that fails makes PutEvents refuse all of them.
    pub(crate) put_events_whole: bool,
    /// Members that AllocateHostedConnection's answer does not have.
    pub(crate) allocate_leaves_out: Vec<String>,
    /// Members that connections in DescribeHostedConnections' answer do not have.
    pub(crate) list_leaves_out: Vec<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            vlan_uniqueness: true,
            duplicate_vlan_error: ErrorAnswer::client_exception(),
            vlan_free_after: Some(Duration::ZERO),
            longest_name: None,
            name_refuses: String::new(),
            bandwidths: BTreeMap::new(),
            oversubscription: 1.0,
            page_limit: paging::MOST_PER_PAGE,
            progress: Progress::default(),
            lag_members: LagMembers::default(),
            lag_members_sell: false,
            ordering_deletable: true,
            pending_deletable: true,
            second_delete_refused: false,
            associate_idempotent: true,
            deleted_listed: true,
            pages: Pages::default(),
            visible_after: Duration::ZERO,
            stale_for: Duration::ZERO,
            unknown_parent_error: Some(ErrorAnswer::client_exception()),
            list_shows_tags: false,
            arn_account: ArnAccount::default(),
            deletes_allowed_for: None,
            throttle_error: ErrorAnswer::throttling(),
            requests_per_second: None,
            refused_items_left_out: false,
            put_events_whole: false,
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

/// Whose account is in the ARN of a hosted connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ArnAccount {
    /// The partner's, who has sold it.
    #[default]
    Partner,
    /// The customer's, who owns it.
    Owner,
}

/// Status and code of a service's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorAnswer {
    /// HTTP status, from 400 to 599.
    pub status: u16,
    /// The error's code, without a namespace.
    pub code: String,
}

impl ErrorAnswer {
    fn client_exception() -> Self {
        Self {
            status: 400,
            code: "DirectConnectClientException".to_owned(),
        }
    }

    fn throttling() -> Self {
        Self {
            status: 400,
            code: "ThrottlingException".to_owned(),
        }
    }

    /// Reads `400,DirectConnectClientException`.
    ///
    /// # Errors
    /// Says what is expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let of_a_code = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        let read = text.split_once(',').and_then(|(status, code)| {
            let status = status
                .parse()
                .ok()
                .filter(|status| (400..600).contains(status))?;
            let is_code = !code.is_empty() && code.bytes().all(of_a_code);
            let code = is_code.then(|| code.to_owned())?;
            Some(Self { status, code })
        });
        read.ok_or_else(|| {
            "expected a status from 400 to 599 and a code, such as 400,ValidationException"
                .to_owned()
        })
    }

    pub(crate) fn with(&self, message: impl Into<String>) -> ApiError {
        ApiError::new(self.status, &self.code, message)
    }
}
