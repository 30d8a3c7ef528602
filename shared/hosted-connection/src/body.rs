//! A body as it arrives: bytes of bounded size, fields that are known, and a key that may be somewhere else.

use crate::json::{Json, Object};
use crate::report::Report;
use crate::request::IDEMPOTENCY_KEY;
use crate::{IdempotencyKey, InvalidRequest, KeySource, ViolationCode};

/// The largest body that is looked at, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// Reads a body with these `fields`, and its key. Fails with everything that is wrong with both, together; what is too
/// large is not looked at any further.
pub(crate) fn read_with_key<T>(
    body: &[u8],
    source: KeySource<'_>,
    fields: &[&str],
    read_fields: impl FnOnce(&Object, &mut Report) -> Option<T>,
) -> Result<(IdempotencyKey, T), InvalidRequest> {
    let mut report = Report::default();
    if is_too_large(body, &mut report) {
        // Used if it can be, not judged: the size alone decides.
        let key = source.resolve(None, &mut Report::default());
        return Err(InvalidRequest::new(report, key, body));
    }
    let Some(tree) = read_tree(body, &mut report) else {
        let key = source.resolve(None, &mut report);
        return Err(InvalidRequest::new(report, key, body));
    };
    let key = resolve_once(source, tree.as_object(), &mut report);
    let names: Vec<_> = fields
        .iter()
        .copied()
        .chain(source.is_in_body().then_some(IDEMPOTENCY_KEY))
        .collect();
    let content = read_object(&tree, &names, &mut report, read_fields);
    match (content, key) {
        (Some(content), Some(key)) if report.is_empty() => Ok((key, content)),
        (_, key) => Err(InvalidRequest::new(report, key, body)),
    }
}

/// Reads a body with these `fields` that has no key: nothing, if anything is reported.
pub(crate) fn read<T>(
    body: &[u8],
    fields: &[&str],
    report: &mut Report,
    read_fields: impl FnOnce(&Object, &mut Report) -> Option<T>,
) -> Option<T> {
    if is_too_large(body, report) {
        return None;
    }
    let tree = read_tree(body, report)?;
    read_object(&tree, fields, report, read_fields).filter(|_| report.is_empty())
}

fn is_too_large(body: &[u8], report: &mut Report) -> bool {
    let is_too_large = body.len() > MAX_BODY_BYTES;
    if is_too_large {
        report.push(
            "",
            ViolationCode::OutOfRange,
            format!("the body must be at most {MAX_BODY_BYTES} bytes"),
        );
    }
    is_too_large
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

/// The key, unless the body holds it twice: then it is two keys.
fn resolve_once(
    source: KeySource<'_>,
    body: Option<&Object>,
    report: &mut Report,
) -> Option<IdempotencyKey> {
    let is_ambiguous =
        source.is_in_body() && body.is_some_and(|body| body.count(IDEMPOTENCY_KEY) > 1);
    source.resolve(body, report).filter(|_| !is_ambiguous)
}

fn read_object<T>(
    tree: &Json,
    names: &[&str],
    report: &mut Report,
    read_fields: impl FnOnce(&Object, &mut Report) -> Option<T>,
) -> Option<T> {
    let Some(object) = tree.as_object() else {
        return report.keep(Err(tree.wrong_type("", "an object")));
    };
    let content = read_fields(object, report);
    object.report_unknown(names, "", report);
    tree.report_repeated(&mut String::new(), report);
    content
}
