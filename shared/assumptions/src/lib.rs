//! What is assumed about AWS: an id for each assumption, and the report that says which of them hold.
//!
//! `docs/assumptions.md` says in words what each id means. `operator conformance` writes the report, the local cloud behaves
//! as a report says, and `operator doctor` compares a report with the configuration. This crate asks AWS nothing and
//! decides nothing, and no function contains it.

mod assumption;

mod seen;

mod report;

pub use assumption::{Assumption, Probed, Unknown};
pub use report::{Probe, Recommended, Report, ReportError, SCHEMA_VERSION, Verdict};
pub use seen::{Seen, Shown, Times};
