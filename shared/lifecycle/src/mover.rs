//! Moving a connection to another parent because a person says so: AssociateHostedConnection, safe to repeat.
//!
//! Its VLAN is leased on the other parent before Direct Connect is asked, so that no order takes it meanwhile. A connection's id
//! names it for good, so whoever finds the move unfinished looks where the connection is, and may ask again.

mod refusal;

use std::time::Duration;

use allocation::{Deadline, Failure, Look, Looks, Whereabouts, is_living, vlan_of};
use aws::config::Rules;
use aws::direct_connect::{Association, ReadError, Readiness};
use aws::failure::CallError;
use hosted_connection::{Connection, IdempotencyKey, ParentConnection};
use ledger::{Lease, MoveBegun, Moved, Moving, Record, Services};

use crate::change;
use crate::moving::{self, EndedMove};
use crate::owed;

/// Rounds of finding that somebody else has written the record.
const TRIES: usize = 5;
/// Longest time from noting the moment of a call to sending it: whoever ends the move counts the settle time from that moment.
const SEND_WINDOW_MS: u64 = 1000;

/// What becomes of a move. Match all of it.
#[derive(Debug, Clone)]
pub enum MoveAnswer {
    /// The connection is on the parent, its lease and what is counted for it too, and that is published.
    Moved {
        /// Where it was before; none where it was there already.
        from: Option<ParentConnection>,
    },
    /// No, for this reason; nothing has changed.
    Refused(String),
    /// Not now, or not known yet.
    Failed(Failure),
}

/// Moves hosted connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mover {
    aws: Services,
    settle_ms: u64,
}

enum Step {
    End(MoveAnswer),
    Again,
}

fn refused(why: impl Into<String>) -> Step {
    Step::End(MoveAnswer::Refused(why.into()))
}

impl Mover {
    /// A mover on `aws` that goes by `rules`.
    #[must_use]
    pub fn new(aws: Services, rules: &Rules) -> Self {
        let settle_ms = u64::try_from(rules.settle.as_millis()).unwrap_or(u64::MAX);
        Self { aws, settle_ms }
    }

