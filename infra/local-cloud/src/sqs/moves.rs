//! Dead-letter queue redrive: StartMessageMoveTask and ListMessageMoveTasks. A task is done before its answer: every
//! message that nobody is at has moved, or it failed at the first that could not.
//!
//! A moved message is a new one: another id, sent now, received never (developer guide, "Dead-letter queue redrive").

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Sqs,
    call::{arn, invalid, text},
    message::{Draft, Message},
    sqs_error,
};
use crate::{
    reply::{Answer, ApiError},
    request::Call,
    site::Context,
};

/// Tasks that ListMessageMoveTasks shows at most.
const MOST_TASKS: u64 = 10;

/// A task that has moved messages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct MoveTask {
    source: String,
    destination: Option<String>,
    started_ms: u64,
    moved: u64,
    to_move: u64,
    failure: Option<String>,
}

impl Sqs {
    pub(super) fn start_move(&mut self, call: &Call, context: &mut Context<'_>) -> Answer {
        let source_arn = text(&call.body, "SourceArn")?;
        let source = self.by_arn(source_arn, "SourceArn", context)?;
        let is_target = |dead_letter: String| dead_letter == source;
        if !self
            .queues
            .values()
            .any(|queue| queue.dead_letter_queue().is_some_and(is_target))
        {
            let message = "Source queue must be configured as a Dead Letter Queue.";
            return Err(sqs_error("InvalidParameterValue", message));
        }
        let destination = call.body.get("DestinationArn").and_then(Value::as_str);
        let destination = destination
            .map(|arn| self.by_arn(arn, "DestinationArn", context))
            .transpose()?;
        let waiting = self.queue(&source)?.take_waiting(context.now_ms());
        let mut task = MoveTask {
            source,
            destination,
            started_ms: context.now_ms(),
            moved: 0,
            to_move: waiting.len() as u64,
            failure: None,
        };
        for message in waiting {
            self.move_one(&mut task, message, context)?;
        }
        let handle = context.random.uuid();
        self.moves.push(task);
        Ok(json!({"TaskHandle": handle}))
    }

    /// Moves the message, or puts it back and notes why.
    fn move_one(
        &mut self,
        task: &mut MoveTask,
        message: Message,
        context: &mut Context<'_>,
    ) -> Result<(), ApiError> {
        let to = task
            .destination
            .clone()
            .or(message.dead_letter_source.clone());
        let failure = match &to {
            None => Some("CouldNotDetermineMessageSource"),
            Some(to) if !self.queues.contains_key(to) => {
                Some("AWS.SimpleQueueService.NonExistentQueue")
            }
            Some(_) => None,
        };
        let (None, None, Some(to)) = (&task.failure, failure, to) else {
            if let Some(failure) = failure {
                task.failure.get_or_insert_with(|| failure.to_owned());
            }
            self.queue(&task.source)?.put_back(message);
            return Ok(());
        };
        let draft = Draft {
            body: message.body,
            attributes: message.attributes,
            group: message.group,
            // A message of its own: what is moved must not be swallowed as the repetition that it is not.
            deduplication_id: message.deduplication_id.map(|_| context.random.uuid()),
            delay_ms: 0,
        };
        let now_ms = context.now_ms();
        self.queue(&to)?.send(draft, now_ms, context.random);
        task.moved += 1;
        Ok(())
    }

    pub(super) fn list_moves(&mut self, call: &Call, context: &Context<'_>) -> Answer {
        let source = text(&call.body, "SourceArn")?;
        let source = self.by_arn(source, "SourceArn", context)?;
        let most = call.body.get("MaxResults").map_or(Some(1), Value::as_u64);
        let most = most
            .filter(|most| (1..=MOST_TASKS).contains(most))
            .ok_or_else(|| invalid("MaxResults must be between 1 and 10"))?;
        let of_source = self.moves.iter().rev().filter(|task| task.source == source);
        let results: Vec<_> = of_source
            .take(usize::try_from(most).unwrap_or(1))
            .map(|task| task.shown(context))
            .collect();
        Ok(json!({"Results": results}))
    }

    /// Name of the queue with this ARN.
    fn by_arn(
        &self,
        queue_arn: &str,
        parameter: &str,
        context: &Context<'_>,
    ) -> Result<String, ApiError> {
        let name = queue_arn.rsplit(':').next().unwrap_or(queue_arn);
        if self.queues.contains_key(name) && arn(context.site, name) == queue_arn {
            return Ok(name.to_owned());
        }
        let message =
            format!("The resource that you specified for the {parameter} parameter doesn't exist.");
        Err(sqs_error("ResourceNotFoundException", &message))
    }
}

impl MoveTask {
    /// As ListMessageMoveTasks writes it. Only a running task has a handle.
    fn shown(&self, context: &Context<'_>) -> Value {
        let mut shown = json!({
            "Status": if self.failure.is_none() { "COMPLETED" } else { "FAILED" },
            "SourceArn": arn(context.site, &self.source),
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "StartedTimestamp": self.started_ms,
        });
        if let Some(destination) = &self.destination {
            shown["DestinationArn"] = json!(arn(context.site, destination));
        }
        if let Some(failure) = &self.failure {
            shown["FailureReason"] = json!(failure);
        }
        shown
    }
}
