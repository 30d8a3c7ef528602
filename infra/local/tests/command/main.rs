//! The `local` command as somebody at a terminal uses it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod day;
mod first_day;
mod invoke;
mod measured;
mod prove;
mod serve;

mod process;
mod server;
