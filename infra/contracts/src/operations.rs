//! The routes, what each takes and everything it may answer. OpenAPI is written from this, and answers are checked by it.

use hosted_connection::{Code, MAX_BODY_BYTES, ReceiptStatus};

use crate::samples;
use crate::value::{Value, example, of, text, with};
use crate::{inspection, outcome};

pub(crate) const JSON: &str = "application/json";
pub(crate) const PROBLEM: &str = "application/problem+json";

/// The header that names an order.
pub(crate) const KEY_HEADER: &str = "Idempotency-Key";

/// One route and method.
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    /// As API Gateway and OpenAPI write it.
    pub(crate) method: &'static str,
    /// With the parameter in braces.
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) parameters: Vec<Value>,
    /// What its body is, if it takes one.
    pub(crate) body: Option<Value>,
    pub(crate) answers: Vec<Answer>,
}

/// What an operation may answer with one status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) description: String,
    pub(crate) headers: Vec<Header>,
    pub(crate) content: Vec<Content>,
    /// Where the answer leads.
    pub(crate) links: Vec<(&'static str, Value)>,
}

/// A header of an answer.
#[derive(Clone)]
pub(crate) struct Header {
    pub(crate) name: &'static str,
    pub(crate) is_required: bool,
    pub(crate) schema: Value,
}

/// A body of an answer.
pub(crate) struct Content {
    pub(crate) media_type: &'static str,
    pub(crate) schema: Value,
    /// What checks go by, where that is more than what is published.
    pub(crate) exactly: Option<Value>,
    pub(crate) examples: Vec<(String, Value)>,
}

/// Every operation.
pub(crate) fn all() -> Vec<Operation> {
    vec![place(), list_orders(), inspect(), release(), parent()]
}

fn place() -> Operation {
    let dry_run = with(
        query("dryRun", members! {"type" => "boolean", "default" => false}),
        members! {"description" => "`true`: only say what the order would come to; nothing is written or allocated. Misspelt, it is refused."},
    );
    let key = members! {
        "name" => KEY_HEADER,
        "in" => "header",
        "required" => true,
        "description" => "The caller's order id, bare or as a quoted string (RFC 8941). The same key is the same order: asking again is safe.",
        "schema" => key_header(),
    };
    let replayed = Header {
        name: "Idempotent-Replayed",
        is_required: false,
        schema: members! {"type" => "string", "const" => "true", "description" => "The order had its connection already."},
    };
    let location = Header {
        name: "Location",
        is_required: true,
        schema: with(
            text("The order, its key percent-encoded."),
            members! {"pattern" => "^/allocations/[A-Za-z0-9._~%-]+$", "format" => "uri-reference"},
        ),
    };
    let mut answers = vec![
        Answer {
            status: 200,
            description: "The answer to a dry run.".to_owned(),
            headers: vec![],
            content: vec![body("Forecast")],
            links: vec![],
        },
        Answer {
            status: 201,
            description: "The order has its hosted connection, now or since an earlier request."
                .to_owned(),
            headers: vec![location, replayed],
            content: vec![Content {
                examples: vec![receipt(ReceiptStatus::Allocated)],
                ..body("Receipt")
            }],
            links: links("$response.body#/idempotencyKey"),
        },
    ];
    answers.extend(problems(&Code::ALL, false));
    Operation {
        id: "placeOrder",
        method: "POST",
        path: "/allocations",
        summary: "Order a hosted connection",
        description: "Exactly one hosted connection per key, whatever is lost, repeated or done at the same time. After 409, 429 and 503 \
            ask again with the same key and the same body.",
        parameters: vec![key, dry_run, correlation_header()],
        body: Some(of("Order")),
        answers,
    }
}

fn list_orders() -> Operation {
    let of_parent = with(
        query("parent", of("ParentConnectionId")),
        members! {"description" => "Only orders on this interconnect or LAG."},
    );
    let of_state = with(
        query("state", of("OrderStatus")),
        members! {"description" => "Only orders that stand so."},
    );
    let limit = members! {"type" => "integer", "minimum" => 1, "maximum" => 50};
    let limit = with(
        query("limit", limit),
        members! {"description" => "At most so many orders on the page; 50 without it."},
    );
    let from = with(
        query("cursor", inspection::cursor()),
        members! {"description" => "Go on where an earlier page of the same list ended."},
    );
    Operation {
        id: "listOrders",
        method: "GET",
        path: "/allocations",
        summary: "List orders",
        description: "A page at a time: ask again with the cursor for as long as there is one. Other parameters are refused.",
        parameters: vec![of_parent, of_state, limit, from, if_none_match()],
        body: None,
        answers: read(
            "OrderPage",
            "A page of orders.",
            &[Code::InvalidRequest, Code::NotFound],
        ),
    }
}

