//! Explores what can go wrong with an order: the real function and the real SDKs against the local cloud, with a clock
//! that only moves when nobody has anything to do.
//!
//! A [`Schedule`] is one story: a [`Scenario`] and what goes wrong in it. It is deterministic, and has a text form that
//! replays it. [`explore`] goes through many of them and says which broke an invariant.

mod orders;
mod wire;
mod world;

mod by_hand;
mod claimed;

mod admission;
mod allowed;
mod conditions;
mod happening;
mod incident;
mod manner;
mod memory;
mod run;
mod sabotage;
mod scenario;
mod schedule;

mod bounds;
mod brownfield;
mod faults;
mod hold;
mod interleaving;
mod life;
mod placed;
mod turnstile;

mod invariants;
mod words;

mod explore;
mod plan;
mod processors;
mod report;
mod visibility;

pub use bounds::Bounds;
pub use brownfield::{Brownfield, Meeting};
pub use by_hand::Decision;
pub use claimed::order;
pub use conditions::Conditions;
pub use explore::{Exploration, Finding, explore};
pub use happening::Happening;
pub use incident::Incident;
pub use life::{Course, Life};
pub use manner::Manner;

pub use orders::{
    FIFO_ARN, OWNER, PARENT, QUEUE_ARN, delete, delivered, fifo_record, get, http, record, request,
    returned, schedule, sqs, with_key,
};
pub use placed::{Between, Placed};
pub use plan::Plan;
pub use report::{Cell, Report};
pub use run::Run;
pub use sabotage::Sabotage;
pub use scenario::{Door, Scenario};
pub use schedule::{Schedule, ScheduleSyntax};
pub use visibility::{Broken, Grid, Tried, visibility};
pub use world::{Invocation, Program, TIMEOUT, World};
