//! What is asked for.

use doors::Refusal;
use doors::http::Request;
use hosted_connection::{
    Code, IdempotencyKey, OrderStatus, ParentConnection, Violation, ViolationCode,
};
use ledger::{PAGE_SIZE, Position};

use crate::cursor;

const ALLOCATIONS: &str = "/allocations";
const ALLOCATION: &str = "/allocations/";
const PARENT: &str = "/parents/";
const METHODS: [&str; 2] = ["GET", "HEAD"];
const PARAMETERS: [&str; 4] = ["parent", "state", "limit", "cursor"];

/// A question.
#[derive(Debug)]
pub(crate) enum Route {
    /// `GET /allocations/{key}`
    Allocation(IdempotencyKey),
    /// `GET /allocations?parent=&state=&limit=&cursor=`
    Allocations(Question),
    /// `GET /parents/{connectionId}`
    Parent(ParentConnection),
}

/// Which allocations are to be listed.
#[derive(Debug)]
pub(crate) struct Question {
    /// On which parent; none means all.
    pub(crate) parent: Option<ParentConnection>,
    /// Of which status; none means any.
    pub(crate) status: Option<OrderStatus>,
    /// Where the list goes on.
    pub(crate) after: Option<Position>,
    /// How many at the most.
    pub(crate) most: usize,
}

impl Route {
    /// Reads the request.
    ///
    /// # Errors
    /// 404, 405, or everything that is wrong with the names and parameters in it.
    pub(crate) fn of(request: &Request<'_>) -> Result<Route, Refusal> {
        if request.path == ALLOCATIONS {
            read_only(request, ALLOCATIONS, "GET, HEAD, POST")?;
            return question(&request.query).map(Route::Allocations);
        }
        if let Some(key) = request.below(ALLOCATION) {
            read_only(request, "/allocations/{key}", "DELETE, GET, HEAD")?;
            let key = IdempotencyKey::parse(&key);
            let unusable = |violation| invalid(Code::InvalidIdempotencyKey, vec![violation]);
            return alone(request, key.map_err(unusable)?).map(Route::Allocation);
        }
        if let Some(parent) = request.below(PARENT) {
            read_only(request, "/parents/{connectionId}", "GET, HEAD")?;
            let parent = ParentConnection::parse(&parent);
            let unusable = |violation| invalid(Code::InvalidRequest, vec![violation]);
            return alone(request, parent.map_err(unusable)?).map(Route::Parent);
        }
        Err(Refusal::plain(
            Code::NotFound,
            "There is nothing here but /allocations, /allocations/{key} and /parents/{connectionId}.",
        ))
    }
}

/// HEAD is GET without the body. The API sends here what no function takes: `allow` has the methods of the route that other
/// functions take, too.
fn read_only(request: &Request<'_>, route: &str, allow: &'static str) -> Result<(), Refusal> {
    if METHODS.contains(&request.method.as_str()) {
        return Ok(());
    }
    Err(Refusal::method(route, allow))
}

/// What is asked for by its name takes no parameters.
fn alone<T>(request: &Request<'_>, name: T) -> Result<T, Refusal> {
    let unknown: Vec<_> = unknown(&request.query, &[]).collect();
    if unknown.is_empty() {
        return Ok(name);
    }
    Err(invalid(Code::InvalidRequest, unknown))
}

fn question(query: &[(String, String)]) -> Result<Question, Refusal> {
    let mut violations: Vec<_> = unknown(query, &PARAMETERS).collect();
    let mut value = |name| {
        once(query, name)
            .inspect_err(|violation: &Violation| violations.push(violation.clone()))
            .ok()
            .flatten()
    };
    let (parent, state) = (value("parent"), value("state"));
    let (limit, cursor) = (value("limit"), value("cursor"));
    let mut keep = |violation: Violation| violations.push(violation);
    let mut question = Question {
        parent: None,
        status: None,
        after: None,
        most: PAGE_SIZE,
    };
    match parent.map(ParentConnection::parse).transpose() {
        Ok(parent) => question.parent = parent,
        Err(violation) => keep(Violation {
            field: "/parent".into(),
            ..violation
        }),
    }
    match state.map(OrderStatus::parse).transpose() {
        Ok(status) => question.status = status,
        Err(violation) => keep(violation),
    }
    match limit.map(page_size) {
        None => {}
        Some(Some(most)) => question.most = most,
        Some(None) => keep(Violation::new(
            "/limit",
            ViolationCode::OutOfRange,
            format!("must be a whole number from 1 to {PAGE_SIZE}"),
        )),
    }
    match cursor.map(|text| cursor::read(text, question.parent.as_ref())) {
        None => {}
        Some(Some(position)) => question.after = Some(position),
        Some(None) => keep(Violation::new(
            "/cursor",
            ViolationCode::Malformed,
            "must be a cursor as an earlier page of the same list gave it",
        )),
    }
    if violations.is_empty() {
        return Ok(question);
    }
    Err(invalid(Code::InvalidRequest, violations))
}

fn page_size(text: &str) -> Option<usize> {
    let size = text.parse().ok()?;
    (1..=PAGE_SIZE).contains(&size).then_some(size)
}

/// The one value of a parameter, if it is there.
fn once<'q>(query: &'q [(String, String)], name: &str) -> Result<Option<&'q str>, Violation> {
    let mut values = query.iter().filter(|(known, _)| known == name);
    let first = values.next().map(|(_, value)| value.as_str());
    match values.next() {
        None => Ok(first),
        Some(_) => Err(Violation::new(
            format!("/{name}"),
            ViolationCode::Duplicate,
            "is there more than once",
        )),
    }
}

/// Parameters that nobody knows; a misspelt one must not silently mean all of them.
fn unknown(
    query: &[(String, String)],
    known: &'static [&'static str],
) -> impl Iterator<Item = Violation> {
    let mut told = std::collections::BTreeSet::new();
    let unknown = query
        .iter()
        .map(|(name, _)| name)
        .filter(move |name| !known.contains(&name.as_str()) && told.insert(*name));
    unknown.map(move |name| {
        let message = match known {
            [] => "there are no parameters here".to_owned(),
            known => format!("there is no such parameter; there are {}", known.join(", ")),
        };
        Violation::new(pointer(name), ViolationCode::UnknownField, message)
    })
}

/// A name as JSON Pointer (RFC 6901, section 3: `~` and `/` are escaped).
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn invalid(code: Code, violations: Vec<Violation>) -> Refusal {
    let detail = match violations.as_slice() {
        [Violation { field, message, .. }] => format!("{field}: {message}"),
        violations => format!("{} violations; see the list", violations.len()),
    };
    Refusal::invalid(code, detail, violations)
}

#[cfg(test)]
mod tests;
