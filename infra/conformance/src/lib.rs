//! Asks AWS whether it behaves as `docs/assumptions.md` says: `operator conformance`.
//!
//! It makes hosted connections of its own, looks at what becomes of them, and deletes them again; what it makes is noted in
//! a file before it is made, so that another process can finish. It decides by codes, states and lists, never by the text
//! of a message. It touches nothing that it did not make: no other connection, no order, and nothing in the table.
//!
//! Modules in reading order: what is asked for, how AWS is called, what is noted, what a run has at hand, the probes, and
//! the end of everything that was made.

mod setup;

mod words;

mod clients;
mod direct_connect;
mod events;
mod table;

mod anonymous;
mod made;

mod findings;
mod ground;
mod stop;

mod session;

mod look;

mod making;

mod deleting;

mod probes;

mod run;

mod cleanup;
mod clearing;

pub use cleanup::{Cleaned, CleanupError, cleanup};
pub use clearing::Left;
pub use clients::Clients;
pub use ground::{Ground, Unfit};
pub use made::{MadeError, made_path};
pub use run::{Outcome, run};
pub use setup::{Plan, Setup, Wrong, read};
pub use stop::{Stop, Stopper};
