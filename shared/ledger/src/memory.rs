//! Which VLANs of a parent tracking saw in use, as it stands in the table: one small item per parent.

use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::VlanSet;

use crate::item::{self, Item};

pub(crate) const IN_USE: &str = "vlansInUse";
pub(crate) const LOOKED_AT: &str = "lookedAtMs";

/// VLANs of a parent as tracking saw them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// When the look began, in milliseconds since the Unix epoch.
    pub looked_at_ms: u64,
    /// VLANs that were leased or shown in use.
    pub in_use: VlanSet,
}

impl Memory {
    /// A note that cannot be understood is as good as none: it is a matter of calls, not of truth.
    pub(crate) fn from_item(item: &Item) -> Option<Self> {
        let Some(AttributeValue::B(bytes)) = item.get(IN_USE) else {
            return None;
        };
        Some(Self {
            looked_at_ms: item::number(item, LOOKED_AT).ok()?,
            in_use: VlanSet::from_bytes(bytes.as_ref())?,
        })
    }
}
