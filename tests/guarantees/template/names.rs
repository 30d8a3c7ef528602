//! Names that are made of the stack's, and texts that parameters go into.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::{all, properties, template, text_of_sub};

/// Length of the stack's name that the documents promise.
const LONGEST_STACK_NAME: usize = 57;

#[test]
fn the_longest_name_of_a_stack_leaves_room_for_its_queues() {
    let longest = all("AWS::SQS::Queue")
        .into_iter()
        .filter(|(_, queue)| queue.get("QueueName").is_some())
        .map(|(_, queue)| {
            // The first part of the stack's id has eight digits.
            let name = text_of_sub(&queue["QueueName"])
                .replace("${AWS::StackName}", "")
                .replace("${Unique}", "01234567")
                .replace("${OrdersQueueGeneration}", "99")
                .replace("${Suffix}", ".fifo");
            assert!(!name.contains("${"), "{name}");
            name.len()
        })
        .max();
    // SQS takes 80 characters.
    assert_eq!(80 - longest.unwrap(), LONGEST_STACK_NAME);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (file, said) in [
        (
            "template.yaml",
            format!("may have {LONGEST_STACK_NAME} characters"),
        ),
        (
            "docs/deploying.md",
            format!("{LONGEST_STACK_NAME} characters"),
        ),
    ] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(&said), "{file} does not say {said:?}");
    }
}

#[test]
fn a_stack_names_its_bus_after_itself_unless_it_is_told_otherwise() {
    let name = properties("EventBus")["Name"].take();
    let own = serde_json::json!({"!If": ["HasEventBusName", {"!Ref": "EventBusName"}, {"!Ref": "AWS::StackName"}]});
    assert_eq!(name, own);
    assert_eq!(template()["Parameters"]["EventBusName"]["Default"], "");
}

/// Every text of the template that is JSON and has parameters put into it.
fn json_texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let text = match value {
                    Value::String(text) => Some(text),
                    value => value.get(0).and_then(|text| match text {
                        Value::String(text) => Some(text),
                        _ => None,
                    }),
                };
                match text {
                    Some(text) if name == "!Sub" && text.trim_start().starts_with('{') => {
                        found.push(text.clone());
                    }
                    _ => json_texts(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| json_texts(value, found)),
        _ => {}
    }
}

#[test]
fn no_parameter_can_break_a_text_that_is_json() {
    let template = template();
    let mut texts = Vec::new();
    json_texts(&template["Resources"], &mut texts);
    let mut named = BTreeSet::new();
    for (name, parameter) in template["Parameters"].as_object().unwrap() {
        if !texts
            .iter()
            .any(|text| text.contains(&format!("${{{name}}}")))
        {
            continue;
        }
        named.insert(name.as_str());
        // Visible ASCII from `!` past `"`, to `[` and from `]`, past the backslash; and what a tag may hold. What the
        // patterns let through is tried in tests/stack/translated.py.
        let pattern = parameter["AllowedPattern"].as_str().unwrap();
        assert!(
            [
                r"^[!#-\[\]-~]*[!#-.0-\[\]-~]$",
                "^[A-Za-z0-9 _.:/=+@-]{1,256}$"
            ]
            .contains(&pattern),
            "{name}: {pattern}"
        );
    }
    // The dashboard's title, and its links to the runbook.
    assert_eq!(named, BTreeSet::from(["Environment", "RunbookBaseUrl"]));
}
