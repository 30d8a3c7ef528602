//! What comes between in a story: a request goes wrong, or something happens at Direct Connect between two requests.

use std::fmt;

use local_cloud::FaultKind;

use crate::happening::Happening;

/// What comes between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incident {
    /// A request goes wrong.
    Fault(FaultKind),
    /// Something happens just before a request is sent.
    Happening(Happening),
}

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(kind) => kind.fmt(f),
            Self::Happening(happening) => happening.fmt(f),
        }
    }
}

impl From<FaultKind> for Incident {
    fn from(kind: FaultKind) -> Self {
        Self::Fault(kind)
    }
}

impl From<Happening> for Incident {
    fn from(happening: Happening) -> Self {
        Self::Happening(happening)
    }
}

/// Incidents of a story, each with the position of a request, from 1.
pub(crate) type Incidents = [(u64, Incident)];

/// The happenings among `incidents`.
pub(crate) fn happenings(incidents: &Incidents) -> impl Iterator<Item = (u64, &Happening)> {
    incidents.iter().filter_map(|(k, incident)| match incident {
        Incident::Happening(happening) => Some((*k, happening)),
        Incident::Fault(_) => None,
    })
}

pub(crate) fn is_direct_connects(operation: &str) -> bool {
    matches!(
        operation,
        "AllocateHostedConnection"
            | "DescribeHostedConnections"
            | "DescribeInterconnects"
            | "DescribeLags"
            | "DeleteConnection"
    )
}

/// Whether `kind` says something of `operation`: what only Direct Connect answers is told of its operations, and an answer
/// without its list of those that have one (an empty one of DynamoDB's says that there is no item, and would be a lie).
pub(crate) fn is_told_of(kind: &FaultKind, operation: &str) -> bool {
    match kind {
        // A refused question is the same, answered or not.
        FaultKind::ApplyThenClientException => {
            matches!(operation, "AllocateHostedConnection" | "DeleteConnection")
        }
        FaultKind::ClientExceptionBefore => is_direct_connects(operation),
        FaultKind::ExpiredPageToken => operation == "DescribeHostedConnections",
        FaultKind::ApplyThenWithoutList => {
            is_direct_connects(operation) && operation != "DeleteConnection"
        }
        _ => true,
    }
}
