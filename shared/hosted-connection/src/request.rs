//! A request for a hosted connection. Each field is its own type, parsed once.

mod bandwidth;
mod connection_name;
mod idempotency_key;
mod owner_account;
mod parent_connection;
mod placement;
mod stored;
mod tags;
mod target;
mod vlan;
mod vlan_set;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::json::{Json, Object};
use crate::report::Report;
use crate::{Fingerprint, Violation, ViolationCode};
use placement::CanonicalPlacement;

pub use bandwidth::Bandwidth;
pub use connection_name::ConnectionName;
pub use idempotency_key::IdempotencyKey;
pub use owner_account::OwnerAccount;
pub use parent_connection::ParentConnection;
pub use placement::{Among, DiverseBy, DiverseFrom, Placement, Scope};
pub use tags::{Tag, Tags};
pub use target::Target;
pub use vlan::{NotAVlanRange, Vlan, VlanRange};
pub use vlan_set::VlanSet;

/// The members of a request's JSON object.
pub(crate) const FIELDS: [&str; 7] = [
    "connectionId",
    "ownerAccount",
    "bandwidth",
    "connectionName",
    "vlan",
    "tags",
    target::PLACEMENT,
];

/// The member of a body's JSON object that names the order.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotencyKey";

/// What AllocateHostedConnection is asked for, in the API's field names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllocationRequest {
    /// What is to carry the connection: `connectionId` or `placement`.
    pub target: Target,
    /// The customer, who will own the connection.
    pub owner_account: OwnerAccount,
    /// The bandwidth.
    pub bandwidth: Bandwidth,
    /// The connection's name.
    pub connection_name: ConnectionName,
    /// The VLAN on the parent; when absent a free one is assigned.
    pub vlan: Option<Vlan>,
    /// The tags; empty when absent.
    pub tags: Tags,
}

impl AllocationRequest {
    /// Tells requests apart by content: the order of members and of tags, white space and escapes make no difference,
    /// everything else does. An absent VLAN differs from every VLAN, an absent tag value from an empty one.
    ///
    /// Fingerprints are stored. A change of the canonical form would make every replay look like a reused key.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(crate::json::text_of(&Canonical::from(self)).as_bytes())
    }

    /// Whether it is the request that an adopted connection's record stands for. The partner does not see the tags of a
    /// hosted connection, so such a record knows none, and they are not compared; everything else is.
    pub fn is_as_adopted(&self, adopted: &Fingerprint) -> bool {
        let untagged = Self {
            tags: Tags::default(),
            ..self.clone()
        };
        untagged.fingerprint() == *adopted
    }

    /// The interconnect or LAG: the one that is named, or the one that was chosen. None before one is.
    pub fn parent(&self) -> Option<&ParentConnection> {
        match &self.target {
            Target::Parent(parent) => Some(parent),
            Target::Placement(placement) => placement.chosen.as_ref(),
        }
    }

    /// What the parent is to be chosen by; none where it is named.
    pub fn placement(&self) -> Option<&Placement> {
        match &self.target {
            Target::Parent(_) => None,
            Target::Placement(placement) => Some(placement),
        }
    }

    /// The parent that was chosen; none where it is named, or none is chosen yet.
    pub fn chosen_parent(&self) -> Option<&ParentConnection> {
        self.placement()?.chosen.as_ref()
    }

    /// The same request with its choice made, where there is one to make, and why for people.
    #[must_use]
    pub fn with_chosen(mut self, parent: Option<ParentConnection>, why: Option<String>) -> Self {
        if let Target::Placement(placement) = &mut self.target {
            placement.chosen = parent;
            placement.why = why;
        }
        self
    }

    /// The request as JSON text: `vlan` is left out when absent, `tags` is always a list, in the caller's order. It is
    /// stored; [`from_stored_json`](Self::from_stored_json) has to read whatever any version of this wrote.
    pub fn to_json(&self) -> String {
        crate::json::text_of(&stored::ToStore(self))
    }

    /// Reads the fields of `body`; nothing, if anything is reported. Unknown and repeated members are not its business.
    /// `own` is the order's key, if there is one.
    pub(crate) fn read(
        body: &Object,
        own: Option<&IdempotencyKey>,
        report: &mut Report,
    ) -> Option<Self> {
        let target = Target::read(body, own, report);
        let owner_account = required(body, OwnerAccount::POINTER, OwnerAccount::read, report);
        let bandwidth = required(body, Bandwidth::POINTER, Bandwidth::read, report);
        let connection_name = required(body, ConnectionName::POINTER, ConnectionName::read, report);
        // Refused and absent are different things: the outer `Option` is for refused.
        let vlan = body
            .first("vlan")
            .map(|value| report.keep(Vlan::read(value)));
        let tags = body.first("tags").map(|value| Tags::read(value, report));
        Some(Self {
            target: target?,
            owner_account: owner_account?,
            bandwidth: bandwidth?,
            connection_name: connection_name?,
            vlan: vlan.map_or(Some(None), |vlan| vlan.map(Some))?,
            tags: tags.unwrap_or(Some(Tags::default()))?,
        })
    }
}

