//! The queue that orders can be sent to, and Lambda's part in emptying it.

use std::{convert::Infallible, time::Duration};

use local_cloud::{Cloud, CloudError, Queue, QueueSettings};
use serde_json::{Value, value::to_raw_value};
use tokio::time::Instant;

use super::Shared;
use crate::command::view;

/// Name of the queue.
pub(super) const QUEUE: &str = "orders";

/// Where messages go that come back too often.
const DEAD_LETTER_QUEUE: &str = "orders-dlq";

/// As in template.yaml.
const MAX_RECEIVE_COUNT: u32 = 5;

/// As in template.yaml.
const BATCH_SIZE: usize = 10;

/// How long the poller waits when there is nothing to do. Short enough for a person not to notice.
const PAUSE: Duration = Duration::from_millis(100);

/// Sets the queues up. A message that comes back is hidden for one invocation's time, not for six as when deployed:
/// there is one poller here, and somebody who watches.
pub(super) fn create_queue(
    cloud: &Cloud,
    visibility_timeout: Duration,
) -> Result<Queue, CloudError> {
    cloud.create_queue(QueueSettings::new(DEAD_LETTER_QUEUE))?;
    let settings = QueueSettings::new(QUEUE).visibility_timeout(visibility_timeout);
    cloud.create_queue(settings.dead_letter(DEAD_LETTER_QUEUE, MAX_RECEIVE_COUNT))
}

/// Hands batches to the function, for ever. Ends when the queue cannot be kept.
pub(super) async fn poll(shared: &Shared) -> CloudError {
    match poll_until_broken(shared).await {
        Ok(never) => match never {},
        Err(error) => error,
    }
}

async fn poll_until_broken(shared: &Shared) -> Result<Infallible, CloudError> {
    loop {
        match shared.queue.next_batch(BATCH_SIZE)? {
            Some(batch) => deliver(shared, &batch).await?,
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn deliver(shared: &Shared, batch: &Value) -> Result<(), CloudError> {
    let messages = batch["Records"].as_array().map_or(0, Vec::len);
    let started = Instant::now();
    // What has just been made of JSON can be written as JSON.
    let Ok(event) = to_raw_value(batch) else {
        return Ok(());
    };
    let answer = shared.lambda.invoke(event).await;
    let answer = answer.map(|answer| view::document(&answer));
    let done = shared.queue.settle(batch, answer.as_ref().ok())?.len();
    let became = match (&answer, messages - done) {
        (Err(failure), _) => format!(
            "✗ the invocation failed, {}: {}",
            failure.error_type, failure.error_message
        ),
        (Ok(_), 0) => "✓ all done".to_owned(),
        (Ok(_), returned) => format!("… {returned} will come back"),
    };
    shared.say(
        format!("queue {QUEUE}, batch of {messages} → {became}"),
        started,
    );
    Ok(())
}
