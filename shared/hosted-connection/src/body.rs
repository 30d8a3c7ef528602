//! A body as it arrives: bytes of bounded size, fields that are known, and a key that may be somewhere else.

use crate::foreign;
use crate::json::{Json, Object};
use crate::key_source::SEND_AS_HEADER;
use crate::report::Report;
use crate::request::IDEMPOTENCY_KEY;
use crate::{IdempotencyKey, InvalidRequest, KeySource, Violation, ViolationCode};

/// The largest body that is looked at, in bytes.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// What editors and shells of some systems put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The last word of the class that the SQS extended client names in front of a pointer; its package has changed.
const POINTER_CLASS: &str = "S3Pointer";

/// Reads a body with these `fields`, and its key, by which `read_fields` may judge them; `wanted` is what it should be: "an order". Fails with everything that is
/// wrong with both, together; what is too large is not looked at any further.
pub(crate) fn read_with_key<T>(
    body: &[u8],
    source: KeySource<'_>,
    (wanted, fields): (&str, &[&str]),
    read_fields: impl FnOnce(&Object, Option<&IdempotencyKey>, &mut Report) -> Option<T>,
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
    let elsewhere = (!source.is_in_body()).then_some((IDEMPOTENCY_KEY, SEND_AS_HEADER));
    let content = read_object(&tree, &names, elsewhere, &mut report, |object, report| {
        read_fields(object, key.as_ref(), report)
    });
    match (content, key) {
        (Some(content), Some(key)) if report.is_empty() => Ok((key, content)),
        (_, key) => {
            let object = tree.as_object();
            match object.and_then(|object| foreign::recognised(object, &names, wanted)) {
                Some(violation) => Err(foreign_body(violation, source, body)),
                None => Err(InvalidRequest::new(report, key, body)),
            }
        }
    }
}

/// The refusal of a body that is something else than a request: its members are not judged as a request's.
fn foreign_body(violation: Violation, source: KeySource<'_>, body: &[u8]) -> InvalidRequest {
    let mut report = Report::default();
    report.push(&violation.field, violation.code, violation.message);
    let key = source.resolve(None, &mut report);
    InvalidRequest::new(report, key, body)
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
    read_object(&tree, fields, None, report, read_fields).filter(|_| report.is_empty())
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

fn read_tree(body: &[u8], report: &mut Report) -> Option<Json> {
    let text = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if text.trim_ascii().is_empty() {
        report.push("", ViolationCode::Malformed, "the body is empty");
        return None;
    }
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
    elsewhere: Option<(&str, &str)>,
    report: &mut Report,
    read_fields: impl FnOnce(&Object, &mut Report) -> Option<T>,
) -> Option<T> {
    let Some(object) = tree.as_object() else {
        return report.keep(Err(no_object(tree)));
    };
    let content = read_fields(object, report);
    object.report_unknown(names, elsewhere, "", report);
    tree.report_repeated(&mut String::new(), report);
    content
}

/// Two mistakes are well known enough to be told by their names.
fn no_object(tree: &Json) -> Violation {
    let message = if holds_an_object(tree) {
        "is encoded twice: JSON in a JSON string; send the object itself"
    } else if is_pointer(tree) {
        "is a pointer into S3, as the SQS extended client writes it; the request itself has to be in the message"
    } else {
        return tree.wrong_type("", "an object");
    };
    Violation::new("", ViolationCode::WrongType, message)
}

fn holds_an_object(tree: &Json) -> bool {
    let text = tree.as_text("").ok();
    let inner = text.and_then(|text| Json::parse(text.as_bytes()).ok());
    inner.is_some_and(|inner| inner.as_object().is_some())
}

/// `["software.amazon.payloadoffloading.PayloadS3Pointer", {"s3BucketName": "…", "s3Key": "…"}]`
fn is_pointer(tree: &Json) -> bool {
    let Json::List(items) = tree else {
        return false;
    };
    let [class, pointer] = &items[..] else {
        return false;
    };
    let is_class = |class: &str| class.ends_with(POINTER_CLASS);
    class.as_text("").is_ok_and(is_class) && pointer.as_object().is_some()
}
