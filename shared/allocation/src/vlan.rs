//! Automatic VLANs: which one, and what it means when none will do.

use std::collections::BTreeSet;

use aws::direct_connect::ReadError;
use hosted_connection::{Code, Connection, IdempotencyKey, Rejection, Vlan, VlanRange};

use crate::attempt::Attempt;

impl Attempt<'_> {
    /// VLANs of the order's parent that are leased, or that Direct Connect shows in use.
    pub(crate) async fn occupied_vlans(&self) -> Result<BTreeSet<Vlan>, ReadError> {
        let (leased, connections) = tokio::join!(
            self.aws.ledger.leased_vlans(self.parent()),
            self.aws.direct_connect.connections(self.parent()),
        );
        let connections = connections?;
        let mut occupied = leased?;
        occupied.extend(
            connections
                .iter()
                .filter(|connection| is_living(connection))
                .filter_map(vlan_of),
        );
        Ok(occupied)
    }
}

/// A free VLAN of `range`. Not the lowest: orders that choose at the same time would all choose the same one. The key
/// decides where to look, so a repeated attempt looks there again.
pub(crate) fn choose(
    range: VlanRange,
    occupied: &BTreeSet<Vlan>,
    key: &IdempotencyKey,
) -> Option<Vlan> {
    let free: Vec<Vlan> = range
        .iter()
        .filter(|vlan| !occupied.contains(vlan))
        .collect();
    let spread = key.as_str().bytes().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(131).wrapping_add(byte.into())
    });
    let index = spread.checked_rem(free.len())?;
    free.get(index).copied()
}

/// The connection holds its VLAN: deleted and declined ones do not.
pub(crate) fn is_living(connection: &Connection) -> bool {
    !matches!(
        connection.connection_state.as_deref(),
        Some("deleted" | "rejected")
    )
}

fn vlan_of(connection: &Connection) -> Option<Vlan> {
    connection
        .vlan
        .and_then(|number| u16::try_from(number).ok())
        .and_then(Vlan::new)
}

pub(crate) fn taken(vlan: Vlan) -> Rejection {
    Rejection::new(
        Code::VlanInUse,
        format!("VLAN {} is already in use on this parent.", vlan.get()),
    )
}

pub(crate) fn none_available(range: VlanRange) -> Rejection {
    Rejection::new(
        Code::NoVlanAvailable,
        format!("No VLAN of the range {range} is free on this parent."),
    )
}
