//! Looking at what Direct Connect shows on a parent, afresh or together with others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws::direct_connect::{Parents, ReadError};
use aws::failure::{CallError, Cause};
use futures_util::{FutureExt, StreamExt, stream};
use hosted_connection::{Connection, ParentConnection, Vlan};
use ledger::Services;
use tokio::sync::OnceCell;

use crate::vlan::held_by;

/// A connection that was allocated this short before a look may be missing from it.
pub const JUST_ALLOCATED_MS: u64 = 60_000;
/// Parents that are looked at at the same time.
pub(crate) const SIDE_BY_SIDE: usize = 8;

/// The connections of a parent, in every state, as one look from first page to last showed them: all, or those that may be on
/// the VLAN that was asked for.
#[derive(Debug, Clone)]
pub struct Look {
    /// When the look began: what landed later need not be in it.
    pub began_at_ms: u64,
    /// What it showed.
    pub connections: Arc<Vec<Connection>>,
    /// Whether Direct Connect showed the parent's connections at all.
    pub is_listed: bool,
    /// Whether it was read in one answer. Of several pages one may have been passed over while connections came and went,
    /// so that what is missing need not be absent.
    pub is_snapshot: bool,
}

impl Look {
    /// Reads all pages now.
    ///
    /// # Errors
    /// When any page cannot be read.
    pub async fn now(aws: &Services, parent: &ParentConnection) -> Result<Self, ReadError> {
        Self::on(aws, parent, None).await
    }

    /// Reads all pages now, and keeps what may be on `only` that VLAN, if one is given.
    ///
    /// # Errors
    /// When any page cannot be read.
    pub(crate) async fn on(
        aws: &Services,
        parent: &ParentConnection,
        only: Option<Vlan>,
    ) -> Result<Self, ReadError> {
        let began_at_ms = aws.clock.now_ms();
        let listed = match only {
            None => aws.direct_connect.connections(parent).await?,
            Some(vlan) => aws.direct_connect.connections_on(parent, vlan).await?,
        };
        Ok(Self {
            began_at_ms,
            is_listed: true,
            is_snapshot: listed.pages < 2,
            connections: Arc::new(listed.connections),
        })
    }

    /// What a parent shows that has no connections of its own.
    #[must_use]
    pub fn empty(began_at_ms: u64) -> Self {
        Self {
            began_at_ms,
            connections: Arc::default(),
            is_listed: false,
            is_snapshot: true,
        }
    }

    /// The connection of that id, in whatever state. For looks that keep all.
    #[must_use]
    pub fn of_id(&self, id: &str) -> Option<&Connection> {
        let is_it = |shown: &&Connection| shown.connection_id.as_deref() == Some(id);
        self.connections.iter().find(is_it)
    }
}

/// Looks at the same places come in rounds: what the first does not show, the second confirms to be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// The first look.
    First,
    /// Begun when the first had ended.
    Second,
}

/// Looks that orders may share: thousands of unfinished orders on one parent take one look at it, not one each.
#[derive(Debug, Default)]
pub struct Looks(Option<Shared>);

#[derive(Debug, Default)]
struct Shared {
    parents: OnceCell<Parents>,
    everywhere: OnceCell<Everywhere>,
    lags: Mutex<BTreeMap<ParentConnection, Arc<OnceCell<Option<ParentConnection>>>>>,
    rounds: [Mutex<BTreeMap<ParentConnection, Cell>>; 2],
}

/// The living connections of all parents that were asked for, by VLAN.
pub(crate) type Everywhere = Arc<BTreeMap<Vlan, Vec<(ParentConnection, Connection)>>>;

/// Taken by whoever needs it first; the others wait.
type Cell = Arc<OnceCell<Look>>;

impl Looks {
    /// Every order looks for itself, when it needs to.
    #[must_use]
    pub const fn own() -> Self {
        Self(None)
    }

    /// One look per parent and round.
    #[must_use]
    pub fn shared() -> Self {
        Self(Some(Shared::default()))
    }

    /// The first look at `parent`.
    ///
    /// # Errors
    /// When it cannot be read. Whoever asks next tries again.
    pub async fn of(&self, aws: &Services, parent: &ParentConnection) -> Result<Look, ReadError> {
        self.in_round(aws, parent, Round::First, None).await
    }

    /// The look at `parent` of that round. One that is not shared keeps what may be on `only` that VLAN, if one is given.
    ///
    /// # Errors
    /// When it cannot be read. Whoever asks next tries again.
    pub async fn in_round(
        &self,
        aws: &Services,
        parent: &ParentConnection,
        round: Round,
        only: Option<Vlan>,
    ) -> Result<Look, ReadError> {
        let Some(shared) = &self.0 else {
            return Look::on(aws, parent, only).await;
        };
        let cell = {
            let looks = &shared.rounds[round as usize];
            let mut looks = looks.lock().unwrap_or_else(PoisonError::into_inner);
            Cell::clone(looks.entry(parent.clone()).or_default())
        };
        cell.get_or_try_init(|| Look::now(aws, parent))
            .await
            .cloned()
    }

