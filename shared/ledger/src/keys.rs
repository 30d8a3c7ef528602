//! Keys of the table's items.
//!
//! | item | `pk` | `sk` |
//! |---|---|---|
//! | allocation | `allocation#<idempotency key>` | `allocation` |
//! | VLAN lease | `parent#<parent connection id>` | `vlan#<four digits>` |
//! | policy | `parent#<parent connection id>` | `policy` |
//! | membership | `parent#<interconnect id>` | `lag` |
//! | VLANs and bandwidth as tracking saw them | `parent#<parent connection id>` | `seen` |
//! | turn of tracking | `tracking` | `turn` |
//! | caller | `callers` | `<its name>` |

use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};

use crate::item::{Item, s};

pub(crate) const PK: &str = transitions::Attribute::Item.name();
pub(crate) const SK: &str = "sk";
pub(crate) const ALLOCATION: &str = "allocation#";
pub(crate) const ALLOCATION_SK: &str = "allocation";
pub(crate) const PARENT: &str = "parent#";
pub(crate) const LEASE_PREFIX: &str = "vlan#";

/// Sort key of a parent's policy, in the partition of its leases: one query gives both.
pub(crate) const POLICY: &str = "policy";
/// Sort key of the note which LAG an interconnect is a member of. Before the policy, so that one query gives both and no
/// lease.
pub(crate) const LAG: &str = "lag";
/// Sort key of the note which VLANs tracking saw in use. Behind the policy, so that whoever asks for that does not get it.
pub(crate) const SEEN: &str = "seen";
/// The one item that tracking keeps between its runs.
pub(crate) const TRACKING: &str = "tracking";
pub(crate) const TURN: &str = "turn";
/// The partition of all registered callers.
pub(crate) const CALLERS: &str = "callers";
/// Sparse index of allocations that still need something done.
pub(crate) const UNFINISHED_INDEX: &str = "unfinished";
/// Index of all allocations by parent and time of claim.
pub(crate) const PARENT_INDEX: &str = "parent";

/// Partitions of the index of unfinished allocations: enough that a sweep can read them side by side, few enough
/// that it can read them all.
const SHARDS: u32 = 8;

pub(crate) fn allocation(key: &IdempotencyKey) -> Item {
    Item::from([
        (PK.into(), s(format!("{ALLOCATION}{key}"))),
        (SK.into(), s(ALLOCATION_SK)),
    ])
}

pub(crate) fn lease(parent: &ParentConnection, vlan: Vlan) -> Item {
    Item::from([
        (PK.into(), parent_pk(parent)),
        (SK.into(), s(format!("{LEASE_PREFIX}{:04}", vlan.get()))),
    ])
}

/// The VLAN in a lease's sort key; none in another item's.
pub(crate) fn vlan_of(sk: &str) -> Option<Vlan> {
    let digits = sk.strip_prefix(LEASE_PREFIX)?;
    digits.parse().ok().map(Vlan::from_stored)
}

pub(crate) fn policy(parent: &ParentConnection) -> Item {
    Item::from([(PK.into(), parent_pk(parent)), (SK.into(), s(POLICY))])
}

pub(crate) fn lag(parent: &ParentConnection) -> Item {
    Item::from([(PK.into(), parent_pk(parent)), (SK.into(), s(LAG))])
}

pub(crate) fn seen(parent: &ParentConnection) -> Item {
    Item::from([(PK.into(), parent_pk(parent)), (SK.into(), s(SEEN))])
}

pub(crate) fn caller(name: &str) -> Item {
    Item::from([(PK.into(), s(CALLERS)), (SK.into(), s(name))])
}

pub(crate) fn turn() -> Item {
    Item::from([(PK.into(), s(TRACKING)), (SK.into(), s(TURN))])
}

pub(crate) fn parent_pk(parent: &ParentConnection) -> aws_sdk_dynamodb::types::AttributeValue {
    s(format!("{PARENT}{parent}"))
}

/// The parent in a partition key of its items.
pub(crate) fn parent_of(item: &Item) -> Result<ParentConnection, aws::failure::CallError> {
    let id = crate::item::text(item, PK)?.strip_prefix(PARENT);
    id.map(|id| ParentConnection::from_stored(id.to_owned()))
        .ok_or_else(|| crate::item::corrupt(PK))
}

/// Partition of the sparse index in which the unfinished allocation of `key` is found.
pub(crate) fn shard(key: &IdempotencyKey) -> String {
    let sum = key.as_str().bytes().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    shard_name(sum % SHARDS)
}

/// All partitions of that index.
pub(crate) fn shards() -> impl Iterator<Item = String> {
    (0..SHARDS).map(shard_name)
}

fn shard_name(number: u32) -> String {
    format!("unfinished#{number}")
}

/// The idempotency key in an allocation's partition key.
pub(crate) fn key_of(item: &Item) -> Result<IdempotencyKey, aws::failure::CallError> {
    let key = crate::item::text(item, PK)?.strip_prefix(ALLOCATION);
    key.map(IdempotencyKey::from_stored)
        .ok_or_else(|| crate::item::corrupt(PK))
}
