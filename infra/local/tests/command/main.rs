//! The `local` command as somebody at a terminal uses it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod invoke;
mod morning;
mod prove;
mod serve;

mod process;
