//! Tells from an event's envelope which door it came through.
//!
//! It looks at no body and refuses nothing but what is no object: which doors a function has is its own business, and
//! so is what it takes besides batches, requests and events.

use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;

use crate::envelope::Members;
use crate::event_bridge;
use crate::http::{Request, v1, v2};
use crate::sns::Notification;
use crate::sqs::Message;

/// An event, by door.
#[derive(Debug)]
pub enum Event<'a> {
    /// The messages of an SQS batch, standard or FIFO; at least one.
    Sqs(Vec<Message<'a>>),
    /// A request through API Gateway (REST or HTTP API) or a function URL.
    Http(Request<'a>),
    /// An event of EventBridge.
    Bus(event_bridge::Event<'a>),
    /// Notifications of SNS; at least one, and there never was more than one.
    Sns(Vec<Notification<'a>>),
    /// An object that is none of them.
    Other(Members<'a>),
}

/// Names shown of an event that nobody knows, and characters of each: enough to recognise its sender by.
const SHOWN_NAMES: usize = 12;
const SHOWN_CHARS: usize = 40;

/// Finds the door. `expected` tells a refused event's sender what the function takes.
///
/// # Errors
/// As [`unknown`], when the event is not an object.
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
    if let Some(request) = v2::read(&members).or_else(|| v1::read(&members)) {
        return Ok(Event::Http(request));
    }
    if let Some(event) = event_bridge::Event::of(&members) {
        return Ok(Event::Bus(event));
    }
    Ok(Event::Other(members))
}

/// The failed invocation for an event that is none of the function's: error type `UnknownEvent`, with what was expected
/// and the names (never the values) of what was there instead.
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
mod tests {
    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    fn door(json: &str) -> &'static str {
        match recognise(raw(json), "expected something else") {
            Ok(Event::Sqs(_)) => "sqs",
            Ok(Event::Http(_)) => "http",
            Ok(Event::Bus(_)) => "eventbridge",
            Ok(Event::Sns(_)) => "sns",
            Ok(Event::Other(_)) => "other",
            Err(diagnostic) => {
                assert_eq!(diagnostic.error_type, "UnknownEvent");
                "unknown"
            }
        }
    }

    #[test]
    fn the_least_that_each_door_is_recognised_by() {
        assert_eq!(door(r#"{"Records": [{"eventSource": "aws:sqs"}]}"#), "sqs");
        assert_eq!(
            door(r#"{"version": "2.0", "requestContext": {"http": {}}}"#),
            "http"
        );
        assert_eq!(
            door(r#"{"httpMethod": "GET", "requestContext": {}}"#),
            "http"
        );
        assert_eq!(
            door(r#"{"detail-type": "", "source": "", "detail": {}}"#),
            "eventbridge"
        );
        assert_eq!(door(r#"{"Records": [{"EventSource": "aws:sns"}]}"#), "sns");
    }

    #[test]
    fn what_is_almost_one_of_them_is_none() {
        for event in [
            "{}",
            r#"{"Records": []}"#,
            r#"{"Records": {"eventSource": "aws:sqs"}}"#,
            r#"{"Records": [{"eventSource": "aws:s3"}]}"#,
            r#"{"Records": [{"eventSource": "aws:sqs"}, {"eventSource": "aws:sns"}]}"#,
            r#"{"Records": [{"eventSource": "aws:sqs"}, 1]}"#,
            r#"{"version": "2.0", "requestContext": {}}"#,
            r#"{"version": "1.0", "requestContext": {"http": {}}}"#,
            r#"{"httpMethod": "POST"}"#,
            r#"{"detail-type": "x", "source": "x"}"#,
            r#"{"detail-type": "x", "source": "x", "detail": "{}"}"#,
            r#"{"detail-type": "x", "source": null, "detail": {}}"#,
            r#"{"Records": [{"eventSource": "aws:sns"}]}"#,
            r#"{"Records": [{"EventSource": "aws:sns"}, {"eventSource": "aws:sqs"}]}"#,
        ] {
            assert_eq!(door(event), "other", "{event}");
        }
        for event in ["null", "[]", "\"httpMethod\"", "7"] {
            assert_eq!(door(event), "unknown", "{event}");
        }
    }

    #[test]
    fn an_unknown_event_is_told_what_was_expected_and_what_was_seen_but_no_values() {
        let members = Members::of(raw(r#"{"source": "secret", "detail-type": 1}"#)).unwrap();
        let message = unknown(&members, "expected an SQS batch").error_message;
        assert!(
            message.ends_with("its members are `source`, `detail-type`; expected an SQS batch"),
            "{message}"
        );
        assert!(!message.contains("secret"));
    }

    #[test]
    fn the_names_shown_of_an_unknown_event_are_bounded() {
        let members: Vec<String> = (0..10_000)
            .map(|n| format!(r#""{n}{}": 0"#, "é".repeat(1_000)))
            .collect();
        let event = format!("{{{}}}", members.join(","));
        let message = unknown(&Members::of(raw(&event)).unwrap(), "expected x").error_message;
        assert!(
            message.len() < 2_000 && message.contains("…` and 9988 more;"),
            "{message}"
        );
    }

    #[test]
    fn an_envelope_100_000_levels_deep_is_read_like_any_other() {
        let (open, close) = ("{\"a\":[".repeat(50_000), "]}".repeat(50_000));
        assert_eq!(door(&format!("{open}{close}")), "other");
        let attributes = format!(r#"{{"eventSource": "aws:sqs", "attributes": {open}{close}}}"#);
        assert_eq!(door(&format!(r#"{{"Records": [{attributes}]}}"#)), "sqs");
        let context = format!(r#""requestContext": {{"http": {{}}, "authorizer": {open}{close}}}"#);
        assert_eq!(door(&format!(r#"{{"version": "2.0", {context}}}"#)), "http");
    }
}
