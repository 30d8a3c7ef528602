//! SQS's JSON protocol: from requests to queues and back.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    QueueSettings, Sqs,
    attributes::{Attributes, md5_of, md5_of_attributes},
    call::{arn, invalid, queue_name, text, url},
    message::{Draft, Message},
    queue::Receive,
    sqs_error,
};
use crate::{
    reply::{Answer, ApiError},
    request::Call,
    site::{Context, Site},
};

/// Most bytes of a message, since August 2025 (before: 256 KiB).
const MOST_BYTES: usize = 1_048_576;

/// Most entries of a batch request, and messages of a receive.
const MOST_ENTRIES: usize = 10;

/// A message as SendMessage and SendMessageBatch's entries write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sending {
    message_body: String,
    #[serde(default)]
    delay_seconds: u64,
    #[serde(default)]
    message_attributes: Attributes,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

impl Sqs {
    pub(crate) fn dispatch(&mut self, call: &Call, mut context: Context<'_>) -> Answer {
        match call.operation.as_str() {
            "CreateQueue" => self.create_queue(call, context.site),
            "GetQueueUrl" => {
                let name = text(&call.body, "QueueName")?;
                self.queue(name)?;
                Ok(json!({"QueueUrl": url(context.site, name)}))
            }
            "GetQueueAttributes" => self.queue_attributes(call, &context),
            "SendMessage" => self.send_message(queue_name(call)?, &call.body, &mut context),
            "SendMessageBatch" => self.batch(call, |sqs, name, entry| {
                sqs.send_message(name, entry, &mut context)
            }),
            "ReceiveMessage" => self.receive_message(call, &mut context),
            "DeleteMessage" => self.delete_message(queue_name(call)?, &call.body),
            "DeleteMessageBatch" => self.batch(call, Self::delete_message),
            "ChangeMessageVisibility" => {
                self.change_visibility(queue_name(call)?, &call.body, context.now_ms())
            }
            "ChangeMessageVisibilityBatch" => self.batch(call, |sqs, name, entry| {
                sqs.change_visibility(name, entry, context.now_ms())
            }),
            "StartMessageMoveTask" => self.start_move(call, &mut context),
            "ListMessageMoveTasks" => self.list_moves(call, &context),
            unknown => Err(ApiError::unknown_operation(unknown)),
        }
    }

    fn create_queue(&mut self, call: &Call, site: &Site) -> Answer {
        let name = text(&call.body, "QueueName")?;
        let mut settings = QueueSettings::new(name);
        let attributes = call.body.get("Attributes").unwrap_or(&Value::Null);
        if let Some(timeout) = attributes.get("VisibilityTimeout").and_then(Value::as_str) {
            let seconds = timeout.parse().map_err(|_| invalid("VisibilityTimeout"))?;
            settings.visibility_timeout = std::time::Duration::from_secs(seconds);
        }
        if let Some(policy) = attributes.get("RedrivePolicy").and_then(Value::as_str) {
            let (queue, count) = redrive(policy).ok_or_else(|| invalid("RedrivePolicy"))?;
            settings = settings.dead_letter(queue, count);
        }
        self.create(settings);
        Ok(json!({"QueueUrl": url(site, name)}))
    }

    fn queue_attributes(&mut self, call: &Call, context: &Context<'_>) -> Answer {
        let name = queue_name(call)?;
        let queue = self.queue(name)?;
        let now_ms = context.now_ms();
        let in_flight = queue
            .messages()
            .iter()
            .filter(|message| message.in_flight(now_ms))
            .count();
        let mut attributes = json!({
            "ApproximateNumberOfMessages": (queue.messages().len() - in_flight).to_string(),
            "ApproximateNumberOfMessagesNotVisible": in_flight.to_string(),
            "VisibilityTimeout": (queue.visibility_ms() / 1_000).to_string(),
            "QueueArn": arn(context.site, name),
        });
        if queue.settings.is_fifo() {
            attributes["FifoQueue"] = json!("true");
        }
        if let Some(dead_letter) = &queue.settings.dead_letter {
            let policy = json!({
                "deadLetterTargetArn": arn(context.site, &dead_letter.queue),
                "maxReceiveCount": dead_letter.max_receive_count,
            });
            attributes["RedrivePolicy"] = json!(policy.to_string());
        }
        Ok(json!({"Attributes": attributes}))
    }

    fn send_message(&mut self, name: &str, entry: &Value, context: &mut Context<'_>) -> Answer {
        let sending: Sending =
            serde_json::from_value(entry.clone()).map_err(|error| invalid(&error.to_string()))?;
        let body_md5 = md5_of(&sending.message_body);
        let attributes_md5 = md5_of_attributes(&sending.message_attributes);
        let draft = Draft {
            body: sending.message_body,
            attributes: sending.message_attributes,
            group: sending.message_group_id,
            deduplication_id: sending.message_deduplication_id,
            delay_ms: sending.delay_seconds.saturating_mul(1_000),
        };
        let (id, sequence) = self.send(name, draft, context)?;
        let mut answer = json!({"MessageId": id, "MD5OfMessageBody": body_md5});
        if let Some(md5) = attributes_md5 {
            answer["MD5OfMessageAttributes"] = json!(md5);
        }
        if self.queue(name)?.settings.is_fifo() {
            answer["SequenceNumber"] = json!(format!("{sequence:020}"));
        }
        Ok(answer)
    }

