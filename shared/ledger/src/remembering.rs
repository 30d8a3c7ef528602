//! Noting which VLANs of a parent are in use, and how much of its bandwidth, and recalling it: so an automatic order can choose
//! its VLAN, and an order by place its parent, without a look at the parent and without reading its leases.
//!
//! What is remembered is old as soon as it is written. The claim's condition on the VLAN lease keeps two orders apart all
//! the same; what somebody did by hand since, only Direct Connect knows.

use std::collections::BTreeMap;

use aws::failure::CallError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use hosted_connection::{IdempotencyKey, ParentConnection, ParentPolicy, Vlan, VlanSet};

use crate::draft::build_error;
use crate::item::{n, text};
use crate::keys;
use crate::known_places::Standing;
use crate::ledger::Ledger;
use crate::memory::{IN_USE, LOOKED_AT, Memory, USED_AT, USED_MBPS};
use crate::parents::ParentView;
use crate::places;
use crate::record::Record;

/// What an automatic order has to know before its claim, from one call.
#[derive(Debug, Clone, Default)]
pub struct Recalled {
    /// The order's own record, if its key has been asked with before.
    pub record: Option<Record>,
    /// The parent's VLANs, if tracking has noted them.
    pub memory: Option<Memory>,
    /// The parent's policy, where policies are enforced and it has one.
    pub policy: Option<ParentPolicy>,
    /// The LAG that the parent is a member of, as far as tracking has noted it.
    pub lag: Option<ParentConnection>,
}

impl Ledger {
    /// The record of `key`, if one is asked for, and what is remembered of `parent`; all read consistently.
    ///
    /// # Errors
    /// When the table cannot be read, or the record cannot be understood.
    pub async fn recall(
        &self,
        key: Option<&IdempotencyKey>,
        parent: &ParentConnection,
    ) -> Result<Recalled, CallError> {
        let enforced = self.rules.parent_policies;
        let mut wanted = vec![keys::seen(parent), keys::lag(parent)];
        wanted.extend(key.map(keys::allocation));
        wanted.extend(enforced.then(|| keys::policy(parent)));
        let mut recalled = Recalled::default();
        let mut has_policy = false;
        for item in self.items(wanted).await? {
            match text(&item, keys::SK)? {
                keys::SEEN => recalled.memory = Memory::from_item(&item),
                keys::LAG => recalled.lag = Some(places::lag(&item)?),
                keys::POLICY => {
                    let state = self.policy_in(&item, parent);
                    has_policy = state.is_some();
                    recalled.policy = state.map(|state| state.policy);
                }
                _ => recalled.record = Some(Record::from_item(&item)?),
            }
        }
        if enforced {
            let lag = recalled.lag.clone();
            let standing = Standing { has_policy, lag };
            self.places.learn(parent, standing, self.clock.now_ms());
        }
        let now_ms = self.clock.now_ms();
        recalled.record = recalled.record.filter(|record| !record.is_expired(now_ms));
        Ok(recalled)
    }

    /// What is remembered of each of `parents`, as far as anything is; in one call for a hundred of them.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn memories(
        &self,
        parents: &[ParentConnection],
    ) -> Result<BTreeMap<ParentConnection, Memory>, CallError> {
        let items = self.items(parents.iter().map(keys::seen).collect()).await?;
        let mut memories = BTreeMap::new();
        for item in &items {
            if let Some(memory) = Memory::from_item(item) {
                memories.insert(keys::parent_of(item)?, memory);
            }
        }
        Ok(memories)
    }

    /// Has orders know which VLANs of `parent` are in use: those `shown` by a look that began at `looked_at_ms`, and those
    /// leased by `view`, which was read after it; and how many Mbps of it are, where its bandwidth is its own.
    ///
    /// Written only if orders go by it, and only if it says something new or what is there is half as old as it may become.
    /// A run that took so long that another one has looked since writes nothing.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn remember(
        &self,
        parent: &ParentConnection,
        view: &ParentView,
        shown: impl Iterator<Item = Vlan>,
        used_mbps: Option<i64>,
        looked_at_ms: u64,
    ) -> Result<(), CallError> {
        let lifetime_ms = u64::try_from(self.rules.vlan_memory.as_millis()).unwrap_or(u64::MAX);
        if lifetime_ms == 0 {
            return Ok(());
        }
        let leased = view.leases.iter().map(|lease| lease.vlan);
        let unreadable = view.unreadable.iter().copied();
        let in_use: VlanSet = leased.chain(unreadable).chain(shown).collect();
        let is_noted = view.memory.as_ref().is_some_and(|noted| {
            let age_ms = looked_at_ms.saturating_sub(noted.looked_at_ms);
            let says_the_same = noted.in_use == in_use && noted.used_mbps == used_mbps;
            says_the_same && age_ms < lifetime_ms / 2
        });
        if is_noted {
            return Ok(());
        }
        let used = match used_mbps {
            Some(_) => format!(
                "SET {IN_USE} = :vlans, {LOOKED_AT} = :at, {USED_MBPS} = :used, {USED_AT} = :at"
            ),
            None => {
                format!("SET {IN_USE} = :vlans, {LOOKED_AT} = :at REMOVE {USED_MBPS}, {USED_AT}")
            }
        };
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::seen(parent)))
            .update_expression(used)
            .condition_expression(format!(
                "attribute_not_exists({LOOKED_AT}) OR {LOOKED_AT} < :at"
            ))
            .expression_attribute_values(":vlans", AttributeValue::B(Blob::new(in_use.to_bytes())))
            .expression_attribute_values(":at", n(looked_at_ms));
        if let Some(used_mbps) = used_mbps {
            update = update.expression_attribute_values(":used", n(used_mbps));
        }
        let update = update.build().map_err(build_error)?;
        let action = TransactWriteItem::builder().update(update);
        self.write_besides(action.build()).await
    }
}
