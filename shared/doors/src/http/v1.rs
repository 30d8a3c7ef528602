//! Payload version 1.0: API Gateway REST APIs.

use super::request::{self, Request, in_lower_case};
use crate::envelope::{Members, array, text};

/// Reads an event of this version; `None` when it is something else.
pub fn read<'a>(event: &Members<'a>) -> Option<Request<'a>> {
    let method = event.text("httpMethod")?;
    let context = event.object("requestContext")?;
    Some(Request {
        method,
        // Unlike `requestContext.path`, this one comes without the stage.
        path: event.text("path").unwrap_or_default(),
        // HTTP APIs can be told to send this version. They say which one it is; REST APIs do not.
        path_is_encoded: event.get("version").is_none(),
        query: every_value(
            event,
            "multiValueQueryStringParameters",
            "queryStringParameters",
            str::to_owned,
        ),
        body: request::body(event),
        request_id: context.text("requestId"),
        headers: every_value(event, "multiValueHeaders", "headers", in_lower_case),
        context,
    })
}

/// Every value of every name in `all`. `last` has only the last value of each, so it speaks only for the names that
/// `all` lacks.
fn every_value(
    event: &Members<'_>,
    all: &str,
    last: &str,
    spelt: fn(&str) -> String,
) -> Vec<(String, String)> {
    let mut every = Vec::new();
    let all = event.object(all).unwrap_or_default();
    for (name, values) in all.iter() {
        let values = array(values)
            .unwrap_or_default()
            .into_iter()
            .filter_map(text);
        every.extend(values.map(|value| (spelt(&name), value)));
    }
    let mut last_values = request::single_valued(event, last, spelt);
    last_values.retain(|(name, _)| !every.iter().any(|(known, _)| known == name));
    every.append(&mut last_values);
    every
}
