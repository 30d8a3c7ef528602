//! What a person does with the operator's command, in a process that may be killed like any other.

use std::time::Duration;

use allocation::{Allocator, Deadline, Ended, Taken};
use aws::Meter;
use hosted_connection::{IdempotencyKey, ParentConnection, ParentPolicy};
use lifecycle::{MoveAnswer, Mover};

use crate::world::World;

/// How long a command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a quarantine is to end.
#[derive(Debug, Clone, Copy)]
pub enum Decision<'a> {
    /// With this connection.
    Adopt(&'a str),
    /// With a no, for this reason.
    Reject(&'a str),
}

impl World {
    /// `operator move`: what came of it; none when it was killed.
    pub async fn move_to(&self, key: &str, parent: &str) -> Option<MoveAnswer> {
        self.move_to_as(&self.next_worker(), key, parent).await
    }

    /// The same in a process of that name.
    pub async fn move_to_as(&self, worker: &str, key: &str, parent: &str) -> Option<MoveAnswer> {
        let key = IdempotencyKey::parse(key).ok()?;
        let parent = ParentConnection::parse(parent).ok()?;
        self.by_hand(worker, async |aws, deadline| {
            let mover = Mover::new(aws, &self.config().rules);
            mover.move_to(&key, &parent, deadline).await
        })
        .await
    }

    /// `operator policy set`, of a policy that is valid. One that is not there afterwards shows in every story.
    pub(crate) async fn set_policy(&self, parent: &str, policy: &str) {
        let policy = ParentPolicy::parse(policy.as_bytes());
        if let (Ok(parent), Ok(policy)) = (ParentConnection::parse(parent), policy) {
            let ledger = self.aws("operator").ledger;
            let _ = ledger.set_policy(&parent, &policy).await;
        }
    }

    /// `operator resolve`: whether it is done, or why not; none when it was killed.
    pub async fn resolve(&self, key: &str, decision: Decision<'_>) -> Option<Result<(), String>> {
        let key = IdempotencyKey::parse(key).ok()?;
        self.by_hand(&self.next_worker(), async |aws, deadline| {
            let allocator = Allocator::new(aws.clone(), self.config().rules.clone());
            let record = aws
                .ledger
                .record(&key)
                .await
                .map_err(|error| error.to_string())?;
            let record = record.ok_or_else(|| "no such order".to_owned())?;
            let done = match decision {
                Decision::Adopt(id) => {
                    let taken = allocator.adopt_quarantined(record, id, deadline).await;
                    taken.map(|taken| match taken {
                        Taken::Adopted { .. } => Ok(()),
                        Taken::Settling { left_s } => Err(still_landing(left_s)),
                        Taken::Kept(why) => Err(why),
                    })
                }
                Decision::Reject(reason) => {
                    let ended = allocator.end(record, reason, deadline).await;
                    ended.map(|ended| match ended {
                        Ended::Rejected(_) => Ok(()),
                        Ended::Settling { left_s } => Err(still_landing(left_s)),
                        Ended::Kept(why) => Err(why),
                    })
                }
            };
            done.unwrap_or_else(|failure| Err(format!("{failure:?}")))
        })
        .await
    }

    async fn by_hand<T>(
        &self,
        worker: &str,
        work: impl AsyncFnOnce(ledger::Services, Deadline) -> T,
    ) -> Option<T> {
        let aws = self.services(self.wire.client(worker), Meter::default());
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let deadline = Deadline::at_ms(aws.clock.now_ms().saturating_add(patience));
        let work = self
            .cloud
            .run_until_killed(worker, Box::pin(work(aws, deadline)));
        tokio::time::timeout(PATIENCE, work).await.ok().flatten()
    }
}

fn still_landing(left_s: u64) -> String {
    format!("an earlier call may still take effect, for {left_s} s")
}
