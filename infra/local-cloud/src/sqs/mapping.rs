//! Lambda's event source mapping for a queue: makes the events a function gets, and does with the messages what
//! Lambda does with the function's answer. The caller is the poller: nothing happens by itself.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    QueueSettings,
    attributes::{Attribute, md5_of, md5_of_attributes},
    call::{arn, url},
    message::{Draft, Message},
    queue::Receive,
};
use crate::{Cloud, CloudError, clock::epoch_ms, site::Site};

/// A queue of a cloud.
#[derive(Debug, Clone)]
pub struct Queue {
    cloud: Cloud,
    name: String,
}

impl Cloud {
    /// Creates a queue, or changes the settings of one.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn create_queue(&self, settings: QueueSettings) -> Result<Queue, CloudError> {
        let name = settings.name.clone();
        self.change(|state| state.sqs.create(settings))?;
        self.queue(&name)
    }

    /// A queue that exists.
    ///
    /// # Errors
    /// It does not.
    pub fn queue(&self, name: &str) -> Result<Queue, CloudError> {
        let no_such_queue = |_| CloudError::NoSuchQueue(name.to_owned());
        self.state().sqs.queue(name).map_err(no_such_queue)?;
        Ok(Queue {
            cloud: self.clone(),
            name: name.to_owned(),
        })
    }
}

impl Queue {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, as SQS's API wants it.
    pub fn url(&self) -> String {
        url(self.cloud.site(), &self.name)
    }

    /// Its ARN, as events name it.
    pub fn arn(&self) -> String {
        arn(self.cloud.site(), &self.name)
    }

    /// Sends a message with string attributes, to a FIFO queue with a message group, and gives its id. Two messages
    /// alike are two messages, in a FIFO queue as well: each gets a deduplication id of its own.
    ///
    /// # Errors
    /// SQS would refuse it, or the state cannot be kept.
    pub fn send(
        &self,
        body: &str,
        attributes: &[(&str, &str)],
        group: Option<&str>,
    ) -> Result<String, CloudError> {
        let sent = self.cloud.change(|state| {
            let draft = Draft {
                body: body.to_owned(),
                attributes: attributes
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), Attribute::string(value)))
                    .collect(),
                group: group.map(str::to_owned),
                deduplication_id: self.name.ends_with(".fifo").then(|| state.random.uuid()),
                delay_ms: 0,
            };
            let mut context = self.cloud.context(&mut state.random);
            state.sqs.send(&self.name, draft, &mut context)
        })?;
        sent.map(|(id, _)| id)
            .map_err(|error| CloudError::Refused(error.body["message"].to_string()))
    }

    /// The event that Lambda would invoke the function with now, of at most `most` messages; `None` when no message
    /// is visible. Until it is settled, or the visibility timeout ends, nobody else gets these messages.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn next_batch(&self, most: usize) -> Result<Option<Value>, CloudError> {
        let receive = Receive {
            now_ms: epoch_ms(self.cloud.clock().now()),
            most,
            visibility_ms: None,
        };
        let messages = self.cloud.change(|state| {
            let received = state.sqs.receive(&self.name, &receive, &mut state.random);
            received.unwrap_or_default()
        })?;
        let records: Vec<_> = messages
            .iter()
            .map(|message| record(message, self.cloud.site(), &self.name))
            .collect();
        Ok((!records.is_empty()).then(|| json!({"Records": records})))
    }

    /// Does with a batch what Lambda does once the function has answered `response`, or failed (`None`): deletes the
    /// messages that are not reported as failures. The others come back when their visibility timeout ends. Gives the
    /// ids of those deleted.
    ///
    /// # Errors
    /// The state cannot be kept.
    pub fn settle(
        &self,
        batch: &Value,
        response: Option<&Value>,
    ) -> Result<Vec<String>, CloudError> {
        let records = batch["Records"].as_array().map_or(&[][..], Vec::as_slice);
        let ids: BTreeSet<&str> = records
            .iter()
            .filter_map(|record| record["messageId"].as_str())
            .collect();
        let Some(failed) = response.and_then(|response| failures(response, &ids)) else {
            return Ok(Vec::new());
        };
        let done: Vec<_> = records
            .iter()
            .filter_map(|record| {
                Some((
                    record["messageId"].as_str()?,
                    record["receiptHandle"].as_str()?,
                ))
            })
            .filter(|(id, _)| !failed.contains(id))
            .collect();
        self.cloud.change(|state| {
            if let Ok(queue) = state.sqs.queue(&self.name) {
                done.iter().for_each(|(_, receipt)| queue.delete(receipt));
            }
        })?;
        Ok(done.into_iter().map(|(id, _)| id.to_owned()).collect())
    }

    /// Bodies of all messages that have not been deleted, visible or not, oldest first.
    pub fn bodies(&self) -> Vec<String> {
        let mut state = self.cloud.state();
        let queue = state.sqs.queue(&self.name);
        queue.map_or_else(
            |_| Vec::new(),
            |queue| {
                queue
                    .messages()
                    .iter()
                    .map(|message| message.body.clone())
                    .collect()
            },
        )
    }
}

/// The ids reported as failures; `None` when Lambda would take the whole batch for failed: an identifier that is
/// empty, null, under another name, or not of this batch (Lambda developer guide, "Implementing partial batch
/// responses"). Nothing, null and an empty list all mean success.
fn failures<'a>(response: &'a Value, ids: &BTreeSet<&str>) -> Option<BTreeSet<&'a str>> {
    let list = match response {
        Value::Null => return Some(BTreeSet::new()),
        Value::Object(members) => match members.get("batchItemFailures") {
            None | Some(Value::Null) => return Some(BTreeSet::new()),
            Some(list) => list.as_array()?,
        },
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => return None,
    };
    list.iter()
        .map(|failure| {
            failure
                .get("itemIdentifier")?
                .as_str()
                .filter(|id| ids.contains(id))
        })
        .collect()
}

fn record(message: &Message, site: &Site, queue: &str) -> Value {
    let attributes: Map<_, _> = message
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), message_attribute(attribute)))
        .collect();
    let mut record = json!({
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": message.system_attributes(site),
        "messageAttributes": attributes,
        "md5OfBody": md5_of(&message.body),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn(site, queue),
        "awsRegion": site.region,
    });
    if let Some(md5) = md5_of_attributes(&message.attributes) {
        record["md5OfMessageAttributes"] = json!(md5);
    }
    record
}

fn message_attribute(attribute: &Attribute) -> Value {
    let mut written = json!({
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": attribute.data_type,
    });
    if let Some(value) = &attribute.string_value {
        written["stringValue"] = json!(value);
    }
    if let Some(value) = &attribute.binary_value {
        written["binaryValue"] = json!(value);
    }
    written
}
