//! What every function's doors share: an envelope comes in as a request or as messages, an answer goes out as a response,
//! a partial batch response or a failed invocation.
//!
//! It translates and decides nothing. It knows no AWS client, no flow, and no route: those are the functions'.

pub mod envelope;
pub mod event;
pub mod http;
pub mod sqs;

pub mod failed;
mod refusal;

mod serve;

pub use refusal::Refusal;
pub use serve::serve;
