//! Orders without a parent: an order by place has none until one is chosen for it, and never gets one if none can take it. They
//! are in no parent's list, so they are found by what the local cloud was asked; at AWS only those that are unfinished are found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws::failure::CallError;
use hosted_connection::IdempotencyKey;
use ledger::{Ledger, PAGE_SIZE, Record};
use serde_json::Value;

use crate::snapshot::{Known, Records, shared};

/// What a page calls them.
pub(super) const WHAT: &str = "The orders without a parent";
/// How many are remembered.
const MOST: usize = 200;
/// What the table's key of an order begins with.
const PREFIX: &str = "allocation#";

/// Reads the orders of `keys` again, and puts those that have no parent into `known`.
///
/// # Errors
/// The table cannot be read.
pub(super) async fn read(
    ledger: &Ledger,
    keys: BTreeSet<IdempotencyKey>,
    known: &mut Records,
) -> Result<(), CallError> {
    if keys.is_empty() {
        return Ok(());
    }
    let read: Vec<_> = keys.iter().cloned().collect();
    let found = ledger.records(&read).await?;
    let untouched = known.iter().filter(|record| !keys.contains(&record.key));
    let mut all: Vec<Arc<Record>> = untouched.cloned().collect();
    let found = found.into_iter().map(Arc::new);
    all.extend(found.filter(|record| record.lease_parent.is_none()));
    all.sort_by_key(|record| std::cmp::Reverse(record.claimed_at_ms));
    all.truncate(MOST);
    *known = Arc::new(all);
    Ok(())
}

/// Those that were there before anybody looked.
///
/// # Errors
/// The table cannot be read.
pub(super) async fn from_before(ledger: &Ledger) -> Result<Records, CallError> {
    let apart = |record: &Record| record.lease_parent.is_none();
    let page = ledger.page(None, None, PAGE_SIZE, apart).await?;
    Ok(shared(page.records))
}

/// The orders that a request's body names and that are in no parent's list.
pub(super) fn named(body: &Value, parents: &BTreeMap<String, Known>) -> BTreeSet<IdempotencyKey> {
    let mut keys = BTreeSet::new();
    collect(body, &mut keys);
    let is_listed = |key: &IdempotencyKey| {
        let mut listed = parents.values().flat_map(|known| known.newest.iter());
        listed.any(|record| record.key == *key)
    };
    keys.retain(|key| !is_listed(key));
    keys
}

fn collect(body: &Value, keys: &mut BTreeSet<IdempotencyKey>) {
    match body {
        Value::String(text) => {
            let key = text.strip_prefix(PREFIX).map(IdempotencyKey::parse);
            keys.extend(key.and_then(Result::ok));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        Value::Object(members) => members.values().for_each(|item| collect(item, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
