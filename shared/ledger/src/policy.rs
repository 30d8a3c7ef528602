//! A parent's policy as it stands in the table, and what is sold under it.

use aws::failure::CallError;
use hosted_connection::ParentPolicy;
use transitions::Attribute;

use crate::item::{self, Item, corrupt};

pub(crate) const POLICY: &str = Attribute::Policy.name();
const SOLD_MBPS: &str = Attribute::SoldMbps.name();
const FREE_MBPS: &str = Attribute::FreeMbps.name();
/// What is free where no limit is set: more than any port will ever carry.
const NO_LIMIT_MBPS: i64 = 1_000_000_000_000;

/// A parent's policy and what is sold under it.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyState {
    /// What may be sold.
    pub policy: ParentPolicy,
    /// Sum over open claims and living connections.
    pub sold_mbps: i64,
    /// What may still be sold; negative when more is sold than the policy allows by now. None without a limit.
    pub free_mbps: Option<i64>,
    /// The policy as it stands in the table, which an earlier version may have written in another way.
    pub(crate) stored: String,
}

impl PolicyState {
    pub(crate) fn from_item(item: &Item) -> Result<Self, CallError> {
        let stored = item::text(item, POLICY)?;
        let policy = ParentPolicy::from_stored_json(stored).map_err(|_| corrupt(POLICY))?;
        let free_mbps: i64 = item::number(item, FREE_MBPS)?;
        Ok(Self {
            sold_mbps: item::number(item, SOLD_MBPS)?,
            free_mbps: policy.sellable_mbps().map(|_| free_mbps),
            policy,
            stored: stored.to_owned(),
        })
    }
}

/// What may be sold under `policy`.
pub(crate) fn sellable(policy: &ParentPolicy) -> i64 {
    policy.sellable_mbps().map_or(NO_LIMIT_MBPS, |mbps| {
        i64::try_from(mbps).unwrap_or(NO_LIMIT_MBPS)
    })
}
