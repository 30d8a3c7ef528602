//! What is known of one parent: who holds which of its VLANs, and what is sold.

mod cells;
mod holds;

pub(crate) use cells::Cell;
pub(crate) use holds::Holds;

use std::collections::BTreeMap;

use aws::direct_connect::{ParentSite, ReadError};
use aws::failure::CallError;
use hosted_connection::{Connection, ParentPolicy, Vlan};
use ledger::Lease;

use crate::home::Home;
use crate::texts::mbps;
use cells::{Shown, cells};

/// One parent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ParentData {
    pub(crate) site: ParentSite,
    /// VLANs in use, lowest first.
    pub(crate) cells: Vec<Cell>,
    pub(crate) policy: Option<ParentPolicy>,
    pub(crate) sold_mbps: u64,
    /// What may be sold: by the policy, or else what the ports carry.
    pub(crate) limit_mbps: Option<u64>,
    /// Whether the limit is the policy's.
    pub(crate) is_limited: bool,
    /// Whether Direct Connect was asked what it shows; otherwise the states are those that track noted.
    pub(crate) is_looked_at: bool,
    /// What holds each VLAN, by its number. Worked out when the parent is read: the map asks for all 4,094 of them, and often.
    holds: Vec<Holds>,
}

impl ParentData {
    /// What holds a VLAN; none of a VLAN that is free or reserved.
    pub(crate) fn cell(&self, vlan: u16) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&vlan, |cell| cell.vlan);
        at.ok().map(|at| &self.cells[at])
    }

    /// What holds it.
    pub(crate) fn holds(&self, vlan: u16) -> Holds {
        let holds = self.holds.get(usize::from(vlan));
        holds.copied().unwrap_or(Holds::Free)
    }

    /// What is still to be sold; negative when too much is.
    pub(crate) fn free_mbps(&self) -> Option<i64> {
        let limit = i64::try_from(self.limit_mbps?).unwrap_or(i64::MAX);
        Some(limit - i64::try_from(self.sold_mbps).unwrap_or(i64::MAX))
    }

    /// VLANs of each kind.
    pub(crate) fn counts(&self) -> BTreeMap<Holds, usize> {
        let mut counts = BTreeMap::new();
        for holds in self.holds.iter().skip(1) {
            *counts.entry(*holds).or_default() += 1;
        }
        counts
    }
}

/// What holds each VLAN, by its number; 0 is none.
fn all_holds(cells: &[Cell], policy: Option<&ParentPolicy>) -> Vec<Holds> {
    let of_policy = |vlan| match (policy, Vlan::new(vlan)) {
        (Some(policy), Some(vlan)) if !policy.allows_vlan(vlan) => Holds::Reserved,
        (_, _) => Holds::Free,
    };
    let mut holds: Vec<Holds> = (0..=Vlan::MAX.get()).map(of_policy).collect();
    for cell in cells {
        if let Some(place) = holds.get_mut(usize::from(cell.vlan)) {
            *place = cell.holds;
        }
    }
    holds
}

/// Reads one parent: from the table, and from Direct Connect if `look`.
///
/// # Errors
/// One of the two cannot be read.
pub(crate) async fn read(
    home: &Home,
    site: &ParentSite,
    look: bool,
) -> Result<ParentData, CallError> {
    let view = home.aws.ledger.parent(&site.id).await?;
    let shown = match (&home.bench, look) {
        (Some(bench), _) => Some(of_bench(bench.cloud.living_on(site.id.as_str()))),
        (None, true) => Some(of_direct_connect(home, site).await?),
        (None, false) => None,
    };
    let unnoted = |lease: &&Lease| lease.connection.is_none();
    let keys: Vec<_> = view
        .leases
        .iter()
        .filter(unnoted)
        .filter_map(|lease| lease.holder.clone())
        .collect();
    let records = home.aws.ledger.records(&keys).await?;
    let records: BTreeMap<_, _> = records.iter().map(|record| (&record.key, record)).collect();
    let policy = view.policy;
    let limit = policy
        .as_ref()
        .and_then(|state| state.policy.sellable_mbps());
    let port = mbps(&site.port).map(|port| port * u64::from(site.ports.max(1)));
    let cells = cells(&view.leases, &records, shown.as_deref());
    let counted = policy.as_ref().map(|state| state.sold_mbps);
    let sold = cells.iter().map(|cell| cell.mbps).sum();
    let policy = policy.map(|state| state.policy);
    Ok(ParentData {
        sold_mbps: counted.map_or(sold, |mbps| u64::try_from(mbps).unwrap_or_default()),
        limit_mbps: limit.or(port),
        is_limited: limit.is_some(),
        is_looked_at: shown.is_some(),
        holds: all_holds(&cells, policy.as_ref()),
        policy,
        site: site.clone(),
        cells,
    })
}

fn of_bench(connections: Vec<local_cloud::HostedConnection>) -> Vec<Shown> {
    let shown = connections.into_iter().map(|connection| Shown {
        mbps: mbps(&connection.bandwidth).unwrap_or_default(),
        id: connection.id,
        vlan: connection.vlan,
        owner: Some(connection.owner_account),
        state: connection.state,
        since_ms: Some(connection.state_since_ms),
    });
    shown.collect()
}

async fn of_direct_connect(home: &Home, site: &ParentSite) -> Result<Vec<Shown>, CallError> {
    let listed = match home.aws.direct_connect.connections(&site.id).await {
        Ok(listed) => listed.connections,
        // A member of a LAG may not show its own.
        Err(ReadError::Refused(_)) => Vec::new(),
        Err(ReadError::Failed(error)) => return Err(error),
    };
    let shown = |connection: Connection| {
        let bandwidth = connection.bandwidth.as_deref().and_then(mbps);
        Some(Shown {
            vlan: u16::try_from(connection.vlan?).ok()?,
            id: connection.connection_id.unwrap_or_default(),
            owner: connection.owner_account,
            state: connection.connection_state.unwrap_or_default(),
            mbps: bandwidth.unwrap_or_default(),
            since_ms: None,
        })
    };
    let living = listed.into_iter().filter(allocation::is_living);
    Ok(living.filter_map(shown).collect())
}
