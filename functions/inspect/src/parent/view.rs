//! A parent as it is shown.

use doors::Refusal;
use hosted_connection::{Bandwidth, Connection, IdempotencyKey, ParentConnection, Vlan};
use ledger::PolicyState;
use serde::Serialize;
use serde_json::value::RawValue;

use super::known::Ghost;
use super::moved::{Moved, Way};
use super::places::{Place, Places};
use crate::refusal;

/// What is on a parent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View<'v> {
    parent_connection_id: &'v ParentConnection,
    /// Lowest VLAN first.
    vlans: Vec<TakenVlan<'v>>,
    capacity: Capacity,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Box<RawValue>>,
    /// Connections that no order of ours made.
    orphans: Vec<Orphan<'v>>,
    /// Orders that have a connection which Direct Connect does not show.
    ghosts: Vec<GhostView<'v>>,
    /// Connections that were moved by hand, from here or to here; they are neither of the two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moved: Vec<MovedView<'v>>,
}

/// Where the ledger and Direct Connect disagree about orders.
#[derive(Debug, Default)]
pub(super) struct Drift {
    pub(super) ghosts: Vec<Ghost>,
    pub(super) moved: Vec<Moved>,
}

/// A VLAN and who has it; where two have it, each is there.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct TakenVlan<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'v IdempotencyKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'v str>,
    /// As Direct Connect shows it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_state: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bandwidth: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_account: Option<&'v str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Capacity {
    /// Sum over living connections, orphans too, and open claims.
    sold_mbps: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_mbps: Option<u64>,
    /// What the next order is judged by: the ledger's own count, which learns of drift within a run of tracking.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_mbps: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Orphan<'v> {
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_account: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bandwidth: Option<&'v str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_state: Option<&'v str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GhostView<'v> {
    idempotency_key: &'v IdempotencyKey,
    vlan: Vlan,
    connection_id: &'v str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MovedView<'v> {
    idempotency_key: &'v IdempotencyKey,
    vlan: Vlan,
    connection_id: &'v str,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_to: Option<&'v ParentConnection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_from: Option<&'v ParentConnection>,
}

impl<'v> View<'v> {
    /// Shows the parent, and its policy where that may be seen.
    ///
    /// # Errors
    /// When its policy cannot be written as JSON, which is our fault.
    pub(super) fn of(
        parent: &'v ParentConnection,
        places: &Places<'v>,
        drift: &'v Drift,
        policy: Option<&PolicyState>,
    ) -> Result<View<'v>, Refusal> {
        let json = policy.map(|state| RawValue::from_string(state.policy.to_json()));
        Ok(View {
            parent_connection_id: parent,
            vlans: places.iter().map(TakenVlan::of).collect(),
            capacity: Capacity {
                sold_mbps: places.sold_mbps(),
                limit_mbps: policy.and_then(|state| state.policy.sellable_mbps()),
                free_mbps: policy.and_then(|state| state.free_mbps),
            },
            policy: json
                .transpose()
                .map_err(|error| refusal::defect(&format!("a policy is no JSON: {error}")))?,
            orphans: places
                .iter()
                .filter_map(Orphan::of)
                .filter(|orphan| !drift.has_brought(orphan.connection_id))
                .collect(),
            ghosts: drift.ghosts.iter().map(GhostView::of).collect(),
            moved: drift.moved.iter().map(MovedView::of).collect(),
        })
    }
}

impl Drift {
    /// Whether the connection was moved here.
    fn has_brought(&self, id: Option<&str>) -> bool {
        let is_it = |moved: &Moved| match moved.way {
            Way::From(_) => Some(moved.connection_id.as_str()) == id,
            Way::To(_) => false,
        };
        self.moved.iter().any(is_it)
    }
}

impl<'v> TakenVlan<'v> {
    fn of(place: &Place<'v>) -> TakenVlan<'v> {
        let vlan = place.vlan();
        match place {
            Place::Open(lease, shown) => TakenVlan {
                vlan,
                idempotency_key: lease.holder.as_ref(),
                bandwidth: named(lease.mbps),
                ..shown.map(TakenVlan::shown).unwrap_or_default()
            },
            Place::Held(lease, connection) => TakenVlan {
                vlan,
                idempotency_key: lease.holder.as_ref(),
                ..TakenVlan::shown(connection)
            },
            Place::Lost(lease, connection_id) => TakenVlan {
                vlan,
                idempotency_key: lease.holder.as_ref(),
                connection_id: Some(connection_id),
                bandwidth: named(lease.mbps),
                ..TakenVlan::default()
            },
            Place::Orphan(_, connection) => TakenVlan {
                vlan,
                ..TakenVlan::shown(connection)
            },
            Place::Vacated(lease) => TakenVlan {
                vlan,
                connection_id: lease
                    .connection
                    .as_ref()
                    .map(|noted| noted.connection_id.as_str()),
                bandwidth: named(lease.mbps),
                ..TakenVlan::default()
            },
        }
    }

    fn shown(connection: &'v Connection) -> TakenVlan<'v> {
        TakenVlan {
            connection_id: connection.connection_id.as_deref(),
            connection_state: connection.connection_state.as_deref(),
            bandwidth: connection.bandwidth.as_deref(),
            owner_account: connection.owner_account.as_deref(),
            ..TakenVlan::default()
        }
    }
}

impl<'v> Orphan<'v> {
    fn of(place: &Place<'v>) -> Option<Orphan<'v>> {
        let connection = place.orphan()?;
        Some(Orphan {
            connection_id: connection.connection_id.as_deref(),
            vlan: connection.vlan,
            owner_account: connection.owner_account.as_deref(),
            bandwidth: connection.bandwidth.as_deref(),
            connection_state: connection.connection_state.as_deref(),
        })
    }
}

impl<'v> MovedView<'v> {
    fn of(moved: &'v Moved) -> MovedView<'v> {
        let (moved_to, moved_from) = match &moved.way {
            Way::To(parent) => (Some(parent), None),
            Way::From(parent) => (None, Some(parent)),
        };
        MovedView {
            idempotency_key: &moved.key,
            vlan: moved.vlan,
            connection_id: &moved.connection_id,
            moved_to,
            moved_from,
        }
    }
}

impl<'v> GhostView<'v> {
    fn of(ghost: &'v Ghost) -> GhostView<'v> {
        GhostView {
            idempotency_key: &ghost.key,
            vlan: ghost.vlan,
            connection_id: &ghost.connection_id,
        }
    }
}

/// The bandwidth of so many Mbps, in the API's spelling.
fn named(mbps: u32) -> Option<&'static str> {
    let bandwidth = Bandwidth::ALL
        .into_iter()
        .find(|bandwidth| bandwidth.mbps() == mbps);
    bandwidth.map(Bandwidth::as_str)
}
