//! DynamoDB attribute values: making and reading them.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use aws::failure::CallError;

/// An item, or a part of one.
pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, CallError> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        Some(_) | None => Err(corrupt(name)),
    }
}

/// A number, `None` when the attribute is absent.
pub(crate) fn optional_number<N: FromStr>(item: &Item, name: &str) -> Result<Option<N>, CallError> {
    match item.get(name) {
        None => Ok(None),
        Some(AttributeValue::N(text)) => text.parse().map(Some).map_err(|_| corrupt(name)),
        Some(_) => Err(corrupt(name)),
    }
}

pub(crate) fn number<N: FromStr>(item: &Item, name: &str) -> Result<N, CallError> {
    optional_number(item, name)?.ok_or_else(|| corrupt(name))
}

/// A flag; absent means no.
pub(crate) fn flag(item: &Item, name: &str) -> bool {
    matches!(item.get(name), Some(AttributeValue::Bool(true)))
}

pub(crate) fn corrupt(name: &str) -> CallError {
    CallError::corrupt(
        "reading an allocation record",
        format!("attribute {name} is missing or unreadable"),
    )
}

/// Types of our own, which serde_json can always write.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
