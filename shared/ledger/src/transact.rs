//! Conditional writes, alone or several as one, and what refused them.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem, Update};

use super::Ledger;
use crate::item::Item;
use aws::failure::{CallError, Cause};
use aws::metrics::Metric;

/// Tries against another transaction on the same items. Such a conflict lasts for one round trip.
const CONFLICT_TRIES: u32 = 6;
const CONFLICT_BACKOFF: Duration = Duration::from_millis(15);

/// How a conditional write ended.
pub(crate) enum Write {
    /// Written.
    Done,
    /// A condition did not hold. One entry per action of the write: the item that refused it, where one did.
    Refused(Vec<Option<Refusal>>),
}

/// A refused action. The item is absent when the condition failed for want of one.
pub(crate) struct Refusal {
    pub(crate) item: Option<Item>,
}

impl Ledger {
    /// All of `actions` or none. Each of them should ask for the old item on a failed condition.
    ///
    /// One update needs no transaction, which would cost twice its write units.
    pub(crate) async fn transact(
        &self,
        actions: Vec<TransactWriteItem>,
    ) -> Result<Write, CallError> {
        if let [action] = actions.as_slice()
            && let Some(update) = action.update()
        {
            return self.update(|| self.alone(update.clone())).await;
        }
        self.transact_until(|| Ok(actions.clone()), 0).await
    }

    fn alone(&self, update: Update) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(update.table_name)
            .set_key(Some(update.key))
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .set_return_values_on_condition_check_failure(
                update.return_values_on_condition_check_failure,
            )
    }

    /// As [`Ledger::transact`], but others in the way are waited for until `patient_until_ms` at least: many orders at
    /// once on a parent with a policy all write one item. `actions` makes them for each try: there is hardly ever a second
    /// one to keep a copy for.
    pub(crate) async fn transact_until(
        &self,
        actions: impl Fn() -> Result<Vec<TransactWriteItem>, CallError>,
        patient_until_ms: u64,
    ) -> Result<Write, CallError> {
        let mut tries = 0;
        loop {
            let call = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions()?));
            let error = match call.send().await {
                Ok(_) => return Ok(Write::Done),
                Err(error) => error,
            };
            let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
                error.as_service_error()
            else {
                return Err(CallError::new("TransactWriteItems", &error));
            };
            let judgement = judge(canceled.cancellation_reasons());
            if let Judgement::Later(Cause::Throttled) = &judgement {
                self.meter.count(Metric::DynamoDBThrottles);
            }
            match judgement {
                Judgement::Refused(refusals) => return Ok(Write::Refused(refusals)),
                Judgement::Later(cause)
                    if tries >= CONFLICT_TRIES && self.clock.now_ms() >= patient_until_ms =>
                {
                    return Err(canceled_error(cause, canceled.message()));
                }
                Judgement::Never => {
                    return Err(canceled_error(Cause::Misconfigured, canceled.message()));
                }
                Judgement::Later(_) => {}
            }
            tries += 1;
            tokio::time::sleep(backoff(tries)).await;
        }
    }

    /// One conditional update, which `update` makes for each try; it should ask for the old item on a failed condition.
    pub(crate) async fn update(
        &self,
        update: impl Fn() -> UpdateItemFluentBuilder,
    ) -> Result<Write, CallError> {
        let mut tries = 0;
        loop {
            let error = match update().send().await {
                Ok(_) => return Ok(Write::Done),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    return Ok(Write::Refused(vec![Some(Refusal {
                        item: failed.item.clone(),
                    })]));
                }
                Some(UpdateItemError::TransactionConflictException(_))
                    if tries < CONFLICT_TRIES => {}
                _ => return Err(CallError::new("UpdateItem", &error)),
            }
            tries += 1;
            tokio::time::sleep(backoff(tries)).await;
        }
    }
}

/// Jittered, so that those who met do not meet again.
fn backoff(tries: u32) -> Duration {
    let longest = CONFLICT_BACKOFF * tries.min(20);
    longest.mul_f64(0.5 + fastrand::f64() / 2.0)
}

enum Judgement {
    Refused(Vec<Option<Refusal>>),
    Later(Cause),
    Never,
}

/// A conflict comes first: as long as one item is being written, the conditions on the others are not the last word.
fn judge(reasons: &[CancellationReason]) -> Judgement {
    let has = |codes: &[&str]| {
        reasons
            .iter()
            .any(|reason| codes.contains(&reason.code().unwrap_or_default()))
    };
    if has(&["TransactionConflict"]) {
        return Judgement::Later(Cause::Unavailable);
    }
    if has(&["ThrottlingError", "ProvisionedThroughputExceeded"]) {
        return Judgement::Later(Cause::Throttled);
    }
    if !has(&["ConditionalCheckFailed"]) {
        return Judgement::Never;
    }
    let refusal = |reason: &CancellationReason| {
        (reason.code() == Some("ConditionalCheckFailed")).then(|| Refusal {
            item: reason.item.clone(),
        })
    };
    Judgement::Refused(reasons.iter().map(refusal).collect())
}

fn canceled_error(cause: Cause, message: Option<&str>) -> CallError {
    CallError {
        operation: "TransactWriteItems",
        cause,
        message: message.unwrap_or_default().to_owned(),
    }
}
