//! What an order would come to, without placing it: nothing is written, and nothing allocated.

mod placed;

use std::collections::BTreeSet;
use std::time::Duration;

use aws::direct_connect::ReadError;
use aws::failure::CallError;
use hosted_connection::{Code, Order, Outcome, ParentConnection, Rejection, Vlan};
use ledger::{Record, State};

use crate::attempt::Budget;
use crate::failure::Failure;
use crate::vlan::{self, Choice, choice_on, held_by};

use crate::{Allocator, Deadline, policy};

pub use placed::CandidateForecast;

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
    Replayed {
        /// The parent, where one was named or chosen.
        parent: Option<ParentConnection>,
        /// The outcome.
        outcome: Box<Outcome>,
    },
    /// Nothing new: the key is being worked on, or waits to be.
    InProgress,
    /// A final no.
    Rejected(Rejection),
}

/// What an order would come to, and for an order by place every candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRun {
    /// What it would come to.
    pub forecast: Forecast,
    /// The candidates, best first, and then those that cannot take it; none where the parent is named, or was chosen before.
    pub candidates: Vec<CandidateForecast>,
}

impl From<Forecast> for DryRun {
    fn from(forecast: Forecast) -> Self {
        Self {
            forecast,
            candidates: Vec::new(),
        }
    }
}

impl Allocator {
    /// Looks at the record, at the parent's leases and policy, and at what Direct Connect shows on it.
    ///
    /// # Errors
    /// Something could not be looked at before `deadline`.
    pub async fn dry_run(&self, order: &Order, deadline: Deadline) -> Result<DryRun, Failure> {
        let now_ms = self.aws.clock.now_ms();
        let look_by_ms = Budget::new(now_ms, deadline).order_by_ms;
        let patience = Duration::from_millis(look_by_ms.saturating_sub(now_ms));
        let forecast = tokio::time::timeout(patience, self.forecast(order)).await;
        forecast.unwrap_or_else(|_| Err(Failure::no_time()))
    }

    async fn forecast(&self, order: &Order) -> Result<DryRun, Failure> {
        if let Some(record) = self.aws.ledger.record(&order.key).await? {
            return Ok(of_record(record, order).into());
        }
        match order.request.placement() {
            Some(placement) => Box::pin(self.forecast_placed(order, placement)).await,
            None => Ok(self.forecast_on_parent(order).await?.into()),
        }
    }

    async fn forecast_on_parent(&self, order: &Order) -> Result<Forecast, Failure> {
        let none = || CallError::corrupt("a dry run", "no parent is named");
        let parent = order.request.parent().ok_or_else(none)?;
        let (view, shown) = tokio::join!(
            self.aws.ledger.parent(parent),
            self.aws.direct_connect.vlans(parent, held_by),
        );
        let shown = match shown {
            Ok(shown) => shown,
            Err(ReadError::Refused(message)) => {
                let rejection = Rejection::new(Code::RefusedByDirectConnect, message);
                return Ok(Forecast::Rejected(rejection));
            }
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        let view = view?;
        let not_for_sale = view
            .policy
            .as_ref()
            .filter(|_| self.rules.parent_policies)
            .and_then(|state| policy::rejection(&order.request, state));
        let leased: BTreeSet<_> = view.leases.iter().map(|lease| lease.vlan).collect();
        let lag = view.lag.clone();
        let mut choice = Choice::new(&self.rules, view, shown);
        if let Some(lag) = lag {
            match choice_on(&self.aws, &self.rules, &lag, true).await {
                Ok((other, _)) => choice.and(other),
                Err(ReadError::Refused(_)) => {}
                Err(ReadError::Failed(error)) => return Err(error.into()),
            }
        }
        // In the order in which they would be found: the claim sees leases before the policy, and nobody else's
        // connections but by them.
        let vlan = match (order.request.vlan, not_for_sale) {
            (Some(vlan), _) if leased.contains(&vlan) && choice.is_occupied(vlan) => {
                Err(vlan::taken(vlan))
            }
            (Some(_), Some(rejection)) => Err(rejection),
            (Some(vlan), None) if choice.is_occupied(vlan) => Err(vlan::taken(vlan)),
            (Some(vlan), None) => Ok(vlan),
            (None, not_for_sale) => match (choice.choose(&order.key), not_for_sale) {
                (None, _) => Err(vlan::none_available(self.rules.vlan_range)),
                (Some(_), Some(rejection)) => Err(rejection),
                (Some(vlan), None) => Ok(vlan),
            },
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
    if !record.is_of(&order.request, order.request.fingerprint()) {
        return Forecast::Rejected(Rejection::new(
            Code::IdempotencyKeyReused,
            "The idempotency key was used with another request before.",
        ));
    }
    match (record.state, record.outcome) {
        (State::Allocated | State::Rejected, Some(outcome)) => {
            let parent = record.parent.clone();
            let outcome = Box::new(outcome);
            Forecast::Replayed { parent, outcome }
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
