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

    /// How long the drawing took, for whoever wants to know why a page is slow: a browser's tools show it.
    pub(crate) fn drawn_in(mut self, took: std::time::Duration) -> Self {
        let text = format!("draw;dur={:.2}", took.as_secs_f64() * 1000.0);
        if let Ok(value) = HeaderValue::from_str(&text) {
            let name = HeaderName::from_static("server-timing");
            self.0.headers_mut().insert(name, value);
        }
        self
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
