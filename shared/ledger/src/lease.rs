//! A VLAN lease as it stands in the table: which key holds which VLAN on which parent, and whether its bandwidth is counted there.

use aws::failure::CallError;
use hosted_connection::{IdempotencyKey, Vlan};
use transitions::Attribute;

use crate::item::{self, Item, corrupt, text};
use crate::keys;
use crate::lifecycle::ConnectionNote;

pub(crate) const HOLDER: &str = Attribute::Holder.name();
pub(crate) const COUNTED_MBPS: &str = Attribute::CountedMbps.name();
const LEASED_AT: &str = Attribute::LeasedAt.name();
const MBPS: &str = Attribute::Mbps.name();
const CONNECTION_ID: &str = Attribute::ConnectionId.name();
const CONNECTION_STATE: &str = Attribute::ConnectionState.name();
const REMINDED: &str = Attribute::Reminded.name();

/// Who has a VLAN of a parent, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The VLAN.
    pub vlan: Vlan,
    /// The key that holds it; none for a connection that no order of ours made.
    pub holder: Option<IdempotencyKey>,
    /// Since when, in milliseconds since the Unix epoch.
    pub leased_at_ms: u64,
    /// Bandwidth that was asked for.
    pub mbps: u32,
    /// Whether that is counted in the parent's policy.
    pub counted: bool,
    /// The connection on it, once tracking has seen one.
    pub connection: Option<ConnectionNote>,
}

impl Lease {
    pub(crate) fn from_item(item: &Item) -> Result<Self, CallError> {
        let vlan = keys::vlan_of(text(item, keys::SK)?);
        let holder = match item.get(HOLDER) {
            Some(_) => Some(IdempotencyKey::from_stored(text(item, HOLDER)?)),
            None => None,
        };
        let connection = match item.get(CONNECTION_ID) {
            Some(_) => Some(ConnectionNote {
                connection_id: text(item, CONNECTION_ID)?.to_owned(),
                state: text(item, CONNECTION_STATE)?.to_owned(),
                reminded: item::flag(item, REMINDED),
            }),
            None => None,
        };
        Ok(Self {
            vlan: vlan.ok_or_else(|| corrupt(keys::SK))?,
            holder,
            leased_at_ms: item::number(item, LEASED_AT)?,
            mbps: item::number(item, MBPS)?,
            counted: item.contains_key(COUNTED_MBPS),
            connection,
        })
    }
}
