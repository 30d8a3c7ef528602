//! Where a hosted connection is to be: on a parent that is named, or wherever it fits.

use std::fmt;

use super::{ParentConnection, Placement};
use crate::json::Object;
use crate::report::Report;
use crate::{IdempotencyKey, ViolationCode};

/// The member of a request that leaves the parent to us.
pub(super) const PLACEMENT: &str = "placement";

/// What a hosted connection is to be allocated on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// This interconnect or LAG.
    Parent(ParentConnection),
    /// One that is chosen. Boxed: most requests name their parent.
    Placement(Box<Placement>),
}

/// In words, as it was asked for.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent(parent) => parent.fmt(f),
            Self::Placement(placement) => placement.fmt(f),
        }
    }
}

impl Target {
    /// Reads `connectionId` or `placement`, exactly one of which has to be there. `own` is the order's own key.
    pub(super) fn read(
        body: &Object,
        own: Option<&IdempotencyKey>,
        report: &mut Report,
    ) -> Option<Self> {
        let parent = body
            .first(ParentConnection::POINTER.trim_start_matches('/'))
            .map(|value| report.keep(ParentConnection::read(value)));
        let placement = body
            .first(PLACEMENT)
            .map(|value| Placement::read(value, own, report));
        match (parent, placement) {
            (Some(parent), None) => parent.map(Self::Parent),
            (None, Some(placement)) => placement.map(|placement| Self::Placement(placement.into())),
            (None, None) => {
                let message = "is required, unless there is a placement";
                report.push(ParentConnection::POINTER, ViolationCode::Missing, message);
                None
            }
            (Some(_), Some(_)) => {
                let message = "must not be there together with connectionId: one of them says where the connection is to be";
                report.push(Placement::POINTER, ViolationCode::Duplicate, message);
                None
            }
        }
    }
}
