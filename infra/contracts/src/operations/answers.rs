//! What operations answer: bodies, headers, links, and a problem for each status that their codes have.

use hosted_connection::{Code, ReceiptStatus};

use super::{Answer, Content, Header, JSON, PROBLEM};
use crate::outcome;
use crate::samples;
use crate::value::{Value, of, text, with};

/// What a question may be answered with.
pub(super) fn read(definition: &str, description: &str, codes: &[Code]) -> Vec<Answer> {
    let mut answers = vec![
        Answer {
            status: 200,
            description: description.to_owned(),
            headers: vec![etag(), no_store(true)],
            content: vec![body(definition)],
            links: vec![],
        },
        Answer {
            status: 304,
            description: "The caller has it already: it is what `If-None-Match` names.".to_owned(),
            headers: vec![etag(), no_store(true)],
            content: vec![],
            links: vec![],
        },
    ];
    answers.extend(problems(&with_ours(codes), true));
    answers
}

/// With those that any route has.
pub(super) fn with_ours(codes: &[Code]) -> Vec<Code> {
    let ours = [
        Code::MethodNotAllowed,
        Code::Throttled,
        Code::OutcomeUnknown,
        Code::Unavailable,
        Code::Internal,
    ];
    Code::ALL
        .into_iter()
        .filter(|code| codes.contains(code) || ours.contains(code))
        .collect()
}

/// One answer for each status that the codes have, and API Gateway's own refusals.
pub(super) fn problems(codes: &[Code], is_private: bool) -> Vec<Answer> {
    let mut statuses: Vec<u16> = codes.iter().map(|code| code.status()).collect();
    statuses.push(403);
    statuses.sort_unstable();
    statuses.dedup();
    let answers = statuses.into_iter().map(|status| {
        let codes: Vec<Code> = codes
            .iter()
            .copied()
            .filter(|code| code.status() == status)
            .collect();
        problem(status, &codes, is_private)
    });
    answers.collect()
}

pub(super) fn problem(status: u16, codes: &[Code], is_private: bool) -> Answer {
    let mut headers = Vec::new();
    let mut content = Vec::new();
    if !codes.is_empty() {
        headers.extend(is_private.then(|| no_store(false)));
        let examples = codes
            .iter()
            .map(|code| (code.as_str().to_owned(), samples::problem(*code)));
        content.push(Content {
            media_type: PROBLEM,
            schema: of("Problem"),
            exactly: Some(outcome::problem_of(codes)),
            examples: examples.collect(),
        });
    }
    match status {
        405 => headers.push(Header {
            name: "Allow",
            is_required: true,
            schema: text("The methods that the route takes, separated by commas."),
        }),
        409 | 429 | 503 => headers.push(retry_after(false)),
        _ => {}
    }
    // What API Gateway says without asking a function.
    if matches!(status, 403 | 404 | 413 | 429 | 500 | 503) {
        content.push(body("GatewayMessage"));
    }
    Answer {
        status,
        description: meaning(status).to_owned(),
        headers,
        content,
        links: vec![],
    }
}

pub(super) fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request breaks rules; all of them are named at once.",
        403 => "The caller is nobody that API Gateway lets through.",
        404 => "There is no such thing, or no such route.",
        405 => "The path has no such method; `Allow` names those that it has.",
        409 => "The order is being worked on right now, or is not final yet.",
        413 => "The body is too large.",
        415 => "The body is not JSON by its media type.",
        422 => "A final no, the same for ever after.",
        429 => "Too many requests; nothing was done. Ask again later.",
        500 => "Our fault. Asking again is safe.",
        503 => "Not known yet, or not possible right now. Ask again later.",
        _ => "Refused.",
    }
}

pub(super) fn body(definition: &str) -> Content {
    Content {
        media_type: JSON,
        schema: of(definition),
        exactly: None,
        examples: vec![],
    }
}

pub(super) fn receipt(status: ReceiptStatus) -> (String, Value) {
    (status.as_str().to_owned(), samples::receipt(status))
}

pub(super) fn links(key: &str) -> Vec<(&'static str, Value)> {
    let to = |operation: &str, description: &str| {
        members! {
            "operationId" => operation,
            "parameters" => members! {"key" => key},
            "description" => description,
        }
    };
    vec![
        ("order", to("getOrder", "The order.")),
        (
            "release",
            to("releaseConnection", "Gives the connection back."),
        ),
    ]
}

pub(super) fn etag() -> Header {
    Header {
        name: "ETag",
        is_required: true,
        schema: with(
            text("The same for the same body."),
            members! {"pattern" => "^\"[0-9a-f]{64}\"$"},
        ),
    }
}

pub(super) fn no_store(is_required: bool) -> Header {
    Header {
        name: "Cache-Control",
        is_required,
        schema: members! {"type" => "string", "const" => "no-store"},
    }
}

pub(super) fn retry_after(is_required: bool) -> Header {
    Header {
        name: "Retry-After",
        is_required,
        schema: members! {"type" => "integer", "minimum" => 1, "description" => "Seconds after which asking again makes sense."},
    }
}
