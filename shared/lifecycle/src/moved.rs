//! Connections that somebody has moved to another parent: an interconnect joined a LAG, or a connection was associated anew.
//!
//! A lease whose connection is not shown on its own parent, and a connection elsewhere that no lease there explains, are one
//! and the same when the ids are. The lease moves along, and everything else goes on from there. One that is deleted before
//! it was seen to have moved is told as deleted, and frees its VLAN where that is leased.

use std::collections::{BTreeMap, BTreeSet};

use allocation::is_living;
use aws::direct_connect::Parents;
use aws::failure::CallError;
use hosted_connection::{Connection, IdempotencyKey, ParentConnection};
use ledger::{Moved, Record, State};

use crate::change::{self, Seen};
use crate::follow::{Followed, Follower};
use crate::owed;

/// A connection on another parent than the one that its VLAN is leased on.
struct Move {
    key: IdempotencyKey,
    id: String,
    connection: Connection,
    /// Where it is leased and where it is shown, as places in the list of what was followed.
    from: usize,
    to: usize,
    seen: Seen,
}

/// What became of a move.
enum Along {
    /// The lease moved along.
    Moved(Box<Record>),
    /// Its VLAN is another order's there, so the lease stays; a change of the connection is recorded all the same.
    Told(Box<Record>),
    Nothing,
}

