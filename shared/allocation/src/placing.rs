//! Orders by place: choosing the parent, and claiming key, parent and VLAN together.
//!
//! The choice is made before anything is sent to Direct Connect and belongs to the key from the claim on. What is read to
//! choose by may be a little old: whether the parent takes the order, the claim's own conditions decide. A race that is lost
//! goes to the next candidate.

mod apart;
mod field;
mod ground;
mod runner;
mod unfit;

use std::sync::Arc;

use aws::direct_connect::Parents;
use aws::failure::{CallError, Cause};
use hosted_connection::{Candidate, Order, Placement, Shortlist, Vlan};
use ledger::{Claim, PolicyState, Record, Recorded};

use crate::attempt::{Attempt, Claimed, Decision};
use crate::claim::Tried;
use crate::failure::Failure;
use crate::policy;
use field::{Field, Pick};

pub(crate) use apart::{Kept, kept_apart};
pub(crate) use ground::Ground;
pub use ground::used_mbps;

/// Tries at one parent whose policy changes while it is tried.
const POLICY_TRIES: usize = 3;

/// What trying the candidates one after the other leads to.
enum Placed {
    /// The key is claimed, or its order is settled.
    Claimed(Box<Claimed>),
    /// None of them can take it.
    Nowhere {
        refused: Vec<Candidate>,
        /// Whether some of them only did not show what is on them.
        may_pass: bool,
    },
}

/// What trying one candidate leads to.
enum Try {
    Claimed(Box<Claimed>),
    /// It cannot take the order.
    Refused(Candidate),
    /// No VLAN of it is free by what is remembered, or the policy does not allow that one any more: a look has to say.
    Forgotten,
    /// It has changed so often that nothing can be said.
    Changing,
}

