//! Following the connections of one parent: one look covers them all, and only what has changed costs more.

mod known;
mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use allocation::{Look, is_living, used_mbps, vlan_of};
use aws::config::Tracking;
use aws::failure::CallError;
use futures_util::{StreamExt, stream};
use hosted_connection::{Connection, IdempotencyKey, ParentConnection, Vlan};
use ledger::Services;
use ledger::{ConnectionNote, Lease, ParentView, Record, State};

use crate::change;
use crate::orphans::{self, Orphan};
use crate::owed;
use known::{held, known_ids, open_vlans};
use shown::Shown;

/// Records that are written at the same time.
const SIDE_BY_SIDE: usize = 16;

/// Follows connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Follower {
    aws: Services,
    tracking: Tracking,
}

/// What a parent's connections came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Followed {
    /// Connections that Direct Connect showed, in every state.
    pub shown: usize,
    /// Changes and reminders that were recorded.
    pub news: usize,
    /// Living connections that no record knows.
    pub orphans: Vec<Orphan>,
    /// Living records whose connection is gone.
    pub ghosts: Vec<Ghost>,
    /// Connections of orders that have a VLAN kept free here because they are to be moved here, by id.
    pub(crate) expected: BTreeSet<String>,
    /// Whose the connections are that are leased here, by connection id.
    pub(crate) held: BTreeMap<String, IdempotencyKey>,
    /// What Direct Connect showed, and when the look began.
    pub(crate) listed: Arc<Vec<Connection>>,
    pub(crate) looked_at_ms: u64,
}

/// A record that says a connection lives, which Direct Connect does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ghost {
    /// Its key.
    pub key: IdempotencyKey,
    /// The VLAN that it still holds.
    pub vlan: Vlan,
    /// The connection that is missing.
    pub connection_id: String,
}

impl Follower {
    pub(crate) fn aws(&self) -> &Services {
        &self.aws
    }

    /// A follower on `aws`.
    #[must_use]
    pub fn new(aws: Services, tracking: Tracking) -> Self {
        Self { aws, tracking }
    }

