//! An order by place: the parent is left to us, within what the caller says.
//!
//! Which parent it becomes is not its knowledge; see `choice`.

use std::collections::BTreeSet;
use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::{IDEMPOTENCY_KEY, IdempotencyKey, ParentConnection};
use crate::json::{Json, Object};
use crate::report::Report;
use crate::{Violation, ViolationCode};

const LOCATION: &str = "location";
const PARENTS: &str = "parents";
const DIVERSE_FROM: &str = "diverseFrom";
const BY: &str = "by";

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

    /// Reads a placement; nothing, if anything is reported. `own` is the key of the order that it is of.
    pub(super) fn read(
        value: &Json,
        own: Option<&IdempotencyKey>,
        report: &mut Report,
    ) -> Option<Self> {
        let Some(placement) = value.as_object() else {
            return report.keep(Err(value.wrong_type(Self::POINTER, "an object")));
        };
        let known = [LOCATION, PARENTS, DIVERSE_FROM];
        placement.report_unknown(&known, None, Self::POINTER, report);
        let among = read_among(placement, report);
        let diverse_from = placement
            .first(DIVERSE_FROM)
            .map(|value| read_diverse_from(value, own, report));
        // Refused and absent are different things: the outer `Option` is for refused.
        let diverse_from = diverse_from.map_or(Some(None), |diverse| diverse.map(Some));
        Some(Self::asked(among?, diverse_from?))
    }
}

fn pointer(member: &str) -> String {
    format!("{}/{member}", Placement::POINTER)
}

fn read_among(placement: &Object, report: &mut Report) -> Option<Among> {
    let location = placement
        .first(LOCATION)
        .map(|value| report.keep(read_location(value)));
    let parents = placement
        .first(PARENTS)
        .map(|value| read_parents(value, report));
    match (location, parents) {
        (Some(location), None) => location.map(Among::Location),
        (None, Some(parents)) => parents.map(Among::Parents),
        (None, None) => {
            let message = "is required, unless there are parents";
            report.push(&pointer(LOCATION), ViolationCode::Missing, message);
            None
        }
        (Some(_), Some(_)) => {
            let message = "must not be there together with location";
            report.push(&pointer(PARENTS), ViolationCode::Duplicate, message);
            None
        }
    }
}

fn read_location(value: &Json) -> Result<String, Violation> {
    let refuse = |code, message: String| Err(Violation::new(pointer(LOCATION), code, message));
    let location = value.as_text(&pointer(LOCATION))?;
    let characters = location.chars().count();
    if !(1..=Placement::MAX_LOCATION_CHARACTERS).contains(&characters) {
        let most = Placement::MAX_LOCATION_CHARACTERS;
        let message = format!("must have 1 to {most} characters");
        return refuse(ViolationCode::OutOfRange, message);
    }
    if location.chars().any(char::is_control) || location.trim() != location {
        let message = "must be a location's code, as DescribeLocations has it: no control characters, no space around it";
        return refuse(ViolationCode::Malformed, message.to_owned());
    }
    Ok(location.to_owned())
}

fn read_parents(value: &Json, report: &mut Report) -> Option<Vec<ParentConnection>> {
    let Json::List(items) = value else {
        return report.keep(Err(value.wrong_type(&pointer(PARENTS), "a list")));
    };
    let most = Placement::MAX_PARENTS;
    if items.is_empty() {
        let message = format!("must have 1 to {most} parents");
        report.push(&pointer(PARENTS), ViolationCode::OutOfRange, message);
        return None;
    }
    if items.len() > most {
        let message = format!("must be at most {most} parents");
        report.push(&pointer(PARENTS), ViolationCode::TooMany, message);
    }
    let mut parents = Vec::with_capacity(items.len().min(most));
    for (index, item) in items.iter().enumerate() {
        let at = pointer(&format!("{PARENTS}/{index}"));
        let parsed = item.as_text(&at).and_then(|text| {
            ParentConnection::parse(text).map_err(|violation| Violation {
                field: at.clone(),
                ..violation
            })
        });
        let Some(parent) = report.keep(parsed) else {
            continue;
        };
        if parents.contains(&parent) {
            let message = "is in the list already";
            report.push(&at, ViolationCode::Duplicate, message);
        } else if parents.len() < most {
            parents.push(parent);
        }
    }
    (parents.len() == items.len()).then_some(parents)
}

fn read_diverse_from(
    value: &Json,
    own: Option<&IdempotencyKey>,
    report: &mut Report,
) -> Option<DiverseFrom> {
    let at = pointer(DIVERSE_FROM);
    let Some(diverse) = value.as_object() else {
        return report.keep(Err(value.wrong_type(&at, "an object")));
    };
    diverse.report_unknown(&[IDEMPOTENCY_KEY, BY], None, &at, report);
    let missing = |at: &str| Violation::new(at, ViolationCode::Missing, "is required");
    let key_at = format!("{at}/{IDEMPOTENCY_KEY}");
    let key = diverse
        .first(IDEMPOTENCY_KEY)
        .ok_or_else(|| missing(&key_at));
    let key = key.and_then(|value| read_key(value, &key_at, own));
    let by_at = format!("{at}/{BY}");
    let by = diverse.first(BY).ok_or_else(|| missing(&by_at));
    let by = by.and_then(|value| read_by(value, &by_at));
    let (idempotency_key, by) = (report.keep(key), report.keep(by));
    Some(DiverseFrom {
        idempotency_key: idempotency_key?,
        by: by?,
    })
}

fn read_key(
    value: &Json,
    at: &str,
    own: Option<&IdempotencyKey>,
) -> Result<IdempotencyKey, Violation> {
    let key = IdempotencyKey::parse(value.as_text(at)?).map_err(|violation| Violation {
        field: at.to_owned(),
        ..violation
    })?;
    if Some(&key) == own {
        let message = "is the order's own key; it has to be another order's";
        return Err(Violation::new(at, ViolationCode::Duplicate, message));
    }
    Ok(key)
}

fn read_by(value: &Json, at: &str) -> Result<DiverseBy, Violation> {
    let text = value.as_text(at)?;
    let known = DiverseBy::ALL.into_iter().find(|by| by.as_str() == text);
    let message = "must be device or location";
    known.ok_or_else(|| Violation::new(at, ViolationCode::Malformed, message))
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
pub(super) struct CanonicalPlacement<'a> {
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
pub(super) struct StoredPlacement {
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
    pub(super) fn read(self, scope: Scope) -> Placement {
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
