//! What the operations have in common: members of a request, names of queues, refusals.

use serde_json::Value;

use super::sqs_error;
use crate::{reply::ApiError, request::Call, site::Site};

pub(super) fn queue_name(call: &Call) -> Result<&str, ApiError> {
    let url = text(&call.body, "QueueUrl")?;
    Ok(url.rsplit('/').next().unwrap_or(url))
}

pub(super) fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, ApiError> {
    let member = body.get(name).and_then(Value::as_str);
    member.ok_or_else(|| sqs_error("MissingParameter", &format!("{name} is required")))
}

pub(super) fn invalid(what: &str) -> ApiError {
    sqs_error("InvalidParameterValue", &format!("Invalid value: {what}"))
}

pub(super) fn url(site: &Site, name: &str) -> String {
    format!(
        "https://sqs.{}.amazonaws.com/{}/{name}",
        site.region, site.account
    )
}

pub(super) fn arn(site: &Site, name: &str) -> String {
    format!("arn:aws:sqs:{}:{}:{name}", site.region, site.account)
}
