//! What the product promises, proved through the wire: the real function and the real SDKs against the local cloud,
//! with a paused clock.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "panicking is how a test fails"
)]

mod answers;
mod meddler;
mod partner;
mod placement;

mod adoption;
mod alone;
mod assumptions;
mod bad_input;
mod batch;
mod callers;
mod crash_points;
mod doors;
mod dry_run;
mod events;
mod inspect;
mod links;
mod logs;
mod members;
mod memory;
mod metrics;
mod operator;
mod policies;
mod promises;
mod properties;
mod publication;
mod records;
mod release;
mod sequence;
mod takeover;
mod template;
mod traces;
mod track;
mod transitions;
mod units;
mod unkind;
mod vlans;
