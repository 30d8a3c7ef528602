//! The queues that orders and releases can be sent to, and Lambda's part in emptying them.

use std::{convert::Infallible, time::Duration};

use local_cloud::{Cloud, CloudError, Queue, QueueSettings};
use serde_json::{Value, value::to_raw_value};
use tokio::time::Instant;

use super::Shared;
use crate::command::{
    functions::{Name, RELEASES},
    view,
};

/// Where orders are sent.
pub(super) const ORDERS: &str = "orders";

/// As in template.yaml.
const MAX_RECEIVE_COUNT: u32 = 5;

/// As in template.yaml.
const BATCH_SIZE: usize = 10;

/// How long the poller waits when there is nothing to do. Short enough for a person not to notice.
const PAUSE: Duration = Duration::from_millis(100);

/// A queue and the function that empties it.
pub(super) struct Source {
    queue: Queue,
    name: &'static str,
    function: Name,
}

impl Source {
    /// The queue itself.
    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }
}

/// Sets the queues up. A message that comes back is hidden for one invocation's time, not for six as when deployed:
/// there is one poller each here, and somebody who watches.
pub(super) fn create(
    cloud: &Cloud,
    visibility_timeout: Duration,
) -> Result<[Source; 2], CloudError> {
    let source = |name, function| {
        let dead_letters = format!("{name}-dlq");
        cloud.create_queue(QueueSettings::new(&dead_letters))?;
        let settings = QueueSettings::new(name).visibility_timeout(visibility_timeout);
        Ok::<_, CloudError>(Source {
            queue: cloud.create_queue(settings.dead_letter(dead_letters, MAX_RECEIVE_COUNT))?,
            name,
            function,
        })
    };
    Ok([
        source(ORDERS, Name::Allocate)?,
        source(RELEASES, Name::Release)?,
    ])
}

/// Hands batches to the functions, for ever. Ends when a queue cannot be kept.
pub(super) async fn poll(shared: &Shared) -> CloudError {
    let [orders, releases] = &shared.sources;
    let polled = tokio::try_join!(
        poll_until_broken(shared, orders),
        poll_until_broken(shared, releases)
    );
    match polled {
        Ok((never, _)) => match never {},
        Err(error) => error,
    }
}

async fn poll_until_broken(shared: &Shared, source: &Source) -> Result<Infallible, CloudError> {
    loop {
        match source.queue.next_batch(BATCH_SIZE)? {
            Some(batch) => deliver(shared, source, &batch).await?,
            None => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn deliver(shared: &Shared, source: &Source, batch: &Value) -> Result<(), CloudError> {
    let messages = batch["Records"].as_array().map_or(0, Vec::len);
    let started = Instant::now();
    // What has just been made of JSON can be written as JSON.
    let Ok(event) = to_raw_value(batch) else {
        return Ok(());
    };
    let answer = shared.lambda.invoke(source.function, event).await;
    let answer = answer.map(|answer| view::document(&answer));
    let done = source.queue.settle(batch, answer.as_ref().ok())?.len();
    let became = match (&answer, messages - done) {
        (Err(failure), _) => format!(
            "✗ the invocation failed: {}: {}",
            failure.error_type, failure.error_message
        ),
        (Ok(_), 0) => "✓ all done".to_owned(),
        (Ok(_), returned) => format!("… {returned} will be retried"),
    };
    let name = source.name;
    shared.say(
        format!("queue {name}, batch of {messages} → {became}"),
        started,
    );
    Ok(())
}