fn inspect() -> Operation {
    Operation {
        id: "getOrder",
        method: "GET",
        path: "/allocations/{key}",
        summary: "Look at an order",
        description: "Where it stands, its connection, and everything that happened to it.",
        parameters: vec![key_in_path(), if_none_match()],
        body: None,
        answers: read(
            "InspectedOrder",
            "The order.",
            &[
                Code::InvalidRequest,
                Code::InvalidIdempotencyKey,
                Code::NotFound,
            ],
        ),
    }
}

fn release() -> Operation {
    let answer = |status, description: &str, headers, status_of: ReceiptStatus| Answer {
        status,
        description: description.to_owned(),
        headers,
        content: vec![Content {
            examples: vec![receipt(status_of)],
            ..body("Receipt")
        }],
        links: vec![],
    };
    let replayed = Header {
        name: "Idempotent-Replayed",
        is_required: false,
        schema: members! {"type" => "string", "const" => "true", "description" => "It was released before this request."},
    };
    let mut answers = vec![
        answer(
            200,
            "The connection is gone, and its VLAN is free.",
            vec![no_store(true), replayed],
            ReceiptStatus::Released,
        ),
        answer(
            202,
            "Direct Connect is at it. It is followed to its end without being asked again.",
            vec![no_store(true), retry_after(true)],
            ReceiptStatus::Releasing,
        ),
    ];
    let codes = [
        Code::NotFound,
        Code::InProgress,
        Code::RefusedByDirectConnect,
    ];
    answers.extend(problems(&with_ours(&codes), true));
    Operation {
        id: "releaseConnection",
        method: "DELETE",
        path: "/allocations/{key}",
        summary: "Release a hosted connection",
        description: "Deletes the connection of an order. Asking again is safe.",
        parameters: vec![key_in_path(), correlation_header()],
        body: None,
        answers,
    }
}

fn parent() -> Operation {
    let id = members! {
        "name" => "connectionId",
        "in" => "path",
        "required" => true,
        "description" => "The interconnect or LAG.",
        "schema" => of("ParentConnectionId"),
    };
    Operation {
        id: "getParent",
        method: "GET",
        path: "/parents/{connectionId}",
        summary: "Look at an interconnect or LAG",
        description: "VLANs in use and by whom, capacity, policy, and where Direct Connect and our ledger disagree.",
        parameters: vec![id, if_none_match()],
        body: None,
        answers: read(
            "Parent",
            "The parent.",
            &[Code::InvalidRequest, Code::NotFound],
        ),
    }
}

