//! The dry run of an order by place: every candidate with its share, or why not.

use aws::direct_connect::ReadError;
use futures_util::{FutureExt, StreamExt, stream};
use hosted_connection::{
    Candidate, Order, ParentConnection, Placement, Ranked, Room, Share, Shortlist, Site,
};
use ledger::{ParentView, PolicyState};

use super::{DryRun, Forecast};
use crate::failure::Failure;
use crate::look::SIDE_BY_SIDE;
use crate::placing::{Kept, kept_apart, used_mbps};
use crate::returned::Returned;
use crate::vlan::{Choice, held_by};
use crate::{Allocator, policy};

/// One candidate of an order by place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CandidateForecast {
    /// It could take the order.
    Open {
        /// The interconnect or LAG.
        id: ParentConnection,
        /// What would be free of it afterwards.
        share: Share,
    },
    /// It could not.
    Refused(Candidate),
}

impl Allocator {
    pub(super) async fn forecast_placed(
        &self,
        order: &Order,
        placement: &Placement,
    ) -> Result<DryRun, Failure> {
        let parents = self.aws.direct_connect.parents().await?;
        let apart = match kept_apart(&self.aws, placement, &parents, &Returned::default()).await? {
            Kept::Free => None,
            Kept::Apart(apart) => Some(apart),
            Kept::Unknown(rejection) => return Ok(Forecast::Rejected(rejection).into()),
        };
        let (bandwidth, sites) = (order.request.bandwidth, parents.sites());
        let list = Shortlist::new(placement, bandwidth, &sites, apart.as_ref());
        // Collected first: see `batch::run`.
        let views: Vec<_> = list
            .open
            .iter()
            .map(|site| self.aws.ledger.parent(&site.id).boxed())
            .collect();
        let mut views = stream::iter(views).buffered(SIDE_BY_SIDE);
        let (mut open, mut refused) = (Vec::new(), Vec::new());
        for site in &list.open {
            let Some(view) = views.next().await.transpose()? else {
                break;
            };
            match self.judged(order, site, view) {
                Ok(candidate) => open.push(candidate),
                Err(candidate) => refused.push(candidate),
            }
        }
        self.best_of(order, &list, open, refused).await
    }

    /// Tries the candidates in their order, with one look at each that is tried.
    async fn best_of(
        &self,
        order: &Order,
        list: &Shortlist,
        open: Vec<(ParentConnection, Room, ParentView)>,
        mut refused: Vec<Candidate>,
    ) -> Result<DryRun, Failure> {
        let rooms = open.iter().map(|(id, room, _)| (id, *room));
        let ranked = Ranked::best_first(rooms, order.request.bandwidth.mbps());
        let mut forecast = None;
        let mut views: Vec<_> = open.into_iter().map(|(id, _, view)| (id, view)).collect();
        let mut candidates = Vec::new();
        for Ranked { id, share } in ranked {
            let at = views.iter().position(|(one, _)| *one == id);
            let Some((_, view)) = at.map(|at| views.swap_remove(at)) else {
                continue;
            };
            if forecast.is_none() {
                match self.forecast_at(order, &id, view).await? {
                    Ok(found) => forecast = Some(found),
                    Err(candidate) => {
                        refused.push(candidate);
                        continue;
                    }
                }
            }
            candidates.push(CandidateForecast::Open { id, share });
        }
        let rejection = list.rejection(refused);
        let told = rejection.candidates.iter().cloned();
        candidates.extend(told.map(CandidateForecast::Refused));
        Ok(DryRun {
            forecast: forecast.unwrap_or(Forecast::Rejected(rejection)),
            candidates,
        })
    }

    /// What can be told of a candidate without a look at it.
    fn judged(
        &self,
        order: &Order,
        site: &Site,
        view: ParentView,
    ) -> Result<(ParentConnection, Room, ParentView), Candidate> {
        let request = &order.request;
        let policy = view.policy.as_ref();
        let policy: Option<&PolicyState> = policy.filter(|_| self.rules.parent_policies);
        if let Some(rejection) = policy.and_then(|state| policy::rejection(request, state)) {
            return Err(rejection.of_candidate(&site.id));
        }
        let sellable_mbps = policy.and_then(|state| state.policy.sellable_mbps());
        let used = policy.map_or_else(|| used_mbps(&view, &[]), |state| state.sold_mbps);
        let room = Room::of(site, sellable_mbps, used);
        Ok((site.id.clone(), room, view))
    }

    /// The VLAN that the order would get on a candidate.
    async fn forecast_at(
        &self,
        order: &Order,
        id: &ParentConnection,
        view: ParentView,
    ) -> Result<Result<Forecast, Candidate>, Failure> {
        let shown = match self.aws.direct_connect.vlans(id, held_by).await {
            Ok(shown) => shown,
            Err(ReadError::Refused(message)) => return Ok(Err(Candidate::refused(id, &message))),
            Err(ReadError::Failed(error)) => return Err(error.into()),
        };
        let choice = Choice::new(&self.rules, view, shown);
        let range = self.rules.vlan_range;
        let vlan = match order.request.vlan {
            Some(vlan) if choice.is_occupied(vlan) => Err(Candidate::vlan_in_use(id, vlan)),
            Some(vlan) => Ok(vlan),
            None => choice
                .choose(&order.key)
                .ok_or_else(|| Candidate::no_vlan_available(id, range)),
        };
        Ok(vlan.map(|vlan| Forecast::Allocated {
            parent: id.clone(),
            vlan,
        }))
    }
}
