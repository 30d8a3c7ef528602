//! The life of a hosted connection after its allocation: its states are followed and published, releases carried
//! out, and nothing is left unfinished because its caller went away.
//!
//! What happened is recorded together with the events that it owes, in one write; only then do they go out. So of two
//! who see the same change one records it, and whoever dies in between is made good for by the next run.

mod change;
mod owed;

mod release;

mod follow;
mod moved;
mod mover;
mod moving;
mod orphans;

mod track;

pub use follow::{Followed, Follower, Ghost};
pub use mover::{MoveAnswer, Mover};
pub use orphans::Orphan;
pub use release::{Release, ReleaseAnswer, ReleaseDelivery, Releaser};
pub use track::{Report, Stuck, Tracker};
