//! The example events: each is answered as its table says, whatever came before it and however often it comes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use local_cloud::Cloud;
use proof::{Invocation, World};
use serde_json::Value;

use crate::answers::{invoke_text, violations, wrong};

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).into()
}

fn expected() -> Value {
    let text = std::fs::read_to_string(tests().join("expected-answers.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Name and text of each event, by name.
fn events() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(tests().join("events")).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Whether `actual` holds all of `expected`. A text that begins with `~` is a pattern.
fn contains(actual: &Value, expected: &Value, story: &str) {
    match expected {
        Value::Object(members) => {
            for (name, value) in members {
                contains(&actual[name], value, &format!("{story}/{name}"));
            }
        }
        Value::String(text) if text.starts_with('~') => {
            let found = match actual {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert!(matches(&text[1..], &found), "{story}: {found} is no {text}");
        }
        other => assert_eq!(actual, other, "{story}"),
    }
}

/// The few forms of regular expression that the table uses.
fn matches(pattern: &str, text: &str) -> bool {
    let is_literal = |part: &str| !part.contains(['^', '$', '[', '*', '+', '.', '(', '\\']);
    match pattern.strip_prefix('^') {
        Some("[0-9]+$") => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
        Some(start) if is_literal(start) => text.starts_with(start),
        None if is_literal(pattern) => text.contains(pattern),
        _ => panic!("this test does not know the pattern {pattern}"),
    }
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or("null")).unwrap_or_default()
}

fn check(name: &str, expected: &Value, invocation: Invocation) {
    let (answer, document) = match invocation {
        Invocation::Answered(answer) => {
            assert_eq!(expected.get("error"), None, "{name} was answered: {answer}");
            contains(&answer, &expected["answer"], name);
            let document = parsed(&answer["body"]);
            (answer, document)
        }
        Invocation::Failed {
            error_type,
            error_message,
        } => {
            let error = serde_json::json!({"errorType": error_type, "errorMessage": error_message});
            assert!(expected.get("error").is_some(), "{name} failed: {error}");
            contains(&error, &expected["error"], name);
            let document = parsed(&error["errorMessage"]);
            (error, document)
        }
        Invocation::Killed => panic!("{name} was killed"),
    };
    if let Some(headers) = expected.get("headers") {
        let found: serde_json::Map<_, _> = answer["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect();
        contains(&Value::Object(found), headers, name);
    }
    if let Some(body) = expected.get("body") {
        contains(&document, body, name);
    }
    if let Some(list) = expected.get("violations") {
        let list: Vec<(&str, &str)> = list
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
            .collect();
        assert_eq!(violations(&document), wrong(&list), "{name}");
    }
}

/// The connections that all events together lead to. An automatic VLAN can be any.
fn check_connections(cloud: &Cloud, expected: &Value) {
    for (parent, vlans) in expected.as_object().unwrap() {
        let vlans = vlans.as_array().unwrap();
        let found = cloud.living_connections(parent);
        assert_eq!(found.len(), vlans.len(), "{parent}: {found:#?}");
        for vlan in vlans.iter().filter_map(Value::as_u64) {
            assert!(
                found.iter().any(|one| u64::from(one.vlan) == vlan),
                "{vlan} on {parent}: {found:#?}"
            );
        }
    }
    let all: usize = expected
        .as_object()
        .unwrap()
        .values()
        .map(|vlans| vlans.as_array().unwrap().len())
        .sum();
    assert_eq!(cloud.connections().len(), all);
}

#[tokio::test(start_paused = true)]
async fn every_example_event_is_answered_as_its_table_says_in_any_order_and_again() {
    let (expected, events) = (expected(), events());
    let known: Vec<_> = expected["answers"].as_object().unwrap().keys().collect();
    let mut known: Vec<_> = known.into_iter().cloned().collect();
    known.sort_unstable();
    assert_eq!(
        events.keys().cloned().collect::<Vec<_>>(),
        known,
        "events and table differ"
    );
    let forwards: Vec<_> = events.iter().collect();
    let backwards: Vec<_> = events.iter().rev().collect();
    for order in [
        [&forwards, &forwards],
        [&backwards, &forwards],
        [&backwards, &backwards],
    ] {
        let world = World::new();
        for (name, text) in order.into_iter().flatten() {
            let invocation = invoke_text(&world, text.as_str()).await;
            check(name, &expected["answers"][name.as_str()], invocation);
        }
        check_connections(&world.cloud, &expected["connections"]);
    }
}

/// Detail type and rejection code, if any, of all that one example leads to, sorted.
async fn told(name: &str) -> Vec<(String, String)> {
    let world = World::new();
    invoke_text(&world, events()[name].as_str()).await.answer();
    let mut told: Vec<_> = world
        .cloud
        .events()
        .into_iter()
        .map(|event| {
            let code = event.detail["rejection"]["code"].as_str();
            (event.detail_type, code.unwrap_or_default().to_owned())
        })
        .collect();
    told.sort_unstable();
    told
}

#[tokio::test(start_paused = true)]
async fn the_example_batches_publish_what_their_table_says() {
    let allocated = || ("Hosted Connection Allocated".to_owned(), String::new());
    let rejected = |code: &str| ("Hosted Connection Rejected".to_owned(), code.to_owned());
    assert_eq!(
        told("sqs-batch-mixed").await,
        [
            allocated(),
            allocated(),
            allocated(),
            rejected("IdempotencyKeyReused"),
            rejected("InvalidRequest"),
            rejected("InvalidRequest"),
        ]
    );
    assert_eq!(
        told("sqs-fifo-batch").await,
        [
            allocated(),
            allocated(),
            allocated(),
            rejected("InvalidRequest"),
        ]
    );
    let conflict = told("sqs-key-conflict").await;
    assert_eq!(conflict.len(), 1);
    assert_eq!(conflict[0].0, "Hosted Connection Rejected");
    assert_eq!(told("sqs-one-order").await, [allocated()]);
    assert_eq!(
        told("sqs-sns-notification").await,
        [allocated(), allocated()]
    );
    assert_eq!(told("sqs-eventbridge-event").await, [allocated()]);
    assert_eq!(told("sqs-own-event").await, []);
    assert_eq!(
        told("sqs-well-known-mistakes").await,
        [
            allocated(),
            rejected("InvalidIdempotencyKey"),
            rejected("InvalidRequest"),
            rejected("InvalidRequest"),
            rejected("InvalidRequest"),
        ]
    );
}