/// As it was asked for.
impl Serialize for AllocationRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write(serializer, None)
    }
}

impl AllocationRequest {
    /// Its members, and `scope` where that is to be kept.
    fn write<S: Serializer>(
        &self,
        serializer: S,
        scope: Option<&Scope>,
    ) -> Result<S::Ok, S::Error> {
        let mut request = serializer.serialize_struct("AllocationRequest", FIELDS.len())?;
        match &self.target {
            Target::Parent(parent) => request.serialize_field("connectionId", parent)?,
            Target::Placement(placement) => {
                request.serialize_field(target::PLACEMENT, placement)?;
            }
        }
        request.serialize_field("ownerAccount", &self.owner_account)?;
        request.serialize_field("bandwidth", &self.bandwidth)?;
        request.serialize_field("connectionName", &self.connection_name)?;
        if let Some(vlan) = &self.vlan {
            request.serialize_field("vlan", vlan)?;
        }
        request.serialize_field("tags", &self.tags)?;
        if let Some(scope) = scope {
            request.serialize_field(stored::SCOPE, scope)?;
        }
        request.end()
    }
}

/// The fingerprint's form: members sorted by name, tags by key, nothing empty.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Canonical<'a> {
    bandwidth: Bandwidth,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'a ParentConnection>,
    connection_name: &'a ConnectionName,
    owner_account: &'a OwnerAccount,
    #[serde(skip_serializing_if = "Option::is_none")]
    placement: Option<CanonicalPlacement<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<&'a Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vlan: Option<Vlan>,
}

impl<'a> From<&'a AllocationRequest> for Canonical<'a> {
    fn from(request: &'a AllocationRequest) -> Self {
        let mut tags: Vec<_> = request.tags.iter().collect();
        tags.sort_by(|one, other| one.key.cmp(&other.key));
        let (connection_id, placement) = match &request.target {
            Target::Parent(parent) => (Some(parent), None),
            Target::Placement(placement) => (None, Some(placement.as_ref().into())),
        };
        Self {
            bandwidth: request.bandwidth,
            connection_id,
            connection_name: &request.connection_name,
            owner_account: &request.owner_account,
            placement,
            tags,
            vlan: request.vlan,
        }
    }
}

/// Reads the member at `pointer`, or reports that it is missing.
pub(crate) fn required<T>(
    body: &Object,
    pointer: &str,
    read: impl Fn(&Json) -> Result<T, Violation>,
    report: &mut Report,
) -> Option<T> {
    let missing = || Violation::new(pointer, ViolationCode::Missing, "is required");
    let name = pointer.trim_start_matches('/');
    report.keep(body.first(name).ok_or_else(missing).and_then(read))
}
