//! Ending a quarantine after a person has looked: the order has this connection, or none.
//!
//! Quarantine begins with an answer that contradicts what was asked for. Nothing is called here, so there can be no second
//! connection; what is decided is fenced by the record as it was read, and published like any outcome.

mod candidate;

use std::time::Duration;

use aws::direct_connect::ReadError;
use aws::failure::CallError;
use hosted_connection::{Connection, ParentConnection, Rejection};
use ledger::{Lease, Record, Resolved, Services, State};

use crate::attempt::{Budget, Settled};
use crate::end::{Ended, rejection_of};
use crate::failure::Failure;
use crate::look::Look;
use crate::sight::is_on;
use crate::vlan::is_living;
use crate::{Allocator, Answer, Deadline, publish};

/// What became of a quarantine that was to be ended with a connection.
#[derive(Debug, Clone)]
pub enum Taken {
    /// The connection is the order's, and that is published.
    Adopted {
        /// It was before.
        again: bool,
    },
    /// Everything is as it was: the connection is on another VLAN than the order's, on which an earlier call of the order may still
    /// take effect. It is worth asking again after so many seconds.
    Settling {
        /// That many.
        left_s: u64,
    },
    /// Everything is as it was, for this reason.
    Kept(String),
}

impl Allocator {
    /// Ends the quarantine of `record`: the connection `id` is the order's. Its parent has to show it, living; no other record may
    /// have it; and it has to be as asked for, in VLAN and bandwidth too unless it is the one that Direct Connect answered with.
    ///
    /// # Errors
    /// Something could not be read, written or published before `deadline`.
    pub async fn adopt_quarantined(
        &self,
        record: Record,
        id: &str,
        deadline: Deadline,
    ) -> Result<Taken, Failure> {
        let is_it = |record: &Record| {
            let connection = record.connection();
            connection.and_then(|connection| connection.connection_id.as_deref()) == Some(id)
        };
        match record.state {
            State::Allocated if is_it(&record) => {
                Box::pin(self.tell(record, deadline)).await?;
                return Ok(Taken::Adopted { again: true });
            }
            State::Allocated => return Ok(Taken::Kept("the order has another connection".into())),
            State::Rejected => return Ok(Taken::Kept("the order was rejected".into())),
            State::Calling | State::Unresolved | State::Waiting => {
                let why = "the order is not quarantined; track adopts its connection by itself as soon as the parent shows it";
                return Ok(Taken::Kept(why.into()));
            }
            State::Quarantined => {}
        }
        let shown = match self.shown(&record, id).await? {
            Ok(shown) => shown,
            Err(why) => return Ok(Taken::Kept(why)),
        };
        let vlan = match self.fits(&record, &shown).await? {
            Ok(vlan) => vlan,
            Err(why) => return Ok(Taken::Kept(why)),
        };
        // Lists leave tags out. What was asked for is what they are.
        let tags = shown
            .tags
            .clone()
            .or_else(|| Some(record.request.tags.as_slice().to_vec()));
        let connection = Connection { tags, ..shown };
        let ledger = &self.aws.ledger;
        let resolved = match record.vlan.filter(|own| *own != vlan) {
            None => {
                let at = self.aws.clock.timestamp();
                let kept = ledger.resolve_adopted(&record, &connection, vlan, at);
                kept.await?
            }
            Some(own) => {
                // The order's VLAN becomes free with this.
                if let Some(left_s) = self.settles_in_s(&record) {
                    return Ok(Taken::Settling { left_s });
                }
                let on_it = match self.on_its_vlan(&record).await? {
                    Ok(on_it) => on_it,
                    Err(why) => return Ok(Taken::Kept(why)),
                };
                let at = self.aws.clock.timestamp();
                let (its, left) = ((&connection, vlan), (own, on_it.as_ref()));
                let moved = ledger.resolve_adopted_elsewhere(&record, its, left, at);
                moved.await?
            }
        };
        match resolved {
            Resolved::Done(record) => {
                Box::pin(self.tell(*record, deadline)).await?;
                Ok(Taken::Adopted { again: false })
            }
            Resolved::Changed(record) if is_it(&record) => {
                Box::pin(self.tell(*record, deadline)).await?;
                Ok(Taken::Adopted { again: true })
            }
            Resolved::Changed(_) => {
                Ok(Taken::Kept("somebody else has ended the quarantine".into()))
            }
            Resolved::VlanTaken(lease) => Ok(Taken::Kept(leased(&lease))),
        }
    }

