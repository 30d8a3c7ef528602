//! Connections that somebody has moved by hand, until tracking has followed them: they are neither ghosts of the parent that
//! they left nor orphans of the one that they are on.
//!
//! Nothing is asked where there is neither: then what is shown and what is known agree.

use std::collections::{BTreeMap, BTreeSet};

use allocation::{Looks, Whereabouts, is_living, vlan_of};
use aws::direct_connect::Parents;
use aws::failure::CallError;
use hosted_connection::{Connection, IdempotencyKey, ParentConnection, Vlan};
use ledger::{Record, Services, State};

use super::known::{Ghost, id_of};

/// A connection that is shown on another parent than the one that its VLAN is leased on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moved {
    pub(super) key: IdempotencyKey,
    pub(super) vlan: Vlan,
    pub(super) connection_id: String,
    pub(super) way: Way,
}

/// Which way it went, as seen from the parent that is asked about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Way {
    /// It left, and is shown there now.
    To(ParentConnection),
    /// It came, and its VLAN is still leased there.
    From(ParentConnection),
}

/// Takes those out of `ghosts` that another parent shows.
pub(super) async fn away(
    aws: &Services,
    looks: &Looks,
    parent: &ParentConnection,
    ghosts: &mut Vec<Ghost>,
) -> Result<Vec<Moved>, CallError> {
    let mut moved = Vec::new();
    let mut missing = Vec::new();
    for ghost in std::mem::take(ghosts) {
        // Shared looks: many ghosts take as many calls as one.
        let whereabouts = looks.whereabouts(aws, &ghost.connection_id, parent);
        match Box::pin(whereabouts).await? {
            Whereabouts::Shown {
                parent: there,
                connection,
                ..
            } if there != *parent && is_living(&connection) => moved.push(Moved {
                key: ghost.key,
                vlan: ghost.vlan,
                connection_id: ghost.connection_id,
                way: Way::To(there),
            }),
            Whereabouts::Shown { .. } | Whereabouts::Nowhere { .. } => missing.push(ghost),
        }
    }
    *ghosts = missing;
    Ok(moved)
}

/// Those of `orphans` that are orders' own, whose VLANs are still leased on other parents.
pub(super) async fn here(
    aws: &Services,
    looks: &Looks,
    parent: &ParentConnection,
    orphans: &[&Connection],
) -> Result<Vec<Moved>, CallError> {
    let vlans: BTreeSet<_> = orphans.iter().filter_map(|shown| vlan_of(shown)).collect();
    if vlans.is_empty() {
        return Ok(Vec::new());
    }
    let parents = looks.parents(aws).await?;
    let ids: BTreeSet<_> = orphans.iter().map(|shown| id_of(shown)).collect();
    let elsewhere: Vec<_> = parents.ids().filter(|other| *other != parent).collect();
    let owners = aws.ledger.owners_of(&ids, &vlans, &elsewhere).await?;
    let owners: BTreeMap<_, _> = owners
        .iter()
        .filter(|record| record.state == State::Allocated)
        .filter(|record| {
            let home = record.lease_parent.as_ref();
            home.is_some_and(|home| has_left(home, parent, &parents))
        })
        .filter_map(|record| Some((id_of(record.connection()?), record)))
        .collect();
    let moved = |shown: &&Connection| {
        let record: &Record = owners.get(id_of(shown))?;
        Some(Moved {
            key: record.key.clone(),
            vlan: vlan_of(shown)?,
            connection_id: id_of(shown).to_owned(),
            way: Way::From(record.lease_parent.clone()?),
        })
    };
    Ok(orphans.iter().filter_map(moved).collect())
}

/// Whether a connection that `parent` shows has left `home`. A member of a LAG may show the LAG's connections as its own, and
/// those have not moved.
fn has_left(home: &ParentConnection, parent: &ParentConnection, parents: &Parents) -> bool {
    home != parent
        && (parents.lag_of(home) == Some(parent) || !parents.aliases(parent).contains(home))
}
