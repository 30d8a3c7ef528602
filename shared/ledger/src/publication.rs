//! Marking outcomes as published.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use futures_util::{StreamExt, stream};
use hosted_connection::IdempotencyKey;

use super::{Ledger, RETENTION, keys};
use crate::item::{Item, n, s};
use crate::leases::build_error;
use crate::record::State;
use crate::transact::Write;
use aws::failure::CallError;

/// A key whose outcome's event is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The key.
    pub key: IdempotencyKey,
    /// The state whose event it was.
    pub state: State,
}

/// Actions that one transaction takes. Source: TransactWriteItems API reference.
const MAX_ACTIONS: usize = 100;

/// Marks that are written at the same time when each has to be written alone.
const SIDE_BY_SIDE: usize = 8;

impl Ledger {
    /// Marks all of `published`, many to a call; with it a rejected record's retention starts.
    ///
    /// # Errors
    /// When some stay unmarked, with why the first of them does. Their events will be published again, which is allowed.
    pub async fn mark_published(&self, published: &[Published]) -> Result<(), CallError> {
        let mut unmarked = Ok(());
        for marks in published.chunks(MAX_ACTIONS) {
            unmarked = unmarked.and(self.mark_group(marks).await);
        }
        unmarked
    }

    /// One transaction for all of `marks`; where that fails, one write for each. A transaction fails when one record has
    /// gone or moved on, and when the records together are larger than 4 MB, as 25 of 160 KB are. It
    /// would fail for ever, so no reason keeps a record from being marked alone.
    async fn mark_group(&self, marks: &[Published]) -> Result<(), CallError> {
        let together = self.mark_together(marks).await;
        if marks.len() == 1 {
            return together.map(|_| ());
        }
        match together {
            Ok(Write::Done) => return Ok(()),
            Ok(Write::Refused(_)) => {}
            Err(error) => {
                tracing::warn!(error = %error, "published events could not be marked together");
            }
        }
        let alone = marks.chunks(1).map(|mark| self.mark_together(mark));
        // Collected first: a future that maps over references as it goes is not `Send` to the compiler.
        let alone: Vec<_> = alone.collect();
        let marked: Vec<Result<Write, CallError>> = stream::iter(alone)
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        marked.into_iter().try_for_each(|marked| marked.map(|_| ()))
    }

    async fn mark_together(&self, marks: &[Published]) -> Result<Write, CallError> {
        let actions = marks.iter().map(|mark| self.mark(mark));
        self.transact(actions.collect::<Result<_, _>>()?).await
    }

    fn mark(&self, published: &Published) -> Result<TransactWriteItem, CallError> {
        let mut set = "SET eventPublished = :yes".to_owned();
        let mut values = Item::from([
            (":yes".into(), AttributeValue::Bool(true)),
            (":state".into(), s(published.state.as_str())),
        ]);
        if published.state == State::Rejected {
            set.push_str(", expiresAt = :expires");
            values.insert(
                ":expires".into(),
                n(self.clock.now_ms() / 1000 + RETENTION.as_secs()),
            );
        }
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(keys::allocation(&published.key)))
            .update_expression(format!("{set} REMOVE unfinishedShard, unfinishedAtMs"))
            // A mark that arrives late must not take a record out of the index that is in it for its lifecycle.
            .condition_expression(
                "allocationState = :state AND attribute_not_exists(lifecycleRevision)",
            )
            .set_expression_attribute_values(Some(values))
            .build();
        Ok(TransactWriteItem::builder()
            .update(update.map_err(build_error)?)
            .build())
    }
}
