//! The ledger: what has been asked for, who is working on it, what came of it, and which VLANs are spoken for.
//!
//! One DynamoDB table. Everything that may be written on a record, a VLAN lease or a policy is a row of the table in
//! the crate `transitions`, and every request is made from it in one place (`draft`). Every write says in its condition
//! what it takes for granted, and every refused write brings back the item that refused it: so the loser of a race
//! learns why in the same round trip, and a write whose answer was lost recognises its own earlier success. It knows
//! states and tokens; what to do next is the flow's business.
//!
//! Modules in reading order: what the items hold; how a write is made and sent; what is written; what is read.

mod history;
mod item;
mod keys;

mod claim;
mod lease;
mod lifecycle;
mod memory;
mod policy;
mod record;

mod draft;
mod ledger;
mod recognise;
mod sheet;
mod transact;

mod adopting;
mod claiming;
mod following;
mod leases;
mod moving;
mod new_record;
mod outcome;
mod policies;
mod publication;
mod reserving;
mod resolved_leases;
mod resolving;
mod takeover;
mod turn;
mod unclaimed;

mod callers;
mod known_places;
mod listing;
mod parents;
mod places;
mod remembering;
mod services;
mod table_check;
mod unfinished;

use std::time::Duration;

pub use adopting::{Adopted, Adoption, Forgotten};
pub use claim::{Claim, ClaimAnswer, KnownKey, NewClaim, Orphan};
pub use following::{LeaseChange, Saved};
pub use history::{HistoryEntry, shortened};
pub use known_places::PLACE_KNOWN_FOR;
pub use lease::Lease;
pub use ledger::Ledger;
pub use lifecycle::{ConnectionNote, Lifecycle, Moving, Refused, Release};
pub use listing::{OwnKeys, PAGE_SIZE, Page, Position};
pub use memory::Memory;
pub use moving::Moved;
pub use outcome::{Recorded, VlanSwitch};
pub use parents::ParentView;
pub use policy::PolicyState;
pub use publication::Published;
pub use record::Record;
pub use remembering::Recalled;
pub use reserving::MoveBegun;
pub use resolving::Resolved;
pub use services::Services;
pub use table_check::TableCheck;
pub use transitions::{State, Table};
pub use turn::Turn;

/// Records whose connection never was are kept this long after their event is out: far longer than the 14 days that
/// a queue can hold a message.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);