impl Attempt<'_> {
    /// Claims an order by place on the best parent that takes it; `passed_over` are parents that turned out not to.
    pub(crate) async fn claim_placed(
        &self,
        placement: &Placement,
        parked: Option<&Record>,
        passed_over: Vec<Candidate>,
    ) -> Result<Claimed, Failure> {
        let mut known = match self.ground.parents(self.aws).await {
            Ok(known) => known,
            Err(error) => return Err(self.park(error, parked).await),
        };
        let apart = match kept_apart(self.aws, placement, &known.parents, self.returned).await? {
            Kept::Free => None,
            Kept::Apart(apart) => Some(apart),
            Kept::Unknown(rejection) => return self.reject_unclaimed(rejection, parked).await,
        };
        let shortlist = |parents: &Arc<Parents>| {
            let bandwidth = self.order.request.bandwidth;
            Shortlist::new(placement, bandwidth, &parents.sites(), apart.as_ref())
        };
        let mut list = shortlist(&known.parents);
        loop {
            let placed = match self.claim_one_of(&list, parked, &passed_over).await {
                Ok(placed) => placed,
                Err(Stop::Park(error)) => return Err(self.park(error, parked).await),
                Err(Stop::Failed(failure)) => return Err(failure),
            };
            let (refused, may_pass) = match placed {
                Placed::Claimed(claimed) => return Ok(*claimed),
                Placed::Nowhere { refused, may_pass } => (refused, may_pass),
            };
            // A rejection is for ever, so it is not said by what was read some time ago.
            if !known.is_fresh {
                known = match self.ground.parents_now(self.aws).await {
                    Ok(known) => known,
                    Err(error) => return Err(self.park(error, parked).await),
                };
                let newer = shortlist(&known.parents);
                if newer != list {
                    list = newer;
                    continue;
                }
            }
            if may_pass {
                return Err(self.park(not_shown(), parked).await);
            }
            return self.reject_unclaimed(list.rejection(refused), parked).await;
        }
    }

    /// Tries the candidates, best first, until one takes the order.
    async fn claim_one_of(
        &self,
        list: &Shortlist,
        parked: Option<&Record>,
        passed_over: &[Candidate],
    ) -> Result<Placed, Stop> {
        let mut field = Field::of(self, list, passed_over).await?;
        while let Some(pick) = field.pick(self).await? {
            match self.claim_on(&mut field, &pick, parked).await? {
                Try::Claimed(mut claimed) => {
                    if let Claimed::Ours { claim, .. } = claimed.as_mut() {
                        claim.passed_over = passed_over.to_vec();
                    }
                    return Ok(Placed::Claimed(claimed));
                }
                Try::Refused(candidate) => field.refuse(candidate),
                Try::Forgotten => field.forget(&pick.id),
                Try::Changing => return Err(Failure::in_progress(0, self.now_ms()).into()),
            }
        }
        let (refused, may_pass) = field.into_refused();
        Ok(Placed::Nowhere { refused, may_pass })
    }

    /// Tries one candidate: on the VLAN that was asked for, or on every free one of its.
    async fn claim_on(
        &self,
        field: &mut Field,
        pick: &Pick,
        parked: Option<&Record>,
    ) -> Result<Try, Stop> {
        let request = &self.order.request;
        let chosen = Some(pick.id.clone());
        let order = Order {
            key: self.order.key.clone(),
            request: request.clone().with_chosen(chosen, Some(pick.why.clone())),
        };
        let placed = Attempt {
            order: &order,
            ..*self
        };
        // Others of this process that choose at this moment count with what it is about to sell.
        let _selling = self.ground.selling(&pick.id, request.bandwidth.mbps());
        if request.vlan.is_none()
            && let Some(remembered) = field.remembered(&pick.id)
        {
            return Ok(match placed.try_remembered(remembered, parked).await? {
                Tried::Claimed(claimed) => self.claimed(claimed),
                Tried::Parked(_) => Try::Changing,
                Tried::VlanTaken => Try::Forgotten,
                Tried::NotForSale(state) => match policy::rejection(request, &state) {
                    Some(rejection) => Try::Refused(rejection.of_candidate(&pick.id)),
                    None => Try::Forgotten,
                },
            });
        }
        let mut changes = 0;
        loop {
            let vlan = match (request.vlan, field.choice(&pick.id)) {
                (Some(vlan), _) => vlan,
                (None, Some(choice)) => match choice.choose(&order.key) {
                    Some(vlan) => vlan,
                    None => {
                        let range = self.rules.vlan_range;
                        return Ok(Try::Refused(Candidate::no_vlan_available(&pick.id, range)));
                    }
                },
                (None, None) => return Ok(Try::Changing),
            };
            match placed.claim_unless_occupied(vlan, parked).await? {
                Tried::Claimed(claimed) => return Ok(self.claimed(claimed)),
                // Another delivery set it aside meanwhile; the next one goes on from there.
                Tried::Parked(_) => return Ok(Try::Changing),
                Tried::VlanTaken => match self.taken(field, pick, vlan) {
                    Some(candidate) => return Ok(Try::Refused(candidate)),
                    None => continue,
                },
                Tried::NotForSale(state) => {
                    if let Some(rejection) = policy::rejection(request, &state) {
                        let candidate = rejection.of_candidate(&pick.id);
                        return Ok(Try::Refused(candidate));
                    }
                    changes += 1;
                    if changes > POLICY_TRIES {
                        return Ok(Try::Changing);
                    }
                    self.go_by(field, pick, *state);
                }
            }
        }
    }

    fn claimed(&self, claimed: Claimed) -> Try {
        if let Claimed::Ours { claim, .. } = &claimed {
            self.ground.sold(claim, self.now_ms());
        }
        Try::Claimed(claimed.into())
    }

    /// Somebody else has the VLAN. Another one of the same parent will do, where it is ours to choose.
    fn taken(&self, field: &mut Field, pick: &Pick, vlan: Vlan) -> Option<Candidate> {
        match (self.order.request.vlan, field.choice(&pick.id)) {
            (None, Some(choice)) => {
                choice.exclude(vlan);
                None
            }
            (Some(_), _) | (None, None) => Some(Candidate::vlan_in_use(&pick.id, vlan)),
        }
    }

    /// The policy refused a VLAN that was chosen by an older one, or has changed since it refused.
    fn go_by(&self, field: &mut Field, pick: &Pick, state: PolicyState) {
        if let Some(choice) = field.choice(&pick.id) {
            choice.go_by(state.policy);
        }
    }

    /// Direct Connect refused the order on the parent that was chosen, and `candidate` says why: another one is chosen, and
    /// claimed anew, to be called. `Err` ends the attempt.
    pub(crate) async fn next_parent(
        &self,
        claim: Claim,
        candidate: Candidate,
    ) -> Result<Claim, Decision> {
        let claimed = self.claim_on_next(claim, candidate).await;
        match claimed.map_err(Err)? {
            Claimed::Ours {
                claim,
                must_reconcile: false,
            } => Ok(claim),
            // Somebody else has been at it meanwhile; whoever comes next goes on from there.
            Claimed::Ours {
                must_reconcile: true,
                ..
            } => Err(Err(Failure::in_progress(0, self.now_ms()))),
            Claimed::Settled(settled) => Err(Ok(*settled)),
        }
    }

    async fn claim_on_next(&self, claim: Claim, candidate: Candidate) -> Result<Claimed, Failure> {
        let why = format!("{}: {}", candidate.connection_id, candidate.message);
        if let Recorded::Lost(record) = self.aws.ledger.pass_over(&claim, &why).await? {
            let settled = self.lost(*record)?;
            return Ok(Claimed::Settled(Box::new(settled)));
        }
        let record = self.aws.ledger.record(&claim.key).await?;
        let parked = record.filter(|record| record.is_parked() && record.token == claim.token);
        let (Some(parked), Some(placement)) = (parked, self.order.request.placement()) else {
            return Err(Failure::in_progress(0, self.now_ms()));
        };
        let mut passed_over = claim.passed_over;
        passed_over.push(candidate);
        // An order that was taken over comes with the parent that it had.
        let order = self.order.unplaced();
        let unplaced = Attempt {
            order: &order,
            ..*self
        };
        unplaced
            .claim_placed(placement, Some(&parked), passed_over)
            .await
    }
}

/// Why no candidate is tried any more.
enum Stop {
    /// Something could not be read: the order is set aside.
    Park(CallError),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn not_shown() -> CallError {
    CallError {
        operation: "DescribeHostedConnections",
        cause: Cause::Unavailable,
        message: "a parent that may take the order does not show its connections".into(),
    }
}
