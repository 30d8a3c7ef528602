//! Payload version 1.0: API Gateway REST APIs.

use super::request::{self, Request};
use crate::envelope::{Members, array, text};

/// Reads an event of this version; `None` when it is something else.
pub(crate) fn read<'a>(event: &Members<'a>) -> Option<Request<'a>> {
    let method = event.text("httpMethod")?;
    let context = event.object("requestContext")?;
    Some(Request {
        method,
        // Unlike `requestContext.path`, this one comes without the stage.
        path: event.text("path").unwrap_or_default(),
        body: request::body(event),
        request_id: context.text("requestId"),
        headers: headers(event),
    })
}

/// Every value of every header. `headers` has only the last value of each, so it speaks only for the names that
/// `multiValueHeaders` lacks.
fn headers(event: &Members<'_>) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let all_values = event.object("multiValueHeaders").unwrap_or_default();
    for (name, values) in all_values.iter() {
        let values = array(values)
            .unwrap_or_default()
            .into_iter()
            .filter_map(text);
        headers.extend(values.map(|value| (name.to_ascii_lowercase(), value)));
    }
    let mut last_values = request::single_valued(event);
    last_values.retain(|(name, _)| !headers.iter().any(|(known, _)| known == name));
    headers.append(&mut last_values);
    headers
}
