//! What the product promises, proved through the wire: the real function and the real SDKs against the local cloud,
//! with a paused clock.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "panicking is how a test fails"
)]

mod meddler;
mod orders;
mod world;

mod batch;
mod crash_points;
mod publication;
mod takeover;
mod vlans;
