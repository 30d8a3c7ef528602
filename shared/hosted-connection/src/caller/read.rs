//! Reads a caller, and finds everything that is wrong with it in one pass.
//!
//! What is stored is read by the same rules: a member that this version does not know may forbid something, and a caller that
//! is not understood may do nothing.

use std::collections::BTreeSet;

use super::{Allowed, Caller, Principal, Reach};
use crate::body;
use crate::json::{Json, Object};
use crate::report::Report;
use crate::request::required;
use crate::{Bandwidth, OwnerAccount, ParentConnection, Violation, ViolationCode};

const FIELDS: [&str; 6] = [
    "principals",
    "keyPrefix",
    "ownerAccounts",
    "parents",
    "bandwidths",
    "readsAndReleases",
];

/// In place of a list: everything is allowed.
pub(super) const ANY: &str = "any";

impl Caller {
    /// Reads a caller: UTF-8 JSON of at most [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    ///
    /// # Errors
    /// Everything that is wrong with it, together; never empty.
    pub fn parse(text: &[u8]) -> Result<Self, Vec<Violation>> {
        let mut report = Report::default();
        let caller = body::read(text, &FIELDS, &mut report, read_fields);
        caller.ok_or_else(|| report.into_violations())
    }
}

fn read_fields(body: &Object, report: &mut Report) -> Option<Caller> {
    let principals = list(body, "/principals", read_principal, report);
    let key_prefix = required(body, "/keyPrefix", read_prefix, report);
    let owners = allowed(body, "/ownerAccounts", OwnerAccount::read, report);
    let parents = allowed(body, "/parents", ParentConnection::read, report);
    let bandwidths = allowed(body, "/bandwidths", Bandwidth::read, report);
    let reach = required(body, "/readsAndReleases", read_reach, report);
    Some(Caller {
        principals: principals?,
        key_prefix: key_prefix?,
        owner_accounts: owners?,
        parents: parents?,
        bandwidths: bandwidths?,
        reads_and_releases: reach?,
    })
}

fn read_principal(value: &Json) -> Result<Principal, Violation> {
    // The entry's place in the list is told by whoever reads the list.
    let text = value.as_text("")?;
    Principal::parse(text).map_err(|message| Violation::new("", ViolationCode::Malformed, message))
}

/// An empty prefix would make every key this caller's.
fn read_prefix(value: &Json) -> Result<String, Violation> {
    const POINTER: &str = "/keyPrefix";
    let text = value.as_text(POINTER)?;
    let refuse = |code, message: String| Err(Violation::new(POINTER, code, message));
    if !(1..=Caller::MAX_PREFIX_CHARACTERS).contains(&text.chars().count()) {
        let message = format!(
            "must have 1 to {} characters",
            Caller::MAX_PREFIX_CHARACTERS
        );
        return refuse(ViolationCode::OutOfRange, message);
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = "must be visible ASCII characters only, without spaces, as keys are";
        return refuse(ViolationCode::Malformed, message.to_owned());
    }
    Ok(text.to_owned())
}

fn read_reach(value: &Json) -> Result<Reach, Violation> {
    const POINTER: &str = "/readsAndReleases";
    match value.as_text(POINTER)? {
        "own" => Ok(Reach::Own),
        "all" => Ok(Reach::All),
        _ => Err(Violation::new(
            POINTER,
            ViolationCode::Malformed,
            "must be own or all",
        )),
    }
}

/// A list, or the word for everything.
fn allowed<T: Ord>(
    body: &Object,
    pointer: &str,
    read: impl Fn(&Json) -> Result<T, Violation>,
    report: &mut Report,
) -> Option<Allowed<T>> {
    match body.first(&pointer[1..]) {
        Some(Json::String(word)) if word == ANY => Some(Allowed::Any),
        Some(Json::String(_)) => {
            let message = "must be a list, or any";
            report.push(pointer, ViolationCode::Malformed, message);
            None
        }
        Some(_) | None => list(body, pointer, read, report).map(Allowed::Only),
    }
}

/// A list that names each of its entries once, and at least one: an empty list could mean none or all.
fn list<T: Ord>(
    body: &Object,
    pointer: &str,
    read: impl Fn(&Json) -> Result<T, Violation>,
    report: &mut Report,
) -> Option<BTreeSet<T>> {
    let items = match body.first(&pointer[1..]) {
        None => {
            report.push(pointer, ViolationCode::Missing, "is required");
            return None;
        }
        Some(Json::List(items)) => items,
        Some(other) => return report.keep(Err(other.wrong_type(pointer, "a list"))),
    };
    if items.is_empty() {
        let message = "must name at least one";
        report.push(pointer, ViolationCode::OutOfRange, message);
    }
    let mut set = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let field = format!("{pointer}/{index}");
        match read(item) {
            Err(violation) => report.push(&field, violation.code, violation.message),
            Ok(entry) if set.contains(&entry) => {
                report.push(&field, ViolationCode::Duplicate, "is in the list already");
            }
            Ok(entry) => drop(set.insert(entry)),
        }
    }
    Some(set)
}