    /// Ends the quarantine of `record` with a final no. The VLAN becomes free only if nothing living is shown on it.
    pub(crate) async fn reject_quarantined(
        &self,
        record: Record,
        rejection: &Rejection,
        deadline: Deadline,
    ) -> Result<Ended, Failure> {
        if let Some(left_s) = self.settles_in_s(&record) {
            return Ok(Ended::Settling { left_s });
        }
        let on_it = match self.on_its_vlan(&record).await? {
            Ok(on_it) => on_it,
            Err(why) => return Ok(Ended::Kept(why)),
        };
        let at = self.aws.clock.timestamp();
        let ledger = &self.aws.ledger;
        let resolved = ledger.resolve_rejected(&record, rejection, on_it.as_ref(), at);
        match resolved.await? {
            Resolved::Done(record) => Box::pin(self.tell(*record, deadline)).await?,
            Resolved::Changed(record) if rejection_of(&record) == Some(rejection) => {
                Box::pin(self.tell(*record, deadline)).await?;
            }
            Resolved::Changed(_) | Resolved::VlanTaken(_) => {
                return Ok(Ended::Kept("somebody else has ended the quarantine".into()));
            }
        }
        Ok(Ended::Rejected(rejection.clone()))
    }

    /// Publishes what a person decided, unless that is done.
    pub(crate) async fn tell(&self, record: Record, deadline: Deadline) -> Result<(), Failure> {
        let budget = Budget::new(self.aws.clock.now_ms(), deadline);
        let left_ms = budget.publish_by_ms.saturating_sub(self.aws.clock.now_ms());
        let decision = Settled::first(record);
        let answers = publish::publish(&self.aws, vec![decision], Duration::from_millis(left_ms));
        match answers.await.into_iter().next() {
            Some(Answer::Allocated { .. } | Answer::Rejected(_)) => Ok(()),
            Some(Answer::Failed(failure)) => Err(failure),
            None => Err(Failure::not_published()),
        }
    }

    /// In how many seconds no call of the order can take effect any more; none when that is so now.
    fn settles_in_s(&self, record: &Record) -> Option<u64> {
        let settle_ms = u64::try_from(self.rules.settle.as_millis()).unwrap_or(u64::MAX);
        let settled_at_ms = record.call_started_at_ms.saturating_add(settle_ms);
        let left_ms = settled_at_ms.saturating_sub(self.aws.clock.now_ms());
        (left_ms > 0).then(|| left_ms.div_ceil(1000))
    }

    /// What lives on the order's VLAN; or why that is not known.
    async fn on_its_vlan(
        &self,
        record: &Record,
    ) -> Result<Result<Option<Connection>, String>, CallError> {
        let Some(vlan) = record.vlan else {
            return Ok(Ok(None));
        };
        for parent in places(record) {
            // Of several pages one may have been passed over, so that what is missing has to be missing twice.
            for _ in 0..2 {
                let look = match self.look(parent).await? {
                    Ok(look) => look,
                    Err(why) => return Ok(Err(why)),
                };
                let on_it = |shown: &&Connection| is_living(shown) && is_on(shown, vlan);
                if let Some(shown) = look.connections.iter().find(on_it) {
                    return Ok(Ok(Some(shown.clone())));
                }
                if look.is_snapshot {
                    break;
                }
            }
        }
        Ok(Ok(None))
    }

    async fn look(&self, parent: &ParentConnection) -> Result<Result<Look, String>, CallError> {
        let aws: &Services = &self.aws;
        match Look::now(aws, parent).await {
            Ok(look) => Ok(Ok(look)),
            Err(ReadError::Failed(error)) => Err(error),
            Err(ReadError::Refused(_)) => Ok(Err(format!("Direct Connect does not show {parent}"))),
        }
    }
}

/// Where the order's connection is to be: on the parent whose VLAN it leases, which may be the LAG of the one asked for.
fn places(record: &Record) -> impl Iterator<Item = &ParentConnection> {
    let own = record.lease_parent.as_ref();
    let asked = record.request.parent().filter(|asked| Some(*asked) != own);
    own.into_iter().chain(asked)
}

fn leased(lease: &Lease) -> String {
    let vlan = lease.vlan;
    match (&lease.holder, &lease.connection) {
        (Some(key), _) => format!("its VLAN {vlan} is leased to order {key}"),
        (None, Some(note)) => format!("its VLAN {vlan} is kept for {}", note.connection_id),
        (None, None) => format!("its VLAN {vlan} is taken"),
    }
}
