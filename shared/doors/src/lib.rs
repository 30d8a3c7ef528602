//! What every function's doors share: an envelope comes in as a request, as messages or as an event, an answer goes out as
//! a response, a partial batch response or a failed invocation.
//!
//! It translates and decides nothing. It knows no AWS client, no flow, and no route: those are the functions'.

// A panic ends with its own delivery, which a process that aborts cannot do. Build tools that know better are told here.
#[cfg(not(panic = "unwind"))]
compile_error!("build with panic = \"unwind\": that one bad order harms no other rests on it");

pub mod envelope;
pub mod event;
pub mod http;

pub mod event_bridge;
pub mod sns;
pub mod sqs;

mod object;

mod attribute;
mod caller;
mod content;

pub mod failed;
mod refusal;

#[cfg(test)]
mod example;

pub use content::Content;
pub use refusal::Refusal;
