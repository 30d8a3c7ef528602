//! What became of an order, finally.

use serde::{Deserialize, Serialize};

use crate::{Connection, Rejection};

/// A final result: recorded once, and the same on every replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::large_enum_variant,
    reason = "made once per order and moved a few times; a box would be noise"
)]
pub enum Outcome {
    /// The hosted connection exists, as Direct Connect returned it.
    Allocated(Connection),
    /// It does not, and will not.
    Rejected(Rejection),
}
