//! Keys of the table's items.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | allocation | `allocation#<idempotency key>` | `allocation` |
//! | VLAN lease | `parent#<parent connection id>` | `vlan#<four digits>` |

use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};

use super::item::{Item, s};

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const LEASE_PREFIX: &str = "vlan#";

/// Partitions of the index of unfinished allocations: enough that a sweep can read them side by side, few enough
/// that it can read them all.
const SHARDS: u32 = 8;

pub(super) fn allocation(key: &IdempotencyKey) -> Item {
    Item::from([
        (PK.into(), s(format!("allocation#{key}"))),
        (SK.into(), s("allocation")),
    ])
}

pub(super) fn lease(parent: &ParentConnection, vlan: Vlan) -> Item {
    Item::from([
        (PK.into(), parent_pk(parent)),
        (SK.into(), s(format!("{LEASE_PREFIX}{:04}", vlan.get()))),
    ])
}

pub(super) fn parent_pk(parent: &ParentConnection) -> aws_sdk_dynamodb::types::AttributeValue {
    s(format!("parent#{parent}"))
}

/// Partition of the sparse index in which the unfinished allocation of `key` is found.
pub(super) fn shard(key: &IdempotencyKey) -> String {
    let sum = key.as_str().bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    format!("unfinished#{}", sum % SHARDS)
}
