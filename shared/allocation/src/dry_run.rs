//! What an order would come to, without placing it: nothing is written, and nothing allocated.

use aws::direct_connect::ReadError;
use aws::ledger::{Record, State};
use hosted_connection::{Code, Order, Outcome, ParentConnection, Rejection, Vlan};

use crate::failure::Failure;
use crate::vlan::{self, Choice};
use crate::{Allocator, Answer, policy};

/// What an order would come to now. By the time that it is placed somebody else may have been faster.
#[derive(Debug, Clone, PartialEq)]
pub enum Forecast {
    /// A hosted connection on this VLAN; on another one, perhaps, when the order leaves the VLAN to us.
    Allocated {
        /// The interconnect or LAG.
        parent: ParentConnection,
        /// The VLAN.
        vlan: Vlan,
    },
    /// Nothing new: the key has this outcome already.
    Replayed(Box<Outcome>),
    /// Nothing new: the key is being worked on, or waits to be.
    InProgress,
    /// A final no.
    Rejected(Rejection),
}

impl Allocator {
    /// Looks at the record, at the parent's leases and policy, and at what Direct Connect shows on it.
    ///
    /// # Errors
    /// The answer to give when something could not be looked at.
    pub async fn dry_run(&self, order: &Order) -> Result<Forecast, Answer> {
        self.forecast(order).await.map_err(Answer::from)
    }

    async fn forecast(&self, order: &Order) -> Result<Forecast, Failure> {
        if let Some(record) = self.aws.ledger.record(&order.key).await? {
            return Ok(of_record(record, order));
        }
        let parent = &order.request.connection_id;
        let (view, connections) = tokio::join!(
            self.aws.ledger.parent(parent),
            self.aws.direct_connect.connections(parent),
        );
        let connections = match connections {
            Ok(connections) => connections,
            Err(ReadError::Refused(message)) => {
                let rejection = Rejection::new(Code::RefusedByDirectConnect, message);
                return Ok(Forecast::Rejected(rejection));
            }
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        let view = view?;
        let enforced = view.policy.as_ref().filter(|_| self.rules.parent_policies);
        if let Some(rejection) = enforced.and_then(|state| policy::rejection(&order.request, state))
        {
            return Ok(Forecast::Rejected(rejection));
        }
        let choice = Choice::new(&self.rules, view, &connections);
        let vlan = match order.request.vlan {
            Some(vlan) if choice.is_occupied(vlan) => Err(vlan::taken(vlan)),
            Some(vlan) => Ok(vlan),
            None => choice
                .choose(&order.key)
                .ok_or_else(|| vlan::none_available(self.rules.vlan_range)),
        };
        Ok(match vlan {
            Ok(vlan) => Forecast::Allocated {
                parent: parent.clone(),
                vlan,
            },
            Err(rejection) => Forecast::Rejected(rejection),
        })
    }
}

fn of_record(record: Record, order: &Order) -> Forecast {
    if record.fingerprint != order.request.fingerprint() {
        return Forecast::Rejected(Rejection::new(
            Code::IdempotencyKeyReused,
            "The idempotency key was used with another request before.",
        ));
    }
    match (record.state, record.outcome) {
        (State::Allocated | State::Rejected, Some(outcome)) => {
            Forecast::Replayed(Box::new(outcome))
        }
        (
            State::Allocated
            | State::Rejected
            | State::Calling
            | State::Unresolved
            | State::Waiting
            | State::Quarantined,
            _,
        ) => Forecast::InProgress,
    }
}
