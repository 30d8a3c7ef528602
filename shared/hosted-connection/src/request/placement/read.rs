//! Reading a placement as a caller sent it, with everything that is wrong with it.

use super::{Among, DIVERSE_FROM, DiverseBy, DiverseFrom, LOCATION, PARENTS, Placement};
use crate::json::{Json, Object};
use crate::report::Report;
use crate::request::{IDEMPOTENCY_KEY, IdempotencyKey, ParentConnection};
use crate::{Violation, ViolationCode};

const BY: &str = "by";

impl Placement {
    /// Reads a placement; nothing, if anything is reported. `own` is the key of the order that it is of.
    pub(in crate::request) fn read(
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
