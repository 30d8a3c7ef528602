//! One queue: what is visible to whom, and when.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    QueueSettings,
    message::{Draft, Message},
};
use crate::random::Random;

/// FIFO queues swallow a repeated deduplication id for five minutes.
const DEDUPLICATION_MS: u64 = 300_000;

/// A queue and its messages, in the order they came.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct QueueState {
    pub(super) settings: QueueSettings,
    messages: Vec<Message>,
    last_sequence: u64,
    /// Deduplication id → until when it counts, and the message it was first sent with.
    recent: BTreeMap<String, (u64, String)>,
}

/// How to receive.
#[derive(Debug, Clone)]
pub(crate) struct Receive {
    pub(super) now_ms: u64,
    pub(super) most: usize,
    /// Instead of the queue's own.
    pub(super) visibility_ms: Option<u64>,
}

impl QueueState {
    pub(super) fn new(settings: QueueSettings) -> Self {
        Self {
            settings,
            messages: Vec::new(),
            last_sequence: 0,
            recent: BTreeMap::new(),
        }
    }

    pub(super) fn dead_letter_queue(&self) -> Option<String> {
        let dead_letter = self.settings.dead_letter.as_ref()?;
        Some(dead_letter.queue.clone())
    }

    pub(super) fn visibility_ms(&self) -> u64 {
        u64::try_from(self.settings.visibility_timeout.as_millis()).unwrap_or(u64::MAX)
    }

    pub(super) fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Adds a message and gives its id and sequence number; for a repeated deduplication id, those of the first.
    pub(super) fn send(&mut self, draft: Draft, now_ms: u64, random: &mut Random) -> (String, u64) {
        self.recent.retain(|_, (until, _)| *until > now_ms);
        if let Some((_, id)) = draft
            .deduplication_id
            .as_ref()
            .and_then(|id| self.recent.get(id))
        {
            return (id.clone(), self.last_sequence);
        }
        let id = random.uuid();
        if let Some(deduplication_id) = &draft.deduplication_id {
            let until = now_ms + DEDUPLICATION_MS;
            self.recent
                .insert(deduplication_id.clone(), (until, id.clone()));
        }
        self.last_sequence += 1;
        self.messages.push(Message {
            id: id.clone(),
            body: draft.body,
            attributes: draft.attributes,
            group: draft.group,
            deduplication_id: draft.deduplication_id,
            sequence: self.last_sequence,
            sent_ms: now_ms,
            first_received_ms: None,
            receive_count: 0,
            visible_at_ms: now_ms.saturating_add(draft.delay_ms),
            receipt: None,
            dead_letter_source: None,
        });
        (id, self.last_sequence)
    }

    /// Takes what the queue `source` has given up on.
    pub(super) fn bury(&mut self, source: &str, dead: Vec<Message>) {
        for mut message in dead {
            self.last_sequence += 1;
            message.sequence = self.last_sequence;
            message.receipt = None;
            message.visible_at_ms = 0;
            message.dead_letter_source = Some(source.to_owned());
            self.messages.push(message);
        }
    }

    /// Takes out everything that nobody is at.
    pub(super) fn take_waiting(&mut self, now_ms: u64) -> Vec<Message> {
        let (kept, waiting) = std::mem::take(&mut self.messages)
            .into_iter()
            .partition(|message| message.visible_at_ms > now_ms);
        self.messages = kept;
        waiting
    }

    /// Takes back a message that was taken out, where it was.
    pub(super) fn put_back(&mut self, message: Message) {
        let after = |other: &Message| other.sequence > message.sequence;
        let position = self.messages.iter().position(after);
        self.messages
            .insert(position.unwrap_or(self.messages.len()), message);
    }

    /// The next messages, and those that would have been received once too often and leave the queue.
    pub(super) fn receive(
        &mut self,
        receive: &Receive,
        random: &mut Random,
    ) -> (Vec<Message>, Vec<Message>) {
        let dead = self.take_dead(receive.now_ms);
        let visibility_ms = receive
            .visibility_ms
            .unwrap_or_else(|| self.visibility_ms());
        let hidden_until = receive.now_ms.saturating_add(visibility_ms);
        let fifo = self.settings.is_fifo();
        // A group whose message is out stands still, or its order would be lost.
        let mut blocked: BTreeSet<Option<String>> = self
            .messages
            .iter()
            .filter(|message| fifo && message.in_flight(receive.now_ms))
            .map(|message| message.group.clone())
            .collect();
        let mut received = Vec::new();
        for message in &mut self.messages {
            if received.len() == receive.most {
                break;
            }
            if fifo && blocked.contains(&message.group) {
                continue;
            }
            if message.visible_at_ms > receive.now_ms {
                blocked.insert(message.group.clone());
                continue;
            }
            message.receive_count += 1;
            message.first_received_ms.get_or_insert(receive.now_ms);
            message.visible_at_ms = hidden_until;
            message.receipt = Some(random.uuid());
            received.push(message.clone());
        }
        (received, dead)
    }

    fn take_dead(&mut self, now_ms: u64) -> Vec<Message> {
        let Some(dead_letter) = &self.settings.dead_letter else {
            return Vec::new();
        };
        let most = dead_letter.max_receive_count;
        let (dead, alive) = std::mem::take(&mut self.messages)
            .into_iter()
            .partition(|message| message.receive_count >= most && message.visible_at_ms <= now_ms);
        self.messages = alive;
        dead
    }

    /// Deletes by receipt. One that is not the message's last is accepted and does nothing, as in SQS.
    pub(super) fn delete(&mut self, receipt: &str) {
        self.messages
            .retain(|message| message.receipt.as_deref() != Some(receipt));
    }

    /// Hides the message until then, or shows it.
    pub(super) fn change_visibility(&mut self, receipt: &str, visible_at_ms: u64) {
        let of_receipt = |message: &&mut Message| message.receipt.as_deref() == Some(receipt);
        if let Some(message) = self.messages.iter_mut().find(of_receipt) {
            message.visible_at_ms = visible_at_ms;
        }
    }
}