    /// Records and publishes what `look`, taken before this call, shows of the parent's connections. `lag` is what it is a
    /// member of, and what that shows.
    ///
    /// # Errors
    /// When the table cannot be read or written. What was recorded until then is not lost.
    pub async fn follow(
        &self,
        parent: &ParentConnection,
        look: &Look,
        lag: Option<&(ParentConnection, Look)>,
    ) -> Result<Followed, CallError> {
        // After the look: a connection's lease is written before its call, so what the look shows has one by now.
        let view = self.aws.ledger.parent(parent).await?;
        self.note_lag(parent, &view, lag).await?;
        self.note_vlans(parent, &view, look, lag.is_some()).await?;
        let shown = Shown::new(look);
        let sorted = self.sort(&view, &shown);
        let records = self.aws.ledger.records(&sorted.to_read).await?;
        let known_ids = known_ids(&view, &records);
        let open_vlans = open_vlans(&view, &records);

        let (records, expected): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|record| record.lease_parent.as_ref() == Some(parent));
        let expected = expected
            .iter()
            .filter_map(|record| record.connection()?.connection_id.clone());
        let expected = expected.collect();
        let mut ghosts = sorted.ghosts;
        ghosts.extend(records.iter().filter_map(|record| shown.ghost(record)));
        let final_records: Vec<_> = records
            .iter()
            .filter_map(|record| {
                let id = record.connection()?.connection_id.clone()?;
                Some((id, record.key.clone()))
            })
            .collect();
        let news = self.record(&view, &shown, records).await?;
        let mut orphans = orphans::among(&look.connections, &known_ids, &open_vlans);
        // What a member shows of its LAG's connections is the LAG's to explain.
        let on_lag = |orphan: &Orphan| {
            let id = orphan.connection.connection_id.as_deref();
            lag.is_some_and(|(_, look)| id.is_some_and(|id| look.of_id(id).is_some()))
        };
        orphans.retain(|orphan| !on_lag(orphan));
        let held = held(&view, &final_records);
        let orphans = orphans::confirmed(&self.aws, parent, &view.leases, orphans).await?;
        orphans::remember(&self.aws, parent, &view.leases, &orphans).await?;
        self.count(parent, &view).await?;
        Ok(Followed {
            shown: look.connections.len(),
            news,
            orphans,
            ghosts,
            expected,
            held,
            listed: Arc::clone(&look.connections),
            looked_at_ms: look.began_at_ms,
        })
    }

    /// Has orders on the parent know that it shares its VLANs and its bandwidth with a LAG.
    async fn note_lag(
        &self,
        parent: &ParentConnection,
        view: &ParentView,
        lag: Option<&(ParentConnection, Look)>,
    ) -> Result<(), CallError> {
        let lag = lag.map(|(lag, _)| lag);
        if view.lag.as_ref() == lag {
            return Ok(());
        }
        self.aws.ledger.note_lag(parent, lag).await
    }

    /// Has orders know which VLANs are in use, and how much bandwidth, where they go by it. Of a parent that does not show its
    /// connections it is known only where its LAG shows them.
    async fn note_vlans(
        &self,
        parent: &ParentConnection,
        view: &ParentView,
        look: &Look,
        is_member: bool,
    ) -> Result<(), CallError> {
        if !look.is_listed && !is_member {
            return Ok(());
        }
        let living = look.connections.iter().filter(|shown| is_living(shown));
        let shown = living.filter_map(vlan_of);
        let used_mbps = (!is_member).then(|| used_mbps(view, &look.connections));
        let ledger = &self.aws.ledger;
        ledger
            .remember(parent, view, shown, used_mbps, look.began_at_ms)
            .await
    }

    /// Sorts the leases by what the look says about them without reading a record.
    fn sort(&self, view: &ParentView, shown: &Shown<'_>) -> Sorted {
        let mut sorted = Sorted::default();
        for lease in &view.leases {
            let Some(key) = &lease.holder else { continue };
            let Some(note) = &lease.connection else {
                sorted.to_read.push(key.clone());
                continue;
            };
            match shown.by_id.get(note.connection_id.as_str()) {
                None => sorted.ghosts.push(Ghost {
                    key: key.clone(),
                    vlan: lease.vlan,
                    connection_id: note.connection_id.clone(),
                }),
                Some(connection) => {
                    let changed = change::state_of(Some(connection)) != note.state;
                    if changed || self.is_late(lease, note) {
                        sorted.to_read.push(key.clone());
                    }
                }
            }
        }
        sorted
    }

    /// Whether its owner may have been silent for too long. A lease is as old as the order at least, which may have been
    /// allocated much later; its record says when.
    fn is_late(&self, lease: &Lease, note: &ConnectionNote) -> bool {
        let is_old = self.since_s(lease.leased_at_ms) >= self.reminder_s();
        !note.reminded && note.state == "ordering" && is_old
    }

    fn since_s(&self, at_ms: u64) -> u64 {
        self.aws.clock.now_ms().saturating_sub(at_ms) / 1000
    }

    fn reminder_s(&self) -> u64 {
        self.tracking.ordering_reminder.as_secs()
    }

    /// Writes what is new, and publishes it. Answers with how much that was.
    async fn record(
        &self,
        view: &ParentView,
        shown: &Shown<'_>,
        records: Vec<Record>,
    ) -> Result<usize, CallError> {
        let leases: BTreeMap<_, _> = view
            .leases
            .iter()
            .filter_map(|lease| Some((lease.holder.clone()?, lease)))
            .collect();
        let leases = &leases;
        let written: Vec<Result<Option<Record>, CallError>> = stream::iter(records)
            .map(|record| async move {
                let lease = leases.get(&record.key).copied();
                self.record_one(lease, shown, record).await
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let mut owing = Vec::new();
        let mut failed = None;
        for written in written {
            match written {
                Ok(record) => owing.extend(record),
                Err(error) => failed = Some(error),
            }
        }
        let news = owing.len();
        owed::publish(&self.aws, owing).await;
        match failed {
            Some(error) => Err(error),
            None => Ok(news),
        }
    }

    /// The record, if something new is recorded in it now.
    async fn record_one(
        &self,
        lease: Option<&Lease>,
        shown: &Shown<'_>,
        record: Record,
    ) -> Result<Option<Record>, CallError> {
        let (Some(lease), Some(connection)) = (lease, shown.of(&record)) else {
            return Ok(None);
        };
        if record.state != State::Allocated || !record.published {
            return Ok(None);
        }
        let at = self.aws.clock.timestamp();
        let age_s = self.since_s(record.occurred_at.as_ms());
        let before = record.lifecycle.owed.len();
        let written = change::write(&self.aws, record, |record| {
            change::shown(record, connection, shown.seen(), at).or_else(|| {
                let late = age_s >= self.reminder_s();
                late.then(|| change::reminder(record, age_s, at)).flatten()
            })
        })
        .await?;
        let note = ConnectionNote::of(change::last_seen(&written), written.lifecycle.reminded);
        if written.lifecycle.owed.len() > before {
            return Ok(Some(written));
        }
        if written.lifecycle.gone_at_ms.is_none() && lease.connection.as_ref() != Some(&note) {
            // Nothing new, but from now on the lease alone tells so.
            self.aws.ledger.note_connection(&written).await?;
        }
        Ok(None)
    }

    /// Leases from before the parent had a policy, and orphans, count as well.
    async fn count(&self, parent: &ParentConnection, view: &ParentView) -> Result<(), CallError> {
        if view.policy.is_none() {
            return Ok(());
        }
        for lease in &view.leases {
            self.aws.ledger.count(parent, lease).await?;
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Sorted {
    to_read: Vec<IdempotencyKey>,
    ghosts: Vec<Ghost>,
}
