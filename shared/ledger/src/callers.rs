//! Registered callers: one item each, in one partition, so that one query reads them all.
//!
//! An item holds the caller's JSON as an operator sets it, so that it can be written by other tools as well. What it means
//! is the domain's business; what cannot be read as a caller is passed on as that.

use aws::failure::CallError;
use aws_sdk_dynamodb::types::ReturnValue;
use hosted_connection::{Caller, Callers};

use crate::item::{self, Item, s};
use crate::keys;
use crate::ledger::Ledger;

const CALLER: &str = "caller";

impl Ledger {
    /// Every registered caller, read consistently.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn callers(&self) -> Result<Callers, CallError> {
        let mut kept = Vec::new();
        let mut after = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression("pk = :callers")
                .expression_attribute_values(":callers", s(keys::CALLERS))
                .set_exclusive_start_key(after.take());
            let page = query
                .send()
                .await
                .map_err(|error| CallError::new("Query", &error))?;
            // An answer without a list is no word that there is nobody.
            let items = page.items.ok_or_else(|| item::corrupt("Items"))?;
            for item in &items {
                let name = item::text(item, keys::SK)?.to_owned();
                kept.push((name, caller_of(item)));
            }
            after = page.last_evaluated_key.filter(|key| !key.is_empty());
            if after.is_none() {
                return Ok(Callers::of(kept));
            }
        }
    }

    /// Registers a caller under `name`, in place of the one that has it.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn set_caller(&self, name: &str, caller: &Caller) -> Result<(), CallError> {
        let mut item = keys::caller(name);
        item.insert(CALLER.into(), s(caller.to_json()));
        let put = self.client.put_item().table_name(&self.table);
        put.set_item(Some(item))
            .send()
            .await
            .map_err(|error| CallError::new("PutItem", &error))?;
        Ok(())
    }

    /// Removes the caller of that name. Whether there was one.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn remove_caller(&self, name: &str) -> Result<bool, CallError> {
        let delete = self.client.delete_item().table_name(&self.table);
        let removed = delete
            .set_key(Some(keys::caller(name)))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(|error| CallError::new("DeleteItem", &error))?;
        Ok(removed.attributes.is_some_and(|old: Item| !old.is_empty()))
    }
}

/// The caller that an item holds, or what is wrong with the item.
fn caller_of(item: &Item) -> Result<Caller, String> {
    let json = item::text(item, CALLER)
        .map_err(|_| format!("the attribute `{CALLER}` has to be a string (S) with its JSON"))?;
    Caller::parse(json.as_bytes()).map_err(|violations| {
        let wrong = violations
            .iter()
            .map(|violation| format!("{} {}", violation.field, violation.message));
        wrong.collect::<Vec<_>>().join("; ")
    })
}
