//! The fake cloud spoken to through the wire, without any SDK: it has to be right on its own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod associate;
mod deletion;
mod direct_connect;
mod lags;
mod lists;
mod parents;
mod states;
mod switches;

mod dynamodb;
mod indexes;

mod event_bus;
mod moves;
mod sqs;

mod crowd;
mod faults;
mod persistence;
mod serve;

mod units;
mod wire;
