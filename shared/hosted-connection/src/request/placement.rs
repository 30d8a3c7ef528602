//! An order by place: the parent is left to us, within what the caller says.
//!
//! Which parent it becomes is not its knowledge; see `choice`.

mod read;
mod written;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{IdempotencyKey, ParentConnection};

pub(super) use written::{CanonicalPlacement, StoredPlacement};

const LOCATION: &str = "location";
const PARENTS: &str = "parents";
const DIVERSE_FROM: &str = "diverseFrom";

/// Where a connection may be. As JSON: `{"location": "EqDC2"}` or `{"parents": ["dxcon-…", "dxlag-…"]}`, either with
/// `"diverseFrom": {"idempotencyKey": "order-1", "by": "device"}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The parents to choose from.
    pub among: Among,
    /// The order to keep apart from.
    pub diverse_from: Option<DiverseFrom>,
    /// What whoever has placed the order may do; not a part of the request.
    pub scope: Scope,
    /// The parent that was chosen; not a part of the request.
    pub chosen: Option<ParentConnection>,
    /// Why that one, for people; known while it is being chosen.
    pub why: Option<String>,
}

/// The parents that a placement may choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// All at this location, by AWS's code for it.
    Location(String),
    /// These, in the caller's order.
    Parents(Vec<ParentConnection>),
}

/// That two connections must not fail together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DiverseFrom {
    /// The key of the other order.
    pub idempotency_key: IdempotencyKey,
    /// What the two must not share.
    pub by: DiverseBy,
}

/// What two connections must not share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DiverseBy {
    /// The device of AWS that they end on: `awsLogicalDeviceId`.
    Device,
    /// The location.
    Location,
}

/// What a caller may be given where callers are kept apart; the default is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Scope {
    #[serde(skip_serializing_if = "Option::is_none")]
    parents: Option<BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_prefix: Option<String>,
}

impl Scope {
    /// Only these parents, and of others' orders only those whose keys begin with `key_prefix`; all of what is absent.
    pub(crate) fn new(
        parents: Option<&BTreeSet<ParentConnection>>,
        key_prefix: Option<&str>,
    ) -> Self {
        let id = |parent: &ParentConnection| parent.as_str().to_owned();
        Self {
            parents: parents.map(|parents| parents.iter().map(id).collect()),
            key_prefix: key_prefix.map(str::to_owned),
        }
    }

    /// Whether the order may be put on this parent.
    pub fn has(&self, parent: &ParentConnection) -> bool {
        let parents = self.parents.as_ref();
        parents.is_none_or(|parents| parents.contains(parent.as_str()))
    }

    /// Whether the order with this key may be asked about.
    pub fn sees(&self, key: &IdempotencyKey) -> bool {
        let prefix = self.key_prefix.as_deref();
        prefix.is_none_or(|prefix| key.as_str().starts_with(prefix))
    }

    pub(super) fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

impl DiverseBy {
    /// Each.
    pub const ALL: [Self; 2] = [Self::Device, Self::Location];

    /// The value in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Location => "location",
        }
    }
}

impl Placement {
    pub(super) const POINTER: &str = "/placement";

    /// The most parents that can be listed.
    pub const MAX_PARENTS: usize = 50;

    /// What the characters of a location may be, as a regular expression for schemas: no control characters, and no white space
    /// around it. Spelt out, because what `\s` matches differs between regular expression engines.
    pub const LOCATION_PATTERN: &str = concat!(
        r"^[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]",
        r"([^\u0000-\u001f\u007f-\u009f]*",
        r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$"
    );
    /// The most characters of a location. AWS's codes have some 5 to 12.
    pub const MAX_LOCATION_CHARACTERS: usize = 100;

    /// A placement as it comes from a caller: nothing chosen, and everything permitted.
    pub(super) fn asked(among: Among, diverse_from: Option<DiverseFrom>) -> Self {
        Self {
            among,
            diverse_from,
            scope: Scope::default(),
            chosen: None,
            why: None,
        }
    }
}

/// In words, as it was asked for.
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.among {
            Among::Location(location) => write!(f, "location {location}")?,
            Among::Parents(parents) => {
                let ids: Vec<_> = parents.iter().map(ParentConnection::as_str).collect();
                write!(f, "one of {}", ids.join(", "))?;
            }
        }
        match &self.diverse_from {
            None => Ok(()),
            Some(other) => write!(
                f,
                " (apart from {} by {})",
                other.idempotency_key,
                other.by.as_str()
            ),
        }
    }
}
