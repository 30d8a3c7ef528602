//! A response as API Gateway and function URLs take it, in both payload versions.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::refusal::Refusal;

/// All but RFC 3986's unreserved characters: a key may hold `/`, `?`, `%` …
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A name as one segment of a path.
pub fn segment(name: &str) -> String {
    utf8_percent_encode(name, ESCAPED).to_string()
}

/// A proxy response.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    status_code: u16,
    headers: Headers,
    body: String,
    is_base64_encoded: bool,
}

/// Every header that any function ever sends.
#[derive(Debug, Default, Serialize)]
struct Headers {
    #[serde(rename = "content-type", skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
    #[serde(rename = "Location", skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(
        rename = "Idempotent-Replayed",
        skip_serializing_if = "Option::is_none"
    )]
    idempotent_replayed: Option<&'static str>,
    #[serde(rename = "Allow", skip_serializing_if = "Option::is_none")]
    allow: Option<&'static str>,
    /// Seconds.
    #[serde(rename = "Retry-After", skip_serializing_if = "Option::is_none")]
    retry_after: Option<String>,
    #[serde(rename = "ETag", skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(rename = "Cache-Control", skip_serializing_if = "Option::is_none")]
    cache_control: Option<&'static str>,
}

impl Response {
    /// A response with `body`, which is JSON.
    pub fn json(status: u16, body: String) -> Response {
        Response {
            status_code: status,
            headers: Headers {
                content_type: Some("application/json"),
                ..Headers::default()
            },
            body,
            is_base64_encoded: false,
        }
    }

    /// A problem, for the request of this id.
    pub fn refused(refusal: Refusal, request_id: &str) -> Response {
        let (allow, retry_after_s) = (refusal.allow(), refusal.retry_after_s());
        let problem = refusal.into_problem(request_id);
        let mut response = Response::json(problem.status(), problem.to_json());
        response.headers.content_type = Some("application/problem+json");
        response.headers.allow = allow;
        response.headers.retry_after = retry_after_s.map(|seconds| seconds.to_string());
        response
    }

    /// 304: the caller has the body that `etag` is of.
    pub fn not_modified(etag: String) -> Response {
        Response {
            status_code: 304,
            headers: Headers::default(),
            body: String::new(),
            is_base64_encoded: false,
        }
        .with_etag(etag)
    }

    /// The same headers, as an answer to HEAD.
    #[must_use]
    pub fn without_body(mut self) -> Response {
        self.body.clear();
        self
    }

    /// The same, saying where what it is about can be found.
    #[must_use]
    pub fn at(mut self, location: String) -> Response {
        self.headers.location = Some(location);
        self
    }

    /// The same, saying whether it repeats what an earlier request brought about.
    #[must_use]
    pub fn replayed(mut self, replayed: bool) -> Response {
        self.headers.idempotent_replayed = replayed.then_some("true");
        self
    }

    /// The same, asking to come again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Response {
        self.headers.retry_after = Some(seconds.to_string());
        self
    }

    /// The same with an entity tag, quotes included.
    #[must_use]
    pub fn with_etag(mut self, etag: String) -> Response {
        self.headers.etag = Some(etag);
        self
    }

    /// The same, for nobody to keep.
    #[must_use]
    pub fn not_to_be_stored(mut self) -> Response {
        self.headers.cache_control = Some("no-store");
        self
    }
}
