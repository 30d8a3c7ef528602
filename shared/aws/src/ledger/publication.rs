//! Marking outcomes as published.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use hosted_connection::IdempotencyKey;

use super::item::{Item, n, s};
use super::leases::build_error;
use super::record::State;
use super::transact::Write;
use super::{Ledger, RETENTION, keys};
use crate::failure::CallError;

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

impl Ledger {
    /// Marks all of `published`, many to a call; with it a rejected record's retention starts.
    ///
    /// # Errors
    /// When some stay unmarked. Their events will be published again, which is allowed.
    pub async fn mark_published(&self, published: &[Published]) -> Result<(), CallError> {
        for marks in published.chunks(MAX_ACTIONS) {
            let actions = marks.iter().map(|mark| self.mark(mark));
            if let Write::Done = self.transact(actions.collect::<Result<_, _>>()?).await? {
                continue;
            }
            // One record that has gone, or moved on, must not keep the others unmarked. Alone there are no others.
            for mark in marks.iter().filter(|_| marks.len() > 1) {
                self.transact(vec![self.mark(mark)?]).await?;
            }
        }
        Ok(())
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
