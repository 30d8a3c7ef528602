//! Everything that may ever be written on an allocation record, its VLAN lease and its parent's policy: one table.
//!
//! A row says from which states a transition may come and on what condition, what it sets and removes, what it does to
//! the lease and the policy, and what it owes. The ledger makes every request to DynamoDB from it, the model of the
//! protocol plays it, and `docs/transitions.md` shows it. It is data and pure functions: no AWS, no clock, no
//! decisions. Which transition comes next is the flow's business.
//!
//! Modules in reading order: what a row is made of, the rows, the table, and then what a row means: as expressions of
//! DynamoDB, and played on an item in memory.

mod state;

mod attribute;

mod given;

mod write;

mod name;

mod transition;

mod order;

mod outcome;

mod resolution;

mod lifecycle;

mod lease;

mod adoption;

mod policy;

mod table;

mod expression;

mod play;

pub use attribute::Attribute;
pub use expression::{Form, Statement, condition, mentioned, statement, update};
pub use given::Given;
pub use name::{LeaseWrite, Name, PolicyWrite};
pub use play::{Changing, Fact, holds, play};
pub use state::State;
pub use table::Table;
pub use transition::{LeaseSteps, Owes, Transition};
pub use write::{Change, Check, Set, Value, Write};
