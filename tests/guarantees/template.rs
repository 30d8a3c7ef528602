//! The deployment says what the code does: names, times, attributes and rights of `template.yaml`.

mod alarms;
mod audit;
mod dashboard;
mod deployment;
mod encryption;
mod feeds;
mod names;
mod queues;
mod retention;
mod rights;
mod routes;
mod schemas;
mod settings;
mod table;
mod tags;

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Every function of the deployment.
const FUNCTIONS: [&str; 4] = ["Allocate", "Track", "Inspect", "Release"];

/// The template as JSON; `!Ref X` is `{"!Ref": "X"}`.
fn template() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    as_json(&serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn as_json(yaml: &serde_norway::Value) -> Value {
    use serde_norway::Value as Yaml;
    match yaml {
        Yaml::Tagged(tagged) => json!({ tagged.tag.to_string(): as_json(&tagged.value) }),
        Yaml::Sequence(items) => items.iter().map(as_json).collect(),
        Yaml::Mapping(members) => members
            .iter()
            .map(|(name, value)| (name.as_str().unwrap().to_owned(), as_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        plain => serde_json::to_value(plain).unwrap(),
    }
}

fn properties(resource: &str) -> Value {
    let properties = template()["Resources"][resource]["Properties"].take();
    assert!(properties.is_object(), "there is no {resource}");
    properties
}

/// Name and properties of every resource of this type.
fn all(kind: &str) -> Vec<(String, Value)> {
    let resources = template()["Resources"].take();
    let resources = resources.as_object().unwrap().iter();
    resources
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.clone(), resource["Properties"].clone()))
        .collect()
}

/// A function's properties over what all functions have in common, as SAM lays them.
fn function(name: &str) -> Value {
    let mut function = template()["Globals"]["Function"].take();
    lay(&mut function, properties(&format!("{name}Function")));
    function
}

fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                lay(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

fn texts(list: &Value) -> BTreeSet<String> {
    match list {
        Value::String(one) => BTreeSet::from([one.clone()]),
        list => list
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect(),
    }
}

/// The text of `!Sub`, as it stands.
fn text_of_sub(value: &Value) -> &str {
    let text = &value["!Sub"];
    text.as_str()
        .or_else(|| text[0].as_str())
        .unwrap_or_else(|| panic!("{value} is no !Sub"))
}

/// `!GetAtt X.Arn`.
fn arn_of(resource: &str) -> Value {
    json!({"!GetAtt": format!("{resource}.Arn")})
}
