use std::path::Path;

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
fn every_example_event_comes_through_the_door_its_file_is_named_after() {
    let events = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/events");
    let mut seen = 0;
    for file in std::fs::read_dir(events).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy();
        let expected = match name.split('-').next().unwrap() {
            "function" | "alb" => "http",
            "direct" | "unknown" => "other",
            door => door,
        };
        let event = std::fs::read_to_string(&path).unwrap();
        assert_eq!(door(&event), expected, "{name}");
        seen += 1;
    }
    assert!(seen > 20, "{seen} examples");
}

#[test]
fn the_least_that_each_door_is_recognised_by() {
    assert_eq!(door(r#"{"Records": [{"eventSource": "aws:sqs"}]}"#), "sqs");
    assert_eq!(door(r#"{"Records": []}"#), "sqs");
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
        r#"{"Records": [], "more": 1}"#,
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
