//! Callers kept apart: who may order what, under which keys, and that nobody sees what is another's.

mod admission;
mod orders;
mod reads;
mod releases;
mod senders;

use hosted_connection::Caller;
use proof::{PARENT, World, http, record, request, with_key};
use serde_json::{Value, json};

const ENFORCED: (&str, &str) = ("CALLERS", "enforced");

/// Two callers, and one who sees what all have ordered.
const ACME: &str = "AROAAAAAAAAAAAAAAAAAA";
const UMBRELLA: &str = "AIDABBBBBBBBBBBBBBBBB";
const DESK: &str = "AIDADDDDDDDDDDDDDDDDD";
const STRANGER: &str = "AIDAZZZZZZZZZZZZZZZZZ";

/// What an order asks of AWS.
const FRESH_ORDER: [&str; 5] = [
    "TransactWriteItems",
    "AllocateHostedConnection",
    "UpdateItem",
    "PutEvents",
    "UpdateItem",
];

/// A caller with these members replaced.
fn caller(principal: &str, prefix: &str, replaced: &Value) -> Value {
    let mut caller = json!({"principals": [principal], "keyPrefix": prefix, "ownerAccounts": "any", "parents": [PARENT],
        "bandwidths": "any", "readsAndReleases": "own"});
    for (name, value) in replaced.as_object().unwrap() {
        caller[name] = value.clone();
    }
    caller
}

/// An operator registers a caller.
async fn register(world: &World, name: &str, caller: &Value) {
    let caller = Caller::parse(caller.to_string().as_bytes()).unwrap();
    let ledger = world.aws("operator").ledger;
    ledger.set_caller(name, &caller).await.unwrap();
}

/// A world in which callers are kept apart, with nobody asked for anything yet.
async fn apart() -> World {
    let world = World::with(|builder| builder, &[ENFORCED]);
    for (name, principal, prefix, replaced) in [
        ("acme", ACME, "acme-", json!({})),
        ("umbrella", UMBRELLA, "umbrella-", json!({})),
        ("desk", DESK, "desk-", json!({"readsAndReleases": "all"})),
    ] {
        register(&world, name, &caller(principal, prefix, &replaced)).await;
    }
    world.cloud.forget_requests();
    world
}

/// The event as its gateway's authorizer lets it through for this principal of IAM.
fn by(principal: &str, mut event: Value) -> Value {
    event["requestContext"]["authorizer"] = json!({"iam": {"accountId": "123456789012", "callerId": principal,
        "userArn": format!("arn:aws:iam::123456789012:user/{principal}"), "userId": principal}});
    event
}

fn order_by(principal: &str, key: &str, vlan: u16) -> Value {
    by(principal, http(key, &request(Some(vlan)).to_string()))
}

/// A message that this principal has put into the queue.
fn sent_by(principal: &str, message_id: &str, body: &Value) -> Value {
    let mut record = record(message_id, &body.to_string());
    record["attributes"]["SenderId"] = principal.into();
    record
}

fn keyed(key: &str, vlan: u16) -> Value {
    with_key(key, request(Some(vlan)))
}

/// With one look at who may do what in front.
fn after_a_look(operations: &[&str]) -> Vec<String> {
    let look = ["Query"].into_iter();
    look.chain(operations.iter().copied())
        .map(str::to_owned)
        .collect()
}
