//! The routes, what each takes and everything it may answer. OpenAPI is written from this, and answers are checked by it.

mod answers;
mod parameters;

use hosted_connection::{Code, MAX_BODY_BYTES, ReceiptStatus};

use crate::inspection;
use crate::samples;
use crate::value::{Value, of, text, with};
use answers::{body, links, no_store, problems, read, receipt, retry_after, with_ours};
use parameters::{correlation_header, if_none_match, key_header, key_in_path, query};

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
