//! Payload version 2.0: API Gateway HTTP APIs and function URLs.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use serde_json::value::RawValue;

use super::query;
use super::request::{self, Request, every_header, in_lower_case};
use crate::envelope::Members;
use crate::object;

/// The stage of function URLs, and of HTTP APIs that are served from the root: it is in no path.
const DEFAULT_STAGE: &str = "$default";

/// Reads an event of this version; `None` when it is something else.
pub(super) fn read<'a>(event: &'a RawValue, members: &Members<'a>) -> Option<Request<'a>> {
    let is_version_2 = members.text("version").as_deref() == Some("2.0");
    let context = members.get("requestContext").filter(|_| is_version_2)?;
    as_published(event, members, context).or_else(|| leniently(members, context))
}

/// A request as the published type has it, which takes function URLs' as well; `None` when it takes none, or it would not
/// be what was sent.
fn as_published<'a>(
    event: &RawValue,
    members: &Members<'_>,
    context: &'a RawValue,
) -> Option<Request<'a>> {
    // The type would take an authorizer's `path` in its place.
    members.get("rawPath")?;
    let sent: ApiGatewayV2httpRequest = object::read(event.get())?;
    let sent_context = sent.request_context;
    let sent_method = || Members::of(context)?.object("http")?.text("method");
    let is_as_sent = request::is_as_sent(
        (&sent_context.http.method, sent_method),
        (&sent.headers, members.object("headers")),
    );
    is_as_sent.then(|| Request {
        method: sent_context.http.method.as_str().to_owned(),
        path: route(sent.raw_path, sent_context.stage),
        path_is_encoded: is_function_url(sent_context.domain_name),
        query: query::pairs(&sent.raw_query_string.unwrap_or_default()),
        body: request::decoded(
            sent.body.unwrap_or_default().into_bytes().into(),
            sent.is_base64_encoded,
        ),
        request_id: sent_context.request_id,
        headers: every_header(&sent.headers),
        context,
    })
}

/// A request that the published type does not take.
fn leniently<'a>(event: &Members<'a>, context: &'a RawValue) -> Option<Request<'a>> {
    let members = Members::of(context)?;
    let http = members.object("http")?;
    Some(Request {
        method: http.text("method").unwrap_or_default(),
        path: route(event.text("rawPath"), members.text("stage")),
        path_is_encoded: is_function_url(members.text("domainName")),
        query: query::pairs(&event.text("rawQueryString").unwrap_or_default()),
        body: request::body(event),
        request_id: members.text("requestId"),
        headers: request::single_valued(event, "headers", in_lower_case),
        context,
    })
}

/// Function URLs have a domain of their own and no other. They leave `rawPath` as it was sent; HTTP APIs decode it.
fn is_function_url(domain: Option<String>) -> bool {
    domain.is_some_and(|domain| domain.contains(".lambda-url."))
}

fn route(path: Option<String>, stage: Option<String>) -> String {
    without_stage(&path.unwrap_or_default(), &stage.unwrap_or_default()).into()
}

/// The route in a path that may start with the stage.
fn without_stage<'p>(path: &'p str, stage: &str) -> &'p str {
    if stage.is_empty() || stage == DEFAULT_STAGE {
        return path;
    }
    let rest = path
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(stage));
    rest.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

#[cfg(test)]
mod tests;
