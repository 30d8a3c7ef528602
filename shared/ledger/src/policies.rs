//! Policies of parents, and the bandwidth sold on each that has one.
//!
//! A policy is an item beside the parent's VLAN leases. A claim on such a parent updates it in its own transaction, and
//! the item's condition is the policy: so ten claims at once cannot sell what there is once. Once there, the item stays:
//! a policy without limits still counts.

use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use hosted_connection::{Bandwidth, ParentConnection, ParentPolicy, Vlan};

use super::{Ledger, keys};
use crate::item::{self, Item, corrupt, n, s};
use crate::leases::{Lease, build_error};
use crate::transact::Write;
use aws::failure::{CallError, Cause};

const POLICY: &str = "parentPolicy";
const SOLD_MBPS: &str = "soldMbps";
const FREE_MBPS: &str = "freeMbps";
/// What is free where no limit is set: more than any port will ever carry.
const NO_LIMIT_MBPS: i64 = 1_000_000_000_000;

/// A parent's policy and what is sold under it.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyState {
    /// What may be sold.
    pub policy: ParentPolicy,
    /// Sum over open claims and living connections.
    pub sold_mbps: i64,
    /// What may still be sold; negative when more is sold than the policy allows by now. None without a limit.
    pub free_mbps: Option<i64>,
    /// The policy as it stands in the table, which an earlier version may have written in another way.
    stored: String,
}

impl PolicyState {
    pub(crate) fn from_item(item: &Item) -> Result<Self, CallError> {
        let stored = item::text(item, POLICY)?;
        let policy = ParentPolicy::from_stored_json(stored).map_err(|_| corrupt(POLICY))?;
        let free_mbps: i64 = item::number(item, FREE_MBPS)?;
        Ok(Self {
            sold_mbps: item::number(item, SOLD_MBPS)?,
            free_mbps: policy.sellable_mbps().map(|_| free_mbps),
            policy,
            stored: stored.to_owned(),
        })
    }
}

