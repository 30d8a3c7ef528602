//! Noting which VLANs of a parent are in use, and recalling it: so an automatic order can choose its VLAN without a look at
//! the parent and without reading its leases.
//!
//! What is remembered is old as soon as it is written. The claim's condition on the VLAN lease keeps two orders apart all
//! the same; what somebody did by hand since, only Direct Connect knows.

use aws::failure::CallError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use hosted_connection::{IdempotencyKey, ParentConnection, ParentPolicy, Vlan, VlanSet};

use crate::draft::build_error;
use crate::item::{n, text};
use crate::keys;
use crate::known_places::Standing;
use crate::ledger::Ledger;
use crate::memory::{IN_USE, LOOKED_AT, Memory};
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

    /// Has automatic orders know which VLANs of `parent` are in use: those `shown` by a look that began at `looked_at_ms`, and
    /// those leased by `view`, which was read after it.
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
            noted.in_use == in_use && age_ms < lifetime_ms / 2
        });
        if is_noted {
            return Ok(());
        }
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::seen(parent)))
            .update_expression(format!("SET {IN_USE} = :vlans, {LOOKED_AT} = :at"))
            .condition_expression(format!(
                "attribute_not_exists({LOOKED_AT}) OR {LOOKED_AT} < :at"
            ))
            .expression_attribute_values(":vlans", AttributeValue::B(Blob::new(in_use.to_bytes())))
            .expression_attribute_values(":at", n(looked_at_ms))
            .build();
        let action = TransactWriteItem::builder().update(update.map_err(build_error)?);
        self.write_besides(action.build()).await
    }
}
