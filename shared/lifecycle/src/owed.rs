//! Publishing what records owe. The events of one connection go out one after the other, those of several together.

use std::time::Duration;

use aws::failure::CallError;
use futures_util::{StreamExt, stream};
use hosted_connection::{DetailType, Event};
use ledger::Record;
use ledger::Services;

use crate::change;

/// Records that are published together, and marked before the next ones: as many as one call takes. However many there
/// are and however slow the bus is, each run gets somewhere.
const TOGETHER: usize = 10;
/// Groups of those at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Publishes all that `records` owe and marks it. Answers with the records as they are then: what still is owed could
/// not be published, and stays in the index of what is unfinished.
pub(crate) async fn publish(aws: &Services, records: Vec<Record>) -> Vec<Record> {
    publish_until(aws, records, u64::MAX).await
}

/// As [`publish`], but not after `until_ms`.
pub(crate) async fn publish_until(
    aws: &Services,
    records: Vec<Record>,
    until_ms: u64,
) -> Vec<Record> {
    let groups: Vec<Vec<Record>> = records.chunks(TOGETHER).map(<[Record]>::to_vec).collect();
    stream::iter(groups)
        .map(|group| async move {
            let left_ms = until_ms.saturating_sub(aws.clock.now_ms());
            if left_ms == 0 {
                return group;
            }
            let published = publish_together(aws, group.clone());
            tokio::time::timeout(Duration::from_millis(left_ms), published)
                .await
                .unwrap_or(group)
        })
        .buffered(SIDE_BY_SIDE)
        .concat()
        .await
}

async fn publish_together(aws: &Services, records: Vec<Record>) -> Vec<Record> {
    let mut published: Vec<Vec<Event>> = vec![Vec::new(); records.len()];
    let mut open: Vec<usize> = (0..records.len()).collect();
    let mut round = 0;
    loop {
        // A record whose last event is not out waits with the next one.
        open.retain(|&index| {
            records[index].lifecycle.owed.len() > round && published[index].len() == round
        });
        if open.is_empty() {
            break;
        }
        let event = |index: &usize| records[*index].lifecycle.owed[round].clone();
        let events: Vec<Event> = open.iter().map(event).collect();
        let results = aws.event_bus.publish(&events).await;
        for ((&index, event), result) in open.iter().zip(events).zip(results) {
            match result {
                Ok(()) => published[index].push(event),
                Err(error) => {
                    tracing::warn!(event.id = %event.event_id, error = %error, "an event was not published");
                }
            }
        }
        round += 1;
    }
    stream::iter(records.into_iter().zip(published))
        .map(|(record, published)| mark(aws, record, published))
        .buffered(TOGETHER)
        .collect()
        .await
}

/// The events are out, whatever becomes of the mark; unmarked ones go out again with the same id.
async fn mark(aws: &Services, record: Record, published: Vec<Event>) -> Record {
    if published.is_empty() {
        return record;
    }
    match note_and_mark(aws, &record, &published).await {
        Ok(marked) => marked,
        Err(error) => {
            log_unmarked(&record, &error);
            let mut record = record;
            record.lifecycle.owed.clear();
            record
        }
    }
}

/// The lease is noted before the mark. As long as it is not, the record is unfinished: a lease that says what was before a change
/// would hide a change back from the next look.
async fn note_and_mark(
    aws: &Services,
    record: &Record,
    published: &[Event],
) -> Result<Record, CallError> {
    let tells_a_state = |event: &Event| event.detail_type == DetailType::StateChanged;
    if record.lifecycle.gone_at_ms.is_none() && published.iter().any(tells_a_state) {
        aws.ledger.note_connection(record).await?;
    }
    let paid = |record: &Record| change::paid(record, published);
    change::write(aws, record.clone(), paid).await
}

fn log_unmarked(record: &Record, error: &CallError) {
    tracing::warn!(allocation.key = %record.key, error = %error, "published events could not be marked");
}