impl Follower {
    /// Moves the leases of moved connections along, among the parents that were `followed` in this run, and publishes it.
    /// What was moved is neither a ghost nor an orphan any more; where somebody else has the VLAN, it stays both.
    ///
    /// # Errors
    /// When the table cannot be read or written. What was moved until then is not lost.
    pub async fn follow_moved(
        &self,
        followed: &mut [(ParentConnection, Followed)],
        parents: &Parents,
    ) -> Result<(), CallError> {
        forgive_expected(followed);
        let mut told = Vec::new();
        let mut failed = None;
        for moved in moves(followed, parents) {
            let to = followed[moved.to].0.clone();
            match self.move_along(&moved, &to).await {
                Ok(Along::Moved(record)) => {
                    told.push(*record);
                    let ghosts = &mut followed[moved.from].1.ghosts;
                    ghosts.retain(|ghost| ghost.connection_id != moved.id);
                    let orphans = &mut followed[moved.to].1.orphans;
                    orphans.retain(|orphan| {
                        orphan.connection.connection_id.as_ref() != Some(&moved.id)
                    });
                    followed[moved.to].1.news += 1;
                }
                Ok(Along::Told(record)) => {
                    told.push(*record);
                    followed[moved.to].1.news += 1;
                }
                Ok(Along::Nothing) => {}
                Err(error) => failed = Some(error),
            }
        }
        for gone in gone_elsewhere(followed) {
            match self.record_shown(&gone).await {
                Ok(Some(record)) => {
                    told.push(record);
                    let ghosts = &mut followed[gone.from].1.ghosts;
                    ghosts.retain(|ghost| ghost.connection_id != gone.id);
                    followed[gone.from].1.news += 1;
                }
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        owed::publish(self.aws(), told).await;
        failed.map_or(Ok(()), Err)
    }

    /// The record, if something is recorded now of its connection as it is shown elsewhere.
    async fn record_shown(&self, gone: &Elsewhere) -> Result<Option<Record>, CallError> {
        let ledger = &self.aws().ledger;
        let records = ledger.records(std::slice::from_ref(&gone.key)).await?;
        let Some(record) = records.into_iter().next() else {
            return Ok(None);
        };
        let is_its = |record: &Record| {
            let connection = record.connection();
            connection.is_some_and(|own| own.connection_id.as_ref() == Some(&gone.id))
        };
        let (revision, at) = (record.revision(), self.aws().clock.timestamp());
        let written = change::write(self.aws(), record, |record| {
            let shown = change::shown(record, &gone.connection, gone.seen, at);
            shown.filter(|_| is_its(record))
        });
        let written = written.await?;
        Ok((written.revision() != revision).then_some(written))
    }

    /// Moves the lease, if it can be.
    async fn move_along(&self, moved: &Move, to: &ParentConnection) -> Result<Along, CallError> {
        let ledger = &self.aws().ledger;
        let records = ledger.records(std::slice::from_ref(&moved.key)).await?;
        let Some(record) = records.into_iter().next() else {
            return Ok(Along::Nothing);
        };
        // Until the allocation itself is told, nothing that came after it may be.
        let is_due = record.state == State::Allocated && record.published;
        let at = self.aws().clock.timestamp();
        let Some(lifecycle) = change::moved(&record, &moved.connection, to, at).filter(|_| is_due)
        else {
            return Ok(Along::Nothing);
        };
        match ledger.move_lease(&record, lifecycle, to).await? {
            Moved::Done(record) => {
                tracing::info!(
                    allocation.key = %moved.key,
                    hosted_connection.id = moved.id,
                    parent.id = %to,
                    "a connection was moved to another parent"
                );
                Ok(Along::Moved(record))
            }
            Moved::VlanTaken => {
                tracing::warn!(
                    allocation.key = %moved.key,
                    hosted_connection.id = moved.id,
                    parent.id = %to,
                    "a connection was moved to a parent on which its VLAN is another order's"
                );
                let shown = Elsewhere {
                    key: moved.key.clone(),
                    id: moved.id.clone(),
                    connection: moved.connection.clone(),
                    from: moved.from,
                    seen: moved.seen,
                };
                let recorded = self.record_shown(&shown).await?;
                Ok(recorded.map_or(Along::Nothing, |record| Along::Told(Box::new(record))))
            }
            // The next run sees it as it is then.
            Moved::Changed(_) => Ok(Along::Nothing),
        }
    }
}

/// What a person has moved, and is shown where it is expected, is no ghost where it was.
fn forgive_expected(followed: &mut [(ParentConnection, Followed)]) {
    let arrived: BTreeSet<String> = followed
        .iter()
        .flat_map(|(_, parent)| {
            let shown = parent
                .listed
                .iter()
                .filter_map(|shown| shown.connection_id.clone());
            shown.filter(|id| parent.expected.contains(id))
        })
        .collect();
    if arrived.is_empty() {
        return;
    }
    for (_, parent) in followed {
        parent
            .ghosts
            .retain(|ghost| !arrived.contains(&ghost.connection_id));
    }
}

/// A connection as it is shown on another parent than it is leased on.
struct Elsewhere {
    key: IdempotencyKey,
    id: String,
    connection: Connection,
    /// Where it is leased, as a place in the list of what was followed.
    from: usize,
    seen: Seen,
}

/// Leases whose connection is not shown on their own parent, and shown as deleted or rejected on another.
fn gone_elsewhere(followed: &[(ParentConnection, Followed)]) -> Vec<Elsewhere> {
    let mut ghosts: BTreeMap<&str, (usize, &IdempotencyKey)> = BTreeMap::new();
    for (index, (_, parent)) in followed.iter().enumerate() {
        let missing = parent.ghosts.iter();
        ghosts.extend(missing.map(|ghost| (ghost.connection_id.as_str(), (index, &ghost.key))));
    }
    if ghosts.is_empty() {
        return Vec::new();
    }
    let mut gone = Vec::new();
    for (place, (_, parent)) in followed.iter().enumerate() {
        for connection in parent.listed.iter().filter(|shown| !is_living(shown)) {
            let Some(id) = &connection.connection_id else {
                continue;
            };
            let Some(&(from, key)) = ghosts.get(id.as_str()).filter(|(from, _)| *from != place)
            else {
                continue;
            };
            gone.push(Elsewhere {
                key: key.clone(),
                id: id.clone(),
                connection: connection.clone(),
                from,
                seen: Seen {
                    began_at_ms: parent.looked_at_ms,
                    after_revision: None,
                },
            });
        }
    }
    gone
}

/// Leases whose connection is an orphan on another parent, and not shown on their own; or shown there only because it is a
/// member of that LAG.
fn moves(followed: &[(ParentConnection, Followed)], parents: &Parents) -> Vec<Move> {
    let mut homes: BTreeMap<&str, (usize, &IdempotencyKey)> = BTreeMap::new();
    for (index, (_, parent)) in followed.iter().enumerate() {
        homes.extend(
            parent
                .held
                .iter()
                .map(|(id, key)| (id.as_str(), (index, key))),
        );
    }
    let mut moves = Vec::new();
    for (to, (place, parent)) in followed.iter().enumerate() {
        for orphan in &parent.orphans {
            let Some(id) = &orphan.connection.connection_id else {
                continue;
            };
            let Some(&(from, key)) = homes.get(id.as_str()) else {
                continue;
            };
            let home = &followed[from];
            let is_gone = if parents.lag_of(place) == Some(&home.0) {
                // The LAG of this member may only show a new connection later than the member does.
                home.1.ghosts.iter().any(|ghost| ghost.connection_id == *id)
            } else {
                let is_it = |shown: &Connection| shown.connection_id.as_ref() == Some(id);
                !home.1.listed.iter().any(is_it)
            };
            if from != to && (is_gone || parents.lag_of(&home.0) == Some(place)) {
                moves.push(Move {
                    key: key.clone(),
                    id: id.clone(),
                    connection: orphan.connection.clone(),
                    from,
                    to,
                    seen: Seen {
                        began_at_ms: parent.looked_at_ms,
                        after_revision: None,
                    },
                });
            }
        }
    }
    moves
}
