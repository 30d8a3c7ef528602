//! An HTTP request, whichever payload version carried it.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::envelope::{Members, text};

/// What the door looks at of a request.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    /// As sent: methods are case-sensitive.
    pub(crate) method: String,
    /// Without stage and query.
    pub(crate) path: String,
    /// Decoded; empty when there is none.
    pub(crate) body: Result<Cow<'a, [u8]>, NotBase64>,
    /// The gateway's id of the request; its caller sees the same one.
    pub(crate) request_id: Option<String>,
    /// Names in lower case; a name may be there more than once.
    pub(crate) headers: Vec<(String, String)>,
}

/// The envelope calls a body base64 that is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct NotBase64;

impl fmt::Display for NotBase64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body is marked as base64 and is not base64")
    }
}

impl Request<'_> {
    /// All values of a header, whose name is given in lower case.
    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(header, _)| header == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

/// The body of an event; both payload versions have the same two members for it.
pub(super) fn body<'a>(event: &Members<'a>) -> Result<Cow<'a, [u8]>, NotBase64> {
    let body = event.bytes("body").unwrap_or_default();
    if event.is_true("isBase64Encoded") {
        return BASE64_STANDARD
            .decode(&body)
            .map(Cow::Owned)
            .map_err(|_| NotBase64);
    }
    Ok(body)
}

/// The members of `headers`: one value each.
pub(super) fn single_valued(event: &Members<'_>) -> Vec<(String, String)> {
    let headers = event.object("headers").unwrap_or_default();
    let values = headers
        .iter()
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), text(value)?)));
    values.collect()
}
