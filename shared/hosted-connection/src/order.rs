//! An order as it arrives: a body, and a key that may be somewhere else.

use crate::json::Json;
use crate::report::Report;
use crate::request::{FIELDS, IDEMPOTENCY_KEY};
use crate::{AllocationRequest, IdempotencyKey, InvalidRequest, KeySource, ViolationCode};

/// The largest body that is looked at, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// A request for a hosted connection, and the caller's name for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The caller's order id.
    pub key: IdempotencyKey,
    /// What is ordered.
    pub request: AllocationRequest,
}

impl Order {
    /// Reads an order: `body` is UTF-8 JSON of at most [`MAX_BODY_BYTES`].
    ///
    /// # Errors
    /// Everything that is wrong with body and key, together. What is too large is not looked at any further.
    pub fn parse(body: &[u8], key: KeySource<'_>) -> Result<Self, InvalidRequest> {
        let mut report = Report::default();
        if body.len() > MAX_BODY_BYTES {
            report.push(
                "",
                ViolationCode::OutOfRange,
                format!("the body must be at most {MAX_BODY_BYTES} bytes"),
            );
            // Used if it can be, not judged: the size alone decides.
            let key = key.resolve(None, &mut Report::default());
            return Err(InvalidRequest::new(report, key, body));
        }

        let (request, key) = read(body, key, &mut report);
        match (request, key) {
            (Some(request), Some(key)) if report.is_empty() => Ok(Self { key, request }),
            (_, key) => Err(InvalidRequest::new(report, key, body)),
        }
    }
}

impl AllocationRequest {
    /// Reads a request that [`to_json`](Self::to_json) wrote: by the rules for callers, without a key.
    ///
    /// # Errors
    /// Everything that is wrong with it, together.
    pub fn from_stored_json(text: &str) -> Result<Self, InvalidRequest> {
        let mut report = Report::default();
        let tree = read_tree(text.as_bytes(), &mut report);
        let request = tree.and_then(|tree| read_request(&tree, &FIELDS, &mut report));
        request
            .filter(|_| report.is_empty())
            .ok_or_else(|| InvalidRequest::new(report, None, text.as_bytes()))
    }
}

fn read(
    body: &[u8],
    source: KeySource<'_>,
    report: &mut Report,
) -> (Option<AllocationRequest>, Option<IdempotencyKey>) {
    let Some(tree) = read_tree(body, report) else {
        return (None, source.resolve(None, report));
    };
    let key = source.resolve(tree.as_object(), report);
    let names: Vec<_> = FIELDS
        .into_iter()
        .chain(source.is_in_body().then_some(IDEMPOTENCY_KEY))
        .collect();
    let request = read_request(&tree, &names, report);
    // A key that is there twice is two keys.
    let is_ambiguous = source.is_in_body()
        && tree
            .as_object()
            .is_some_and(|body| body.count(IDEMPOTENCY_KEY) > 1);
    (request, key.filter(|_| !is_ambiguous))
}

fn read_tree(text: &[u8], report: &mut Report) -> Option<Json> {
    Json::parse(text)
        .map_err(|error| {
            // Its message tells line and column and never the content.
            report.push(
                "",
                ViolationCode::Malformed,
                format!("the body cannot be read as JSON in UTF-8: {error}"),
            );
        })
        .ok()
}

fn read_request(tree: &Json, names: &[&str], report: &mut Report) -> Option<AllocationRequest> {
    let Some(object) = tree.as_object() else {
        report.keep::<()>(Err(tree.wrong_type("", "an object")));
        return None;
    };
    let request = AllocationRequest::read(object, report);
    object.report_unknown(names, "", report);
    tree.report_repeated(&mut String::new(), report);
    request
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests;
