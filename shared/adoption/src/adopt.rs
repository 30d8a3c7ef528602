//! Carrying a plan out: one transaction for each connection, several at the same time, and publishing what they owe.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use allocation::{Allocator, Brake, Deadline, Looks};
use aws::config::Rules;
use aws::failure::{CallError, Cause};
use futures_util::{StreamExt, future, stream};
use hosted_connection::Origin;
use ledger::{Adopted, Adoption, Lease, Record, Services};

use crate::judge::{Claimable, Held, Verdict, Wish, by_key};
use crate::patience::patiently;
use crate::plan::{Fate, Plan, known_as};
use crate::survey::Survey;

/// Transactions at the same time.
const SIDE_BY_SIDE: usize = 16;
/// The same where all of them count in one policy: DynamoDB refuses transactions that meet on an item, and they are tried again.
const ON_ONE_POLICY: usize = 4;
/// Connections that are adopted before what they owe is published. Meanwhile the next ones are adopted.
const TOGETHER: usize = 200;
/// Tries of one connection whose lease changes while it is adopted.
const TRIES: usize = 5;
/// How long a transaction waits for others on the same items, in milliseconds.
const PATIENT_MS: u64 = 20_000;
/// Waits before publishing what one group owes, and before trying what of it could not be published again.
const PUBLISHING_WAITS: [Duration; 4] = [
    Duration::ZERO,
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(9),
];
/// How long publishing what one group owes may take each time, in milliseconds.
const PUBLISHING_MS: u64 = 60_000;

/// Adopts connections.
#[derive(Debug, Clone)]
pub struct Adopter {
    aws: Services,
    rules: Rules,
    origin: Origin,
    publishes: bool,
}

/// What a plan came to.
#[derive(Debug)]
pub struct Report {
    /// Records whose event is not known to be out. Tracking publishes it.
    pub untold: usize,
    /// Why not all of the plan was carried out.
    pub failed: Option<CallError>,
}

impl Adopter {
    /// An adopter on `aws`. `request_id` is how records and events name this run.
    #[must_use]
    pub fn new(aws: Services, rules: Rules, request_id: String) -> Self {
        Self {
            aws,
            rules,
            origin: Origin::Adoption { request_id },
            publishes: true,
        }
    }

    /// The same adopter, which leaves publishing to tracking.
    #[must_use]
    pub fn without_bus(self) -> Self {
        Self {
            publishes: false,
            ..self
        }
    }

    /// Carries `plan` out, and tells `progress` how many connections are done.
    pub async fn carry_out(&self, plan: &mut Plan, progress: &(dyn Fn(usize) + Sync)) -> Report {
        let stop = Stop::default();
        let mut told = std::mem::take(&mut plan.untold);
        let mut wishes = std::mem::take(&mut plan.wishes);
        let (mut done, mut untold) = (plan.items.len() - wishes.len(), 0);
        let mut failed = None;
        progress(done);
        while !wishes.is_empty() || !told.is_empty() {
            let group: Vec<_> = wishes.drain(..wishes.len().min(TOGETHER)).collect();
            let (ended, left) = future::join(
                self.adopt_group(&plan.survey, group, &stop),
                self.publish(std::mem::take(&mut told)),
            )
            .await;
            untold += left;
            for (index, ended) in ended {
                let item = plan.items.get_mut(index);
                match (ended, item) {
                    (Some(Ok((fate, record))), Some(item)) => {
                        item.fate = fate;
                        told.extend(record.filter(|record| !record.published));
                        done += 1;
                    }
                    (Some(Err(error)), _) => failed = Some(error),
                    (None, _) | (_, None) => {}
                }
            }
            progress(done);
        }
        Report { untold, failed }
    }

    /// What became of each of `group`; nothing of those that come after one that failed.
    async fn adopt_group(
        &self,
        survey: &Survey,
        group: Vec<(usize, Wish)>,
        stop: &Stop,
    ) -> Vec<(usize, Option<Ended>)> {
        let side_by_side = if survey.has_policy {
            ON_ONE_POLICY
        } else {
            SIDE_BY_SIDE
        };
        // Collected first: see `batch::run` of allocation.
        let adopting: Vec<_> = group
            .into_iter()
            .map(async |(index, wish)| {
                if stop.is_set() {
                    return (index, None);
                }
                let ended = self.adopt(survey, wish).await;
                if ended.is_err() {
                    stop.set();
                }
                (index, Some(ended))
            })
            .collect();
        stream::iter(adopting)
            .buffer_unordered(side_by_side)
            .collect()
            .await
    }

