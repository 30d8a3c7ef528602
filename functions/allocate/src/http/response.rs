//! A response as API Gateway and function URLs take it, in both payload versions.

use hosted_connection::{Code, Receipt};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{METHOD, ROUTE};
use crate::refusal::Refusal;

/// All but RFC 3986's unreserved characters: a key may hold `/`, `?`, `%` …
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A proxy response.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response {
    status_code: u16,
    headers: Headers,
    body: String,
    is_base64_encoded: bool,
}

/// Every header this function ever sends.
#[derive(Debug, Default, Serialize)]
struct Headers {
    #[serde(rename = "content-type")]
    content_type: &'static str,
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
}

impl Response {
    /// The order has its hosted connection, now or since an earlier delivery.
    pub(crate) fn allocated(receipt: &Receipt, replayed: bool) -> Response {
        let key = utf8_percent_encode(receipt.idempotency_key.as_str(), ESCAPED);
        let headers = Headers {
            content_type: "application/json",
            location: Some(format!("{ROUTE}/{key}")),
            idempotent_replayed: replayed.then_some("true"),
            ..Headers::default()
        };
        Response {
            status_code: 201,
            headers,
            body: receipt.to_json(),
            is_base64_encoded: false,
        }
    }

    /// A problem.
    pub(crate) fn refused(refusal: Refusal, request_id: &str) -> Response {
        let retry_after_s = refusal.retry_after_s;
        let problem = refusal.into_problem(request_id);
        let headers = Headers {
            content_type: "application/problem+json",
            allow: (problem.code() == Code::MethodNotAllowed).then_some(METHOD),
            retry_after: retry_after_s.map(|seconds| seconds.to_string()),
            ..Headers::default()
        };
        Response {
            status_code: problem.status(),
            headers,
            body: problem.to_json(),
            is_base64_encoded: false,
        }
    }
}
