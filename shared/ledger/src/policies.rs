//! Policies of parents, and the bandwidth sold on each that has one.
//!
//! A policy is an item beside the parent's VLAN leases. A claim on such a parent updates it in its own transaction, and
//! the item's condition is the policy: so ten claims at once cannot sell what there is once. Once there, the item stays:
//! a policy without limits still counts.

use std::collections::BTreeMap;

use aws::failure::{CallError, Cause};
use aws::metrics::Metric;
use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::{ParentConnection, ParentPolicy, Vlan};
use transitions::{Given, LeaseWrite, Name};

use crate::claim::Claim;
use crate::draft::Brought;
use crate::item::{corrupt, n, s};
use crate::keys;
use crate::known_places::Standing;
use crate::lease::Lease;
use crate::ledger::Ledger;
use crate::policy::{POLICY, PolicyState, sellable};
use crate::transact::Write;

impl Ledger {
    /// The policy of `parent`, if it has one.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn policy(
        &self,
        parent: &ParentConnection,
    ) -> Result<Option<PolicyState>, CallError> {
        let item = self.item(keys::policy(parent)).await?;
        item.map(|item| PolicyState::from_item(&item)).transpose()
    }

    /// The policies of `parents`, as far as they have any; in one call for a hundred of them. What is learned by it saves an
    /// order on one of them the question. None of them may be a member of a LAG.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn policies(
        &self,
        parents: &[ParentConnection],
    ) -> Result<BTreeMap<ParentConnection, PolicyState>, CallError> {
        if !self.rules.parent_policies {
            return Ok(BTreeMap::new());
        }
        let items = self
            .items(parents.iter().map(keys::policy).collect())
            .await?;
        let mut policies = BTreeMap::new();
        for item in &items {
            let parent = keys::parent_of(item)?;
            match PolicyState::from_item(item) {
                Ok(policy) => {
                    policies.insert(parent, policy);
                }
                // Passed over, and a defect: see `Ledger::parent`.
                Err(error) => {
                    self.meter.count(Metric::Defects);
                    tracing::error!(parent.id = %parent, error = %error, "a policy cannot be understood");
                }
            }
        }
        let now_ms = self.clock.now_ms();
        for parent in parents {
            let standing = Standing {
                has_policy: policies.contains_key(parent),
                lag: None,
            };
            self.places.learn(parent, standing, now_ms);
        }
        Ok(policies)
    }

    /// Sets the policy of `parent`, and counts what is sold there already.
    ///
    /// # Errors
    /// When the table cannot be written, or somebody else sets the policy at the same time.
    pub async fn set_policy(
        &self,
        parent: &ParentConnection,
        policy: &ParentPolicy,
    ) -> Result<PolicyState, CallError> {
        let before = self.policy(parent).await?;
        let name = match &before {
            None => Name::SetPolicy,
            Some(_) => Name::ReplacePolicy,
        };
        let draft = || {
            self.draft(name)
                .policy(parent, set(policy, before.as_ref()))
        };
        if let Write::Refused(_) = self.commit(draft).await? {
            return Err(CallError {
                operation: "setting a policy",
                cause: Cause::Unavailable,
                message: "somebody else set it at the same time".into(),
            });
        }
        for lease in self.parent(parent).await?.leases {
            self.count(parent, &lease).await?;
        }
        let set = self.policy(parent).await?;
        set.ok_or_else(|| corrupt(POLICY))
    }

    /// Counts a lease in the parent's policy, where it is not yet: one from before there was a policy. One that has been counted or
    /// freed meanwhile stays as it is.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn count(&self, parent: &ParentConnection, lease: &Lease) -> Result<(), CallError> {
        if lease.counted {
            return Ok(());
        }
        let draft = || {
            let seen = vec![
                (Given::LeasedAt, n(lease.leased_at_ms)),
                (Given::Mbps, n(lease.mbps)),
            ];
            self.draft(Name::CountLease)
                .lease(LeaseWrite::Count, parent, lease.vlan, seen)
                .policy(parent, vec![(Given::Mbps, n(lease.mbps))])
        };
        self.commit(draft).await.map(|_| ())
    }
}

/// What selling a claim's bandwidth brings.
pub(crate) fn sold(claim: &Claim) -> Brought {
    let bandwidth = claim.request.bandwidth;
    vec![
        (Given::Mbps, n(bandwidth.mbps())),
        (Given::Vlan, n(claim.vlan.get())),
        (Given::Bandwidth, s(bandwidth.as_str())),
    ]
}

/// What giving sold bandwidth back brings.
pub(crate) fn given_back(mbps: u32) -> Brought {
    vec![(Given::Mbps, n(-i64::from(mbps)))]
}

/// The policy as attributes. DynamoDB has no empty sets: what is not restricted is left out.
fn set(policy: &ParentPolicy, before: Option<&PolicyState>) -> Brought {
    let range = policy.vlan_range().unwrap_or_default();
    let sellable_before = before.map_or(0, |before| sellable(&before.policy));
    let mut brought = vec![
        (Given::Policy, s(policy.to_json())),
        (Given::Sellable, n(sellable(policy) - sellable_before)),
        (Given::VlanFirst, n(range.first())),
        (Given::VlanLast, n(range.last())),
    ];
    if let Some(before) = before {
        brought.push((Given::SeenPolicy, s(&before.stored)));
    }
    if let Some(allowed) = policy.allowed_bandwidths() {
        let names = allowed
            .iter()
            .map(|bandwidth| bandwidth.as_str().to_owned());
        brought.push((
            Given::AllowedBandwidths,
            AttributeValue::Ss(names.collect()),
        ));
    }
    let reserved: Vec<_> = policy
        .reserved_vlans()
        .iter()
        .map(Vlan::to_string)
        .collect();
    if !reserved.is_empty() {
        brought.push((Given::ReservedVlans, AttributeValue::Ns(reserved)));
    }
    brought
}
