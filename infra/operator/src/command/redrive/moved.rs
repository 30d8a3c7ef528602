//! What moving the messages came to.

use std::io;

use queues::{Move, MoveStatus};
use serde_json::{Value, json};
use terminal::{PLAIN, Terminal};

use crate::command::words::count;

/// What a move came to.
pub(super) struct Redriven {
    pub(super) task: Option<Move>,
    /// Messages in the dead-letter queue afterwards.
    pub(super) left: u64,
}

impl Redriven {
    pub(super) fn is_all(&self) -> bool {
        let status = self.task.as_ref().map(|task| task.status);
        status == Some(MoveStatus::Completed) && self.left == 0
    }

    fn moved(&self) -> u64 {
        self.task.as_ref().map_or(0, |task| task.moved)
    }

    pub(super) fn document(&self) -> Value {
        let status = self.task.as_ref().map(|task| match task.status {
            MoveStatus::Running => "running",
            MoveStatus::Completed => "completed",
            MoveStatus::Ended => "failed",
        });
        let failure = self.task.as_ref().and_then(|task| task.failure.as_ref());
        json!({"status": status, "moved": self.moved(), "left": self.left, "failure": failure})
    }
}

pub(super) fn print_moved(terminal: &mut Terminal, redriven: &Redriven) -> io::Result<()> {
    let moved = count(
        usize::try_from(redriven.moved()).unwrap_or(usize::MAX),
        "message",
    );
    let became = match redriven
        .task
        .as_ref()
        .map(|task| (task.status, task.failure.as_ref()))
    {
        Some((MoveStatus::Completed, _)) if redriven.left == 0 => {
            format!("✓ {moved} moved back to the queue.")
        }
        Some((MoveStatus::Completed, _)) => format!(
            "… {moved} moved back to the queue, {} left: they are new, or another reader has them. Redrive again in a minute.",
            redriven.left
        ),
        Some((MoveStatus::Running, _)) => {
            format!(
                "… SQS is still moving: {moved} so far, {} left. It continues without this command.",
                redriven.left
            )
        }
        Some((MoveStatus::Ended, failure)) => format!(
            "✗ SQS stopped after {moved}, {} left: {}. Nothing is lost.",
            redriven.left,
            failure.map_or("cancelled", String::as_str)
        ),
        None => "… the move has started; SQS shows no progress yet.".to_owned(),
    };
    terminal.print_text(PLAIN, &became)
}
