//! Claiming the order's key together with its VLAN, before anything is sent to Direct Connect.

mod known;

use aws::direct_connect::{ReadError, Readiness};
use aws::failure::{CallError, Cause};
use hosted_connection::{Code, Connection, Fingerprint, Rejection, Vlan};
use ledger::{ClaimAnswer, NewClaim, Orphan, PolicyState, Record};

use crate::attempt::{Attempt, Claimed, Settled};
use crate::failure::Failure;
use crate::policy;
use crate::sight::is_on;
use crate::vlan::{self, Choice, is_living};

pub(crate) use known::ByRecord;

/// Tries at a VLAN whose orphan turns out to be gone.
const ORPHAN_TRIES: usize = 3;

/// Tries at a record that another delivery sets aside at the same moment.
const PARKED_TRIES: usize = 3;

/// What asking for a VLAN leads to.
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
pub(crate) enum Tried {
    /// The key is claimed, or its order is settled.
    Claimed(Claimed),
    /// Another delivery has set it aside meanwhile.
    Parked(Box<Record>),
    /// Another key, or a connection that no order made, has the VLAN.
    VlanTaken,
    /// The parent's policy does not allow it, or not enough is free.
    NotForSale(Box<PolicyState>),
}

impl Attempt<'_> {
    pub(crate) async fn claim(&self) -> Result<Claimed, Failure> {
        let (vlan, chooses_parent) = (self.order.request.vlan, self.chooses_parent());
        // Boxed: most orders have a VLAN.
        match vlan {
            Some(vlan) if !chooses_parent && !self.may_be_known => {
                self.claim_with(vlan, None).await
            }
            None if !chooses_parent && !self.rules.vlan_memory.is_zero() => {
                Box::pin(self.claim_by_memory()).await
            }
            Some(_) | None => Box::pin(self.look_up_and_claim()).await,
        }
    }

    /// The key is looked up first: if it has been asked with before, it has its parent and its VLAN already.
    async fn look_up_and_claim(&self) -> Result<Claimed, Failure> {
        match self.aws.ledger.record(&self.order.key).await? {
            Some(record) => {
                let fingerprint = self.order.request.fingerprint();
                self.claim_again(record, fingerprint).await
            }
            None => self.claim_anew(None).await,
        }
    }

    /// Claims an order that has no record, or was set aside without a VLAN.
    async fn claim_anew(&self, parked: Option<Record>) -> Result<Claimed, Failure> {
        match (self.order.request.placement(), self.order.request.vlan) {
            // Boxed: most orders name their parent.
            (Some(placement), _) => {
                Box::pin(self.claim_placed(placement, parked.as_ref(), Vec::new())).await
            }
            (None, Some(vlan)) => self.claim_with(vlan, parked).await,
            (None, None) => self.claim_with_any_vlan(parked.as_ref()).await,
        }
    }

    /// Claims an order again that has a record. `fingerprint` is that of the request it comes with.
    pub(crate) async fn claim_again(
        &self,
        record: Record,
        fingerprint: Fingerprint,
    ) -> Result<Claimed, Failure> {
        let until_ms = self.budget.lease_expires_at_ms;
        let ledger = &self.aws.ledger;
        let request = &self.order.request;
        let known = ledger.replay_or_take_over(record, request, fingerprint, until_ms);
        match self.by_record(known.await?)? {
            ByRecord::Claimed(claimed) => Ok(claimed),
            ByRecord::Parked(parked) => self.claim_anew(Some(*parked)).await,
        }
    }

    async fn claim_with(&self, vlan: Vlan, parked: Option<Record>) -> Result<Claimed, Failure> {
        let mut parked = parked;
        for _ in 0..PARKED_TRIES {
            match self.claim_unless_occupied(vlan, parked.as_ref()).await? {
                Tried::Parked(record) => parked = Some(*record),
                Tried::VlanTaken => {
                    return self
                        .reject_unclaimed(vlan::taken(vlan), parked.as_ref())
                        .await;
                }
                Tried::NotForSale(state) => {
                    return self.not_for_sale(&state, parked.as_ref()).await;
                }
                Tried::Claimed(claimed) => return Ok(claimed),
            }
        }
        Err(Failure::in_progress(0, self.now_ms()))
    }

    /// What we remember of others' connections may be old, and a rejection is for ever: an orphan is looked for before
    /// its VLAN counts as taken.
    pub(crate) async fn claim_unless_occupied(
        &self,
        vlan: Vlan,
        parked: Option<&Record>,
    ) -> Result<Tried, Failure> {
        for _ in 0..ORPHAN_TRIES {
            let orphan = match self.try_claim(vlan, parked).await? {
                ClaimAnswer::Won(claim) => {
                    let must_reconcile = false;
                    return Ok(Tried::Claimed(Claimed::Ours {
                        claim,
                        must_reconcile,
                    }));
                }
                ClaimAnswer::Known(known) => {
                    return Ok(match self.by_record(known)? {
                        ByRecord::Claimed(claimed) => Tried::Claimed(claimed),
                        ByRecord::Parked(record) => Tried::Parked(record),
                    });
                }
                ClaimAnswer::VlanTaken => return Ok(Tried::VlanTaken),
                ClaimAnswer::NotForSale(state) => return Ok(Tried::NotForSale(state)),
                ClaimAnswer::OrphanOnVlan(orphan) => orphan,
            };
            match Box::pin(self.is_occupied(&orphan)).await {
                Ok(true) => return Ok(Tried::VlanTaken),
                Ok(false) => {}
                Err(error) => return Err(Box::pin(self.park(error, parked)).await),
            }
            let parent = &orphan.parent;
            self.aws.ledger.forget_orphan(parent, &orphan.lease).await?;
        }
        Err(Failure::in_progress(0, self.now_ms()))
    }

    /// Whether what was last seen on the VLAN still is.
    async fn is_occupied(&self, orphan: &Orphan) -> Result<bool, CallError> {
        let vlan = orphan.lease.vlan;
        let listed = self.aws.direct_connect.connections_on(&orphan.parent, vlan);
        let listed = match listed.await {
            Ok(listed) => listed,
            Err(ReadError::Refused(_)) => {
                tracing::warn!(parent.id = %orphan.parent, "Direct Connect does not show the parent");
                return Ok(true);
            }
            Err(ReadError::Failed(error)) => return Err(error),
        };
        let is_there = |shown: &Connection| is_living(shown) && is_on(shown, vlan);
        Ok(listed.connections.iter().any(is_there))
    }

    pub(crate) async fn claim_with_any_vlan(
        &self,
        parked: Option<&Record>,
    ) -> Result<Claimed, Failure> {
        let choice = self.choices.read(self.parent()?, || self.choice(&[])).await;
        let mut choice = match choice {
            Ok(choice) => choice,
            Err(ReadError::Failed(error)) => return Err(Box::pin(self.park(error, parked)).await),
            Err(ReadError::Refused(message)) => {
                match Box::pin(self.choice_on_a_parent_that_refuses(message)).await {
                    Ok(Ok(choice)) => choice,
                    Ok(Err(rejection)) => return self.reject_unclaimed(rejection, parked).await,
                    Err(error) => return Err(Box::pin(self.park(error, parked)).await),
                }
            }
        };
        while let Some(vlan) = choice.choose(&self.order.key) {
            match self.claim_unless_occupied(vlan, parked).await? {
                Tried::VlanTaken => choice.exclude(vlan),
                Tried::NotForSale(state) => return self.not_for_sale(&state, parked).await,
                // Another delivery set it aside meanwhile; the next one goes on from there.
                Tried::Parked(_) => return Err(Failure::in_progress(0, self.now_ms())),
                Tried::Claimed(claimed) => return Ok(claimed),
            }
        }
        self.reject_unclaimed(vlan::none_available(self.rules.vlan_range), parked)
            .await
    }

    /// Direct Connect does not show what is on the parent. A member of a LAG need not; of a parent that is gone, or has no hosted
    /// connections, it is a final no; of others it passes.
    async fn choice_on_a_parent_that_refuses(
        &self,
        message: String,
    ) -> Result<Result<Choice, Rejection>, CallError> {
        let parents = self.aws.direct_connect.parents().await?;
        let parent = self.parent()?;
        let aliases = parents.aliases(parent);
        if !aliases.is_empty() {
            match self.choice(&aliases).await {
                Ok(choice) => return Ok(Ok(choice)),
                Err(ReadError::Refused(_)) => {}
                Err(ReadError::Failed(error)) => return Err(error),
            }
        }
        match parents.readiness(parent) {
            Readiness::Ready | Readiness::Gone if !parents.shows_its_own(parent) => {
                Ok(Err(Rejection::new(Code::RefusedByDirectConnect, message)))
            }
            // In use or being changed, it has connections to show, and will again.
            Readiness::Ready | Readiness::Gone | Readiness::InTransition => Err(CallError {
                operation: "DescribeHostedConnections",
                cause: Cause::Unavailable,
                message: "the parent does not show its connections".into(),
            }),
        }
    }

    /// Sets the order aside with a record, so that tracking goes on with it even if its delivery never comes again.
    pub(crate) async fn park(&self, error: CallError, parked: Option<&Record>) -> Failure {
        // An order by place keeps no parent without a VLAN of it.
        let unplaced = self.chooses_parent().then(|| self.order.unplaced());
        let order = unplaced.as_ref().unwrap_or(self.order);
        if parked.is_none()
            && let Err(error) = self
                .aws
                .ledger
                .park(order, self.origin, &error.message)
                .await
        {
            tracing::warn!(allocation.key = %self.order.key, error = %error, "an order could not be set aside");
        }
        error.into()
    }

    pub(crate) async fn try_claim(
        &self,
        vlan: Vlan,
        parked: Option<&Record>,
    ) -> Result<ClaimAnswer, Failure> {
        let new = NewClaim {
            order: self.order,
            origin: self.origin,
            vlan,
            parked,
            patient_until_ms: self.budget.start_by_ms,
            lease_expires_at_ms: self.budget.lease_expires_at_ms,
        };
        Ok(self.aws.ledger.claim(new).await?)
    }

    /// The parent's policy refused the claim.
    pub(crate) async fn not_for_sale(
        &self,
        state: &PolicyState,
        parked: Option<&Record>,
    ) -> Result<Claimed, Failure> {
        match policy::rejection(&self.order.request, state) {
            Some(rejection) => self.reject_unclaimed(rejection, parked).await,
            // Allowed by the very item that refused it: it has changed meanwhile, or the chosen VLAN is not allowed
            // by a policy of this moment.
            None => Err(Failure::in_progress(0, self.now_ms())),
        }
    }

    pub(crate) async fn reject_unclaimed(
        &self,
        rejection: Rejection,
        parked: Option<&Record>,
    ) -> Result<Claimed, Failure> {
        match self
            .aws
            .ledger
            .reject_unclaimed(self.order, self.origin, parked, &rejection)
            .await?
        {
            Some(record) => Ok(Claimed::Settled(Box::new(Settled::first(record)?))),
            // Another delivery of the key was faster; the next one will see what it did.
            None => Err(Failure::in_progress(0, self.now_ms())),
        }
    }
}
