//! Releases whose caller has gone, or that Direct Connect takes its time for.

use allocation::{Answer, Brake, Failure, Looks};
use futures_util::{StreamExt, stream};
use hosted_connection::Code;
use ledger::Record;

use super::Tracker;
use super::report::Report;
use super::unfinished::reason;
use crate::owed;
use crate::release::{Asked, Pursued};

/// Releases that are pursued at the same time.
const SIDE_BY_SIDE: usize = 4;

impl Tracker {
    /// Pursues `releasing` until then, and begins none while `brake` is on.
    pub(super) async fn release(
        &self,
        report: &mut Report,
        releasing: Vec<Record>,
        until_ms: u64,
        brake: &Brake,
    ) {
        let pursued = self.pursue(releasing, until_ms, brake).await;
        let mut owing = Vec::new();
        for (record, pursued) in pursued {
            match pursued {
                Ok(Pursued::Recorded(record) | Pursued::Refused { record, .. }) => {
                    owing.push(record);
                }
                Err(failure) => {
                    let answer = Answer::from(failure);
                    self.count_defect(&answer);
                    self.note(report, &record, &reason(&answer));
                }
            }
        }
        for record in owed::publish_until(&self.aws, owing, until_ms).await {
            self.note(report, &record, "Direct Connect still shows the connection");
        }
    }

    /// Deletes all of them before anybody looks, so that one look per parent tells what became of each.
    async fn pursue(
        &self,
        releasing: Vec<Record>,
        until_ms: u64,
        brake: &Brake,
    ) -> Vec<(Record, Result<Pursued, Failure>)> {
        let now_ms = self.aws.clock.now_ms();
        let delete_by_ms = now_ms + until_ms.saturating_sub(now_ms) / 2;
        let deleted: Vec<_> = stream::iter(releasing)
            .map(|record| async move {
                let deletion = self.delete(&record, delete_by_ms, brake).await;
                (record, deletion)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        let looks = Looks::shared();
        let looks = &looks;
        stream::iter(deleted)
            .map(|(record, deletion)| async move {
                let pursued = match deletion {
                    Ok(Some(deletion)) => {
                        let settled = self.releaser.settle(record.clone(), deletion, looks);
                        self.within(until_ms, settled).await
                    }
                    Ok(None) => Ok(Pursued::Recorded(record.clone())),
                    Err(failure) => Err(failure),
                };
                (record, pursued)
            })
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await
    }

    async fn delete(
        &self,
        record: &Record,
        until_ms: u64,
        brake: &Brake,
    ) -> Result<Option<Asked>, Failure> {
        if brake.is_on() {
            return Err(Failure::throttled());
        }
        let deletion = self.within(until_ms, self.releaser.delete(record)).await;
        if let Err(Failure::Transient {
            code: Code::Throttled,
            ..
        }) = &deletion
        {
            brake.pull();
        }
        deletion
    }
}
