//! SQS as far as a batch source needs it: standard and FIFO queues, visibility, receive counts, dead-letter queues,
//! and Lambda's event source mapping on top. Messages are kept until deleted: there is no retention period, and a
//! receive never waits for messages to come.

mod attributes;
mod call;
mod message;
mod moves;
mod operations;
mod queue;

mod mapping;

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::reply::ApiError;

use message::Message;
use queue::QueueState;

pub use mapping::Queue;

/// How a queue behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSettings {
    /// Its name; `.fifo` at the end makes it a FIFO queue.
    pub name: String,
    /// How long a received message stays hidden from others.
    pub visibility_timeout: Duration,
    /// Where messages go that come back too often.
    pub dead_letter: Option<DeadLetter>,
}

/// Where messages go that come back too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Name of the queue they go to.
    pub queue: String,
    /// How many receives a message may have.
    pub max_receive_count: u32,
}

impl QueueSettings {
    /// A queue with SQS's default visibility timeout of 30 s and no dead-letter queue.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            visibility_timeout: Duration::from_secs(30),
            dead_letter: None,
        }
    }

    /// Sets how long a received message stays hidden.
    #[must_use]
    pub fn visibility_timeout(mut self, timeout: Duration) -> Self {
        self.visibility_timeout = timeout;
        self
    }

    /// Sets where messages go after `max_receive_count` receives. That queue has to be created too.
    #[must_use]
    pub fn dead_letter(mut self, queue: impl Into<String>, max_receive_count: u32) -> Self {
        self.dead_letter = Some(DeadLetter {
            queue: queue.into(),
            max_receive_count,
        });
        self
    }

    fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }
}

/// What SQS remembers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sqs {
    queues: BTreeMap<String, QueueState>,
    /// Oldest first.
    #[serde(default)]
    moves: Vec<moves::MoveTask>,
}

impl Sqs {
    /// Creates the queue; one that exists keeps its messages and gets the new settings.
    fn create(&mut self, settings: QueueSettings) {
        match self.queues.get_mut(&settings.name) {
            Some(queue) => queue.settings = settings,
            None => {
                self.queues
                    .insert(settings.name.clone(), QueueState::new(settings));
            }
        }
    }

    fn queue(&mut self, name: &str) -> Result<&mut QueueState, ApiError> {
        self.queues.get_mut(name).ok_or_else(no_such_queue)
    }

    /// Receives, after moving to the dead-letter queue what has been received too often.
    fn receive(
        &mut self,
        name: &str,
        receive: &queue::Receive,
        random: &mut crate::random::Random,
    ) -> Result<Vec<Message>, ApiError> {
        let queue = self.queue(name)?;
        let (received, dead) = queue.receive(receive, random);
        if let Some(target) = queue.dead_letter_queue() {
            // A dead-letter queue that does not exist loses messages, in AWS as here.
            if let Some(target) = self.queues.get_mut(&target) {
                target.bury(name, dead);
            }
        }
        Ok(received)
    }
}

fn no_such_queue() -> ApiError {
    sqs_error("QueueDoesNotExist", "The specified queue does not exist.")
}

/// SQS's JSON errors carry the service's namespace, unlike those of the others.
fn sqs_error(code: &str, message: &str) -> ApiError {
    let mut error = ApiError::new(400, code, message);
    error.body["__type"] = format!("com.amazonaws.sqs#{code}").into();
    error
}
