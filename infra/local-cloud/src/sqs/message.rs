//! A message in a queue.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{attributes::Attributes, call::arn};
use crate::site::Site;

/// A message and how far it has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) attributes: Attributes,
    /// FIFO queues only.
    pub(super) group: Option<String>,
    /// FIFO queues only.
    pub(super) deduplication_id: Option<String>,
    /// Position in the queue, from 1.
    pub(super) sequence: u64,
    pub(super) sent_ms: u64,
    pub(super) first_received_ms: Option<u64>,
    pub(super) receive_count: u32,
    /// Hidden until then: because it was sent with a delay, or received.
    pub(super) visible_at_ms: u64,
    /// Of the last receive; only this one deletes.
    pub(super) receipt: Option<String>,
    /// In a dead-letter queue: the queue that gave it up.
    #[serde(default)]
    pub(super) dead_letter_source: Option<String>,
}

/// What a sender gives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    pub(super) body: String,
    pub(super) attributes: Attributes,
    pub(super) group: Option<String>,
    pub(super) deduplication_id: Option<String>,
    pub(super) delay_ms: u64,
}

impl Message {
    /// Whether it has been received and not come back.
    pub(super) fn in_flight(&self, now_ms: u64) -> bool {
        self.receipt.is_some() && self.visible_at_ms > now_ms
    }

    /// The attributes that SQS itself gives, all as strings.
    pub(super) fn system_attributes(&self, site: &Site) -> Map<String, Value> {
        let mut attributes = Map::new();
        let mut set = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                attributes.insert(name.to_owned(), json!(value));
            }
        };
        set(
            "ApproximateReceiveCount",
            Some(self.receive_count.to_string()),
        );
        set("SentTimestamp", Some(self.sent_ms.to_string()));
        set("SenderId", Some("AIDALOCALCLOUDSENDER0".to_owned()));
        set(
            "ApproximateFirstReceiveTimestamp",
            self.first_received_ms.map(|ms| ms.to_string()),
        );
        if self.deduplication_id.is_some() {
            set("SequenceNumber", Some(format!("{:020}", self.sequence)));
        }
        set(
            "DeadLetterQueueSourceArn",
            self.dead_letter_source.as_ref().map(|name| arn(site, name)),
        );
        set("MessageGroupId", self.group.clone());
        set("MessageDeduplicationId", self.deduplication_id.clone());
        attributes
    }
}
