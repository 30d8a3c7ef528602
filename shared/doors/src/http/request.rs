//! An HTTP request, whichever payload version carried it.

use std::borrow::Cow;
use std::fmt;

use aws_lambda_events::http::{HeaderMap, Method};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hosted_connection::{CorrelationId, Identity, Origin};
use percent_encoding::percent_decode_str;
use serde_json::value::RawValue;

use crate::caller;
use crate::envelope::{Members, text};

const MEDIA_TYPE: &str = "application/json";
const KEY_HEADER: &str = "idempotency-key";
const CORRELATION_HEADER: &str = "x-correlation-id";

/// What a door looks at of a request.
#[derive(Debug)]
pub struct Request<'a> {
    /// As sent: methods are case-sensitive.
    pub method: String,
    /// Without stage and query. Percent-encoded or not: see [`Request::below`].
    pub path: String,
    /// Whether `path` is as the caller sent it. HTTP APIs decode it, REST APIs and function URLs do not.
    pub path_is_encoded: bool,
    /// Names and values, decoded; a name may be there more than once.
    pub query: Vec<(String, String)>,
    /// Decoded; empty when there is none.
    pub body: Result<Cow<'a, [u8]>, NotBase64>,
    /// The gateway's id of the request; its caller sees the same one.
    pub request_id: Option<String>,
    /// Names in lower case; a name may be there more than once.
    pub headers: Vec<(String, String)>,
    /// What the gateway says of the request, unread.
    pub context: &'a RawValue,
}

/// The envelope calls a body base64 that is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBase64;

impl fmt::Display for NotBase64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is marked as base64 and is not base64")
    }
}

impl Request<'_> {
    /// Who has sent it, by the gateway's word; `None` when the gateway has not asked.
    pub fn sender(&self) -> Option<Identity> {
        caller::of_request(&Members::of(self.context)?)
    }

    /// All values of a header, whose name is given in lower case.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// All values of the header `Idempotency-Key`, as they were sent.
    pub fn idempotency_keys(&self) -> Vec<&str> {
        self.headers(KEY_HEADER)
    }

    /// The header `X-Correlation-Id`; `None` when there is more than one, or it cannot be used.
    pub fn correlation_id(&self) -> Option<CorrelationId> {
        match self.headers(CORRELATION_HEADER).as_slice() {
            [only] => CorrelationId::parse(only),
            _ => None,
        }
    }

    /// Whether the body is JSON by its media type, in any case and with any parameters. None counts as JSON.
    pub fn is_json(&self) -> bool {
        self.headers("content-type").into_iter().all(|value| {
            let essence = value
                .split_once(';')
                .map_or(value, |(essence, _parameters)| essence);
            essence.trim().eq_ignore_ascii_case(MEDIA_TYPE)
        })
    }

    /// What follows `prefix` in the path, decoded: the name of one thing, which may hold a `/`. `None` when the path
    /// is another one, or nothing follows.
    pub fn below(&self, prefix: &str) -> Option<Cow<'_, str>> {
        let rest = self.path.strip_prefix(prefix)?;
        if rest.is_empty() {
            return None;
        }
        if self.path_is_encoded {
            return Some(percent_decode_str(rest).decode_utf8_lossy());
        }
        Some(rest.into())
    }

    /// Where it comes from, under the id that it is answered with.
    pub fn origin(&self, request_id: &str) -> Origin {
        Origin::Http {
            request_id: request_id.into(),
            correlation_id: self.correlation_id(),
        }
    }

    /// The id to answer with: the gateway's, or else the `invocation`'s.
    pub fn id_or<'i>(&'i self, invocation: &'i str) -> &'i str {
        let given = self.request_id.as_deref().filter(|id| !id.is_empty());
        given.unwrap_or(invocation)
    }
}

/// A body as it was sent.
pub(super) fn decoded(body: Cow<'_, [u8]>, is_base64: bool) -> Result<Cow<'_, [u8]>, NotBase64> {
    if is_base64 {
        return BASE64_STANDARD
            .decode(&body)
            .map(Cow::Owned)
            .map_err(|_| NotBase64);
    }
    Ok(body)
}

/// All that is in a map of headers.
pub(super) fn every_header(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = headers.iter();
    headers
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect()
}

/// Whether the published types have read method and headers as they were sent. They take an empty method for GET, and of
/// two spellings of a header's name in `headers` the first is lost: it could be another key.
pub(super) fn is_as_sent(
    (method, sent_method): (&Method, impl FnOnce() -> Option<String>),
    (headers, sent_headers): (&HeaderMap, Option<Members<'_>>),
) -> bool {
    let sent_headers = sent_headers.map_or(0, |sent| sent.iter().len());
    headers.keys_len() == sent_headers
        && (method != Method::GET || sent_method().is_some_and(|sent| sent == "GET"))
}

/// The body of an event that no published type takes; both payload versions have the same two members for it.
pub(super) fn body<'a>(event: &Members<'a>) -> Result<Cow<'a, [u8]>, NotBase64> {
    let body = event.bytes("body").unwrap_or_default();
    decoded(body, event.is_true("isBase64Encoded"))
}

/// The members of an object of texts, such as `headers`: one value each, names as `spelt`.
pub(super) fn single_valued(
    event: &Members<'_>,
    member: &str,
    spelt: fn(&str) -> String,
) -> Vec<(String, String)> {
    let values = event.object(member).unwrap_or_default();
    let values = values
        .iter()
        .filter_map(|(name, value)| Some((spelt(&name), text(value)?)));
    values.collect()
}

/// Header names are compared in lower case.
pub(super) fn in_lower_case(name: &str) -> String {
    name.to_ascii_lowercase()
}
