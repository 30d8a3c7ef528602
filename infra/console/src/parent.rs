//! What is known of one parent: who holds which of its VLANs, and what is sold.

use std::collections::{BTreeMap, BTreeSet};

use aws::direct_connect::{ParentSite, ReadError};
use aws::failure::CallError;
use hosted_connection::{Connection, IdempotencyKey, ParentPolicy, Vlan};
use ledger::{Lease, Record};

use crate::home::Home;
use crate::texts::mbps;

/// What holds a VLAN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// An order that has no connection yet.
    InFlight,
    /// A connection whose owner has not confirmed it, or that is being set up.
    Ordering,
    /// A connection that carries traffic.
    Available,
    /// A connection in any other state.
    Down,
    /// A connection that no order made.
    Orphan,
    /// An order whose connection Direct Connect does not show.
    Ghost,
    /// Nothing may be sold on it, by the parent's policy.
    Reserved,
    /// Nothing.
    Free,
}

impl Holds {
    /// All of them, as the legend has them.
    pub(crate) const ALL: [Self; 8] = [
        Self::InFlight,
        Self::Ordering,
        Self::Available,
        Self::Down,
        Self::Orphan,
        Self::Ghost,
        Self::Reserved,
        Self::Free,
    ];

    /// For classes and ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InFlight => "in-flight",
            Self::Ordering => "ordering",
            Self::Available => "available",
            Self::Down => "down",
            Self::Orphan => "orphan",
            Self::Ghost => "ghost",
            Self::Reserved => "reserved",
            Self::Free => "free",
        }
    }

    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InFlight => "order in flight",
            Self::Ordering => "ordering",
            Self::Available => "available",
            Self::Down => "down",
            Self::Orphan => "orphan",
            Self::Ghost => "ghost",
            Self::Reserved => "reserved by policy",
            Self::Free => "free",
        }
    }

    /// What that means.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::InFlight => "an order holds the VLAN and has no connection yet",
            Self::Ordering => {
                "the customer has not confirmed the connection, or it is being set up"
            }
            Self::Available => "the connection is available",
            Self::Down => "the connection is in another state, such as down or deleting",
            Self::Orphan => "a connection that no order made",
            Self::Ghost => "an order has a connection that Direct Connect does not show",
            Self::Reserved => "the parent's policy keeps the VLAN from being sold",
            Self::Free => "nothing holds the VLAN",
        }
    }

    fn of_state(state: &str) -> Self {
        match state {
            "available" => Self::Available,
            "ordering" | "requested" | "pending" => Self::Ordering,
            _ => Self::Down,
        }
    }
}

/// A VLAN that something holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) vlan: u16,
    pub(crate) holds: Holds,
    /// The order's key.
    pub(crate) key: Option<String>,
    pub(crate) connection_id: Option<String>,
    /// The customer's account.
    pub(crate) owner: Option<String>,
    /// The connection's state in Direct Connect's spelling.
    pub(crate) state: Option<String>,
    pub(crate) mbps: u64,
    /// Since when, in milliseconds since the Unix epoch.
    pub(crate) since_ms: Option<u64>,
}

/// A hosted connection as Direct Connect shows it now.
#[derive(Debug, Clone)]
struct Shown {
    id: String,
    vlan: u16,
    owner: Option<String>,
    state: String,
    mbps: u64,
    since_ms: Option<u64>,
}

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
}

