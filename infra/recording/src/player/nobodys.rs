//! Ids of nothing: who checks what AWS says of an id that does not exist makes one up, and makes up another one next time.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::file::Exchange;

/// What asks about an id.
pub(super) const OPERATION: &str = "DescribeHostedConnections";
/// Where the id stands.
pub(super) const MEMBER: &str = "connectionId";
/// Operations that show which parents there are.
const SHOW_PARENTS: [&str; 2] = ["DescribeInterconnects", "DescribeLags"];

/// Every id in a request or an answer.
pub(super) fn known(exchanges: &[Exchange]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for exchange in exchanges {
        collect(&exchange.request, &mut known);
        collect(&exchange.answer, &mut known);
    }
    known
}

/// The ids whose list was asked for, and that nothing in the recording shows, in their order. Where nobody has asked which
/// parents there are, an id is one of nothing only if its list was always refused.
pub(super) fn asked_about(exchanges: &[Exchange]) -> Vec<String> {
    let mut shown = BTreeSet::new();
    for exchange in exchanges {
        collect(&exchange.answer, &mut shown);
        if exchange.operation != OPERATION {
            collect(&exchange.request, &mut shown);
        }
    }
    let are_parents_shown = SHOW_PARENTS.iter().all(|operation| {
        let mut all = exchanges.iter();
        all.any(|one| one.operation == *operation && one.status == Some(200))
    });
    let mut asked_about: Vec<String> = Vec::new();
    for exchange in exchanges.iter().filter(|one| one.operation == OPERATION) {
        let id = exchange.request[MEMBER].as_str().unwrap_or_default();
        let is_known = shown.contains(id) || asked_about.iter().any(|known| known == id);
        if !is_known && (are_parents_shown || is_refused(exchanges, id)) {
            asked_about.push(id.to_owned());
        }
    }
    asked_about
}

fn is_refused(exchanges: &[Exchange], id: &str) -> bool {
    let of_it = exchanges
        .iter()
        .filter(|one| one.operation == OPERATION && one.request[MEMBER].as_str() == Some(id));
    let mut statuses = of_it.map(|one| one.status);
    statuses.all(|status| status.is_some_and(|status| (400..500).contains(&status)))
}

/// Ids stand in members of their own. What stands in a message is not taken for one: a refusal names the id that it is about.
fn collect(value: &Value, ids: &mut BTreeSet<String>) {
    match value {
        Value::Array(all) => all.iter().for_each(|one| collect(one, ids)),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(text) if name.ends_with("Id") => {
                        ids.insert(text.clone());
                    }
                    value => collect(value, ids),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
