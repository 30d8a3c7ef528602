//! Payload version 2.0: API Gateway HTTP APIs and function URLs.

use super::query;
use super::request::{self, Request, in_lower_case};
use crate::envelope::Members;

/// The stage of function URLs, and of HTTP APIs that are served from the root: it is in no path.
const DEFAULT_STAGE: &str = "$default";

/// Reads an event of this version; `None` when it is something else.
pub fn read<'a>(event: &Members<'a>) -> Option<Request<'a>> {
    let is_version_2 = event.text("version").as_deref() == Some("2.0");
    let context = event.object("requestContext").filter(|_| is_version_2)?;
    let http = context.object("http")?;
    let path = event.text("rawPath").unwrap_or_default();
    let stage = context.text("stage").unwrap_or_default();
    Some(Request {
        method: http.text("method").unwrap_or_default(),
        path: without_stage(&path, &stage).into(),
        path_is_encoded: is_function_url(&context),
        query: query::pairs(&event.text("rawQueryString").unwrap_or_default()),
        body: request::body(event),
        request_id: context.text("requestId"),
        headers: request::single_valued(event, "headers", in_lower_case),
        context,
    })
}

/// Function URLs have a domain of their own and no other. They leave `rawPath` as it was sent; HTTP APIs decode it.
fn is_function_url(context: &Members<'_>) -> bool {
    let domain = context.text("domainName").unwrap_or_default();
    domain.contains(".lambda-url.")
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
mod tests {
    use super::without_stage;

    #[test]
    fn a_stage_in_front_of_the_route_is_not_part_of_it() {
        for (path, stage, route) in [
            ("/prod/allocations", "prod", "/allocations"),
            ("/allocations", "$default", "/allocations"),
            ("/$default/allocations", "$default", "/$default/allocations"),
            ("/allocations", "prod", "/allocations"),
            ("/production/allocations", "prod", "/production/allocations"),
            ("/allocations", "allocations", "/allocations"),
            ("/allocations/allocations", "allocations", "/allocations"),
            ("/prod/prod/allocations", "prod", "/prod/allocations"),
            ("/prod", "prod", "/prod"),
            ("//allocations", "", "//allocations"),
        ] {
            assert_eq!(without_stage(path, stage), route, "{path} at {stage}");
        }
    }
}
