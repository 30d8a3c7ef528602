//! Who may ask: only pages of this very address. A browser that was told that some other name is 127.0.0.1 says that name in
//! `Host`; a page of another site that posts here says its own in `Origin`; and neither can know the token of a form.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use crate::answer::{Answer, HEADERS};

/// The names that the console answers to.
#[derive(Debug, Clone)]
pub struct Hosts {
    port: u16,
    names: Vec<String>,
}

impl Hosts {
    /// The names of an address: itself and, as it is reached on this computer, the loopback names; and `more` of them.
    #[must_use]
    pub fn of(address: SocketAddr, more: &[String]) -> Self {
        let mut names: Vec<String> = ["127.0.0.1", "localhost", "[::1]"]
            .map(str::to_owned)
            .to_vec();
        if !address.ip().is_unspecified() {
            names.push(match address {
                SocketAddr::V4(address) => address.ip().to_string(),
                SocketAddr::V6(address) => format!("[{}]", address.ip()),
            });
        }
        names.extend(more.iter().map(|name| name.to_ascii_lowercase()));
        Self {
            port: address.port(),
            names,
        }
    }

    /// Whether a browser sends this for a page of another site, and it may change something. What is no browser says nothing
    /// of where it comes from, and is let in.
    #[must_use]
    pub fn is_from_another_site(&self, request: &http::request::Parts) -> bool {
        let is_read = [Method::GET, Method::HEAD].contains(&request.method);
        !is_read && self.is_foreign(&request.headers)
    }

    /// Whether this is one of them, with the port.
    fn has(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            Some(_) | None => (host.as_str(), Some(80)),
        };
        port == Some(self.port) && self.names.iter().any(|known| known == name)
    }

    /// What is wrong with a request, if anything is.
    fn refusal(
        &self,
        method: &Method,
        uri: &http::Uri,
        headers: &HeaderMap,
    ) -> Option<&'static str> {
        let host = single(headers, header::HOST)
            .or_else(|| uri.authority().map(http::uri::Authority::as_str));
        if !host.is_some_and(|host| self.has(host)) {
            return Some(
                "The console answers only at the address that it prints: this request names another host. \
                 Start it with --allow-host NAME to have it answer to another name.",
            );
        }
        if [Method::GET, Method::HEAD].contains(method) {
            return None;
        }
        self.is_foreign(headers).then_some(
            "This request comes from a page of another site. Use the console's own forms.",
        )
    }

    /// Whether the headers are those of a page of another site.
    fn is_foreign(&self, headers: &HeaderMap) -> bool {
        let own = |origin: &str| {
            let name = origin.strip_prefix("http://");
            name.is_some_and(|name| self.has(name))
        };
        if headers.contains_key(header::ORIGIN) {
            return !single(headers, header::ORIGIN).is_some_and(own);
        }
        let site = headers.get("sec-fetch-site");
        site.is_some_and(|site| !["same-origin", "none"].iter().any(|own| site == own))
    }
}

/// The value of a header that is there once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(only), None) => only.to_str().ok(),
        (_, _) => None,
    }
}

/// Lets through what may ask, and gives every answer its headers.
pub(crate) async fn guard(
    State(hosts): State<Hosts>,
    request: Request<Body>,
    next: Next,
) -> Response {
    let refusal = hosts.refusal(request.method(), request.uri(), request.headers());
    let mut response = match refusal {
        Some(refusal) => Answer::text(StatusCode::FORBIDDEN, refusal).into_response(),
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        let value = http::HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        Hosts::of(
            SocketAddr::from(([127, 0, 0, 1], 4599)),
            &["Box.example".to_owned()],
        )
    }

    #[test]
    fn only_the_names_of_the_address_are_answered_to() {
        for good in [
            "127.0.0.1:4599",
            "localhost:4599",
            "LOCALHOST:4599",
            "[::1]:4599",
            "box.example:4599",
        ] {
            assert!(hosts().has(good), "{good}");
        }
        for bad in [
            "evil.example:4599",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1:4599.evil.example",
            "localhost.:4599",
            "",
            "127.0.0.1:4599@evil.example",
            "evil.example:4599:4599",
            "[::1]",
            "127.1:4599",
        ] {
            assert!(!hosts().has(bad), "{bad}");
        }
    }

    #[test]
    fn another_sites_page_may_not_post() {
        let asked = |method: Method, headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            let uri = http::Uri::from_static("/console/order");
            hosts().refusal(&method, &uri, &map).is_some()
        };
        let host = ("host", "localhost:4599");
        assert!(!asked(
            Method::GET,
            &[host, ("origin", "http://evil.example")]
        ));
        assert!(!asked(
            Method::POST,
            &[host, ("origin", "http://localhost:4599")]
        ));
        assert!(!asked(Method::POST, &[host]));
        assert!(!asked(
            Method::POST,
            &[host, ("sec-fetch-site", "same-origin")]
        ));
        for foreign in [
            "http://evil.example",
            "null",
            "https://localhost:4599",
            "http://localhost:1",
            "http://localhost:4599.evil.example",
        ] {
            assert!(
                asked(Method::POST, &[host, ("origin", foreign)]),
                "{foreign}"
            );
        }
        assert!(asked(
            Method::POST,
            &[host, ("sec-fetch-site", "cross-site")]
        ));
        assert!(asked(
            Method::POST,
            &[host, ("sec-fetch-site", "same-site")]
        ));
        assert!(asked(Method::GET, &[("host", "evil.example:4599")]));
        assert!(asked(Method::GET, &[]));
        assert!(asked(Method::GET, &[host, host]));
    }
}
