//! Tells from an event's envelope which door it came through.
//!
//! It looks at no body and refuses nothing but what is no object: which doors a function has is its own business, and
//! so is what it takes besides batches, requests and events.

use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;

use crate::envelope::Members;
use crate::event_bridge;
use crate::http::{self, Request};
use crate::sns::Notification;
use crate::sqs::Message;

/// An event, by door.
#[derive(Debug)]
pub enum Event<'a> {
    /// The messages of an SQS batch, standard or FIFO; none when the event is an empty list of records and nothing else.
    Sqs(Vec<Message<'a>>),
    /// A request through API Gateway (REST or HTTP API) or a function URL.
    Http(Request<'a>),
    /// An event of EventBridge.
    Bus(event_bridge::Event),
    /// Notifications of SNS; at least one, and there never was more than one.
    Sns(Vec<Notification>),
    /// An object that is none of them.
    Other(Members<'a>),
}

/// Names shown of an event that nobody knows, and characters of each: enough to recognise its sender by.
const SHOWN_NAMES: usize = 12;
const SHOWN_CHARS: usize = 40;

/// Finds the door. `expected` tells a refused event's sender what the function takes.
///
/// # Errors
/// As [`Event::not_taken`], when the event is not an object.
pub fn recognise<'a>(event: &'a RawValue, expected: &str) -> Result<Event<'a>, Diagnostic> {
    let Some(members) = Members::of(event) else {
        return Err(not_taken("it is not an object", expected));
    };
    if let Some(messages) = records(&members, Message::of) {
        return Ok(Event::Sqs(messages));
    }
    if let Some(notifications) = records(&members, Notification::of) {
        return Ok(Event::Sns(notifications));
    }
    if let Some(request) = http::read(event, &members) {
        return Ok(Event::Http(request));
    }
    if let Some(event) = event_bridge::Event::of(event.get().as_bytes(), &members) {
        return Ok(Event::Bus(event));
    }
    if is_empty_batch(&members) {
        return Ok(Event::Sqs(Vec::new()));
    }
    Ok(Event::Other(members))
}

/// `{"Records": []}`
fn is_empty_batch(members: &Members<'_>) -> bool {
    let records = members.array("Records");
    members.iter().len() == 1 && records.is_some_and(|records| records.is_empty())
}

impl Event<'_> {
    /// The failed invocation for an event that is none of the function's: error type `UnknownEvent`, with what was expected
    /// and what was there instead: its kind, or the names (never the values) of its members.
    pub fn not_taken(&self, expected: &str) -> Diagnostic {
        match self {
            Event::Sqs(_) => not_taken("it is an SQS batch", expected),
            Event::Http(_) => not_taken("it is an HTTP request", expected),
            Event::Bus(_) => not_taken("it is an EventBridge event", expected),
            Event::Sns(_) => not_taken("it is an SNS notification", expected),
            Event::Other(members) => unknown(members, expected),
        }
    }
}

/// The same for an event of which only the members are known.
pub fn unknown(members: &Members<'_>, expected: &str) -> Diagnostic {
    not_taken(&seen(members), expected)
}

/// The records of a batch that is one service's from the first to the last.
fn records<'a, T>(
    members: &Members<'a>,
    of: impl FnMut(&'a RawValue) -> Option<T>,
) -> Option<Vec<T>> {
    let records = members
        .array("Records")
        .filter(|records| !records.is_empty())?;
    records.into_iter().map(of).collect()
}

fn seen(members: &Members<'_>) -> String {
    let count = members.iter().len();
    if count == 0 {
        return "it has no members".into();
    }
    let names = members.iter().take(SHOWN_NAMES).map(|(name, _)| {
        match name.char_indices().nth(SHOWN_CHARS) {
            Some((cut, _)) => format!("`{}…`", &name[..cut]),
            None => format!("`{name}`"),
        }
    });
    let names = names.collect::<Vec<_>>().join(", ");
    match count.saturating_sub(SHOWN_NAMES) {
        0 => format!("its members are {names}"),
        more => format!("its members are {names} and {more} more"),
    }
}

/// The same for an event of which only this is worth saying.
pub fn not_taken(seen: &str, expected: &str) -> Diagnostic {
    let error_message = format!("not an event for this function: {seen}; {expected}");
    tracing::error!("{error_message}");
    Diagnostic {
        error_type: "UnknownEvent".into(),
        error_message,
    }
}

#[cfg(test)]
mod tests;
