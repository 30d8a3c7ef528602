//! Ending moves that a person asked for, whose command did not get to their end.

use allocation::Looks;
use ledger::Record;

use super::Tracker;
use super::report::Report;
use crate::moving::{self, EndedMove};
use crate::owed;

impl Tracker {
    /// Ends the open moves of `records` until `until_ms`, and publishes those that took place. There are few: a person makes each.
    pub(super) async fn end_moves(
        &self,
        report: &mut Report,
        looks: &Looks,
        records: Vec<Record>,
        until_ms: u64,
    ) {
        for record in records {
            let (key, since_ms) = (record.key.clone(), begun_at_ms(&record));
            let ending = async {
                let ended = moving::end(&self.aws, record, looks, self.settle_ms, false);
                Ok(Box::pin(ended).await?)
            };
            let why = match self.within(until_ms, ending).await {
                Ok(EndedMove::Moved(record)) => {
                    tracing::info!(allocation.key = %key, "a move that nobody asked for any more is finished");
                    let told = owed::publish(&self.aws, vec![*record]).await;
                    for record in told {
                        self.note(report, &record, "an event could not be published");
                    }
                    continue;
                }
                Ok(EndedMove::GivenBack(record)) => {
                    tracing::warn!(allocation.key = %key, "a move did not take place; what was kept free for it is given back");
                    self.note(report, &record, "an event could not be published");
                    continue;
                }
                Ok(EndedMove::Changed) => "somebody else is at it".to_owned(),
                Ok(EndedMove::Open { .. }) => {
                    "its connection is being moved, and is not shown there yet".to_owned()
                }
                Err(failure) => match failure.later() {
                    Ok(later) => later.detail,
                    Err(defect) => defect,
                },
            };
            self.note_unfinished(report, &key, since_ms, &why);
        }
    }
}

fn begun_at_ms(record: &Record) -> u64 {
    let moving = record.lifecycle.moving.as_ref();
    moving.map_or(record.claimed_at_ms, |moving| moving.called_at_ms)
}
