//! HTTP through API Gateway (REST and HTTP API) or a function URL: the request that an envelope holds, and the response.
//!
//! Routes are the functions'; what is here is the same for all of them.

pub mod v1;
pub mod v2;

mod query;
mod request;
mod response;

pub use request::{NotBase64, Request};
pub use response::{Response, segment};

#[cfg(test)]
mod tests;
