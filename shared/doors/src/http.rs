//! HTTP through API Gateway (REST and HTTP API) or a function URL: the request that an envelope holds, and the response.
//!
//! Routes are the functions'; what is here is the same for all of them.

mod v1;
mod v2;

mod query;
mod request;
mod response;

use serde_json::value::RawValue;

use crate::envelope::Members;

pub use request::{NotBase64, Request};
pub use response::{Response, segment};

/// The request that `event` is, in either payload version; `None` when it is none. `members` are its own.
pub(crate) fn read<'a>(event: &'a RawValue, members: &Members<'a>) -> Option<Request<'a>> {
    v2::read(event, members).or_else(|| v1::read(event, members))
}

#[cfg(test)]
mod tests;
