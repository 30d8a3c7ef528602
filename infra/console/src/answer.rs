//! What is answered, with the headers that keep a page from being used by others.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use maud::Markup;

/// Nothing from anywhere else, nothing inline, no frame, no form to anywhere else.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

/// On every answer of the console.
pub(crate) const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// An answer.
pub(crate) struct Answer(Response);

impl Answer {
    /// A page, or a part of one.
    pub(crate) fn html(status: StatusCode, markup: Markup) -> Self {
        Self::of(
            status,
            "text/html; charset=utf-8",
            markup.into_string().into(),
        )
    }

    /// A sentence, for what no page asks for.
    pub(crate) fn text(status: StatusCode, text: &str) -> Self {
        Self::of(
            status,
            "text/plain; charset=utf-8",
            format!("{text}\n").into(),
        )
    }

    /// Something that is embedded.
    pub(crate) fn asset(kind: &'static str, text: &'static str) -> Self {
        Self::of(StatusCode::OK, kind, text.into())
    }

    /// Go and look there.
    pub(crate) fn see(place: &str) -> Self {
        let mut answer = Self::text(StatusCode::SEE_OTHER, "See the page.");
        if let Ok(place) = HeaderValue::from_str(place) {
            answer.0.headers_mut().insert(header::LOCATION, place);
        }
        answer
    }

    /// A part of a page that is only sent when it is another than the reader has.
    pub(crate) fn if_new(markup: Markup, known: Option<&HeaderValue>) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let text = markup.into_string();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let tag = format!("\"{:016x}\"", hasher.finish());
        let is_known = known.is_some_and(|known| known.as_bytes() == tag.as_bytes());
        let mut answer = match is_known {
            true => Self::of(
                StatusCode::NOT_MODIFIED,
                "text/html; charset=utf-8",
                String::new().into(),
            ),
            false => Self::of(StatusCode::OK, "text/html; charset=utf-8", text.into()),
        };
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            answer.0.headers_mut().insert(header::ETAG, tag);
        }
        answer
    }

    fn of(status: StatusCode, kind: &'static str, body: axum::body::Body) -> Self {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Self(response)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        self.0
    }
}
