//! `template.yaml` for tests: as JSON, the rights of its roles, and the rights that requests need.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod needed;
mod roles;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

pub use needed::needed;
pub use roles::{Right, rights, statements};

/// The template; `!Ref X` is `{"!Ref": "X"}`.
///
/// # Panics
/// The file cannot be read.
pub fn template() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    as_json(&serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// The description of the HTTP API, as JSON.
///
/// # Panics
/// The file cannot be read.
pub fn openapi() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/openapi.yaml");
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

/// A resource's properties.
///
/// # Panics
/// There is no such resource.
pub fn properties(resource: &str) -> Value {
    let properties = template()["Resources"][resource]["Properties"].take();
    assert!(properties.is_object(), "there is no {resource}");
    properties
}

/// The texts of a list; one text counts as a list of it.
///
/// # Panics
/// It is neither.
pub fn texts(list: &Value) -> BTreeSet<String> {
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