/// What a question may be answered with.
fn read(definition: &str, description: &str, codes: &[Code]) -> Vec<Answer> {
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
fn with_ours(codes: &[Code]) -> Vec<Code> {
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
fn problems(codes: &[Code], is_private: bool) -> Vec<Answer> {
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

fn problem(status: u16, codes: &[Code], is_private: bool) -> Answer {
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

fn meaning(status: u16) -> &'static str {
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

/// Headers say how the key may be written: bare, or quoted with `"` and `\` escaped.
fn key_header() -> Value {
    let schema = text(
        "A key that begins with a quotation mark, or has a comma in it, has to be quoted. Parameters behind the quotes are ignored.",
    );
    let parameters = r#"([ \t]*;([ !#-+\--~]|"([ !#-\[\]-~]|\\["\\])*")*)?"#;
    let pattern =
        format!(r#"^([!#-+\--~][!-+\--~]{{0,254}}|"([!#-\[\]-~]|\\["\\]){{1,255}}"{parameters})$"#);
    example(with(schema, members! {"pattern" => pattern}), samples::KEY)
}

fn key_in_path() -> Value {
    members! {
        "name" => "key",
        "in" => "path",
        "required" => true,
        "description" => "The order's key, percent-encoded.",
        "schema" => of("IdempotencyKey"),
    }
}

fn correlation_header() -> Value {
    members! {
        "name" => "X-Correlation-Id",
        "in" => "header",
        "required" => false,
        "description" => "Comes back in each event as `origin.correlationId`, if it is 1 to 128 visible ASCII characters; anything else is ignored.",
        "schema" => members! {"type" => "string"},
    }
}

fn if_none_match() -> Value {
    members! {
        "name" => "If-None-Match",
        "in" => "header",
        "required" => false,
        "description" => "Entity tags of answers that the caller has.",
        "schema" => members! {"type" => "string"},
    }
}

fn query(name: &str, schema: Value) -> Value {
    members! {"name" => name, "in" => "query", "required" => false, "schema" => schema}
}

fn body(definition: &str) -> Content {
    Content {
        media_type: JSON,
        schema: of(definition),
        exactly: None,
        examples: vec![],
    }
}

fn receipt(status: ReceiptStatus) -> (String, Value) {
    (status.as_str().to_owned(), samples::receipt(status))
}

fn links(key: &str) -> Vec<(&'static str, Value)> {
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

fn etag() -> Header {
    Header {
        name: "ETag",
        is_required: true,
        schema: with(
            text("The same for the same body."),
            members! {"pattern" => "^\"[0-9a-f]{64}\"$"},
        ),
    }
}

fn no_store(is_required: bool) -> Header {
    Header {
        name: "Cache-Control",
        is_required,
        schema: members! {"type" => "string", "const" => "no-store"},
    }
}

fn retry_after(is_required: bool) -> Header {
    Header {
        name: "Retry-After",
        is_required,
        schema: members! {"type" => "integer", "minimum" => 1, "description" => "Seconds after which asking again makes sense."},
    }
}

/// What is said about bodies of requests.
pub(crate) fn request_body(schema: &Value) -> Value {
    let content = members! {
        JSON => members! {
            "schema" => schema.clone(),
            "examples" => members! {
                "chosenVlan" => members! {"summary" => "On a VLAN of one's own choice", "value" => samples::order()},
                "freeVlan" => members! {"summary" => "On any free VLAN", "value" => without_vlan()},
            },
        },
    };
    members! {
        "required" => true,
        "description" => format!("At most {MAX_BODY_BYTES} bytes of UTF-8. A missing content type counts as JSON."),
        "content" => content,
    }
}

fn without_vlan() -> Value {
    let mut order = samples::order();
    if let Value::Mapping(members) = &mut order {
        members.shift_remove("vlan");
    }
    order
}

#[cfg(test)]
mod tests {
    use hosted_connection::{KeySource, Order};

    use super::*;

    #[test]
    fn the_header_takes_exactly_what_its_schema_does() {
        let schema = serde_json::to_value(key_header()).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let long = "k".repeat(255);
        let longer = "k".repeat(256);
        let quoted = |text: &str| format!("\"{text}\"");
        let cases = [
            "order-1".to_owned(),
            long.clone(),
            quoted(&long),
            longer.clone(),
            quoted(&longer),
            quoted("a\\\"b"),
            quoted("a\\\\"),
            quoted("a\\b"),
            quoted("a\"b"),
            quoted("a b"),
            quoted(""),
            String::new(),
            "\"".to_owned(),
            "\"open".to_owned(),
            "open\"".to_owned(),
            "a b".to_owned(),
            "é".to_owned(),
            "a\\b".to_owned(),
            "~!".to_owned(),
            "a,b".to_owned(),
            "a, a".to_owned(),
            ",".to_owned(),
            "a;b".to_owned(),
            quoted("a,b"),
            format!("{};x", quoted("a")),
            format!("{} ; x=1;y=\"1,2\\\"\"", quoted("a")),
            format!("{};x=\"open", quoted("a")),
            format!("{};x,{}", quoted("a"), quoted("b")),
            format!("{}, {}", quoted("a"), quoted("a")),
            format!("{}x", quoted("a")),
        ];
        for case in &cases {
            let is_valid = schema.is_valid(&serde_json::Value::from(case.as_str()));
            assert_eq!(is_valid, is_taken(case), "{case:?}");
        }
    }

    fn is_taken(header: &str) -> bool {
        let body = serde_json::to_string(&samples::order()).unwrap();
        Order::parse(body.as_bytes(), KeySource::Header(&[header])).is_ok()
    }
}
