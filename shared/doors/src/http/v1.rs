//! Payload version 1.0: API Gateway REST APIs, and load balancers, whose requests are nearly the same.

use aws_lambda_events::alb::AlbTargetGroupRequest;
use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use aws_lambda_events::query_map::QueryMap;
use serde_json::value::RawValue;

use super::request::{self, Request, every_header, in_lower_case};
use crate::envelope::{Members, array, text};
use crate::object;

/// Reads an event of this version; `None` when it is something else.
pub(super) fn read<'a>(event: &'a RawValue, members: &Members<'a>) -> Option<Request<'a>> {
    members.get("httpMethod")?;
    let context = members.get("requestContext")?;
    as_published(event, members, context).or_else(|| leniently(members, context))
}

/// A request as one of the published types has it; `None` when neither takes it, or it would not be what was sent.
fn as_published<'a>(
    event: &RawValue,
    members: &Members<'_>,
    context: &'a RawValue,
) -> Option<Request<'a>> {
    let sent = object::read::<ApiGatewayProxyRequest>(event.get())
        .or_else(|| object::read(event.get()).map(of_load_balancer))?;
    let is_as_sent = request::is_as_sent(
        (&sent.http_method, || members.text("httpMethod")),
        (&sent.headers, members.object("headers")),
    );
    is_as_sent.then(|| Request {
        method: sent.http_method.as_str().to_owned(),
        path: sent.path.unwrap_or_default(),
        path_is_encoded: path_is_encoded(members),
        query: and_last(
            pairs(&sent.multi_value_query_string_parameters),
            pairs(&sent.query_string_parameters),
        ),
        body: request::decoded(
            sent.body.unwrap_or_default().into_bytes().into(),
            sent.is_base64_encoded,
        ),
        request_id: sent.request_context.request_id,
        headers: and_last(
            every_header(&sent.multi_value_headers),
            every_header(&sent.headers),
        ),
        context,
    })
}

/// A load balancer's request as a REST API would have sent it. It has no id.
fn of_load_balancer(sent: AlbTargetGroupRequest) -> ApiGatewayProxyRequest {
    let mut rest = ApiGatewayProxyRequest::default();
    rest.http_method = sent.http_method;
    rest.path = sent.path;
    rest.query_string_parameters = sent.query_string_parameters;
    rest.multi_value_query_string_parameters = sent.multi_value_query_string_parameters;
    rest.headers = sent.headers;
    rest.multi_value_headers = sent.multi_value_headers;
    rest.body = sent.body;
    rest.is_base64_encoded = sent.is_base64_encoded;
    rest
}

/// The map has no order, and what is said about two parameters is to be the same each time.
fn pairs(query: &QueryMap) -> Vec<(String, String)> {
    let pairs = query.iter();
    let mut pairs: Vec<_> = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    pairs
}

/// A request that no published type takes.
fn leniently<'a>(event: &Members<'a>, context: &'a RawValue) -> Option<Request<'a>> {
    let method = event.text("httpMethod")?;
    Some(Request {
        method,
        path: event.text("path").unwrap_or_default(),
        path_is_encoded: path_is_encoded(event),
        query: every_value(
            event,
            "multiValueQueryStringParameters",
            "queryStringParameters",
            str::to_owned,
        ),
        body: request::body(event),
        request_id: Members::of(context)?.text("requestId"),
        headers: every_value(event, "multiValueHeaders", "headers", in_lower_case),
        context,
    })
}

/// HTTP APIs can be told to send this version, and decode the path. They say which version it is; REST APIs do not. Unlike
/// `requestContext.path`, the path comes without the stage.
fn path_is_encoded(event: &Members<'_>) -> bool {
    event.get("version").is_none()
}

/// Every value of every name in the member `all`, and what only the member `last` has.
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
    and_last(every, request::single_valued(event, last, spelt))
}

/// Where there is every value, the `last` ones speak only for the names that have none there.
fn and_last(
    mut every: Vec<(String, String)>,
    mut last: Vec<(String, String)>,
) -> Vec<(String, String)> {
    last.retain(|(name, _)| !every.iter().any(|(known, _)| known == name));
    every.append(&mut last);
    every
}

#[cfg(test)]
mod tests;
