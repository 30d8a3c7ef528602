//! What a process knows of the account's parents, so that not every order by place has to ask: the list of them, what is
//! sold on those without a policy, and what this process is selling at this very moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws::InFlight;
use aws::config::Rules;
use aws::direct_connect::{Parents, ReadError};
use aws::failure::CallError;
use hosted_connection::{Bandwidth, Connection, ParentConnection, Vlan, VlanSet};
use ledger::{Claim, Memory, ParentView, PolicyState, Services};

use crate::vlan::{Choice, held_by, is_living, vlan_of};

/// How long a process goes by what it has read.
const KNOWN_FOR: Duration = Duration::from_secs(30);

/// What is sold on parents, by their policies.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policies {
    states: Arc<BTreeMap<ParentConnection, PolicyState>>,
    read_at_ms: u64,
}

impl Policies {
    /// The policy of a parent, if it has one, and what it counts.
    pub(crate) fn of(&self, parent: &ParentConnection) -> Option<(&PolicyState, Used)> {
        let state = self.states.get(parent)?;
        // What was sold in that very moment may be counted already.
        let used = Used::unlisted(state.sold_mbps, self.read_at_ms + 1);
        Some((state, used))
    }
}

/// What tracking noted of parents.
pub(crate) type Memories = Arc<BTreeMap<ParentConnection, Memory>>;

/// What a process knows. Cheap to clone; one per process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ground(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    parents: Mutex<Option<(Arc<Parents>, u64)>>,
    listing: InFlight<(), Arc<Parents>>,
    policies: InFlight<Vec<ParentConnection>, Policies>,
    memories: InFlight<Vec<ParentConnection>, Memories>,
    surveys: InFlight<ParentConnection, Survey>,
    /// What is used of parents without a policy, and since when that is known.
    used: Mutex<BTreeMap<ParentConnection, (Used, u64)>>,
    sold: Mutex<BTreeMap<ParentConnection, BTreeMap<Vlan, Sale>>>,
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
    pub(crate) used: Used,
}

/// What is used of a parent, as a look showed it or what is noted of one says.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    pub(crate) mbps: i64,
    /// The VLANs that this counts, as far as they are known.
    pub(crate) vlans: VlanSet,
    /// When the look began.
    pub(crate) looked_at_ms: u64,
}

impl Used {
    /// What is used where it is not known by which VLANs.
    pub(crate) fn unlisted(mbps: i64, looked_at_ms: u64) -> Self {
        Self {
            mbps,
            vlans: VlanSet::default(),
            looked_at_ms,
        }
    }

    /// The same with what was sold since, and is not counted.
    fn with(&self, sold: Option<&BTreeMap<Vlan, Sale>>) -> i64 {
        let sold = sold.into_iter().flatten();
        let since = sold
            .filter(|(vlan, sale)| sale.at_ms >= self.looked_at_ms && !self.vlans.contains(**vlan))
            .map(|(_, sale)| i64::from(sale.mbps));
        self.mbps + since.sum::<i64>()
    }
}

/// What this process sold on a VLAN. One per VLAN, so a parent has no more than there are.
#[derive(Debug, Clone, Copy)]
struct Sale {
    at_ms: u64,
    mbps: u32,
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
        let read = || async {
            let states = Arc::new(aws.ledger.policies(&parents).await?);
            let read_at_ms = aws.clock.now_ms();
            Ok(Policies { states, read_at_ms })
        };
        self.0.policies.read(&parents, read).await
    }

    /// What tracking noted of `parents`. Orders that ask at the same time share it.
    pub(crate) async fn memories(
        &self,
        aws: &Services,
        parents: Vec<ParentConnection>,
    ) -> Result<Memories, CallError> {
        let read = || async { aws.ledger.memories(&parents).await.map(Arc::new) };
        self.0.memories.read(&parents, read).await
    }

    /// One look at the parent, beside its leases. Orders that ask at the same time share it.
    pub(crate) async fn survey(
        &self,
        aws: &Services,
        rules: &Rules,
        parent: &ParentConnection,
    ) -> Result<Survey, ReadError> {
        let read = || async {
            let looked_at_ms = aws.clock.now_ms();
            let (view, listed) = tokio::join!(
                aws.ledger.parent(parent),
                aws.direct_connect.connections(parent),
            );
            let (view, connections) = (view?, listed?.connections);
            let mbps = used_mbps(&view, &connections);
            let shown = connections.iter().filter_map(held_by).collect();
            let choice = Choice::new(rules, view, shown);
            let used = Used {
                mbps,
                vlans: choice.occupied().clone(),
                looked_at_ms,
            };
            self.learn(parent, used.clone(), aws.clock.now_ms());
            Ok(Survey { choice, used })
        };
        self.0.surveys.read(parent, read).await
    }

    /// What is used of a parent, if this process has learned it lately.
    pub(crate) fn used(&self, parent: &ParentConnection, now_ms: u64) -> Option<Used> {
        let all = locked(&self.0.used);
        let (used, since_ms) = all.get(parent)?;
        is_recent(*since_ms, now_ms).then(|| used.clone())
    }

    /// Mbps that are used of a parent by now: with what this process has sold since, and is selling.
    pub(crate) fn used_by_now(&self, parent: &ParentConnection, used: Option<&Used>) -> i64 {
        let known = used.map(|used| used.with(locked(&self.0.sold).get(parent)));
        known.unwrap_or_default() + self.being_sold(parent)
    }

    /// What is used of a parent was learned at `now_ms`. What a later look showed is gone by until it is too old.
    pub(crate) fn learn(&self, parent: &ParentConnection, used: Used, now_ms: u64) {
        let mut all = locked(&self.0.used);
        let known = all.get(parent);
        let is_outdone = known.is_some_and(|(known, since_ms)| {
            is_recent(*since_ms, now_ms) && known.looked_at_ms > used.looked_at_ms
        });
        if !is_outdone {
            all.insert(parent.clone(), (used, now_ms));
        }
    }

    /// This process has claimed an order that it chose the parent for. What is remembered of the parent may not have that for
    /// as long as orders go by it.
    pub(crate) fn sold(&self, claim: &Claim, now_ms: u64) {
        let sale = Sale {
            at_ms: now_ms,
            mbps: claim.request.bandwidth.mbps(),
        };
        let mut sold = locked(&self.0.sold);
        let there = sold.entry(claim.parent.clone()).or_default();
        there.insert(claim.vlan, sale);
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
    fn being_sold(&self, parent: &ParentConnection) -> i64 {
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

/// What is used of a parent in Mbps: its leases, an orphan's included, and the living ones of the connections `shown` that no
/// lease is of.
#[must_use]
pub fn used_mbps(view: &ParentView, shown: &[Connection]) -> i64 {
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
