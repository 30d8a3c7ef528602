//! Whether what was answered and published is what the contract says, exactly: a member more is a breach here.
//!
//! For tests. It looks at envelopes only as far as it has to: which route was asked, and which door it came through.

mod http;

use std::collections::HashMap;
use std::sync::LazyLock;

use hosted_connection::{Code, DetailType, Event};
use jsonschema::Validator;
use serde_json::{Value, json};

use crate::definitions;
use crate::value::of;
use crate::{connection, event, outcome};

/// The source of the events that a schedule makes: they invoke another function.
const SCHEDULE: &str = "aws.events";

/// Everything, ready to be checked by. Made once: it is made of a hundred schemas.
static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::new);

struct Contract {
    receipt: Validator,
    problem: Validator,
    batch_response: Validator,
    outcomes: Validator,
    resources: Validator,
    details: HashMap<&'static str, Validator>,
    http: http::Http,
}

impl Contract {
    fn new() -> Self {
        let details = DetailType::ALL.map(|detail_type| {
            let (name, _) = event::names(detail_type);
            (detail_type.as_str(), exactly(of(name)))
        });
        Self {
            receipt: exactly(of("Receipt")),
            problem: exactly(outcome::problem_of(&Code::ALL)),
            batch_response: exactly(of("BatchResponse")),
            outcomes: exactly(of("Outcomes")),
            resources: exactly(connection::resources()),
            details: details.into(),
            http: http::Http::new(),
        }
    }
}

/// Checks what a function answered `invocation` with: an HTTP request by its route, a batch, an event, or an order.
///
/// # Errors
/// Everything that is not as the contract says, in words.
pub fn answer(invocation: &Value, answer: &Value) -> Result<(), String> {
    let is_sns = invocation["Records"][0]["EventSource"] == "aws:sns";
    let is_event = invocation["detail-type"].is_string() && invocation["source"] != SCHEDULE;
    if is_sns || is_event {
        return conforms("outcomes", &CONTRACT.outcomes, answer);
    }
    if invocation["Records"].is_array() {
        return conforms("a batch response", &CONTRACT.batch_response, answer);
    }
    if invocation["requestContext"].is_object() {
        return CONTRACT.http.check(invocation, answer);
    }
    let is_order =
        ["connectionId", "placement", "idempotencyKey"].map(|name| invocation.get(name).is_some());
    match is_order.contains(&true) {
        true => conforms("a receipt", &CONTRACT.receipt, answer),
        // What a run of the schedule says of itself is for the log.
        false => Ok(()),
    }
}

/// Checks what a failed invocation said: of an order, it is a problem with its code as error type.
///
/// # Errors
/// Everything that is not as the contract says, in words.
pub fn failure(error_type: &str, error_message: &str) -> Result<(), String> {
    let is_code = error_type.parse::<Code>().is_ok();
    // Ours alone is also what is told where there is no request to answer.
    let problem: Option<Value> = serde_json::from_str(error_message).ok();
    match problem {
        Some(problem) if is_code => {
            conforms("a problem", &CONTRACT.problem, &problem)?;
            match problem["code"] == error_type {
                true => Ok(()),
                false => Err(format!("error type {error_type} for {problem}")),
            }
        }
        None if is_code && error_type != Code::Internal.as_str() => {
            Err(format!("{error_type} without a problem: {error_message}"))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks what was published.
///
/// # Errors
/// Everything that is not as the contract says, in words.
pub fn published(
    source: &str,
    detail_type: &str,
    resources: &[String],
    detail: &Value,
) -> Result<(), String> {
    if source != Event::SOURCE {
        return Err(format!("{detail_type} comes from {source}"));
    }
    let Some(schema) = CONTRACT.details.get(detail_type) else {
        return Err(format!("there is no event {detail_type}"));
    };
    conforms("Resources", &CONTRACT.resources, &json!(resources))?;
    conforms(detail_type, schema, detail)
}

/// Compiles a schema with all that it refers to.
#[expect(
    clippy::expect_used,
    reason = "a schema of ours that is none is found by the first test that checks anything"
)]
fn exactly(schema: crate::value::Value) -> Validator {
    let schema = serde_json::to_value(definitions::complete(schema)).expect("a schema is JSON");
    let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012);
    let options = options.should_validate_formats(true);
    options.build(&schema).expect("a schema compiles")
}

fn conforms(what: &str, schema: &Validator, value: &Value) -> Result<(), String> {
    if schema.is_valid(value) {
        return Ok(());
    }
    let errors = schema.iter_errors(value);
    let errors: Vec<_> = errors
        .map(|error| format!("at {:?}: {error}", error.instance_path().to_string()))
        .collect();
    Err(format!(
        "not {what} of the contract, {}: {value}",
        errors.join("; ")
    ))
}