    /// The account's interconnects and LAGs.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn parents(&self, aws: &Services) -> Result<Parents, CallError> {
        match &self.0 {
            None => aws.direct_connect.parents().await,
            Some(shared) => {
                let parents = shared
                    .parents
                    .get_or_try_init(|| aws.direct_connect.parents());
                parents.await.cloned()
            }
        }
    }

    /// Whether `parents`, which may have been listed before the first look at `parent`, still say which LAG that is a member
    /// of. To be asked after that look.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) async fn is_still_so(
        &self,
        aws: &Services,
        parents: &Parents,
        parent: &ParentConnection,
    ) -> Result<bool, CallError> {
        let Some(shared) = &self.0 else {
            // Listed after the look.
            return Ok(true);
        };
        let cell = {
            let mut lags = shared.lags.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lags.entry(parent.clone()).or_default())
        };
        let lag = cell.get_or_try_init(|| aws.direct_connect.current_lag(parent));
        Ok(lag.await?.as_ref() == parents.lag_of(parent))
    }

    /// What all of `parents` show on `vlan`; without those `besides`. Shared looks answer for every VLAN and parent.
    ///
    /// # Errors
    /// When one of them cannot be read. What a parent refuses to show it does not hide: it is not in use.
    pub(crate) async fn everywhere(
        &self,
        aws: &Services,
        parents: &Parents,
        besides: &[&ParentConnection],
        vlan: Vlan,
    ) -> Result<Everywhere, CallError> {
        match &self.0 {
            None => {
                self.read_everywhere(aws, parents, besides, Some(vlan))
                    .await
            }
            Some(shared) => {
                let read = || self.read_everywhere(aws, parents, &[], None);
                shared.everywhere.get_or_try_init(read).await.cloned()
            }
        }
    }

    async fn read_everywhere(
        &self,
        aws: &Services,
        parents: &Parents,
        besides: &[&ParentConnection],
        only: Option<Vlan>,
    ) -> Result<Everywhere, CallError> {
        let places = || parents.ids().filter(|place| !besides.contains(place));
        // Collected first: see `batch::run`.
        let reads: Vec<_> = places()
            .map(|parent| self.living_on(aws, parent, only).boxed())
            .collect();
        let reads: Vec<_> = stream::iter(reads).buffered(SIDE_BY_SIDE).collect().await;
        let mut everywhere = BTreeMap::<_, Vec<_>>::new();
        for (parent, living) in places().zip(reads) {
            let living = match living {
                Ok(living) => living,
                Err(ReadError::Refused(_)) => continue,
                Err(ReadError::Failed(error)) => return Err(error),
            };
            for (vlan, shown) in living {
                let on = everywhere.entry(vlan).or_default();
                on.push((parent.clone(), shown));
            }
        }
        Ok(Arc::new(everywhere))
    }

    /// The living connections that a parent shows, on all VLANs or `only` one: where one look takes several pages, in both of
    /// two, of which one may pass over what the other shows. Nothing else of a look is kept: an account has many connections.
    async fn living_on(
        &self,
        aws: &Services,
        parent: &ParentConnection,
        only: Option<Vlan>,
    ) -> Result<Vec<(Vlan, Connection)>, ReadError> {
        let wanted = |look: &Look| -> Vec<(Vlan, Connection)> {
            look.connections
                .iter()
                .filter_map(|shown| Some((held_by(shown)?, shown)))
                .filter(|(vlan, _)| only.is_none_or(|only| only == *vlan))
                .map(|(vlan, shown)| (vlan, shown.clone()))
                .collect()
        };
        let first = self.in_round(aws, parent, Round::First, only).await?;
        let (mut living, is_snapshot) = (wanted(&first), first.is_snapshot);
        drop(first);
        if !is_snapshot {
            match self.in_round(aws, parent, Round::Second, only).await {
                Ok(look) => living.extend(wanted(&look)),
                // A moment ago it showed them.
                Err(ReadError::Refused(_)) => return Err(ReadError::Failed(not_shown(parent))),
                Err(failed @ ReadError::Failed(_)) => return Err(failed),
            }
        }
        Ok(living)
    }

    /// The looks that have been taken so far, in the first round.
    #[must_use]
    pub fn taken(&self) -> Vec<(ParentConnection, Look)> {
        let Some(shared) = &self.0 else {
            return Vec::new();
        };
        let looks = shared.rounds[Round::First as usize].lock();
        let looks = looks.unwrap_or_else(PoisonError::into_inner);
        looks
            .iter()
            .filter_map(|(parent, cell)| Some((parent.clone(), cell.get()?.clone())))
            .collect()
    }
}

/// What becomes of a look that Direct Connect refuses although there are connections to show.
pub(crate) fn not_shown(parent: &ParentConnection) -> CallError {
    CallError {
        operation: "DescribeHostedConnections",
        cause: Cause::Unavailable,
        message: format!("{parent} does not show its connections"),
    }
}
