//! One candidate of an order: what is known of it, and reading what is not.

use aws::direct_connect::ReadError;
use hosted_connection::{Candidate, ParentConnection, ParentPolicy, Room, Site};
use ledger::Memory;

use super::ground::{Ground, Policies, Used};
use crate::attempt::Attempt;
use crate::memory::Remembered;
use crate::policy;
use crate::vlan::Choice;

/// One candidate.
pub(super) struct Runner {
    pub(super) site: Site,
    /// Its policy, where it has one: what that counts as sold is what its condition goes by.
    policy: Option<ParentPolicy>,
    /// What is used of it; none where that is not known, which is taken for nothing until it is.
    pub(super) used: Option<Used>,
    pub(super) vlans: Vlans,
}

/// What there is to choose VLANs from on a candidate.
pub(super) enum Vlans {
    /// Not known, and neither is what tracking noted of it.
    Unasked,
    /// Not known, and nothing noted will do.
    Unknown,
    /// By what tracking noted.
    Remembered(Remembered),
    /// By a look.
    Seen(Choice),
}

/// What has to be read of the best candidate before it is tried.
pub(super) enum Missing {
    Nothing,
    /// What tracking noted of it.
    Memory,
    /// What is leased on it; what Direct Connect shows as well, where a VLAN has to be chosen.
    Look,
}

impl Runner {
    /// `Err` says why its policy does not allow the order.
    pub(super) fn new(
        attempt: &Attempt<'_>,
        site: &Site,
        policies: &Policies,
    ) -> Result<Self, Candidate> {
        let (policy, used) = match policies.of(&site.id) {
            None => (None, attempt.ground.used(&site.id, attempt.now_ms())),
            Some((state, used)) => {
                if let Some(rejection) = policy::rejection(&attempt.order.request, state) {
                    return Err(rejection.of_candidate(&site.id));
                }
                (Some(state.policy.clone()), Some(used))
            }
        };
        let vlans = if attempt.rules.vlan_memory.is_zero() {
            Vlans::Unknown
        } else {
            Vlans::Unasked
        };
        Ok(Self {
            site: site.clone(),
            policy,
            used,
            vlans,
        })
    }

    /// What there is to sell of it, and what is used by this moment.
    pub(super) fn room(&self, ground: &Ground) -> Room {
        let sellable_mbps = self.policy.as_ref().and_then(ParentPolicy::sellable_mbps);
        let used_mbps = ground.used_by_now(&self.site.id, self.used.as_ref());
        Room::of(&self.site, sellable_mbps, used_mbps)
    }

    pub(super) fn id(&self) -> &ParentConnection {
        &self.site.id
    }

    /// What has to be read of it before it is tried; `may_read` says whether what is used of it may be.
    pub(super) fn missing(&self, attempt: &Attempt<'_>, may_read: bool) -> Missing {
        let has_vlans = match self.vlans {
            Vlans::Remembered(_) | Vlans::Seen(_) => true,
            Vlans::Unasked | Vlans::Unknown => false,
        };
        let needs_vlan = attempt.order.request.vlan.is_none() && !has_vlans;
        let is_unknown = self.used.is_none() && may_read;
        match self.vlans {
            _ if !needs_vlan && !is_unknown => Missing::Nothing,
            Vlans::Unasked => Missing::Memory,
            Vlans::Unknown | Vlans::Remembered(_) | Vlans::Seen(_) => Missing::Look,
        }
    }

    /// Goes by what tracking noted, if that is young enough and tells all there is to know. Of a member of a LAG it does not: who
    /// was one a moment ago is looked at.
    pub(super) fn recall(&mut self, attempt: &Attempt<'_>, memory: Option<&Memory>) {
        self.vlans = Vlans::Unknown;
        let Some(memory) = memory.filter(|memory| attempt.is_young(memory)) else {
            return;
        };
        let Some(mbps) = memory.used_mbps else {
            return;
        };
        let (rules, in_use) = (attempt.rules, memory.in_use.clone());
        self.vlans = Vlans::Remembered(Remembered {
            place: self.site.id.clone(),
            choice: Choice::among(rules, in_use, self.policy.clone()),
            looked_at_ms: memory.looked_at_ms,
        });
        let used = Used {
            mbps,
            vlans: memory.in_use.clone(),
            looked_at_ms: memory.looked_at_ms,
        };
        let now_ms = attempt.now_ms();
        attempt.ground.learn(&self.site.id, used, now_ms);
        if self.policy.is_none() {
            self.used = attempt.ground.used(&self.site.id, now_ms);
        }
    }

    /// Reads what is used of the parent; with a look at it, where a VLAN has to be chosen as well.
    pub(super) async fn read(&mut self, attempt: &Attempt<'_>) -> Result<(), ReadError> {
        let (aws, ground, id) = (attempt.aws, attempt.ground, &self.site.id);
        let used = if attempt.order.request.vlan.is_none() {
            let survey = ground.survey(aws, attempt.rules, id).await?;
            self.vlans = Vlans::Seen(survey.choice);
            survey.used
        } else {
            let looked_at_ms = attempt.now_ms();
            let view = aws.ledger.parent(id).await?;
            let leased = view.leases.iter().map(|lease| lease.vlan);
            let used = Used {
                mbps: super::used_mbps(&view, &[]),
                vlans: leased.collect(),
                looked_at_ms,
            };
            ground.learn(id, used.clone(), attempt.now_ms());
            used
        };
        if self.policy.is_none() {
            self.used = Some(used);
        }
        Ok(())
    }
}