    async fn adopt(&self, survey: &Survey, wish: Wish) -> Ended {
        let Wish {
            order,
            connection,
            vlan,
            mut lease,
        } = wish;
        let adoption = Adoption {
            order,
            connection,
            vlan,
            lease_parent: survey.home.clone(),
            has_policy: survey.has_policy,
            origin: self.origin.clone(),
        };
        let id = adoption
            .connection
            .connection_id
            .clone()
            .unwrap_or_default();
        let ledger = &self.aws.ledger;
        for _ in 0..TRIES {
            let seen = match lease {
                Claimable::As(seen) => seen,
                Claimable::Stale(stale) => {
                    patiently(async || ledger.forget_orphan(&survey.home, &stale).await).await?;
                    None
                }
            };
            let patient_until_ms = self.aws.clock.now_ms() + PATIENT_MS;
            let adopted = patiently(async || {
                ledger
                    .adopt(&adoption, seen.as_ref(), patient_until_ms)
                    .await
            });
            let found = match adopted.await? {
                Adopted::Done(record) => return Ok((Fate::Adopted, Some(*record))),
                Adopted::Known(record) => return Ok(ended(by_key(&record, &id))),
                Adopted::LeaseIs(lease) => lease,
            };
            lease = match self.other(survey, &adoption, found).await? {
                Ok(lease) => lease,
                Err(verdict) => return Ok(ended(verdict)),
            };
        }
        Err(CallError {
            operation: "adopting a connection",
            cause: Cause::Unavailable,
            message: format!(
                "the lease of VLAN {} changes faster than it is read",
                adoption.vlan.get()
            ),
        })
    }

    /// What to make of a lease that is not as it was seen.
    async fn other(
        &self,
        survey: &Survey,
        adoption: &Adoption,
        found: Option<Lease>,
    ) -> Result<Result<Claimable, Verdict>, CallError> {
        let id = adoption
            .connection
            .connection_id
            .as_deref()
            .unwrap_or_default();
        let request = &adoption.order.request;
        let Some((lease, holder)) = found
            .as_ref()
            .and_then(|lease| Some((lease, lease.holder.as_ref()?)))
        else {
            return Ok(survey
                .claimable(found, id, request)
                .map_err(Verdict::Refused));
        };
        let record = patiently(async || self.aws.ledger.record(holder).await).await?;
        let held = Held {
            at: &survey.home,
            lease,
            record: record.as_ref(),
        };
        let verdict = survey.held(holder, &held, id, &adoption.connection, request);
        Ok(match verdict {
            Some(verdict) => Err(verdict),
            None => Ok(Claimable::As(None)),
        })
    }

    /// Publishes what `records` owe and marks it, as tracking would; what could not be published a few times more. How many
    /// are not known to be told.
    async fn publish(&self, mut records: Vec<Record>) -> usize {
        if !self.publishes {
            return records.len();
        }
        let allocator = Allocator::new(self.aws.clone(), self.rules.clone());
        for wait in PUBLISHING_WAITS {
            if records.is_empty() {
                return 0;
            }
            tokio::time::sleep(wait).await;
            let deadline = Deadline::at_ms(self.aws.clock.now_ms() + PUBLISHING_MS);
            let (looks, brake) = (Looks::own(), Brake::new(&self.aws));
            let finished = allocator.finish(records.clone(), &looks, &brake, deadline);
            let finished = Box::pin(finished).await.into_iter();
            let told = finished.filter(|one| one.answer.is_final());
            let told: BTreeSet<_> = told.map(|one| one.key).collect();
            records.retain(|record| !told.contains(&record.key));
        }
        records.len()
    }
}

/// What became of one connection, and its record.
type Ended = Result<(Fate, Option<Record>), CallError>;

fn ended(verdict: Verdict) -> (Fate, Option<Record>) {
    match verdict {
        // Somebody else has adopted it meanwhile, under the same key.
        Verdict::Known(record) => (Fate::Unchanged, Some(*record)),
        Verdict::KnownAs(other) => (Fate::Refused(known_as(&other)), None),
        Verdict::Refused(reason) => (Fate::Refused(reason), None),
        Verdict::Adopt(_) => (Fate::ToBeAdopted, None),
    }
}

/// Set once something failed that would fail for the others too.
#[derive(Debug, Default)]
struct Stop(AtomicBool);

impl Stop {
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
