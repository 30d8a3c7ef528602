//! VLAN leases: which key holds which VLAN on which parent.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{
    Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};

use super::item::{Item, n, s};
use super::{Ledger, keys};
use crate::failure::CallError;

pub(super) const HOLDER: &str = "holder";
const LEASED_AT: &str = "leasedAtMs";

impl Ledger {
    /// VLANs of `parent` that are leased, to whichever key.
    ///
    /// # Errors
    /// When the table cannot be read, or holds something that we did not write.
    pub async fn leased_vlans(
        &self,
        parent: &ParentConnection,
    ) -> Result<BTreeSet<Vlan>, CallError> {
        let mut vlans = BTreeSet::new();
        let mut start: Option<Item> = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true);
            let page = query
                .key_condition_expression("pk = :parent AND begins_with(sk, :prefix)")
                .expression_attribute_values(":parent", keys::parent_pk(parent))
                .expression_attribute_values(":prefix", s(keys::LEASE_PREFIX))
                .projection_expression(keys::SK)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| CallError::new("Query", &error))?;
            for item in page.items() {
                vlans.insert(leased_vlan(item)?);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(vlans);
            }
        }
    }

    /// Leases `vlan` to `key`, if it is free or already theirs.
    pub(super) fn lease(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
    ) -> Result<TransactWriteItem, CallError> {
        let mut item = keys::lease(parent, vlan);
        item.insert(HOLDER.into(), s(key.as_str()));
        item.insert(LEASED_AT.into(), n(self.clock.now_ms()));
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk) OR holder = :key")
            .expression_attribute_values(":key", s(key.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .put(put.map_err(build_error)?)
            .build())
    }

    /// Frees `vlan`, if it is held by `key`.
    pub(super) fn free(
        &self,
        parent: &ParentConnection,
        vlan: Vlan,
        key: &IdempotencyKey,
    ) -> Result<TransactWriteItem, CallError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(keys::lease(parent, vlan)))
            .condition_expression("attribute_not_exists(pk) OR holder = :key")
            .expression_attribute_values(":key", s(key.as_str()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        Ok(TransactWriteItem::builder()
            .delete(delete.map_err(build_error)?)
            .build())
    }
}

/// The SDK's builders fail only for want of a member that is set right here.
pub(super) fn build_error(error: impl std::fmt::Display) -> CallError {
    CallError::corrupt("building a DynamoDB request", error.to_string())
}

fn leased_vlan(item: &Item) -> Result<Vlan, CallError> {
    let sk = super::item::text(item, keys::SK)?;
    let number = sk
        .strip_prefix(keys::LEASE_PREFIX)
        .and_then(|digits| digits.parse().ok());
    number
        .and_then(Vlan::new)
        .ok_or_else(|| super::item::corrupt(keys::SK))
}
