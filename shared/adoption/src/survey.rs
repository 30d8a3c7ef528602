//! What is known of the wanted connections: what Direct Connect shows, who has their VLANs on any parent, and the records.
//!
//! A bounded number of calls: one look at the parent, the leases of every parent, and records a hundred at a time.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use allocation::{Look, is_living, vlan_of};
use aws::direct_connect::ReadError;
use aws::failure::CallError;
use futures_util::{StreamExt, stream};
use hosted_connection::{Connection, IdempotencyKey, ParentConnection, Vlan};
use ledger::{Lease, ParentView, Record, Services};

use crate::list::Wanted;
use crate::patience::patiently;

/// Parents whose leases are read at the same time.
const SIDE_BY_SIDE: usize = 8;

/// Why nothing could be found out.
#[derive(Debug, Clone)]
pub enum Failure {
    /// A service failed.
    Call(CallError),
    /// Direct Connect shows no connections of the parent, for this reason.
    NotShown(String),
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Failed(error) => Self::Call(error),
            ReadError::Refused(message) => Self::NotShown(message),
        }
    }
}

/// What is known.
pub(crate) struct Survey {
    /// The interconnect or LAG whose connections are adopted.
    pub(crate) parent: ParentConnection,
    /// The one whose VLANs those are: the LAG, of a member.
    pub(crate) home: ParentConnection,
    /// The ids of the same place, and whatever else shares its VLANs.
    pub(crate) place: BTreeSet<ParentConnection>,
    /// Whether that has a policy.
    pub(crate) has_policy: bool,
    /// What Direct Connect shows there.
    look: Look,
    /// Where in the look a connection is, by id: a file may name 100,000.
    by_id: HashMap<String, usize>,
    /// The leases of all parents, by VLAN.
    pub(crate) leases: BTreeMap<Vlan, Vec<(ParentConnection, Lease)>>,
    /// VLANs of the same place whose leases cannot be understood.
    pub(crate) unreadable: BTreeSet<Vlan>,
    /// The records of the keys that matter.
    pub(crate) records: HashMap<IdempotencyKey, Record>,
}

impl Survey {
    /// Finds out.
    ///
    /// The leases are read before the look: a connection whose order was there when the command began has its lease in
    /// them, even if it is released while the look goes on. Those of the other parents are read once more after the look,
    /// because the look may show a connection that was made elsewhere and moved here meanwhile. The lease at home is
    /// compared by the transaction itself.
    ///
    /// # Errors
    /// Something could not be read.
    pub(crate) async fn of(
        aws: &Services,
        parent: &ParentConnection,
        wanted: &Wanted,
    ) -> Result<Self, Failure> {
        let parents = patiently(async || aws.direct_connect.parents().await).await?;
        let home = parents.lag_of(parent).unwrap_or(parent).clone();
        let mut place: BTreeSet<_> = parents.aliases(&home).into_iter().collect();
        place.extend([home.clone(), parent.clone()]);
        let mut places: BTreeSet<_> = parents.ids().cloned().collect();
        places.extend(place.iter().cloned());
        let before = views(aws, &places).await?;
        let look = patiently(async || Look::now(aws, parent).await).await?;
        places.remove(&home);
        let after = views(aws, &places).await?;
        let has_policy = before
            .iter()
            .any(|(at, view)| *at == home && view.policy.is_some());
        let ids = look.connections.iter().enumerate();
        let by_id = ids.filter_map(|(at, shown)| Some((shown.connection_id.clone()?, at)));
        let mut survey = Self {
            parent: parent.clone(),
            has_policy,
            by_id: by_id.collect(),
            look,
            leases: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            records: HashMap::new(),
            home,
            place,
        };
        for (at, view) in before.into_iter().chain(after) {
            survey.add(&at, view);
        }
        let keys: Vec<_> = survey.keys(wanted).into_iter().collect();
        let records = patiently(async || aws.ledger.records(&keys).await).await?;
        let by_key = |record: Record| (record.key.clone(), record);
        survey.records = records.into_iter().map(by_key).collect();
        Ok(survey)
    }

    fn add(&mut self, at: &ParentConnection, view: ParentView) {
        for lease in view.leases {
            let on_vlan = self.leases.entry(lease.vlan).or_default();
            let is_it = |(place, known): &(ParentConnection, Lease)| place == at && *known == lease;
            if !on_vlan.iter().any(is_it) {
                on_vlan.push((at.clone(), lease));
            }
        }
        if self.place.contains(at) {
            self.unreadable.extend(view.unreadable);
        }
    }

    /// The keys whose records say something about the wanted connections.
    fn keys(&self, wanted: &Wanted) -> BTreeSet<IdempotencyKey> {
        let mut keys = BTreeSet::new();
        let shown: HashMap<_, _> = self.shown().collect();
        match wanted {
            Wanted::Orphans => {
                for (id, connection) in &shown {
                    self.add_keys(id, connection, &mut keys);
                    keys.insert(IdempotencyKey::from_stored(id));
                }
            }
            Wanted::These(lines) => {
                for line in lines {
                    if let Some(connection) = shown.get(line.connection_id.as_str()) {
                        self.add_keys(&line.connection_id, connection, &mut keys);
                        keys.insert(line.key.clone());
                    }
                }
            }
        }
        keys
    }

    /// The connection of that id, in whatever state.
    pub(crate) fn of_id(&self, id: &str) -> Option<&Connection> {
        self.look.connections.get(*self.by_id.get(id)?)
    }

    /// The living connections that are shown, by id.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&str, &Connection)> {
        let living = self
            .look
            .connections
            .iter()
            .filter(|shown| is_living(shown));
        living.filter_map(|shown| Some((shown.connection_id.as_deref()?, shown)))
    }

    /// Who may have the connection already. A connection keeps its VLAN wherever it is moved to, so one of the leases of that
    /// VLAN is its record's. What a lease notes of another connection is not its.
    fn add_keys(&self, id: &str, connection: &Connection, keys: &mut BTreeSet<IdempotencyKey>) {
        let on_vlan = vlan_of(connection).and_then(|vlan| self.leases.get(&vlan));
        for (_, lease) in on_vlan.into_iter().flatten() {
            let noted = lease
                .connection
                .as_ref()
                .map(|note| note.connection_id.as_str());
            if noted.is_none_or(|noted| noted == id) {
                keys.extend(lease.holder.clone());
            }
        }
    }
}

async fn views(
    aws: &Services,
    places: &BTreeSet<ParentConnection>,
) -> Result<Vec<(ParentConnection, ParentView)>, CallError> {
    let reads: Vec<_> = places
        .iter()
        .map(async |place| {
            let view = patiently(async || aws.ledger.parent(place).await).await;
            view.map(|view| (place.clone(), view))
        })
        .collect();
    let read: Vec<_> = stream::iter(reads).buffered(SIDE_BY_SIDE).collect().await;
    read.into_iter().collect()
}