impl ParentData {
    /// What holds a VLAN; none of a VLAN that is free or reserved.
    pub(crate) fn cell(&self, vlan: u16) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&vlan, |cell| cell.vlan);
        at.ok().map(|at| &self.cells[at])
    }

    /// What holds it.
    pub(crate) fn holds(&self, vlan: u16) -> Holds {
        match (self.cell(vlan), self.is_for_sale(vlan)) {
            (Some(cell), _) => cell.holds,
            (None, true) => Holds::Free,
            (None, false) => Holds::Reserved,
        }
    }

    fn is_for_sale(&self, vlan: u16) -> bool {
        let vlan = Vlan::new(vlan);
        match (&self.policy, vlan) {
            (Some(policy), Some(vlan)) => policy.allows_vlan(vlan),
            (_, _) => true,
        }
    }

    /// What is still to be sold; negative when too much is.
    pub(crate) fn free_mbps(&self) -> Option<i64> {
        let limit = i64::try_from(self.limit_mbps?).unwrap_or(i64::MAX);
        Some(limit - i64::try_from(self.sold_mbps).unwrap_or(i64::MAX))
    }

    /// VLANs of each kind.
    pub(crate) fn counts(&self) -> BTreeMap<Holds, usize> {
        let mut counts = BTreeMap::new();
        for vlan in 1..=4094 {
            *counts.entry(self.holds(vlan)).or_default() += 1;
        }
        counts
    }
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
    Ok(ParentData {
        sold_mbps: counted.map_or(sold, |mbps| u64::try_from(mbps).unwrap_or_default()),
        limit_mbps: limit.or(port),
        is_limited: limit.is_some(),
        is_looked_at: shown.is_some(),
        policy: policy.map(|state| state.policy),
        site: site.clone(),
        cells,
    })
}

/// What each lease and each connection come to.
fn cells(
    leases: &[Lease],
    records: &BTreeMap<&IdempotencyKey, &Record>,
    shown: Option<&[Shown]>,
) -> Vec<Cell> {
    let by_vlan: BTreeMap<u16, &Shown> = shown
        .unwrap_or_default()
        .iter()
        .map(|shown| (shown.vlan, shown))
        .collect();
    let mut cells: BTreeMap<u16, Cell> = BTreeMap::new();
    for lease in leases {
        let vlan = lease.vlan.get();
        let record = lease.holder.as_ref().and_then(|key| records.get(key));
        let on_it = by_vlan.get(&vlan).copied();
        cells.insert(
            vlan,
            of_lease(lease, record.copied(), on_it, shown.is_some()),
        );
    }
    let leased: BTreeSet<u16> = cells.keys().copied().collect();
    for shown in by_vlan
        .values()
        .filter(|shown| !leased.contains(&shown.vlan))
    {
        cells.insert(
            shown.vlan,
            Cell {
                vlan: shown.vlan,
                holds: Holds::Orphan,
                key: None,
                connection_id: Some(shown.id.clone()),
                owner: shown.owner.clone(),
                state: Some(shown.state.clone()),
                mbps: shown.mbps,
                since_ms: shown.since_ms,
            },
        );
    }
    cells.into_values().collect()
}

fn of_lease(
    lease: &Lease,
    record: Option<&Record>,
    on_it: Option<&Shown>,
    is_looked_at: bool,
) -> Cell {
    let noted = lease.connection.as_ref();
    let recorded = record.and_then(Record::connection);
    let known_id = noted.map(|note| note.connection_id.as_str()).or_else(|| {
        let connection = recorded?;
        connection.connection_id.as_deref()
    });
    let known_id = known_id.filter(|id| !id.is_empty());
    let theirs = on_it.filter(|shown| known_id.is_none_or(|id| id == shown.id));
    let noted_state = noted
        .map(|note| note.state.clone())
        .or_else(|| recorded?.connection_state.clone());
    let state = theirs.map(|shown| shown.state.clone()).or(noted_state);
    let of_state = || Holds::of_state(state.as_deref().unwrap_or_default());
    let holds = match (&lease.holder, known_id, theirs) {
        (None, _, _) => Holds::Orphan,
        (Some(_), None, _) => Holds::InFlight,
        (Some(_), Some(_), None) if is_looked_at => Holds::Ghost,
        (Some(_), Some(_), _) => of_state(),
    };
    let asked = record.map(|record| record.request.owner_account.as_str().to_owned());
    Cell {
        vlan: lease.vlan.get(),
        holds,
        key: lease.holder.as_ref().map(|key| key.as_str().to_owned()),
        connection_id: known_id
            .map(str::to_owned)
            .or_else(|| theirs.map(|shown| shown.id.clone())),
        owner: theirs.and_then(|shown| shown.owner.clone()).or(asked),
        state,
        mbps: u64::from(lease.mbps),
        since_ms: Some(lease.leased_at_ms),
    }
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
