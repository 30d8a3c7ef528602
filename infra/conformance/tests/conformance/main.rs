//! A run on the local cloud in all its settings, killed at every request, and on an endpoint that answers wrongly.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod faults;
mod killed;
mod names;
mod recorded;
mod settings;
mod wrong;

mod partner;
