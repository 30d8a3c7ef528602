//! What a person does with the operator's command, in a process that may be killed like any other.

use std::time::Duration;

use allocation::{Allocator, Deadline, Ended, Taken};
use aws::Meter;
use hosted_connection::{IdempotencyKey, KeySource, Order, Origin, ParentConnection, Vlan};
use ledger::{ClaimAnswer, NewClaim};
use lifecycle::{MoveAnswer, Mover};

use crate::orders::{OWNER, PARENT, request, with_key};
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
                        Taken::Kept(why) => Err(why),
                    })
                }
                Decision::Reject(reason) => {
                    let ended = allocator.end(record, reason, deadline).await;
                    ended.map(|ended| match ended {
                        Ended::Rejected(_) => Ok(()),
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

    /// An order for VLAN 101 that is in quarantine: Direct Connect has answered with a connection on `vlan`, of 50 Mbps. Its id.
    ///
    /// # Panics
    /// When a fresh world does not let that be.
    #[expect(
        clippy::expect_used,
        reason = "a world that cannot be made is a broken test"
    )]
    pub async fn quarantined(&self, key: &str, vlan: u16) -> String {
        let aws = self.aws("quarantine");
        let text = with_key(key, request(Some(101))).to_string();
        let order = Order::parse(text.as_bytes(), KeySource::Body).expect("it is an order");
        let origin = Origin::Direct {
            request_id: "r-1".into(),
            correlation_id: None,
        };
        let new = NewClaim {
            order: &order,
            parked: None,
            origin: &origin,
            vlan: Vlan::new(101).expect("it is a VLAN"),
            patient_until_ms: 0,
            lease_expires_at_ms: aws.clock.now_ms() + 1_000,
        };
        let claimed = aws.ledger.claim(new).await.expect("the table is there");
        let ClaimAnswer::Won(claim) = claimed else {
            return String::new();
        };
        let made = self
            .cloud
            .insert_connection(PARENT, vlan, OWNER, "50Mbps", "customer-42");
        let id = made.expect("the parent has room").id;
        let look = aws.direct_connect.connections(&claim.lease_parent).await;
        let shown = look.expect("the parent is shown").connections;
        let is_it =
            |shown: &&hosted_connection::Connection| shown.connection_id.as_ref() == Some(&id);
        let answer = shown.iter().find(is_it).expect("it was made").clone();
        let at = aws.clock.timestamp();
        let quarantined = aws.ledger.quarantined(&claim, &answer, at).await;
        quarantined.expect("the table is there");
        id
    }
}
