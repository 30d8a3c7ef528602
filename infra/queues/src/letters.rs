//! Looking at messages without taking them.
//!
//! SQS shows a message only to who receives it, and hides it from everybody else for a while. So whatever is looked at
//! is given back right away; should that fail, it shows again by itself when the time is over. No message can be lost.

use aws::failure::CallError;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
};

use crate::Queues;

/// How long a message is hidden, at the most, while it is looked at.
const HIDDEN_S: i32 = 30;
/// Messages that one call receives, and that one call gives back.
const AT_ONCE: usize = 10;
/// Asks all of SQS's servers: without waiting, some are left out, and messages are overlooked.
const WAIT_S: i32 = 1;
/// A message attribute that may carry an idempotency key.
const KEY_ATTRIBUTE: &str = "Idempotency-Key";

/// Messages that were looked at.
#[derive(Debug, Default)]
pub struct Letters {
    /// The messages.
    pub letters: Vec<Letter>,
    /// Why looking ended early, if it did.
    pub cut_short: Option<CallError>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// SQS's id for it.
    pub message_id: String,
    /// What is in it.
    pub body: String,
    /// The idempotency key that was sent as message attribute; empty when it was sent as something that is no text.
    pub key_attribute: Option<String>,
    /// When it was sent, in milliseconds since the Unix epoch.
    pub sent_at_ms: Option<u64>,
}

impl Queues {
    /// Looks at up to `most` messages of the queue at `url`, and leaves them there. Of a FIFO queue, the first ones of each
    /// group are shown.
    ///
    /// # Errors
    /// Nothing could be looked at.
    pub async fn look(&self, url: &str, most: usize) -> Result<Letters, CallError> {
        let mut looked = Letters::default();
        let mut receipts = Vec::new();
        while looked.letters.len() < most {
            let at_once = AT_ONCE.min(most - looked.letters.len());
            match self.receive(url, at_once).await {
                Ok(messages) if messages.is_empty() => break,
                Ok(messages) => {
                    receipts.extend(messages.iter().filter_map(|m| m.receipt_handle.clone()));
                    looked.letters.extend(messages.into_iter().map(letter));
                }
                Err(error) if looked.letters.is_empty() => return Err(error),
                Err(error) => {
                    looked.cut_short = Some(error);
                    break;
                }
            }
        }
        // What cannot be given back comes back by itself.
        if let Err(error) = self.give_back(url, receipts).await {
            looked.cut_short.get_or_insert(error);
        }
        looked.letters.sort_by_key(|letter| letter.sent_at_ms);
        Ok(looked)
    }

    async fn receive(&self, url: &str, at_once: usize) -> Result<Vec<Message>, CallError> {
        let call = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(at_once).unwrap_or(1))
            .visibility_timeout(HIDDEN_S)
            .wait_time_seconds(WAIT_S)
            .message_attribute_names(KEY_ATTRIBUTE)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp);
        let output = call.send().await;
        let output = output.map_err(|error| CallError::new("ReceiveMessage", &error))?;
        Ok(output.messages.unwrap_or_default())
    }

    async fn give_back(&self, url: &str, receipts: Vec<String>) -> Result<(), CallError> {
        for receipts in receipts.chunks(AT_ONCE) {
            let entry = |(index, receipt): (usize, &String)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(receipt)
                    .visibility_timeout(0)
                    .build()
                    // The builder fails only without an id or a receipt.
                    .ok()
            };
            let entries = receipts.iter().enumerate().filter_map(entry).collect();
            let call = self.client.change_message_visibility_batch();
            call.queue_url(url)
                .set_entries(Some(entries))
                .send()
                .await
                .map_err(|error| CallError::new("ChangeMessageVisibilityBatch", &error))?;
        }
        Ok(())
    }
}

fn letter(message: Message) -> Letter {
    let attributes = message.message_attributes.as_ref();
    let key = attributes.and_then(|attributes| attributes.get(KEY_ATTRIBUTE));
    let system = message.attributes.as_ref();
    let sent = system.and_then(|system| system.get(&MessageSystemAttributeName::SentTimestamp));
    Letter {
        key_attribute: key.map(|key| key.string_value.clone().unwrap_or_default()),
        sent_at_ms: sent.and_then(|sent| sent.parse().ok()),
        message_id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
    }
}