impl Ledger {
    /// The policy of `parent`, if it has one.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn policy(
        &self,
        parent: &ParentConnection,
    ) -> Result<Option<PolicyState>, CallError> {
        let call = self
            .client
            .get_item()
            .table_name(&self.table)
            .consistent_read(true);
        let output = call
            .set_key(Some(keys::policy(parent)))
            .send()
            .await
            .map_err(|error| CallError::new("GetItem", &error))?;
        output
            .item
            .map(|item| PolicyState::from_item(&item))
            .transpose()
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
        let write = match &before {
            None => {
                self.transact(vec![self.new_policy(parent, policy)?])
                    .await?
            }
            Some(before) => {
                self.transact(vec![self.changed_policy(parent, before, policy)?])
                    .await?
            }
        };
        if let Write::Refused(_) = write {
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

    /// Counts a lease in the parent's policy, where it is not yet: one from before there was a policy.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn count(&self, parent: &ParentConnection, lease: &Lease) -> Result<(), CallError> {
        if lease.counted {
            return Ok(());
        }
        let mark = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::lease(parent, lease.vlan)))
            .update_expression("SET countedMbps = mbps")
            // The same lease: a VLAN may have changed hands, with another bandwidth.
            .condition_expression(
                "attribute_not_exists(countedMbps) AND leasedAtMs = :since AND mbps = :mbps",
            )
            .expression_attribute_values(":since", n(lease.leased_at_ms))
            .expression_attribute_values(":mbps", n(lease.mbps))
            .build();
        let actions = vec![
            TransactWriteItem::builder()
                .update(mark.map_err(build_error)?)
                .build(),
            self.add_to_sold(parent, i64::from(lease.mbps))?,
        ];
        match self.transact(actions).await? {
            // Counted or freed meanwhile.
            Write::Done | Write::Refused(_) => Ok(()),
        }
    }

    /// Sells `bandwidth` on `vlan`, if the policy allows it and enough is free.
    pub(crate) fn sell(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        bandwidth: Bandwidth,
    ) -> Result<TransactWriteItem, CallError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::policy(parent)))
            .update_expression("SET soldMbps = soldMbps + :mbps, freeMbps = freeMbps - :mbps")
            .condition_expression(
                "freeMbps >= :mbps AND vlanFirst <= :vlan AND vlanLast >= :vlan \
                 AND (attribute_not_exists(allowedBandwidths) OR contains(allowedBandwidths, :bandwidth)) \
                 AND (attribute_not_exists(reservedVlans) OR NOT contains(reservedVlans, :vlan))",
            )
            .expression_attribute_values(":mbps", n(bandwidth.mbps()))
            .expression_attribute_values(":vlan", n(vlan.get()))
            .expression_attribute_values(":bandwidth", s(bandwidth.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }

    /// Gives sold bandwidth back.
    pub(crate) fn uncount(
        &self,
        parent: &ParentConnection,
        mbps: u32,
    ) -> Result<TransactWriteItem, CallError> {
        self.add_to_sold(parent, -i64::from(mbps))
    }

    fn add_to_sold(
        &self,
        parent: &ParentConnection,
        mbps: i64,
    ) -> Result<TransactWriteItem, CallError> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::policy(parent)))
            .update_expression("SET soldMbps = soldMbps + :mbps, freeMbps = freeMbps - :mbps")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":mbps", n(mbps))
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }

    fn new_policy(
        &self,
        parent: &ParentConnection,
        policy: &ParentPolicy,
    ) -> Result<TransactWriteItem, CallError> {
        let mut item = keys::policy(parent);
        item.extend(conditions(policy));
        item.insert(POLICY.into(), s(policy.to_json()));
        item.insert(SOLD_MBPS.into(), n(0));
        item.insert(FREE_MBPS.into(), n(sellable(policy)));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        Ok(TransactWriteItem::builder()
            .put(put.map_err(build_error)?)
            .build())
    }

    fn changed_policy(
        &self,
        parent: &ParentConnection,
        before: &PolicyState,
        policy: &ParentPolicy,
    ) -> Result<TransactWriteItem, CallError> {
        let conditions = conditions(policy);
        let mut set = vec!["parentPolicy = :policy", "freeMbps = freeMbps + :more"];
        let mut remove = Vec::new();
        let mut values = Item::from([
            (":policy".into(), s(policy.to_json())),
            (":before".into(), s(&before.stored)),
            (
                ":more".into(),
                n(sellable(policy) - sellable(&before.policy)),
            ),
        ]);
        for (name, assignment) in CONDITIONS {
            match conditions.get(name) {
                Some(value) => {
                    set.push(assignment);
                    values.insert(format!(":{name}"), value.clone());
                }
                None => remove.push(name),
            }
        }
        let mut expression = format!("SET {}", set.join(", "));
        if !remove.is_empty() {
            expression.push_str(&format!(" REMOVE {}", remove.join(", ")));
        }
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::policy(parent)))
            .update_expression(expression)
            .condition_expression("parentPolicy = :before")
            .set_expression_attribute_values(Some(values))
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }
}

/// Attributes that the claim's condition reads, and how a change sets each.
const CONDITIONS: [(&str, &str); 4] = [
    ("vlanFirst", "vlanFirst = :vlanFirst"),
    ("vlanLast", "vlanLast = :vlanLast"),
    (
        "allowedBandwidths",
        "allowedBandwidths = :allowedBandwidths",
    ),
    ("reservedVlans", "reservedVlans = :reservedVlans"),
];

/// The policy as attributes. DynamoDB has no empty sets: what is not restricted is left out.
fn conditions(policy: &ParentPolicy) -> Item {
    let range = policy.vlan_range().unwrap_or_default();
    let mut item = Item::from([
        ("vlanFirst".into(), n(range.first())),
        ("vlanLast".into(), n(range.last())),
    ]);
    if let Some(allowed) = policy.allowed_bandwidths() {
        let names = allowed
            .iter()
            .map(|bandwidth| bandwidth.as_str().to_owned());
        item.insert(
            "allowedBandwidths".into(),
            AttributeValue::Ss(names.collect()),
        );
    }
    let reserved: Vec<_> = policy
        .reserved_vlans()
        .iter()
        .map(Vlan::to_string)
        .collect();
    if !reserved.is_empty() {
        item.insert("reservedVlans".into(), AttributeValue::Ns(reserved));
    }
    item
}

fn sellable(policy: &ParentPolicy) -> i64 {
    policy.sellable_mbps().map_or(NO_LIMIT_MBPS, |mbps| {
        i64::try_from(mbps).unwrap_or(NO_LIMIT_MBPS)
    })
}
