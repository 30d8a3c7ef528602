//! What a process knows of the account's parents, so that not every order by place has to ask: the list of them, what is
//! sold on those without a policy, and what this process is selling at this very moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::InFlight;
use aws::config::Rules;
use aws::direct_connect::{Parents, ReadError};
use aws::failure::CallError;
use hosted_connection::{Bandwidth, Connection, ParentConnection};
use ledger::{ParentView, PolicyState, Services};

use crate::vlan::{Choice, is_living, vlan_of};

/// How long a process goes by what it has read.
const KNOWN_FOR: Duration = Duration::from_secs(30);

/// What is sold on parents, by their policies.
pub(crate) type Policies = Arc<BTreeMap<ParentConnection, PolicyState>>;

/// What a process knows. Cheap to clone; one per process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ground(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    parents: Mutex<Option<(Arc<Parents>, u64)>>,
    listing: InFlight<(), Arc<Parents>>,
    policies: InFlight<Vec<ParentConnection>, Policies>,
    surveys: InFlight<ParentConnection, Survey>,
    /// What is used of parents without a policy, and since when that is known.
    used: Mutex<BTreeMap<ParentConnection, (i64, u64)>>,
    selling: Mutex<BTreeMap<ParentConnection, i64>>,
}

/// The account's parents.
pub(crate) struct KnownParents {
    pub(crate) parents: Arc<Parents>,
    /// Whether they were read for whoever asks.
    pub(crate) is_fresh: bool,
}

/// What a look at one parent and its leases shows.
#[derive(Debug, Clone)]
pub(crate) struct Survey {
    pub(crate) choice: Choice,
    pub(crate) used_mbps: i64,
}

/// Bandwidth that is being sold; dropped when that has ended, one way or the other.
pub(crate) struct Selling<'a> {
    ground: &'a Ground,
    parent: ParentConnection,
    mbps: i64,
}

impl Drop for Selling<'_> {
    fn drop(&mut self) {
        self.ground.add(&self.parent, -self.mbps);
    }
}

impl Ground {
    /// The account's parents, as this process read them within the last 30 s.
    pub(crate) async fn parents(&self, aws: &Services) -> Result<KnownParents, CallError> {
        let now_ms = aws.clock.now_ms();
        let known = locked(&self.0.parents).clone();
        match known.filter(|(_, since_ms)| is_recent(*since_ms, now_ms)) {
            Some((parents, _)) => Ok(KnownParents {
                parents,
                is_fresh: false,
            }),
            None => self.parents_now(aws).await,
        }
    }

    /// The same, as they are now.
    pub(crate) async fn parents_now(&self, aws: &Services) -> Result<KnownParents, CallError> {
        let read = || async {
            let since_ms = aws.clock.now_ms();
            let parents = Arc::new(aws.direct_connect.parents().await?);
            *locked(&self.0.parents) = Some((Arc::clone(&parents), since_ms));
            Ok(parents)
        };
        Ok(KnownParents {
            parents: self.0.listing.read(&(), read).await?,
            is_fresh: true,
        })
    }

    /// The list of parents turned out to be out of date: whoever comes next reads it anew.
    pub(crate) fn forget_parents(&self) {
        *locked(&self.0.parents) = None;
    }

    /// The policies of `parents`, and what is sold under them. Orders that ask at the same time share the answer.
    pub(crate) async fn policies(
        &self,
        aws: &Services,
        parents: Vec<ParentConnection>,
    ) -> Result<Policies, CallError> {
        if parents.is_empty() {
            return Ok(Policies::default());
        }
        let read = || async { aws.ledger.policies(&parents).await.map(Arc::new) };
        self.0.policies.read(&parents, read).await
    }

    /// One look at the parent, beside its leases. Orders that ask at the same time share it.
    pub(crate) async fn survey(
        &self,
        aws: &Services,
        rules: &Rules,
        parent: &ParentConnection,
    ) -> Result<Survey, ReadError> {
        let read = || async {
            let (view, listed) = tokio::join!(
                aws.ledger.parent(parent),
                aws.direct_connect.connections(parent),
            );
            let (view, connections) = (view?, listed?.connections);
            let used_mbps = used_mbps(&view, &connections);
            self.learn(parent, used_mbps, aws.clock.now_ms());
            Ok(Survey {
                choice: Choice::new(rules, view, &connections),
                used_mbps,
            })
        };
        self.0.surveys.read(parent, read).await
    }

    /// What is used of a parent, if this process knows it.
    pub(crate) fn used(&self, parent: &ParentConnection, now_ms: u64) -> Option<i64> {
        let used = locked(&self.0.used);
        let (mbps, since_ms) = used.get(parent)?;
        is_recent(*since_ms, now_ms).then_some(*mbps)
    }

    /// What is used of a parent was seen at `now_ms`.
    pub(crate) fn learn(&self, parent: &ParentConnection, used_mbps: i64, now_ms: u64) {
        locked(&self.0.used).insert(parent.clone(), (used_mbps, now_ms));
    }

    /// This process has sold so much; what is known of the parent goes along.
    pub(crate) fn sold(&self, parent: &ParentConnection, mbps: u32, now_ms: u64) {
        if let Some((used_mbps, since_ms)) = locked(&self.0.used).get_mut(parent)
            && is_recent(*since_ms, now_ms)
        {
            *used_mbps += i64::from(mbps);
        }
    }

    /// Counts `mbps` as being sold until the guard is dropped.
    pub(crate) fn selling(&self, parent: &ParentConnection, mbps: u32) -> Selling<'_> {
        let selling = Selling {
            ground: self,
            parent: parent.clone(),
            mbps: i64::from(mbps),
        };
        self.add(parent, selling.mbps);
        selling
    }

    /// What this process is selling on a parent at this moment.
    pub(crate) fn being_sold(&self, parent: &ParentConnection) -> i64 {
        locked(&self.0.selling)
            .get(parent)
            .copied()
            .unwrap_or_default()
    }

    fn add(&self, parent: &ParentConnection, mbps: i64) {
        let mut selling = locked(&self.0.selling);
        let sum = selling.entry(parent.clone()).or_default();
        *sum += mbps;
        if *sum == 0 {
            selling.remove(parent);
        }
    }
}

/// What is used of a parent: its leases, an orphan's included, and the living connections that no lease is of.
pub(crate) fn used_mbps(view: &ParentView, shown: &[Connection]) -> i64 {
    let leased: BTreeSet<_> = view.leases.iter().map(|lease| lease.vlan).collect();
    let is_leased = |shown: &Connection| vlan_of(shown).is_some_and(|vlan| leased.contains(&vlan));
    let others = shown
        .iter()
        .filter(|shown| is_living(shown) && !is_leased(shown))
        .filter_map(|other| Bandwidth::parse(other.bandwidth.as_deref()?).ok());
    let leases = view.leases.iter().map(|lease| i64::from(lease.mbps));
    leases
        .chain(others.map(|other| i64::from(other.mbps())))
        .sum()
}

fn is_recent(since_ms: u64, now_ms: u64) -> bool {
    let age_ms = now_ms.checked_sub(since_ms);
    age_ms.is_some_and(|age_ms| u128::from(age_ms) < KNOWN_FOR.as_millis())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
