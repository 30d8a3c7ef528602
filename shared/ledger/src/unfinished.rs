//! Finding what nobody may ask for again: the sparse index of allocations that still need something done.

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::future::try_join_all;
use hosted_connection::IdempotencyKey;

use crate::draft::build_error;
use crate::item::{Item, n, s};
use crate::keys;
use crate::ledger::Ledger;
use crate::record::Record;
use aws::failure::{CallError, Cause};
use aws::metrics::Metric;

/// Items that BatchGetItem gives in one answer. Source: BatchGetItem API reference.
const BATCH: usize = 100;
/// Rounds of asking again for what an answer left out.
const BATCH_TRIES: u32 = 5;

impl Ledger {
    /// Keys of allocations that need something done and that nobody is at, longest unfinished first within each of the
    /// index's partitions, about `most` at the most. The index is eventually consistent: a key may be done by now.
    ///
    /// # Errors
    /// When the index cannot be read, or holds something that we did not write.
    pub async fn unfinished(&self, most: usize) -> Result<Vec<IdempotencyKey>, CallError> {
        let shards: Vec<String> = keys::shards().collect();
        let each = most.div_ceil(shards.len());
        let found =
            try_join_all(shards.iter().map(|shard| self.unfinished_in(shard, each))).await?;
        Ok(found.concat())
    }

    async fn unfinished_in(
        &self,
        shard: &str,
        most: usize,
    ) -> Result<Vec<IdempotencyKey>, CallError> {
        let mut found = Vec::new();
        let mut start: Option<Item> = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(keys::UNFINISHED_INDEX);
            let page = query
                .key_condition_expression("unfinishedShard = :shard AND unfinishedAtMs <= :now")
                .expression_attribute_values(":shard", s(shard))
                // A claim's entry shows when its lease ends, so that those who are still at it are left alone.
                .expression_attribute_values(":now", n(self.clock.now_ms()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| CallError::new("Query", &error))?;
            // One item that we did not write must not keep the others unfinished.
            found.extend(
                page.items()
                    .iter()
                    .filter_map(|item| keys::key_of(item).ok()),
            );
            start = page.last_evaluated_key;
            if start.is_none() || found.len() >= most {
                found.truncate(most);
                return Ok(found);
            }
        }
    }

    /// The records of `keys`, read consistently, a hundred to a call; those without one are left out.
    ///
    /// # Errors
    /// When the table cannot be read. A record that cannot be understood is left out, and logged.
    pub async fn records(&self, keys: &[IdempotencyKey]) -> Result<Vec<Record>, CallError> {
        let found = self.items(keys.iter().map(keys::allocation).collect());
        let found = found.await?;
        let now_ms = self.clock.now_ms();
        let mut records: Vec<_> = found
            .iter()
            .filter_map(|item| self.understood(item))
            .collect();
        records.retain(|record| !record.is_expired(now_ms));
        Ok(records)
    }

    /// The items of `keys` that there are, read consistently, a hundred to a call.
    pub(crate) async fn items(&self, keys: Vec<Item>) -> Result<Vec<Item>, CallError> {
        let mut items = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH) {
            let mut wanted = batch.to_vec();
            let mut tries = 0;
            while !wanted.is_empty() {
                if tries == BATCH_TRIES {
                    return Err(CallError {
                        operation: "BatchGetItem",
                        cause: Cause::Throttled,
                        message: "items are left out again and again".into(),
                    });
                }
                // Not before the first: tokio rounds a sleep of nothing up to a whole millisecond.
                if tries > 0 {
                    tokio::time::sleep(std::time::Duration::from_millis(50) * tries).await;
                }
                tries += 1;
                let (found, left_out) = self.batch(wanted).await?;
                items.extend(found);
                wanted = left_out;
            }
        }
        Ok(items)
    }

    /// One BatchGetItem: what it found, and the keys it left out.
    async fn batch(&self, wanted: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), CallError> {
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(wanted))
            .consistent_read(true)
            .build()
            .map_err(build_error)?;
        let mut output = self
            .client
            .batch_get_item()
            .request_items(&self.table, keys)
            .send()
            .await
            .map_err(|error| CallError::new("BatchGetItem", &error))?;
        let found = output.responses.as_mut();
        let found = found.and_then(|responses| responses.remove(&self.table));
        let left_out = output.unprocessed_keys.as_mut();
        let left_out = left_out.and_then(|left| left.remove(&self.table));
        Ok((
            found.unwrap_or_default(),
            left_out.map(|left| left.keys).unwrap_or_default(),
        ))
    }

    /// The item's record. One that is not as we write them is a defect, and must not keep the others from being read.
    pub(crate) fn understood(&self, item: &Item) -> Option<Record> {
        Record::from_item(item)
            .inspect_err(|error| {
                self.meter.count(Metric::Defects);
                tracing::error!(error = %error, "a record cannot be understood");
            })
            .ok()
    }
}
