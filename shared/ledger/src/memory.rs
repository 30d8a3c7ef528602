//! Which VLANs of a parent tracking saw in use, and how much of its bandwidth, as it stands in the table: one small item per
//! parent.

use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::VlanSet;

use crate::item::{self, Item};

pub(crate) const IN_USE: &str = "vlansInUse";
pub(crate) const LOOKED_AT: &str = "lookedAtMs";
pub(crate) const USED_MBPS: &str = "usedMbps";
/// The look that the bandwidth is of. A version that does not know of the bandwidth leaves it as it is when it notes a later
/// look.
pub(crate) const USED_AT: &str = "usedAtMs";

/// VLANs of a parent as tracking saw them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// When the look began, in milliseconds since the Unix epoch.
    pub looked_at_ms: u64,
    /// VLANs that were leased or shown in use.
    pub in_use: VlanSet,
    /// Mbps that were sold or shown in use. None where that is not noted: of a member of a LAG, whose bandwidth is the LAG's.
    pub used_mbps: Option<i64>,
}

impl Memory {
    /// A note that cannot be understood is as good as none: it is a matter of calls, not of truth.
    pub(crate) fn from_item(item: &Item) -> Option<Self> {
        let Some(AttributeValue::B(bytes)) = item.get(IN_USE) else {
            return None;
        };
        let looked_at_ms = item::number(item, LOOKED_AT).ok()?;
        let is_of_that_look =
            item::number(item, USED_AT).is_ok_and(|used_at_ms: u64| used_at_ms == looked_at_ms);
        Some(Self {
            looked_at_ms,
            in_use: VlanSet::from_bytes(bytes.as_ref())?,
            used_mbps: item::number(item, USED_MBPS)
                .ok()
                .filter(|_| is_of_that_look),
        })
    }
}
