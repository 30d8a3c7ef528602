//! Whether the parent that was chosen cannot have taken the order that it refused, so that another candidate may get it.

use std::collections::BTreeMap;

use aws::direct_connect::{Parents, Readiness};
use aws::failure::CallError;
use hosted_connection::{Availability, Bandwidth, Candidate, Rejection, Site};
use ledger::Claim;

use super::ground::Used;
use crate::attempt::Attempt;
use crate::look::{Look, Looks, Round};
use crate::reconcile::Shown;
use crate::vlan::is_living;

impl Attempt<'_> {
    /// Why the claim's parent cannot have taken the order; none where that is not shown, or where the parent is not ours to
    /// change. `shown` has to keep all: what the parent carries is counted.
    ///
    /// That Direct Connect refused it is not enough. AWS may have repeated our one send, and refused the repetition of what
    /// had landed but is not shown yet: a second parent would then be a second connection. So what is shown after the refusal
    /// has to rule out that the order landed there, as somebody else's connection on its VLAN does.
    pub(crate) async fn unfit(
        &self,
        claim: &Claim,
        shown: &Shown,
        parents: &Parents,
        looks: &Looks,
    ) -> Result<Option<Candidate>, CallError> {
        if !self.chooses_parent() || claim.unanswered {
            return Ok(None);
        }
        let id = &claim.parent;
        let sites = parents.sites();
        let Some(site) = sites.iter().find(|site| site.id == *id) else {
            self.ground.forget_parents();
            return Ok(Some(Candidate::not_found(id)));
        };
        let is_gone = parents.readiness(id) == Readiness::Gone;
        match &site.availability {
            Availability::NoHostedConnections => {}
            Availability::InState(_) if is_gone => {}
            // Whether a member sells what is its LAG's is not known (`lag-members` in docs/assumptions.md).
            Availability::MemberOf(_) => return Ok(None),
            Availability::Available | Availability::InState(_) => {
                let carried = self.carried_mbps(site, shown, parents, looks).await?;
                return Ok(self.without_room(site, carried));
            }
        }
        self.ground.forget_parents();
        Ok(site.unavailable())
    }

    /// Whether the port has no room for the order beside the `carried_mbps` that it is seen to carry. One that carries more than
    /// it has is sold more than once, and there room is no reason to be seen.
    fn without_room(&self, site: &Site, carried_mbps: u64) -> Option<Candidate> {
        let asked_mbps = self.order.request.bandwidth.mbps();
        let free_mbps = site.mbps?.checked_sub(carried_mbps)?;
        if free_mbps >= u64::from(asked_mbps) {
            return None;
        }
        // Orders that come next go elsewhere at once.
        let used_mbps = i64::try_from(carried_mbps).unwrap_or(i64::MAX);
        let used = Used::unlisted(used_mbps, self.now_ms());
        self.ground.learn(&site.id, used, self.now_ms());
        let rejection = Rejection::capacity_exceeded(asked_mbps, free_mbps);
        Some(rejection.of_candidate(&site.id))
    }

    /// What the connections take that are certainly on the parent, a LAG's members included; each once, under whatever id it is
    /// shown.
    async fn carried_mbps(
        &self,
        site: &Site,
        shown: &Shown,
        parents: &Parents,
        looks: &Looks,
    ) -> Result<u64, CallError> {
        let mut carried = BTreeMap::new();
        if let Shown::Listed(look) = shown {
            carried.extend(carried_by(look));
        }
        for alias in parents.aliases(&site.id) {
            let look = looks.place(self.aws, parents, &alias, (Round::First, None));
            if let Some(look) = look.await? {
                carried.extend(carried_by(&look));
            }
        }
        Ok(carried.into_values().map(u64::from).sum())
    }
}

/// The bandwidth of each connection that takes some. One that is being deleted may have given its own back.
fn carried_by(look: &Look) -> impl Iterator<Item = (String, u32)> {
    let staying = look
        .connections
        .iter()
        .filter(|shown| is_living(shown) && shown.connection_state.as_deref() != Some("deleting"));
    staying.filter_map(|shown| {
        let bandwidth = Bandwidth::parse(shown.bandwidth.as_deref()?).ok()?;
        Some((shown.connection_id.clone()?, bandwidth.mbps()))
    })
}
