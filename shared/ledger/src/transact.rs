//! Conditional writes, alone or several as one, and what refused them.

use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem, Update};
use transitions::LeaseWrite;

use crate::draft::{Draft, Part};
use crate::item::Item;
use crate::ledger::Ledger;
use aws::failure::{CallError, Cause};
use aws::metrics::Metric;

/// Tries against another transaction on the same items. Such a conflict lasts for one round trip.
const CONFLICT_TRIES: u32 = 6;
const CONFLICT_BACKOFF: Duration = Duration::from_millis(15);

/// How a conditional write ended.
#[derive(Debug)]
pub(crate) enum Write {
    /// Written.
    Done,
    /// A condition did not hold.
    Refused(Refusals),
}

/// What refused a write, by the parts of it.
#[derive(Debug)]
pub(crate) struct Refusals(Vec<(Part, Refusal)>);

/// A refused part. The item is absent when the condition failed for want of one, or when the write does not ask for it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) item: Option<Item>,
}

impl Refusals {
    /// The refusal of the write on the record, if that was refused.
    pub(crate) fn record(&mut self) -> Option<Refusal> {
        self.of(|part| part == Part::Record)
    }

    /// The refusal of the write on the policy.
    pub(crate) fn policy(&mut self) -> Option<Refusal> {
        self.of(|part| part == Part::Policy)
    }

    /// The refusal of any of these writes on a lease.
    pub(crate) fn lease(&mut self, writes: &[LeaseWrite]) -> Option<Refusal> {
        self.of(|part| matches!(part, Part::Lease(write) if writes.contains(&write)))
    }

    fn of(&mut self, is_it: impl Fn(Part) -> bool) -> Option<Refusal> {
        let at = self.0.iter().position(|(part, _)| is_it(*part))?;
        Some(self.0.swap_remove(at).1)
    }
}

/// What came of sending a write once.
enum Sent {
    Done,
    /// One entry per action: the refusal, where that action was refused.
    Refused(Vec<Option<Refusal>>),
    /// Others are in the way. What to say when they stay there.
    Later(CallError),
}

impl Ledger {
    /// Writes all that is drafted, or nothing. `draft` makes it for each try: there is hardly ever a second one to keep a copy for.
    pub(crate) async fn commit<'a>(
        &self,
        draft: impl Fn() -> Draft<'a>,
    ) -> Result<Write, CallError> {
        self.commit_until(draft, 0).await
    }

    /// Writes an item of which no transition knows.
    pub(crate) async fn write_besides(&self, action: TransactWriteItem) -> Result<(), CallError> {
        let actions = || Ok(vec![(Part::Other, action.clone())]);
        self.write(actions, 0).await.map(|_| ())
    }

    /// As [`Ledger::commit`], but others in the way are waited for until `patient_until_ms` at least: many orders at once on a
    /// parent with a policy all write one item.
    pub(crate) async fn commit_until<'a>(
        &self,
        draft: impl Fn() -> Draft<'a>,
        patient_until_ms: u64,
    ) -> Result<Write, CallError> {
        self.write(|| draft().actions, patient_until_ms).await
    }

    async fn write(
        &self,
        actions: impl Fn() -> Result<Vec<(Part, TransactWriteItem)>, CallError>,
        patient_until_ms: u64,
    ) -> Result<Write, CallError> {
        let mut tries = 0;
        loop {
            let (parts, actions): (Vec<_>, Vec<_>) = actions()?.into_iter().unzip();
            match self.send(actions).await? {
                Sent::Done => return Ok(Write::Done),
                Sent::Refused(refusals) => {
                    let refused = parts.into_iter().zip(refusals);
                    let refused = refused.filter_map(|(part, refusal)| Some((part, refusal?)));
                    return Ok(Write::Refused(Refusals(refused.collect())));
                }
                Sent::Later(error)
                    if tries >= CONFLICT_TRIES && self.clock.now_ms() >= patient_until_ms =>
                {
                    return Err(error);
                }
                Sent::Later(_) => {}
            }
            tries += 1;
            tokio::time::sleep(backoff(tries)).await;
        }
    }

    /// One update needs no transaction, which would cost twice its write units.
    async fn send(&self, mut actions: Vec<TransactWriteItem>) -> Result<Sent, CallError> {
        if let [action] = actions.as_mut_slice()
            && let Some(update) = action.update.take()
        {
            return self.send_update(update).await;
        }
        self.send_transaction(actions).await
    }

    async fn send_update(&self, update: Update) -> Result<Sent, CallError> {
        let call = self
            .client
            .update_item()
            .table_name(update.table_name)
            .set_key(Some(update.key))
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .set_return_values_on_condition_check_failure(
                update.return_values_on_condition_check_failure,
            );
        let error = match call.send().await {
            Ok(_) => return Ok(Sent::Done),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                let item = failed.item.clone();
                Ok(Sent::Refused(vec![Some(Refusal { item })]))
            }
            Some(UpdateItemError::TransactionConflictException(_)) => {
                Ok(Sent::Later(CallError::new("UpdateItem", &error)))
            }
            _ => Err(CallError::new("UpdateItem", &error)),
        }
    }

    async fn send_transaction(&self, actions: Vec<TransactWriteItem>) -> Result<Sent, CallError> {
        let call = self.client.transact_write_items();
        let error = match call.set_transact_items(Some(actions)).send().await {
            Ok(_) => return Ok(Sent::Done),
            Err(error) => error,
        };
        let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) =
            error.as_service_error()
        else {
            return Err(CallError::new("TransactWriteItems", &error));
        };
        match judge(canceled.cancellation_reasons()) {
            Judgement::Refused(refusals) => Ok(Sent::Refused(refusals)),
            Judgement::Later(cause) => {
                if cause == Cause::Throttled {
                    self.meter.count(Metric::DynamoDBThrottles);
                }
                Ok(Sent::Later(canceled_error(cause, canceled.message())))
            }
            Judgement::Never => Err(canceled_error(Cause::Misconfigured, canceled.message())),
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