    /// Moves the connection of an order to `to`; ends before `deadline`.
    pub async fn move_to(
        &self,
        key: &IdempotencyKey,
        to: &ParentConnection,
        deadline: Deadline,
    ) -> MoveAnswer {
        let patience = Duration::from_millis(deadline.left_ms(self.aws.clock.now_ms()));
        let deciding = Box::pin(self.decide(key, to));
        match tokio::time::timeout(patience, deciding).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(failure)) => MoveAnswer::Failed(failure),
            Err(_) => MoveAnswer::Failed(Failure::no_time()),
        }
    }

    async fn decide(
        &self,
        key: &IdempotencyKey,
        to: &ParentConnection,
    ) -> Result<MoveAnswer, Failure> {
        for _ in 0..TRIES {
            let Some(record) = self.aws.ledger.record(key).await? else {
                return Ok(MoveAnswer::Refused("there is no such order".into()));
            };
            if let Step::End(answer) = self.step(record, to).await? {
                return Ok(answer);
            }
        }
        Err(Failure::in_progress(0, 0))
    }

    async fn step(&self, record: Record, to: &ParentConnection) -> Result<Step, Failure> {
        if let Some(why) = refusal::of_record(&record) {
            return Ok(refused(why));
        }
        match record.lifecycle.moving.clone() {
            None if record.lease_parent.as_ref() == Some(to) => self.stay(record, to).await,
            None => self.begin(record, to).await,
            Some(moving) if moving.to() == *to => self.resume(record, to).await,
            Some(moving) => match self.end(record, false).await? {
                EndedMove::Open { settled_at_ms } => Err(self.not_known_yet(
                    &format!("A move to {} has not ended.", moving.to),
                    settled_at_ms,
                )),
                EndedMove::Moved(_) | EndedMove::GivenBack(_) | EndedMove::Changed => {
                    Ok(Step::Again)
                }
            },
        }
    }

    /// It is there already, as the record says. Nothing is asked for, unless somebody has moved it away by hand.
    async fn stay(&self, record: Record, to: &ParentConnection) -> Result<Step, Failure> {
        let Some(id) = id_of(&record) else {
            return Ok(refused("its record has no connection"));
        };
        match Box::pin(Looks::own().whereabouts(&self.aws, &id, to)).await? {
            Whereabouts::Shown { parent, .. } if parent != *to => Ok(refused(format!(
                "{id} was moved by hand: the record has it on {to}, and Direct Connect shows it on {parent}. The next run of track \
                 records that; then run this again"
            ))),
            Whereabouts::Shown { .. } | Whereabouts::Nowhere { .. } => {
                self.told(record, None).await
            }
        }
    }

    async fn begin(&self, record: Record, to: &ParentConnection) -> Result<Step, Failure> {
        let parents = self.aws.direct_connect.parents().await?;
        if let Some(why) = refusal::of_target(&parents, to) {
            return Ok(refused(why));
        }
        if parents.readiness(to) == Readiness::InTransition {
            return Err(Failure::parent_in_transition());
        }
        let (Some(id), Some(first)) = (id_of(&record), &record.lease_parent) else {
            return Ok(refused("its record has no connection"));
        };
        let looks = Looks::own();
        match Box::pin(looks.whereabouts(&self.aws, &id, first)).await? {
            Whereabouts::Nowhere { .. } => {
                return Ok(refused(format!("Direct Connect shows {id} on no parent")));
            }
            Whereabouts::Shown { connection, .. } if !can_move(&connection) => {
                let state = change::state_of(Some(&connection)).to_owned();
                return Ok(refused(format!("{id} is {state}")));
            }
            Whereabouts::Shown {
                parent, connection, ..
            } if parent == *to => return self.follow_there(record, &connection, to).await,
            Whereabouts::Shown { .. } => {}
        }
        if let Some(other) = self.on_its_vlan(&record, &id, to).await? {
            return Ok(refused(other));
        }
        self.reserve(record, to).await
    }

    /// Leases the VLAN on `to` as well, and then asks Direct Connect.
    async fn reserve(&self, record: Record, to: &ParentConnection) -> Result<Step, Failure> {
        let at = self.aws.clock.timestamp();
        let lifecycle = change::move_begun(&record, to, at);
        let has_policy = self.aws.ledger.policy(to).await?.is_some();
        let ledger = &self.aws.ledger;
        match ledger
            .begin_move(&record, lifecycle, to, has_policy)
            .await?
        {
            MoveBegun::Done(record) => self.call(*record, to, false).await,
            // It was there, by hand, and is not any more. Tracking would drop the note with its next run.
            MoveBegun::VlanTaken(lease) if is_noted_for(&lease, &record) => {
                ledger.forget_orphan(to, &lease).await?;
                Ok(Step::Again)
            }
            MoveBegun::VlanTaken(lease) => Ok(refused(refusal::of_lease(&lease, to))),
            MoveBegun::NotForSale(policy) => Ok(refused(refusal::of_policy(&policy, &record, to))),
            MoveBegun::Changed(_) => Ok(Step::Again),
        }
    }

    /// An earlier run has begun this move and did not end it: a look comes before a further call.
    async fn resume(&self, record: Record, to: &ParentConnection) -> Result<Step, Failure> {
        let from = record.lease_parent.clone();
        match self.end(record.clone(), false).await? {
            EndedMove::Moved(record) => self.told(*record, from).await,
            EndedMove::GivenBack(_) | EndedMove::Changed => Ok(Step::Again),
            EndedMove::Open { .. } => {
                let at = self.aws.clock.timestamp();
                let seen = record.lifecycle.moving.clone();
                let record = change::write(&self.aws, record, |record| {
                    change::move_called(record, seen.as_ref(), true, at)
                });
                let record = record.await?;
                let is_ours = |moving: &Moving| moving.to() == *to && moving.unanswered;
                match &record.lifecycle.moving {
                    Some(moving) if is_ours(moving) => self.call(record, to, true).await,
                    Some(_) | None => Ok(Step::Again),
                }
            }
        }
    }

    async fn call(
        &self,
        record: Record,
        to: &ParentConnection,
        unanswered: bool,
    ) -> Result<Step, Failure> {
        let Some(record) = self.noted(record).await? else {
            return Ok(Step::Again);
        };
        let Some(id) = id_of(&record) else {
            return Ok(refused("its record has no connection"));
        };
        let from = record.lease_parent.clone();
        let association = self.aws.direct_connect.associate(&id, to).await;
        let had_no_effect = match &association {
            Association::Refused { .. } | Association::NotApplied(_) => !unanswered,
            Association::Accepted | Association::Unknown(_) => false,
        };
        match self.end(record, had_no_effect).await? {
            EndedMove::Moved(record) => self.told(*record, from).await,
            EndedMove::GivenBack(_) => match association {
                Association::Refused { message } => Ok(refused(format!(
                    "Direct Connect refused to move {id}: {message}"
                ))),
                Association::NotApplied(error) | Association::Unknown(error) => Err(error.into()),
                Association::Accepted => Ok(Step::Again),
            },
            EndedMove::Changed => Ok(Step::Again),
            EndedMove::Open { settled_at_ms } => {
                let what = match association {
                    Association::Accepted => {
                        format!("Direct Connect took the move; {to} does not show {id} yet.")
                    }
                    Association::Refused { .. }
                    | Association::NotApplied(_)
                    | Association::Unknown(_) => {
                        format!("Whether {id} was moved is not known yet.")
                    }
                };
                Err(self.not_known_yet(&what, settled_at_ms))
            }
        }
    }

    /// The record, once the moment noted for the call is within the send window: the write that noted it may have been slow. `None`
    /// when somebody else has written the move meanwhile.
    async fn noted(&self, mut record: Record) -> Result<Option<Record>, CallError> {
        while let Some(seen) = record.lifecycle.moving.clone() {
            let at = self.aws.clock.timestamp();
            if at.as_ms().saturating_sub(seen.called_at_ms) <= SEND_WINDOW_MS {
                return Ok(Some(record));
            }
            let noted = change::write(&self.aws, record, |record| {
                change::move_called(record, Some(&seen), seen.unanswered, at)
            });
            record = noted.await?;
            let is_ours =
                |moving: &Moving| moving.to == seen.to && moving.called_at_ms == at.as_ms();
            if !record.lifecycle.moving.as_ref().is_some_and(is_ours) {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Somebody has moved it there by hand: only the lease and what is counted follow.
    async fn follow_there(
        &self,
        record: Record,
        connection: &Connection,
        to: &ParentConnection,
    ) -> Result<Step, Failure> {
        let from = record.lease_parent.clone();
        let at = self.aws.clock.timestamp();
        let Some(lifecycle) = change::moved(&record, connection, to, at) else {
            return Ok(Step::Again);
        };
        match self.aws.ledger.move_lease(&record, lifecycle, to).await? {
            Moved::Done(record) => self.told(*record, from).await,
            Moved::VlanTaken => Ok(refused(format!(
                "the connection is on {to} already, but its VLAN is leased there to another order; `operator reconcile {to}` shows both"
            ))),
            Moved::Changed(_) => Ok(Step::Again),
        }
    }

    /// Publishes what is owed. `from` is where the connection was until now.
    async fn told(&self, record: Record, from: Option<ParentConnection>) -> Result<Step, Failure> {
        let published = owed::publish(&self.aws, vec![record]).await.pop();
        match published {
            Some(record) if record.lifecycle.owed.is_empty() => {
                Ok(Step::End(MoveAnswer::Moved { from }))
            }
            Some(_) | None => Err(Failure::not_published()),
        }
    }

    async fn end(&self, record: Record, was_refused: bool) -> Result<EndedMove, Failure> {
        let looks = Looks::own();
        let ended = moving::end(&self.aws, record, &looks, self.settle_ms, was_refused);
        Ok(ended.await?)
    }

    /// What takes the record's VLAN on `to`, as Direct Connect shows it.
    async fn on_its_vlan(
        &self,
        record: &Record,
        id: &str,
        to: &ParentConnection,
    ) -> Result<Option<String>, Failure> {
        let look = match Look::now(&self.aws, to).await {
            Ok(look) => look,
            Err(ReadError::Failed(error)) => return Err(error.into()),
            Err(ReadError::Refused(_)) => {
                return Ok(Some(format!("Direct Connect does not show {to}")));
            }
        };
        let is_in_the_way = |shown: &&Connection| {
            is_living(shown)
                && shown.connection_id.as_deref() != Some(id)
                && record.vlan.is_some()
                && vlan_of(shown) == record.vlan
        };
        let other = look.connections.iter().find(is_in_the_way);
        Ok(other.map(|other| refusal::of_connection(other, record, to)))
    }

    fn not_known_yet(&self, what: &str, at_ms: u64) -> Failure {
        let left_ms = at_ms.saturating_sub(self.aws.clock.now_ms());
        Failure::Ambiguous {
            detail: format!("{what} Run the same command again, or let track end it."),
            retry_after_s: left_ms.div_ceil(1000).max(1),
        }
    }
}

/// Whether nobody has the VLAN but the record's own connection, as one that no order made.
fn is_noted_for(lease: &Lease, record: &Record) -> bool {
    let noted = lease.connection.as_ref().map(|note| &note.connection_id);
    lease.holder.is_none() && noted.is_some() && noted == id_of(record).as_ref()
}

fn id_of(record: &Record) -> Option<String> {
    record.connection()?.connection_id.clone()
}

fn can_move(connection: &Connection) -> bool {
    is_living(connection) && change::state_of(Some(connection)) != "deleting"
}
