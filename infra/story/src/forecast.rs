//! What would become of a dead letter after a redrive: from what is in it, and from its order's record.

use std::collections::BTreeMap;

use aws::failure::CallError;
use hosted_connection::{
    IdempotencyKey, InvalidRequest, KeyAttribute, KeySource, Order, ReleaseRequest,
};
use ledger::{Record, Services, State};
use queues::Letter;
use serde_json::{Value, json};

use crate::reason;

/// Which queue's dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Orders.
    Orders,
    /// Releases.
    Releases,
}

/// What would come of one letter.
#[derive(Debug)]
pub struct Forecast {
    key: Option<IdempotencyKey>,
    /// What is known of the order.
    pub record: String,
    /// What would come of it.
    pub outlook: Outlook,
    /// Why its order is not done, if that is recorded.
    pub reason: Option<String>,
}

/// What would come of it, in kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlook {
    /// It has never been begun.
    Begins,
    /// It is taken up where it stands.
    GoesOn,
    /// All is done and told; it is answered and leaves the queue.
    Replays,
    /// A final no that nobody has heard of: it is published, and leaves the queue.
    IsRefused,
    /// Its order has to be final first; track may see to that meanwhile.
    Waits,
    /// It will be here again.
    ComesBack,
}

impl Outlook {
    /// Whether anything gets done.
    pub fn helps(self) -> bool {
        match self {
            Self::Begins | Self::GoesOn | Self::IsRefused => true,
            Self::Replays | Self::Waits | Self::ComesBack => false,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Begins => "is started",
            Self::GoesOn => "is continued",
            Self::Replays => "no change; it leaves the queue",
            Self::IsRefused => "is rejected and published",
            Self::Waits => "waits for its order, and returns here if that takes too long",
            Self::ComesBack => "returns here",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Begins => "begins",
            Self::GoesOn => "goesOn",
            Self::Replays => "replays",
            Self::IsRefused => "isRefused",
            Self::Waits => "waits",
            Self::ComesBack => "comesBack",
        }
    }
}

/// A letter, read as its function would read it.
enum Content {
    Order(Box<Order>),
    Release(IdempotencyKey),
    Invalid(InvalidRequest),
}

impl Content {
    fn of(which: Which, letter: &Letter) -> Self {
        let key: Vec<_> = letter
            .key_attribute
            .iter()
            .map(KeyAttribute::text)
            .collect();
        let source = KeySource::AttributeOrBody(&key);
        let body = letter.body.as_bytes();
        let read = match which {
            Which::Orders => Order::parse(body, source).map(|order| Self::Order(Box::new(order))),
            Which::Releases => {
                ReleaseRequest::parse(body, source).map(|release| Self::Release(release.key))
            }
        };
        read.unwrap_or_else(Self::Invalid)
    }

    fn key(&self) -> Option<&IdempotencyKey> {
        match self {
            Self::Order(order) => Some(&order.key),
            Self::Release(key) => Some(key),
            Self::Invalid(invalid) => invalid.key.as_ref(),
        }
    }
}

/// One forecast for each letter.
///
/// # Errors
/// The table cannot be read.
pub async fn of(
    aws: &Services,
    which: Which,
    letters: &[Letter],
) -> Result<Vec<Forecast>, CallError> {
    let contents: Vec<_> = letters
        .iter()
        .map(|letter| Content::of(which, letter))
        .collect();
    let mut keys: Vec<_> = contents
        .iter()
        .filter_map(|content| content.key().cloned())
        .collect();
    keys.sort();
    keys.dedup();
    let records = aws.ledger.records(&keys).await?;
    let records: BTreeMap<_, _> = records.iter().map(|record| (&record.key, record)).collect();
    let forecast = |content: &Content| {
        let record = content.key().and_then(|key| records.get(key).copied());
        Forecast {
            key: content.key().cloned(),
            record: said(content, record),
            outlook: outlook(content, record),
            reason: record.and_then(reason::recorded).map(str::to_owned),
        }
    };
    Ok(contents.iter().map(forecast).collect())
}

fn said(content: &Content, record: Option<&Record>) -> String {
    if let Content::Invalid(invalid) = content {
        let wrong = &invalid.violations;
        let wrong: Vec<_> = wrong
            .iter()
            .map(|v| format!("{} {}", v.field, v.message))
            .collect();
        return format!("the message is invalid: {}", wrong.join("; "));
    }
    let Some(record) = record else {
        return "no record".to_owned();
    };
    let status = inspect::status(record).as_str();
    match (is_reused(content, record), record.is_unfinished()) {
        (true, _) => format!("{status}, with another request (key reused)"),
        (false, true) => format!("{status}, unfinished"),
        (false, false) => status.to_owned(),
    }
}

fn is_reused(content: &Content, record: &Record) -> bool {
    match content {
        Content::Order(order) => !record.is_of(&order.request, order.request.fingerprint()),
        Content::Release(_) | Content::Invalid(_) => false,
    }
}

fn outlook(content: &Content, record: Option<&Record>) -> Outlook {
    match (content, record) {
        (Content::Invalid(_), _) => Outlook::IsRefused,
        (Content::Order(_), None) => Outlook::Begins,
        // There is nothing to release.
        (Content::Release(_), None) => Outlook::IsRefused,
        (Content::Order(_), Some(record)) if is_reused(content, record) => Outlook::IsRefused,
        (Content::Order(_), Some(record)) => of_order(record),
        (Content::Release(_), Some(record)) => of_release(record),
    }
}

fn of_order(record: &Record) -> Outlook {
    match record.state {
        State::Quarantined => Outlook::ComesBack,
        State::Calling | State::Unresolved | State::Waiting => Outlook::GoesOn,
        State::Allocated | State::Rejected if record.published => Outlook::Replays,
        State::Allocated | State::Rejected => Outlook::GoesOn,
    }
}

fn of_release(record: &Record) -> Outlook {
    match record.state {
        State::Quarantined => Outlook::ComesBack,
        State::Calling | State::Unresolved | State::Waiting => Outlook::Waits,
        State::Rejected => Outlook::IsRefused,
        State::Allocated if !record.published => Outlook::Waits,
        State::Allocated => match &record.lifecycle.release {
            Some(_) if !record.lifecycle.is_unfinished() => Outlook::Replays,
            Some(_) | None => Outlook::GoesOn,
        },
    }
}

impl Forecast {
    /// The key, or that there is none.
    pub fn key(&self) -> String {
        self.key
            .as_ref()
            .map_or("(none)".to_owned(), ToString::to_string)
    }

    /// As JSON, for scripts.
    #[must_use]
    pub fn document(&self, letter: &Letter) -> Value {
        json!({
            "messageId": letter.message_id,
            "idempotencyKey": self.key,
            "record": self.record,
            "wouldBe": self.outlook.as_str(),
        })
    }
}
