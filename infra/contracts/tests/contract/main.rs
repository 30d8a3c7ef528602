//! The files are what the types say, are what their formats say, and say of a request what the parser says.
#![expect(clippy::unwrap_used, reason = "panicking is how a test fails")]

mod checks;
mod files;
mod formats;
mod requests;

use serde_json::Value;

/// One of the files, as it would be written now.
fn document(path: &str) -> Value {
    let documents = contracts::documents().unwrap();
    let document = documents.iter().find(|document| document.path == path);
    // JSON is YAML.
    serde_norway::from_str(&document.unwrap().text).unwrap()
}

/// A validator that judges formats too.
fn validator(schema: &Value) -> jsonschema::Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap()
}
