//! Everything that is sent, by name; and schemas of one thing with all that it refers to.

use hosted_connection::DetailType;

use crate::request::Key;
use crate::value::{Value, mapping, of, opened, referred, with};
use crate::{connection, event, inspection, origin, outcome, request};

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// We do, and refuse members that we do not know.
    Taken,
    /// Others do, and should not mind a member that a later version has added.
    Told,
}

/// As what a schema is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As others get it.
    Published,
    /// Exactly as this version is: with nothing that is not in it.
    Exact,
}

fn all() -> Vec<(&'static str, Side, Value)> {
    use Side::{Taken, Told};
    let mut all = vec![
        ("Order", Taken, request::order(Key::Absent)),
        ("OrderMessage", Taken, request::order(Key::Optional)),
        ("ReleaseMessage", Taken, request::release()),
        ("IdempotencyKey", Taken, request::idempotency_key()),
        ("ParentConnectionId", Taken, request::parent()),
        ("Placement", Taken, request::placement()),
        ("OwnerAccount", Taken, request::owner_account()),
        ("Bandwidth", Taken, request::bandwidth()),
        ("ConnectionName", Taken, request::connection_name()),
        ("Vlan", Taken, request::vlan()),
        ("RequestTag", Taken, request::tag()),
        ("RecordedTag", Told, request::recorded_tag()),
        ("RecordedRequest", Told, request::recorded()),
        ("Connection", Told, connection::connection()),
        ("Receipt", Told, outcome::receipt()),
        ("Forecast", Told, outcome::forecast()),
        ("Problem", Told, outcome::problem()),
        ("Violation", Told, outcome::violation()),
        ("Candidate", Told, outcome::candidate()),
        ("OpenCandidate", Told, outcome::open_candidate()),
        ("Rejection", Told, outcome::rejection()),
        ("GatewayMessage", Told, outcome::gateway_message()),
        ("BatchResponse", Told, outcome::batch_response()),
        ("Outcomes", Told, outcome::outcomes()),
        ("InspectedOrder", Told, inspection::order()),
        ("ListedOrder", Told, inspection::listed()),
        ("OrderPage", Told, inspection::orders()),
        ("OrderStatus", Told, inspection::status()),
        ("Cursor", Told, inspection::cursor()),
        ("Parent", Told, inspection::parent()),
        ("ParentPolicy", Told, inspection::policy()),
    ];
    let named = origin::definitions().into_iter();
    all.extend(named.map(|(name, schema)| (name, Told, schema)));
    let named = outcome::forecasts().into_iter();
    all.extend(named.map(|(name, schema)| (name, Told, schema)));
    for detail_type in DetailType::ALL {
        let (name, _) = event::names(detail_type);
        all.push((name, Told, event::detail(detail_type)));
    }
    all
}

/// The definitions that `roots` refer to, directly or not.
pub(crate) fn referred_by(roots: &Value, form: Form) -> Vec<(String, Value)> {
    let all = all();
    let mut wanted = Vec::new();
    referred(roots, &mut wanted);
    let mut next = 0;
    while let Some(name) = wanted.get(next).cloned() {
        next += 1;
        let mut more = Vec::new();
        for (_, _, schema) in all.iter().filter(|(known, _, _)| *known == name) {
            referred(schema, &mut more);
        }
        for name in more {
            if !wanted.contains(&name) {
                wanted.push(name);
            }
        }
    }
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let all = all.into_iter().filter(|(name, _, _)| is_wanted(name));
    all.map(|(name, side, schema)| (name.to_owned(), in_form(side, form, schema)))
        .collect()
}

fn in_form(side: Side, form: Form, schema: Value) -> Value {
    match (form, side) {
        (Form::Published, Side::Told) => opened(schema),
        (Form::Published, Side::Taken) | (Form::Exact, Side::Told | Side::Taken) => schema,
    }
}

/// One definition, with what it refers to beside it.
pub(crate) fn alone(name: &str, form: Form) -> Value {
    let mut beside = referred_by(&of(name), form);
    let own = beside.iter().position(|(known, _)| known == name);
    let schema = own.map_or(Value::Null, |own| beside.remove(own).1);
    match beside.is_empty() {
        true => schema,
        false => with(schema, members! {"$defs" => mapping(beside)}),
    }
}

/// Any schema, with what it refers to beside it, exactly.
pub(crate) fn complete(schema: Value) -> Value {
    let beside = referred_by(&schema, Form::Exact);
    with(schema, members! {"$defs" => mapping(beside)})
}
