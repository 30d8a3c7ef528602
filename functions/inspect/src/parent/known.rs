//! What the ledger knows of a parent: who holds which VLAN, and which connection is theirs.

use std::collections::BTreeMap;

use aws::failure::CallError;
use hosted_connection::{Connection, IdempotencyKey, ParentConnection, Vlan};
use ledger::Services;
use ledger::{Lease, ParentView, PolicyState, Record, State};

/// A connection's id; Direct Connect gives every one a name.
pub(super) fn id_of(connection: &Connection) -> &str {
    connection.connection_id.as_deref().unwrap_or_default()
}

/// One parent, as the ledger knows it.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) leases: Vec<Lease>,
    pub(super) policy: Option<PolicyState>,
    /// The connection of each lease's holder, as far as there is one; of a lease without holder, the orphan on it.
    pub(super) connection_ids: BTreeMap<Vlan, String>,
}

/// An order that has a connection which Direct Connect does not show.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ghost {
    pub(super) key: IdempotencyKey,
    pub(super) vlan: Vlan,
    pub(super) connection_id: String,
}

impl Known {
    pub(super) async fn of(aws: &Services, parent: &ParentConnection) -> Result<Known, CallError> {
        let ParentView { leases, policy, .. } = aws.ledger.parent(parent).await?;
        // Tracking writes the connection's id on the lease; until then the order's record has it.
        let unnoted = |lease: &&Lease| noted(lease).is_none();
        let keys = leases.iter().filter(unnoted);
        let keys: Vec<_> = keys.filter_map(|lease| lease.holder.clone()).collect();
        let records = aws.ledger.records(&keys).await?;
        // What is kept free for a connection that is to be moved here is no connection's yet.
        let here = records
            .into_iter()
            .filter(|record| record.lease_parent.as_ref() == Some(parent));
        let here: Vec<_> = here.collect();
        Ok(Known::with_records(leases, policy, &here))
    }

    pub(super) fn with_records(
        leases: Vec<Lease>,
        policy: Option<PolicyState>,
        records: &[Record],
    ) -> Known {
        let by_key: BTreeMap<_, _> = records
            .iter()
            .filter_map(|record| Some((&record.key, id_of(record.connection()?))))
            .collect();
        let id = |lease: &Lease| {
            let recorded = || by_key.get(lease.holder.as_ref()?).copied();
            noted(lease).or_else(recorded).map(str::to_owned)
        };
        let ids = leases
            .iter()
            .filter_map(|lease| Some((lease.vlan, id(lease)?)));
        Known {
            connection_ids: ids.collect(),
            leases,
            policy,
        }
    }

    /// Orders whose connection is not among the `living` ones.
    pub(super) fn ghosts(&self, living: &[Connection]) -> Vec<Ghost> {
        let ghost = |lease: &Lease| {
            let connection_id = self.connection_ids.get(&lease.vlan)?;
            let is_shown = living.iter().any(|shown| id_of(shown) == connection_id);
            (!is_shown).then_some(Ghost {
                key: lease.holder.clone()?,
                vlan: lease.vlan,
                connection_id: connection_id.clone(),
            })
        };
        self.leases.iter().filter_map(ghost).collect()
    }
}

/// Those of `ghosts` that nobody has accounted for meanwhile: the order still holds its VLAN, and its connection's end is
/// neither known nor asked for.
pub(super) async fn confirmed(
    aws: &Services,
    mut ghosts: Vec<Ghost>,
    now: &Known,
) -> Result<Vec<Ghost>, CallError> {
    ghosts.retain(|ghost| {
        let holds =
            |lease: &Lease| lease.vlan == ghost.vlan && lease.holder.as_ref() == Some(&ghost.key);
        now.leases.iter().any(holds)
    });
    let keys: Vec<_> = ghosts.iter().map(|ghost| ghost.key.clone()).collect();
    let records = aws.ledger.records(&keys).await?;
    ghosts.retain(|ghost| {
        let is_theirs = |record: &&Record| record.key == ghost.key;
        records.iter().find(is_theirs).is_some_and(is_living)
    });
    Ok(ghosts)
}

fn is_living(record: &Record) -> bool {
    let lifecycle = &record.lifecycle;
    record.state == State::Allocated
        && lifecycle.release.is_none()
        && lifecycle.gone_at_ms.is_none()
        && lifecycle.moving.is_none()
}

/// The connection's id on the lease itself.
fn noted(lease: &Lease) -> Option<&str> {
    let id = lease.connection.as_ref()?.connection_id.as_str();
    (!id.is_empty()).then_some(id)
}
