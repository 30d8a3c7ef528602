//! An HTTP answer: by route and status, its headers, its media type and its body.

use std::collections::HashMap;

use jsonschema::Validator;
use serde_json::Value;

use super::{conforms, exactly};
use crate::operations::{self, PROBLEM};

/// Every operation, by method and path.
pub(super) struct Http(Vec<Operation>);

struct Operation {
    method: &'static str,
    path: &'static str,
    answers: HashMap<u64, Answer>,
}

struct Answer {
    headers: Vec<(&'static str, bool, Validator)>,
    bodies: HashMap<&'static str, Validator>,
}

impl Http {
    pub(super) fn new() -> Self {
        let operations = operations::all().into_iter();
        Self(operations.map(Operation::of).collect())
    }

    pub(super) fn check(&self, request: &Value, response: &Value) -> Result<(), String> {
        let (method, path) = route(request);
        let status = response["statusCode"].as_u64().unwrap_or_default();
        let is_head = method == "HEAD";
        let taken_as = if is_head { "GET" } else { method.as_str() };
        let mut asked = self.0.iter();
        let asked = asked.find(|operation| operation.method == taken_as && operation.is_at(&path));
        let verdict = match asked {
            Some(operation) if is_head => operation.check_head(status, response),
            Some(operation) => operation.check(status, response),
            // What has no route is refused by whichever function it came to, as that one does.
            None if matches!(status, 404 | 405) => self.refusal(status, response),
            None => Err("there is no such operation".to_owned()),
        };
        verdict.map_err(|error| format!("{method} {path}, {status}: {error}"))
    }

    fn refusal(&self, status: u64, response: &Value) -> Result<(), String> {
        let mut verdict = Err("the contract has no operations".to_owned());
        for operation in &self.0 {
            verdict = verdict.or_else(|_| operation.check(status, response));
        }
        verdict
    }
}

impl Operation {
    fn of(operation: operations::Operation) -> Self {
        let answers = operation.answers.into_iter();
        Self {
            method: operation.method,
            path: operation.path,
            answers: answers
                .map(|answer| (answer.status.into(), Answer::of(answer)))
                .collect(),
        }
    }

    fn check(&self, status: u64, response: &Value) -> Result<(), String> {
        self.answer(status)?.check(status, response)
    }

    /// HEAD has the status and headers of GET, and no body.
    fn check_head(&self, status: u64, response: &Value) -> Result<(), String> {
        match response["body"].as_str() {
            Some("") => self.answer(status)?.check_headers(response),
            Some(_) | None => Err("there should be no body".to_owned()),
        }
    }

    fn answer(&self, status: u64) -> Result<&Answer, String> {
        let answer = self.answers.get(&status);
        answer.ok_or_else(|| "the contract has no such status there".to_owned())
    }

    /// Everything that follows is the name: a key may hold a slash.
    fn is_at(&self, path: &str) -> bool {
        match self.path.split_once('{') {
            Some((before, _)) => path.len() > before.len() && path.starts_with(before),
            None => path == self.path,
        }
    }
}

impl Answer {
    fn of(answer: operations::Answer) -> Self {
        let headers = answer.headers.into_iter();
        let bodies = answer.content.into_iter();
        Self {
            headers: headers
                .map(|header| (header.name, header.is_required, exactly(header.schema)))
                .collect(),
            bodies: bodies
                .map(|content| {
                    let schema = content.exactly.unwrap_or(content.schema);
                    (content.media_type, exactly(schema))
                })
                .collect(),
        }
    }

    fn check(&self, status: u64, response: &Value) -> Result<(), String> {
        self.check_headers(response)?;
        let media_type = header(response, "content-type");
        self.check_body(status, media_type, &response["body"])
    }

    fn check_headers(&self, response: &Value) -> Result<(), String> {
        let headers = response["headers"].as_object();
        for name in headers
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .filter(|name| !name.eq_ignore_ascii_case("content-type"))
        {
            if !self
                .headers
                .iter()
                .any(|(known, _, _)| known.eq_ignore_ascii_case(name))
            {
                return Err(format!("the contract has no header {name}"));
            }
        }
        for (name, is_required, schema) in &self.headers {
            // API Gateway's own answers lack it; ours always say when to come again.
            let is_required = *is_required || *name == "Retry-After";
            match header(response, name) {
                Some(value) => conforms(name, schema, &typed(value))?,
                None if is_required => return Err(format!("the header {name} is missing")),
                None => {}
            }
        }
        Ok(())
    }

    fn check_body(
        &self,
        status: u64,
        media_type: Option<&Value>,
        body: &Value,
    ) -> Result<(), String> {
        let text = body.as_str().ok_or("the body is no text")?;
        if self.bodies.is_empty() {
            return match (media_type, text) {
                (None, "") => Ok(()),
                (_, _) => Err("there should be no body".to_owned()),
            };
        }
        let media_type = media_type.and_then(Value::as_str).unwrap_or_default();
        if status >= 400 && media_type != PROBLEM {
            return Err(format!("a refusal is {media_type:?}"));
        }
        let schema = self.bodies.get(media_type);
        let schema = schema.ok_or_else(|| format!("the contract has no {media_type:?}"))?;
        let body =
            serde_json::from_str(text).map_err(|error| format!("the body is no JSON: {error}"))?;
        conforms("a body", schema, &body)
    }
}

/// A header of the response, whose name is in any case.
fn header<'a>(response: &'a Value, name: &str) -> Option<&'a Value> {
    let mut headers = response["headers"].as_object()?.iter();
    headers
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// Headers are texts; the schema of a number is for what the text says.
fn typed(value: &Value) -> Value {
    let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
    number.map_or_else(|| value.clone(), Value::from)
}

/// Method and path, without stage and query.
fn route(request: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let context = &request["requestContext"];
    let method = text(&context["http"]["method"]).or_else(|| text(&request["httpMethod"]));
    let path = text(&request["rawPath"])
        .or_else(|| text(&request["path"]))
        .unwrap_or_default();
    let stage = context["stage"].as_str().unwrap_or_default();
    let staged = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage));
    let staged = staged.filter(|path| {
        !stage.is_empty() && path.starts_with('/') && request["rawPath"].is_string()
    });
    let path = staged.map_or_else(|| path.clone(), str::to_owned);
    (method.unwrap_or_default(), path)
}
