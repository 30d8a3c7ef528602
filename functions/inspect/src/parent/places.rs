//! Leases and living connections, put together.

use std::collections::HashMap;

use hosted_connection::{Bandwidth, Connection, IdempotencyKey};
use ledger::Lease;

use super::known::{Known, id_of};

/// Everything that takes a VLAN of a parent.
#[derive(Debug)]
pub(super) struct Places<'p>(Vec<Place<'p>>);

/// Something that takes a VLAN.
#[derive(Debug)]
pub(super) enum Place<'p> {
    /// An order without a connection of its own yet. The one shown on its VLAN, if there is one, may be its.
    Open(&'p Lease, Option<&'p Connection>),
    /// An order with its connection.
    Held(&'p Lease, &'p Connection),
    /// An order whose connection is not shown any more.
    Lost(&'p Lease, &'p str),
    /// A connection that no order of ours made. Whether its VLAN is known as taken makes no difference to it.
    Orphan(Option<&'p Lease>, &'p Connection),
    /// A VLAN that was taken by such a connection, which is not shown any more.
    Vacated(&'p Lease),
}

impl<'p> Places<'p> {
    /// Puts together what the ledger knows and the `living` connections.
    pub(super) fn of(known: &'p Known, living: &'p [Connection]) -> Places<'p> {
        let mut unclaimed: HashMap<&str, &Connection> = living
            .iter()
            .map(|connection| (id_of(connection), connection))
            .collect();
        let mut places = Vec::new();
        let mut open = Vec::new();
        for lease in &known.leases {
            let id = known.connection_ids.get(&lease.vlan);
            let shown = id.and_then(|id| unclaimed.remove(id.as_str()));
            match (&lease.holder, id, shown) {
                (Some(_), None, _) => open.push(lease),
                (Some(_), Some(_), Some(connection)) => places.push(Place::Held(lease, connection)),
                (Some(_), Some(id), None) => places.push(Place::Lost(lease, id)),
                (None, _, Some(connection)) => places.push(Place::Orphan(Some(lease), connection)),
                (None, _, None) => places.push(Place::Vacated(lease)),
            }
        }
        let mut unclaimed: Vec<_> = unclaimed.into_values().collect();
        unclaimed.sort_by_key(|connection| id_of(connection));
        for lease in open {
            let on_vlan = |shown: &&Connection| shown.vlan == Some(i32::from(lease.vlan.get()));
            let shown = unclaimed.iter().position(on_vlan);
            let shown = shown.map(|position| unclaimed.remove(position));
            places.push(Place::Open(lease, shown));
        }
        places.extend(
            unclaimed
                .into_iter()
                .map(|shown| Place::Orphan(None, shown)),
        );
        places.sort_by_key(Place::vlan);
        Places(places)
    }

    /// Whether the ledger has an explanation for every connection.
    pub(super) fn are_all_explained(&self) -> bool {
        let is_explained = |place: &Place<'_>| match place {
            Place::Orphan(None, _) => false,
            Place::Open(..)
            | Place::Held(..)
            | Place::Lost(..)
            | Place::Orphan(Some(_), _)
            | Place::Vacated(_) => true,
        };
        self.0.iter().all(is_explained)
    }

    /// What the orders of these keys take. The connection that is shown on the VLAN of an open one need not be its.
    pub(super) fn only(self, is_own: impl Fn(&IdempotencyKey) -> bool) -> Places<'p> {
        let holds = |lease: &Lease| lease.holder.as_ref().is_some_and(&is_own);
        let places = self.0.into_iter().filter_map(|place| match place {
            Place::Open(lease, _) if holds(lease) => Some(Place::Open(lease, None)),
            Place::Held(lease, _) | Place::Lost(lease, _) if holds(lease) => Some(place),
            Place::Open(..)
            | Place::Held(..)
            | Place::Lost(..)
            | Place::Orphan(..)
            | Place::Vacated(_) => None,
        });
        Places(places.collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Place<'p>> {
        self.0.iter()
    }

    /// Sum over living connections and open claims.
    pub(super) fn sold_mbps(&self) -> u64 {
        self.iter().map(|place| u64::from(place.sold_mbps())).sum()
    }
}

impl<'p> Place<'p> {
    /// The connection that no order here made.
    pub(super) fn orphan(&self) -> Option<&'p Connection> {
        match *self {
            Place::Orphan(_, connection) => Some(connection),
            Place::Open(..) | Place::Held(..) | Place::Lost(..) | Place::Vacated(_) => None,
        }
    }

    /// The same, if tracking has not noted it.
    pub(super) fn unnoted_orphan(&self) -> Option<&'p Connection> {
        match *self {
            Place::Orphan(None, connection) => Some(connection),
            Place::Orphan(Some(_), _)
            | Place::Open(..)
            | Place::Held(..)
            | Place::Lost(..)
            | Place::Vacated(_) => None,
        }
    }

    /// The VLAN; Direct Connect might show a connection without one.
    pub(super) fn vlan(&self) -> Option<i32> {
        match self {
            Place::Open(lease, _)
            | Place::Held(lease, _)
            | Place::Lost(lease, _)
            | Place::Orphan(Some(lease), _)
            | Place::Vacated(lease) => Some(i32::from(lease.vlan.get())),
            Place::Orphan(None, connection) => connection.vlan,
        }
    }

    fn sold_mbps(&self) -> u32 {
        match self {
            Place::Open(lease, _) | Place::Held(lease, _) => lease.mbps,
            Place::Orphan(_, connection) => mbps(connection),
            Place::Lost(..) | Place::Vacated(_) => 0,
        }
    }
}

/// A bandwidth that AWS has and we do not know counts as nothing, rather than for something it is not.
fn mbps(connection: &Connection) -> u32 {
    let bandwidth = connection.bandwidth.as_deref().unwrap_or_default();
    Bandwidth::parse(bandwidth).map_or(0, Bandwidth::mbps)
}
