//! A placement as it is written: in answers and events, in the fingerprint, and in the table.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::{Among, DIVERSE_FROM, DiverseBy, DiverseFrom, LOCATION, PARENTS, Placement, Scope};
use crate::request::{IdempotencyKey, ParentConnection};

/// As it was asked for.
impl Serialize for Placement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut placement = serializer.serialize_map(None)?;
        match &self.among {
            Among::Location(location) => placement.serialize_entry(LOCATION, location)?,
            Among::Parents(parents) => placement.serialize_entry(PARENTS, parents)?,
        }
        if let Some(diverse_from) = &self.diverse_from {
            placement.serialize_entry(DIVERSE_FROM, diverse_from)?;
        }
        placement.end()
    }
}

/// The fingerprint's form: members sorted by name, parents by id. The order of the list says nothing, since the choice
/// does not go by it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::request) struct CanonicalPlacement<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    diverse_from: Option<CanonicalDiverseFrom<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parents: Vec<&'a ParentConnection>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CanonicalDiverseFrom<'a> {
    by: DiverseBy,
    idempotency_key: &'a IdempotencyKey,
}

impl<'a> From<&'a Placement> for CanonicalPlacement<'a> {
    fn from(placement: &'a Placement) -> Self {
        let (location, mut parents) = match &placement.among {
            Among::Location(location) => (Some(location.as_str()), Vec::new()),
            Among::Parents(parents) => (None, parents.iter().collect()),
        };
        parents.sort_unstable();
        let diverse_from = placement.diverse_from.as_ref();
        Self {
            diverse_from: diverse_from.map(|diverse| CanonicalDiverseFrom {
                by: diverse.by,
                idempotency_key: &diverse.idempotency_key,
            }),
            location,
            parents,
        }
    }
}

/// What was stored of a placement, in any version.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::request) struct StoredPlacement {
    location: Option<String>,
    #[serde(default)]
    parents: Vec<String>,
    diverse_from: Option<StoredDiverseFrom>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredDiverseFrom {
    idempotency_key: String,
    by: DiverseBy,
}

impl StoredPlacement {
    pub(in crate::request) fn read(self, scope: Scope) -> Placement {
        let parents = self.parents.into_iter().map(ParentConnection::from_stored);
        let among = match self.location {
            Some(location) => Among::Location(location),
            None => Among::Parents(parents.collect()),
        };
        let diverse_from = self.diverse_from.map(|diverse| DiverseFrom {
            idempotency_key: IdempotencyKey::from_stored(&diverse.idempotency_key),
            by: diverse.by,
        });
        Placement {
            scope,
            ..Placement::asked(among, diverse_from)
        }
    }
}
