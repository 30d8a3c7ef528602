//! The `operator` command as somebody at a terminal uses it, over HTTP, on a local cloud in this process.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod explain;
mod orders;

mod moves;
mod reconcile;
mod redrive;
mod release;
mod resolve;
mod rights;

mod adopt;
mod killed;

mod conformance;
mod console;
mod doctor;
mod recorded;

mod caller;
mod policy;

mod help;
mod place;

mod site;
