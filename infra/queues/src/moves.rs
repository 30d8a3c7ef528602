//! Moving a dead-letter queue's messages back, by SQS itself: it deletes a message where it was once it is where it
//! goes, with all its attributes, whatever becomes of us meanwhile.

use std::time::Duration;

use aws::failure::CallError;
use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry;

use crate::Queues;

/// How often a task is looked at while it runs.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A task that moves messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// How far it is.
    pub status: MoveStatus,
    /// Messages it has moved.
    pub moved: u64,
    /// Messages there were to move when it started; SQS does not always say.
    pub to_move: Option<u64>,
    /// Why it failed, in SQS's words.
    pub failure: Option<String>,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveStatus {
    /// At it, or being cancelled.
    Running,
    /// Everything is moved.
    Completed,
    /// It ended before everything was moved: cancelled, or failed.
    Ended,
}

impl Queues {
    /// Has SQS move everything in the dead-letter queue `from` to the queue `to`, both ARNs. Messages that somebody is at
    /// stay where they are.
    ///
    /// # Errors
    /// It does not: another task is at it, or it may not.
    pub async fn start_move(&self, from: &str, to: &str) -> Result<(), CallError> {
        let call = self.client.start_message_move_task();
        let call = call.source_arn(from).destination_arn(to).send().await;
        call.map(|_| ())
            .map_err(|error| CallError::new("StartMessageMoveTask", &error))
    }

    /// Waits until the latest task on the dead-letter queue `from` has ended, at most for `patience`, and answers with how
    /// far it is; none if there never was one.
    ///
    /// # Errors
    /// SQS does not say.
    pub async fn watch_move(
        &self,
        from: &str,
        patience: Duration,
    ) -> Result<Option<Move>, CallError> {
        let end = tokio::time::Instant::now() + patience;
        loop {
            let latest = self.latest_move(from).await?;
            let is_running = latest
                .as_ref()
                .is_some_and(|task| task.status == MoveStatus::Running);
            if !is_running || tokio::time::Instant::now() >= end {
                return Ok(latest);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn latest_move(&self, from: &str) -> Result<Option<Move>, CallError> {
        // The latest come first.
        let call = self.client.list_message_move_tasks();
        let output = call.source_arn(from).max_results(1).send().await;
        let output = output.map_err(|error| CallError::new("ListMessageMoveTasks", &error))?;
        Ok(output.results().first().map(read))
    }
}

fn read(task: &ListMessageMoveTasksResultEntry) -> Move {
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    Move {
        status: match task.status() {
            Some("COMPLETED") => MoveStatus::Completed,
            Some("CANCELLED" | "FAILED") => MoveStatus::Ended,
            // RUNNING, CANCELLING, and whatever SQS may add.
            Some(_) | None => MoveStatus::Running,
        },
        moved: count(task.approximate_number_of_messages_moved()),
        to_move: task.approximate_number_of_messages_to_move().map(count),
        failure: task.failure_reason().map(str::to_owned),
    }
}
