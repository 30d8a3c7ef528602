//! Every endpoint of the page, asked rightly and wrongly.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod actions;
mod forms;
mod order;
mod pages;
mod site;
mod streams;
