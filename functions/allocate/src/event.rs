//! Tells from an event's envelope which door it came through.
//!
//! It looks at no body and refuses no order: an event is recognised or it is not.

use doors::http::Request;
use doors::sns::Notification;
use doors::sqs::Message;
use doors::{event, event_bridge};
use lambda_runtime::Diagnostic;
use serde_json::value::RawValue;

/// An event, by door.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// The messages of an SQS batch, standard or FIFO; at least one.
    Sqs(Vec<Message<'a>>),
    /// A request through API Gateway (REST or HTTP API) or a function URL.
    Http(Request<'a>),
    /// An event of EventBridge: its detail is the order.
    Bus(event_bridge::Event<'a>),
    /// Notifications of SNS; at least one.
    Sns(Vec<Notification<'a>>),
    /// A direct invocation: the event is the order.
    Direct(&'a RawValue),
}

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected an SQS batch (`eventSource` \"aws:sqs\" in every one of `Records`), an API Gateway REST \
    request (`httpMethod` and `requestContext`), an API Gateway HTTP or function URL request (`version` \"2.0\" and \
    `requestContext.http`), an EventBridge event (`detail-type`, `source` and an object `detail`), SNS notifications \
    (`EventSource` \"aws:sns\" in every one of `Records`), or an order (an object with `connectionId`, `placement` or \
    `idempotencyKey`)";

/// Any of them makes an object an order.
const ORDER: [&str; 3] = ["connectionId", "placement", "idempotencyKey"];

/// Finds the door.
///
/// # Errors
/// `UnknownEvent`, with what was expected and the names (never the values) of what was there instead.
pub(crate) fn recognise(event: &RawValue) -> Result<Event<'_>, Diagnostic> {
    match event::recognise(event, EXPECTED)? {
        event::Event::Sqs(messages) => Ok(Event::Sqs(messages)),
        event::Event::Http(request) => Ok(Event::Http(request)),
        event::Event::Bus(event) => Ok(Event::Bus(event)),
        event::Event::Sns(notifications) => Ok(Event::Sns(notifications)),
        event::Event::Other(members) if ORDER.iter().any(|name| members.get(name).is_some()) => {
            Ok(Event::Direct(event))
        }
        event::Event::Other(members) => Err(event::unknown(&members, EXPECTED)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    fn door(json: &str) -> &'static str {
        match recognise(raw(json)) {
            Ok(Event::Sqs(_)) => "sqs",
            Ok(Event::Http(_)) => "http",
            Ok(Event::Bus(_)) => "eventbridge",
            Ok(Event::Sns(_)) => "sns",
            Ok(Event::Direct(_)) => "direct",
            Err(diagnostic) => {
                assert_eq!(diagnostic.error_type, "UnknownEvent");
                "unknown"
            }
        }
    }

    #[test]
    fn every_example_event_comes_through_the_door_its_file_is_named_after() {
        let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/events");
        for file in std::fs::read_dir(events).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let name = path.file_stem().unwrap().to_string_lossy();
            let expected = match name.split('-').next().unwrap() {
                "function" | "alb" => "http",
                door => door,
            };
            assert_eq!(
                door(&std::fs::read_to_string(&path).unwrap()),
                expected,
                "{name}"
            );
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
            door(r#"{"detail-type": "x", "source": "x", "detail": {}}"#),
            "eventbridge"
        );
        assert_eq!(door(r#"{"Records": [{"EventSource": "aws:sns"}]}"#), "sns");
        assert_eq!(door(r#"{"connectionId": null}"#), "direct");
        assert_eq!(door(r#"{"placement": null}"#), "direct");
        assert_eq!(door(r#"{"idempotencyKey": 1, "Records": []}"#), "direct");
    }

    #[test]
    fn anything_else_is_unknown() {
        for event in [
            "null",
            "[]",
            "\"connectionId\"",
            "{}",
            r#"{"Records": []}"#,
            r#"{"Records": {"eventSource": "aws:sqs"}}"#,
            r#"{"Records": [{"eventSource": "aws:s3"}]}"#,
            r#"{"Records": [{"eventSource": "aws:sqs"}, {"eventSource": "aws:sns"}]}"#,
            r#"{"Records": [{"eventSource": "aws:sqs"}, 1]}"#,
            r#"{"version": "2.0", "requestContext": {}}"#,
            r#"{"version": "1.0", "requestContext": {"http": {}}}"#,
            r#"{"httpMethod": "POST"}"#,
            r#"{"detail": {"connectionId": "dxcon-ffabc123"}}"#,
        ] {
            assert_eq!(door(event), "unknown", "{event}");
        }
    }

    #[test]
    fn a_refused_event_is_told_what_was_expected_and_what_was_seen_but_no_values() {
        let message = recognise(raw(r#"{"source": "secret", "detail-type": 1}"#))
            .unwrap_err()
            .error_message;
        assert!(
            message.contains("its members are `source`, `detail-type`; expected an SQS batch"),
            "{message}"
        );
        assert!(!message.contains("secret"));
    }

    #[test]
    fn an_order_100_000_levels_deep_is_recognised_like_any_other() {
        let (open, close) = ("{\"a\":[".repeat(50_000), "]}".repeat(50_000));
        assert_eq!(door(&format!("{open}{close}")), "unknown");
        assert_eq!(
            door(&format!(r#"{{"connectionId": {open}{close}}}"#)),
            "direct"
        );
    }
}
