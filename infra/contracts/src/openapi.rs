//! OpenAPI 3.1 of the HTTP API.

use crate::definitions::{Form, referred_by};
use crate::operations::{self, Answer, Content, Header, Operation};
use crate::value::{Value, list, mapping, refer_to, with};

const SCHEMAS: &str = "#/components/schemas/";

/// The whole document.
pub(crate) fn document() -> Value {
    let mut paths: Vec<(String, Value)> = Vec::new();
    for operation in operations::all() {
        let method = operation.method.to_lowercase();
        let item = mapping([(method, written(&operation))]);
        match paths.iter().position(|(path, _)| path == operation.path) {
            Some(known) => paths[known].1 = with(paths[known].1.clone(), item),
            None => paths.push((operation.path.to_owned(), item)),
        }
    }
    let paths = mapping(paths);
    let schemas = mapping(referred_by(&paths, Form::Published));
    let sigv4 = members! {
        "type" => "apiKey",
        "in" => "header",
        "name" => "Authorization",
        "description" => "AWS Signature Version 4 with the service `execute-api`: any SDK's signer, `awscurl`, `curl --aws-sigv4`.",
        "x-amazon-apigateway-authtype" => "awsSigv4",
    };
    let document = members! {
        "openapi" => "3.1.1",
        "info" => members! {
            "title" => "Hosted connections",
            "version" => env!("CARGO_PKG_VERSION"),
            "summary" => "Orders for Direct Connect hosted connections, exactly once",
            "description" => DESCRIPTION,
            "license" => members! {"name" => "Apache-2.0", "identifier" => "Apache-2.0"},
        },
        "servers" => list([deployed(), local()]),
        "security" => list([members! {"sigv4" => list::<Value>([])}]),
        "tags" => list([
            members! {"name" => "orders", "description" => "Orders and their hosted connections."},
            members! {"name" => "parents", "description" => "Interconnects and LAGs."},
        ]),
        "paths" => paths,
        "components" => members! {
            "schemas" => schemas,
            "securitySchemes" => members! {"sigv4" => sigv4},
        },
    };
    refer_to(SCHEMAS, document)
}

const DESCRIPTION: &str = "Orders, what became of them, and releases. Every refusal is a problem (RFC 9457) with a `code`; what may be \
asked again says when in `Retry-After`. Requests are closed: what is not described here is refused. Answers are open: readers should \
not mind a member that a later version has added.";

fn deployed() -> Value {
    members! {
        "url" => "https://{api}.execute-api.{region}.amazonaws.com",
        "description" => "The stack's output names it.",
        "variables" => members! {
            "api" => members! {"default" => "example", "description" => "The API's id."},
            "region" => members! {"default" => "eu-central-1", "description" => "The AWS Region."},
        },
    }
}

fn local() -> Value {
    members! {
        "url" => "http://127.0.0.1:4599",
        "description" => "The local cloud, `cargo run -- serve`. It verifies no signature.",
    }
}

fn written(operation: &Operation) -> Value {
    let tag = match operation.path.starts_with("/parents/") {
        true => "parents",
        false => "orders",
    };
    let mut written = members! {
        "operationId" => operation.id,
        "tags" => list([tag]),
        "summary" => operation.summary,
        "description" => operation.description,
        "parameters" => list(operation.parameters.clone()),
    };
    if let Some(body) = &operation.body {
        written = with(
            written,
            members! {"requestBody" => operations::request_body(body)},
        );
    }
    let answers = operation.answers.iter();
    let answers = answers.map(|answer| (answer.status.to_string(), response(answer)));
    with(written, members! {"responses" => mapping(answers)})
}

fn response(answer: &Answer) -> Value {
    let mut response = members! {"description" => answer.description.as_str()};
    if !answer.headers.is_empty() {
        let headers = answer.headers.iter();
        let headers = headers.map(|header| (header.name.to_owned(), described(header)));
        response = with(response, members! {"headers" => mapping(headers)});
    }
    if !answer.content.is_empty() {
        let content = answer.content.iter();
        let content = content.map(|content| (content.media_type.to_owned(), media(content)));
        response = with(response, members! {"content" => mapping(content)});
    }
    if !answer.links.is_empty() {
        let links = answer.links.iter();
        let links = links.map(|(name, link)| ((*name).to_owned(), link.clone()));
        response = with(response, members! {"links" => mapping(links)});
    }
    response
}

fn described(header: &Header) -> Value {
    members! {"required" => header.is_required, "schema" => header.schema.clone()}
}

fn media(content: &Content) -> Value {
    let media = members! {"schema" => content.schema.clone()};
    if content.examples.is_empty() {
        return media;
    }
    let examples = content.examples.iter();
    let examples =
        examples.map(|(name, value)| (name.clone(), members! {"value" => value.clone()}));
    with(media, members! {"examples" => mapping(examples)})
}
