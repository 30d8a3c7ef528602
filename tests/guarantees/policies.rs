//! What a partner allows to be sold on one parent: opted into, counted with every claim, given back with every lease.

mod capacity;
mod costs;
mod rules;

use hosted_connection::{ParentConnection, ParentPolicy};
use proof::{PARENT, World};
use serde_json::Value;

const ENFORCED: (&str, &str) = ("PARENT_POLICIES", "enforced");

fn enforced() -> World {
    World::with(|builder| builder, &[ENFORCED])
}

/// An operator sets the policy of the parent.
async fn set(world: &World, policy: &Value) {
    let parent = ParentConnection::parse(PARENT).unwrap();
    let policy = ParentPolicy::parse(policy.to_string().as_bytes()).unwrap();
    let ledger = world.aws("operator").ledger;
    ledger.set_policy(&parent, &policy).await.unwrap();
}

/// What the table says is sold, held against the leases that it counts.
fn sold(world: &World) -> i64 {
    let items = world.items("parent#");
    let number =
        |item: &Value, name: &str| -> Option<i64> { item[name]["N"].as_str()?.parse().ok() };
    let policy = items.iter().find(|item| item["sk"]["S"] == "policy");
    let sold = number(policy.unwrap(), "soldMbps").unwrap();
    let counted: i64 = items
        .iter()
        .filter_map(|item| number(item, "countedMbps"))
        .sum();
    assert_eq!(sold, counted, "{items:#?}");
    sold
}
