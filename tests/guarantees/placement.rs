//! Orders by place: the parent is chosen, belongs to the key, and is told everywhere.

mod apart;
mod bad_input;
mod callers;
mod choice;
mod costs;
mod fair;
mod passed_on;
mod races;
mod remembered;
mod told;

use hosted_connection::{ParentConnection, ParentPolicy};
use local_cloud::Parent;
use proof::{World, http};
use serde_json::{Value, json};

use crate::partner::body;

const ENFORCED: (&str, &str) = ("PARENT_POLICIES", "enforced");
const A: &str = "dxcon-aaaaaaaa";
const B: &str = "dxcon-bbbbbbbb";
const C: &str = "dxlag-cccccccc";
const THERE: &str = "dxcon-there000";

/// Two interconnects and a LAG in one place, and an interconnect in another.
fn parents() -> Vec<Parent> {
    vec![
        Parent::interconnect(A, "1Gbps").at("EqDC2").on_device("d1"),
        Parent::interconnect(B, "10Gbps")
            .at("EqDC2")
            .on_device("d2"),
        Parent::lag(C, "10Gbps", 2).at("EqDC2").on_device("d1"),
        Parent::interconnect(THERE, "10Gbps")
            .at("EqSe2")
            .on_device("d9"),
    ]
}

fn world() -> World {
    World::with(|builder| builder.parents(parents()), &[ENFORCED])
}

fn order(placement: &Value, vlan: Option<u16>) -> Value {
    let mut order = json!({"placement": placement, "ownerAccount": "111122223333",
        "bandwidth": "50Mbps", "connectionName": "customer"});
    if let Some(vlan) = vlan {
        order["vlan"] = vlan.into();
    }
    order
}

fn here() -> Value {
    json!({"location": "EqDC2"})
}

fn among(parents: &[&str]) -> Value {
    json!({"parents": parents})
}

async fn ask(world: &World, key: &str, order: &Value) -> Value {
    world.invoke(&http(key, &order.to_string())).await.answer()
}

/// Asks a process that stays.
async fn ask_of(process: &allocate::Function, key: &str, order: &Value) -> Value {
    invoke(process, &http(key, &order.to_string())).await
}

async fn invoke(process: &allocate::Function, event: &Value) -> Value {
    let event = serde_json::value::to_raw_value(event).unwrap();
    let mut context = lambda_runtime::Context::default();
    context.deadline = u64::MAX / 2;
    let answer = process.handle(lambda_runtime::LambdaEvent::new(event, context));
    serde_json::from_str(answer.await.unwrap().get()).unwrap()
}

/// Places an order and answers with its parent.
async fn placed(world: &World, key: &str, order: &Value) -> String {
    let answer = ask(world, key, order).await;
    assert_eq!(answer["statusCode"], 201, "{answer}");
    let parent = body(&answer)["parentConnectionId"].clone();
    parent.as_str().unwrap().to_owned()
}

/// Status, code, and code of each candidate.
fn refused(answer: &Value) -> (u64, String, Vec<(String, String)>) {
    let problem = body(answer);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let candidates = problem["candidates"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let told = candidates.iter();
    let told = told.map(|one| (text(&one["connectionId"]), text(&one["code"])));
    (
        answer["statusCode"].as_u64().unwrap(),
        text(&problem["code"]),
        told.collect(),
    )
}

async fn set(world: &World, parent: &str, policy: &Value) {
    let parent = ParentConnection::parse(parent).unwrap();
    let policy = ParentPolicy::parse(policy.to_string().as_bytes()).unwrap();
    let ledger = world.aws("operator").ledger;
    ledger.set_policy(&parent, &policy).await.unwrap();
}

fn codes(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(id, code): &(&str, &str)| ((*id).to_owned(), (*code).to_owned());
    expected.iter().map(owned).collect()
}
