//! What is done to one order: a release, a move, and the end of a quarantine or of an order that would never end by itself.

use allocation::{Allocator, Ended, Failure, Taken};
use hosted_connection::{IdempotencyKey, Origin, ParentConnection};
use ledger::Record;
use lifecycle::{MoveAnswer, Mover, Release, ReleaseAnswer, Releaser};
use story::shown::BY_OPERATOR;

use super::deadline;
use crate::home::Home;

pub(super) async fn release(home: &Home, key: &IdempotencyKey) -> Result<String, String> {
    let now_ms = home.now_ms();
    let request = Release {
        key: key.clone(),
        origin: Origin::Direct {
            request_id: format!("{BY_OPERATOR}{now_ms}"),
            correlation_id: None,
        },
    };
    let releaser = Releaser::new(home.acting.clone(), &home.config.rules);
    match Box::pin(releaser.release(&request, deadline(home))).await {
        ReleaseAnswer::Released { replayed: true, .. } => {
            Ok(format!("{key} was released before; nothing was changed."))
        }
        ReleaseAnswer::Released { .. } => Ok(format!(
            "{key} is released: its connection is deleted, its VLAN free."
        )),
        ReleaseAnswer::Releasing { .. } => Ok(format!(
            "Direct Connect is deleting the connection of {key}. Track completes the release."
        )),
        ReleaseAnswer::Refused(rejection) => {
            Err(format!("{}: {}", rejection.code, rejection.message))
        }
        ReleaseAnswer::Failed(failure) => Err(words(failure)),
    }
}

pub(super) async fn move_to(
    home: &Home,
    key: &IdempotencyKey,
    to: &ParentConnection,
) -> Result<String, String> {
    let mover = Mover::new(home.acting.clone(), &home.config.rules);
    match Box::pin(mover.move_to(key, to, deadline(home))).await {
        MoveAnswer::Moved { from: Some(from) } => Ok(format!(
            "The connection of {key} was moved from {from} to {to}."
        )),
        MoveAnswer::Moved { from: None } => Ok(format!(
            "The connection of {key} is on {to} already; nothing was called."
        )),
        MoveAnswer::Refused(why) => Err(format!("Not moved: {why}.")),
        MoveAnswer::Failed(failure) => Err(words(failure)),
    }
}

pub(super) async fn take(home: &Home, key: &IdempotencyKey, id: &str) -> Result<String, String> {
    let record = find(home, key).await?;
    let allocator = Allocator::new(home.acting.clone(), home.config.rules.clone());
    match Box::pin(allocator.adopt_quarantined(record, id, deadline(home))).await {
        Ok(Taken::Adopted { again: false }) => Ok(format!("{id} is the connection of {key}.")),
        Ok(Taken::Adopted { again: true }) => Ok(format!(
            "{id} was the connection of {key} before; nothing was changed."
        )),
        Ok(Taken::Settling { left_s }) => Err(still_landing(left_s)),
        Ok(Taken::Kept(why)) => Err(why),
        Err(failure) => Err(words(failure)),
    }
}

pub(super) async fn reject(
    home: &Home,
    key: &IdempotencyKey,
    reason: &str,
) -> Result<String, String> {
    let record = find(home, key).await?;
    let allocator = Allocator::new(home.acting.clone(), home.config.rules.clone());
    match Box::pin(allocator.end(record, reason, deadline(home))).await {
        Ok(Ended::Rejected(rejection)) => Ok(format!("{key} is rejected: {}", rejection.message)),
        Ok(Ended::Settling { left_s }) => Err(still_landing(left_s)),
        Ok(Ended::Kept(why)) => Err(why),
        Err(failure) => Err(words(failure)),
    }
}

async fn find(home: &Home, key: &IdempotencyKey) -> Result<Record, String> {
    let record = home.acting.ledger.record(key).await;
    let record = record.map_err(|error| error.to_string())?;
    record.ok_or_else(|| format!("There is no order {key}."))
}

fn still_landing(left_s: u64) -> String {
    format!("An earlier call of the order may still take effect. Try again in {left_s} s.")
}

fn words(failure: Failure) -> String {
    match failure.later() {
        Ok(later) => format!("{} Try again in {} s.", later.detail, later.retry_after_s),
        Err(defect) => defect,
    }
}
