//! The contract as files, for people and for machines: OpenAPI for HTTP, AsyncAPI for queues and bus, a JSON Schema for
//! everything that is sent. All of it is made from the domain's types, constants and own samples, so that a rule that
//! changes changes the files; CI fails as long as they are not written anew (`cargo run -p contracts`).
//!
//! [`check`] holds what a function answers and publishes against the same contract, for tests.
//!
//! It refuses to know AWS's SDKs, and no deployed function links it.

#[macro_use]
mod value;

mod samples;

mod connection;
mod envelope;
mod event;
mod inspection;
mod origin;
mod outcome;
mod request;

mod definitions;

mod operations;

mod asyncapi;
mod openapi;
mod schemas;

pub mod check;

/// A file of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Where it is, from the root of the repository.
    pub path: String,
    /// All of it.
    pub text: String,
}

/// Every file.
///
/// # Errors
/// Never, as there is nothing in them that YAML and JSON do not have; the writers want it said.
pub fn documents() -> Result<Vec<Document>, Box<dyn std::error::Error>> {
    let mut documents = vec![
        Document {
            path: "infra/openapi.yaml".to_owned(),
            text: value::yaml(&openapi::document())?,
        },
        Document {
            path: "infra/asyncapi.yaml".to_owned(),
            text: value::yaml(&asyncapi::document())?,
        },
    ];
    for (name, schema) in schemas::all() {
        documents.push(Document {
            path: format!("infra/schemas/{name}.json"),
            text: value::json(&schema)?,
        });
    }
    Ok(documents)
}
