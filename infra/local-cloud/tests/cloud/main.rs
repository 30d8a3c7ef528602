//! The fake cloud spoken to through the wire, without any SDK: it has to be right on its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod direct_connect;
mod dynamodb;
mod event_bus;
mod sqs;

mod faults;
mod persistence;
mod serve;

mod wire;
