//! Why a parent cannot take an order by place.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Code, ParentConnection, Vlan, VlanRange};

/// One parent that cannot take the order, and why: `{"connectionId": "dxcon-…", "code": "CapacityExceeded", "message": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The interconnect or LAG.
    #[serde(deserialize_with = "stored")]
    pub connection_id: ParentConnection,
    /// The kind of reason.
    pub code: CandidateCode,
    /// The reason in words.
    pub message: String,
}

/// The kinds of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CandidateCode {
    /// It is not in use, belongs to a LAG, or carries no hosted connections.
    NotAvailable,
    /// It shares what the order is to be kept apart by.
    NotDiverse,
    /// The caller may not order on it.
    NotPermitted,
    /// What an order that names it would be told.
    AsOnParent(Code),
}

impl CandidateCode {
    /// Every one that there can be, in the order in which they are judged.
    pub const ALL: [Self; 9] = [
        Self::NotPermitted,
        Self::AsOnParent(Code::NotFound),
        Self::NotAvailable,
        Self::NotDiverse,
        Self::AsOnParent(Code::InvalidRequest),
        Self::AsOnParent(Code::CapacityExceeded),
        Self::AsOnParent(Code::VlanInUse),
        Self::AsOnParent(Code::NoVlanAvailable),
        Self::AsOnParent(Code::RefusedByDirectConnect),
    ];

    /// The code as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAvailable => "NotAvailable",
            Self::NotDiverse => "NotDiverse",
            Self::NotPermitted => "NotPermitted",
            Self::AsOnParent(code) => code.as_str(),
        }
    }
}

impl fmt::Display for CandidateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CandidateCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CandidateCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let known = Self::ALL.into_iter().find(|code| code.as_str() == text);
        known.ok_or_else(|| D::Error::custom("no such code of a candidate"))
    }
}

fn stored<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ParentConnection, D::Error> {
    String::deserialize(deserializer).map(ParentConnection::from_stored)
}

impl Candidate {
    /// A reason against `parent`.
    pub(crate) fn new(
        parent: &ParentConnection,
        code: CandidateCode,
        message: impl Into<String>,
    ) -> Self {
        Self {
            connection_id: parent.clone(),
            code,
            message: message.into(),
        }
    }

    /// Somebody else has the VLAN.
    pub fn vlan_in_use(parent: &ParentConnection, vlan: Vlan) -> Self {
        let message = format!("VLAN {} is already in use on this parent.", vlan.get());
        Self::new(parent, CandidateCode::AsOnParent(Code::VlanInUse), message)
    }

    /// Every VLAN of the range is taken, or not for sale.
    pub fn no_vlan_available(parent: &ParentConnection, range: VlanRange) -> Self {
        let message = format!("No VLAN of the range {range} is free on this parent.");
        let code = CandidateCode::AsOnParent(Code::NoVlanAvailable);
        Self::new(parent, code, message)
    }

    /// Direct Connect does not show what is on it.
    pub fn refused(parent: &ParentConnection, message: &str) -> Self {
        let code = CandidateCode::AsOnParent(Code::RefusedByDirectConnect);
        Self::new(parent, code, message)
    }

    /// It is not there, or not any more.
    pub fn not_found(parent: &ParentConnection) -> Self {
        let message = "There is no such interconnect or LAG in this account and region.";
        Self::new(parent, CandidateCode::AsOnParent(Code::NotFound), message)
    }

    pub(super) fn not_permitted(parent: &ParentConnection) -> Self {
        let message = "It is not one of the interconnects and LAGs that this caller may order on.";
        Self::new(parent, CandidateCode::NotPermitted, message)
    }
}
