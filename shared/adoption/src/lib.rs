//! Bringing connections that are already there under a record, and dropping such a record again.
//!
//! Whoever installs this product has living connections that it knows nothing of. With a record each of them is followed,
//! replayed and released like an order's. Nothing here allocates, changes or deletes a connection. It belongs to an
//! operator's command and is no part of the functions.
//!
//! Modules in reading order: which connections are wanted; what is known of them; what is to become of each; doing it;
//! and undoing it.

mod list;

mod patience;
mod survey;

mod judge;
mod plan;

mod adopt;

mod forget;

pub use adopt::{Adopter, Report};
pub use forget::{Forgetting, forget, keeps};
pub use list::{Fault, Line, Wanted, parse};
pub use plan::{Fate, Item, Plan};
pub use survey::Failure;
