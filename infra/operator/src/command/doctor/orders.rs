//! Orders that are not done: how many, for how long, why, and the way out.

use std::collections::BTreeMap;

use ledger::{Record, State};

use super::checkup::Checkup;
use crate::command::failure::Failure;
use crate::command::list;
use crate::command::place::Services;
use crate::command::reason;
use crate::command::stuck::{stuck_for_ms, unfinished_for_ms};
use crate::command::words::{count, duration};

const WHAT: &str = "unfinished orders";

/// What is unfinished, and what is stuck of it.
pub(super) async fn unfinished(checkup: &mut Checkup, services: &Services) {
    let records = match list::unfinished(services, |_| true).await {
        Ok(records) => records,
        Err(Failure::Call { error, .. }) => {
            let table = services.aws.ledger.table_name();
            let resource = format!("table/{table}/index/unfinished");
            return checkup.failed(WHAT, &error, "dynamodb:Query", &resource);
        }
        Err(other) => return checkup.wrong(WHAT, other.to_string(), "operator list --unfinished"),
    };
    let now_ms = services.aws.clock.now_ms();
    let stuck_after = services.config.tracking.stuck_after.as_millis();
    let stuck_after_ms = u64::try_from(stuck_after).unwrap_or(u64::MAX);
    let is_stuck = |record: &&Record| stuck_for_ms(record, now_ms, stuck_after_ms).is_some();
    let stuck: Vec<_> = records.iter().filter(is_stuck).collect();
    let quarantined: Vec<_> = records
        .iter()
        .filter(|record| record.state == State::Quarantined)
        .collect();
    let ages = records
        .iter()
        .map(|record| unfinished_for_ms(record, now_ms));
    let Some(oldest_ms) = ages.max() else {
        return checkup.well(WHAT, "no unfinished orders waiting");
    };
    let found = format!(
        "{}, the oldest for {}",
        count(records.len(), "order"),
        duration(oldest_ms)
    );
    if let Some(first) = quarantined.first() {
        let found = count(quarantined.len(), "order");
        checkup.wrong(
            "quarantined orders",
            found,
            format!("operator explain {}", first.key),
        );
    }
    if stuck.is_empty() {
        return checkup.well(WHAT, format!("{found}; none is stuck"));
    }
    let fixes: Vec<_> = by_reason(&stuck)
        .into_values()
        .map(|alike| fix(&alike))
        .collect();
    checkup.wrong(
        WHAT,
        format!("{found}; {} stuck", stuck.len()),
        fixes.join("\n"),
    );
}

/// Those that are stuck for the same reason together.
fn by_reason<'r>(stuck: &[&'r Record]) -> BTreeMap<Option<&'r str>, Vec<&'r Record>> {
    let mut reasons: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for &record in stuck {
        reasons
            .entry(reason::recorded(record))
            .or_default()
            .push(record);
    }
    reasons
}

/// What to do about orders that are stuck for the same reason.
fn fix(alike: &[&Record]) -> String {
    let Some(first) = alike.first() else {
        return String::new();
    };
    let number = count(alike.len(), "order");
    let key = &first.key;
    match reason::recorded(first) {
        Some(reason) => format!(
            "{number}: {reason}: {}. Then track retries; `operator explain {key}` shows how one stands",
            reason::remedy(reason)
        ),
        None => format!("{number}: see `operator explain {key}`"),
    }
}
