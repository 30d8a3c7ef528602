//! The documents by the rules of their own formats, and their examples by theirs.
//!
//! OpenAPI's rules come with a validator from PyPI, which tests/contracts runs.

use serde_json::{Value, json};

use crate::{document, validator};

const SCHEMAS: [&str; 8] = [
    "order-request",
    "release-request",
    "receipt",
    "problem",
    "event-allocated",
    "event-rejected",
    "event-state-changed",
    "event-released",
];

fn schemas() -> impl Iterator<Item = (String, Value)> {
    SCHEMAS.into_iter().map(|name| {
        let path = format!("infra/schemas/{name}.json");
        let schema = document(&path);
        (path, schema)
    })
}

/// Calls `see` with every schema below that has examples, and where it is.
fn with_examples(value: &Value, path: &str, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            if members.get("examples").is_some_and(Value::is_array) {
                see(path, value);
            }
            for (name, member) in members.iter().filter(|(name, _)| *name != "examples") {
                with_examples(member, &format!("{path}/{name}"), see);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                with_examples(item, &format!("{path}/{index}"), see);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Checks `value` by `schema`, whose references lead into `document`.
fn check(document: &Value, place: &str, schema: &Value, value: &Value, story: &str) {
    let mut whole = schema.clone();
    whole[place] = document[place].clone();
    let validator = validator(&whole);
    let wrong: Vec<_> = validator
        .iter_errors(value)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(wrong, [""; 0], "{story}: {value}");
}

#[test]
fn every_schema_is_json_schema_and_names_itself() {
    for (path, schema) in schemas() {
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        let name = path
            .trim_start_matches("infra/schemas/")
            .trim_end_matches(".json");
        assert_eq!(
            schema["$id"],
            format!("urn:hosted-connections:schema:{name}")
        );
        let wrong = jsonschema::meta::validate(&schema).map_err(|error| error.to_string());
        assert_eq!(wrong, Ok(()), "{path}");
    }
}

#[test]
fn every_example_is_one() {
    let mut seen = 0;
    for (path, schema) in schemas() {
        with_examples(&schema, "", &mut |place, described| {
            for example in described["examples"].as_array().unwrap() {
                check(
                    &schema,
                    "$defs",
                    described,
                    example,
                    &format!("{path}{place}"),
                );
                seen += 1;
            }
        });
        assert!(schema["examples"].is_array(), "{path} shows nothing");
    }
    let openapi = document("infra/openapi.yaml");
    for (path, item) in openapi["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap().values();
            for body in answers.chain([&operation["requestBody"]]) {
                for media in body["content"].as_object().into_iter().flatten() {
                    let (media_type, media) = media;
                    for (name, example) in media["examples"].as_object().into_iter().flatten() {
                        let story = format!("{method} {path} {media_type} {name}");
                        check(
                            &openapi,
                            "components",
                            &media["schema"],
                            &example["value"],
                            &story,
                        );
                        seen += 1;
                    }
                }
            }
        }
    }
    let asyncapi = document("infra/asyncapi.yaml");
    for (name, message) in asyncapi["components"]["messages"].as_object().unwrap() {
        for example in message["examples"].as_array().unwrap() {
            check(
                &asyncapi,
                "components",
                &message["payload"],
                &example["payload"],
                name,
            );
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen} examples");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(
                    members
                        .get("$ref")
                        .and_then(Value::as_str)
                        .map(str::to_owned),
                );
                members
                    .values()
                    .for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let documents = contracts::documents().unwrap();
    for path in documents.into_iter().map(|document| document.path) {
        let document = document(&path);
        let mut found = Vec::new();
        references(&document, &mut found);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{path}: {reference}");
        }
    }
}

#[test]
fn the_queues_and_the_bus_are_described_as_asyncapi_has_it() {
    let rules: Value = serde_json::from_str(include_str!("../asyncapi-3.0.0.json")).unwrap();
    let rules = validator(&rules);
    let asyncapi = document("infra/asyncapi.yaml");
    let wrong: Vec<_> = rules
        .iter_errors(&asyncapi)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(wrong, [""; 0]);
    // The rules can say no.
    let mut broken = asyncapi;
    broken["channels"]["orders"]["adress"] = json!("orders");
    assert!(!rules.is_valid(&broken));
}

#[test]
fn requests_are_closed_and_answers_are_open() {
    let is_closed = |path: &str| {
        let schema = document(path);
        let mut sample = schema["examples"][0].clone();
        sample["unheardOf"] = json!(1);
        !validator(&schema).is_valid(&sample)
    };
    for (path, _) in schemas() {
        assert_eq!(is_closed(&path), path.ends_with("-request.json"), "{path}");
    }
}