    /// Sends after the checks that SQS makes.
    pub(super) fn send(
        &mut self,
        name: &str,
        draft: Draft,
        context: &mut Context<'_>,
    ) -> Result<(String, u64), ApiError> {
        let queue = self.queue(name)?;
        if draft.body.is_empty() || draft.body.len() > MOST_BYTES {
            return Err(invalid("the message must have 1 byte to 1 MiB"));
        }
        if queue.settings.is_fifo() && (draft.group.is_none() || draft.deduplication_id.is_none()) {
            return Err(invalid(
                "a FIFO queue needs MessageGroupId and MessageDeduplicationId",
            ));
        }
        Ok(queue.send(draft, context.now_ms(), context.random))
    }

    fn receive_message(&mut self, call: &Call, context: &mut Context<'_>) -> Answer {
        let number = |name: &str| call.body.get(name).and_then(Value::as_u64);
        let most = number("MaxNumberOfMessages").unwrap_or(1);
        let receive = Receive {
            now_ms: context.now_ms(),
            most: usize::try_from(most)
                .ok()
                .filter(|most| (1..=MOST_ENTRIES).contains(most))
                .ok_or_else(|| invalid("MaxNumberOfMessages must be between 1 and 10"))?,
            visibility_ms: number("VisibilityTimeout").map(|seconds| seconds.saturating_mul(1_000)),
        };
        let messages = self.receive(queue_name(call)?, &receive, context.random)?;
        let messages: Vec<_> = messages
            .iter()
            .map(|message| as_received(message, &call.body, context.site))
            .collect();
        Ok(json!({"Messages": messages}))
    }

    fn delete_message(&mut self, name: &str, entry: &Value) -> Answer {
        let receipt = text(entry, "ReceiptHandle")?;
        self.queue(name)?.delete(receipt);
        Ok(json!({}))
    }

    fn change_visibility(&mut self, name: &str, entry: &Value, now_ms: u64) -> Answer {
        let receipt = text(entry, "ReceiptHandle")?;
        let seconds = entry.get("VisibilityTimeout").and_then(Value::as_u64);
        let seconds = seconds.ok_or_else(|| invalid("VisibilityTimeout"))?;
        let visible_at_ms = now_ms.saturating_add(seconds.saturating_mul(1_000));
        self.queue(name)?.change_visibility(receipt, visible_at_ms);
        Ok(json!({}))
    }

    /// Has each entry of a batch request done by itself; one that fails does not keep the others.
    fn batch(
        &mut self,
        call: &Call,
        mut each: impl FnMut(&mut Self, &str, &Value) -> Answer,
    ) -> Answer {
        let name = queue_name(call)?;
        self.queue(name)?;
        let entries = call
            .body
            .get("Entries")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        check_entries(entries)?;
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for entry in entries {
            let id = entry.get("Id").cloned().unwrap_or_default();
            match each(self, name, entry) {
                Ok(mut answer) => {
                    answer["Id"] = id;
                    successful.push(answer);
                }
                Err(error) => failed.push(json!({
                    "Id": id, "Code": error.code, "Message": error.body["message"], "SenderFault": true,
                })),
            }
        }
        Ok(json!({"Successful": successful, "Failed": failed}))
    }
}

fn check_entries(entries: &[Value]) -> Result<(), ApiError> {
    if entries.is_empty() {
        return Err(sqs_error(
            "EmptyBatchRequest",
            "There should be at least one entry.",
        ));
    }
    if entries.len() > MOST_ENTRIES {
        return Err(sqs_error(
            "TooManyEntriesInBatchRequest",
            "Maximum number of entries is 10.",
        ));
    }
    let repeated = |(index, entry): (usize, &Value)| {
        let mut earlier = entries[..index].iter();
        earlier.any(|other| other.get("Id") == entry.get("Id"))
    };
    if entries.iter().enumerate().any(repeated) {
        return Err(sqs_error(
            "BatchEntryIdsNotDistinct",
            "Two or more entries have the same Id.",
        ));
    }
    Ok(())
}

/// As ReceiveMessage writes it: only the attributes that were asked for.
fn as_received(message: &Message, request: &Value, site: &Site) -> Value {
    let asked = |lists: &[&str], name: &str| {
        lists
            .iter()
            .filter_map(|list| request.get(*list).and_then(Value::as_array))
            .flatten()
            .any(|asked| asked == name || asked == "All")
    };
    let mut received = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt,
        "MD5OfBody": md5_of(&message.body),
        "Body": message.body,
    });
    let mut system = message.system_attributes(site);
    system.retain(|name, _| asked(&["AttributeNames", "MessageSystemAttributeNames"], name));
    if !system.is_empty() {
        received["Attributes"] = Value::Object(system);
    }
    let mut attributes = message.attributes.clone();
    attributes.retain(|name, _| asked(&["MessageAttributeNames"], name));
    if let Some(md5) = md5_of_attributes(&attributes) {
        received["MD5OfMessageAttributes"] = json!(md5);
    }
    if !attributes.is_empty() {
        received["MessageAttributes"] = json!(attributes);
    }
    received
}

/// The dead-letter queue's name and the receive count of a RedrivePolicy, in which the count may be a string.
fn redrive(policy: &str) -> Option<(String, u32)> {
    let policy: Map<String, Value> = serde_json::from_str(policy).ok()?;
    let queue = policy
        .get("deadLetterTargetArn")?
        .as_str()?
        .rsplit(':')
        .next()?;
    let count = policy.get("maxReceiveCount")?;
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
    Some((queue.to_owned(), u32::try_from(count).ok()?))
}
