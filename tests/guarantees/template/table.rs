//! The table: its protection, and its keys, indexes and expiry as the code writes them.

use local_cloud::{Fault, FaultKind};
use proof::{World, http, request};
use serde_json::Value;

use super::{properties, template};

/// The keys of one of the table's indexes.
fn key_schema<'a>(table: &'a Value, index: &str) -> &'a Value {
    let indexes = table["GlobalSecondaryIndexes"].as_array().unwrap();
    let found = indexes.iter().find(|one| one["IndexName"] == index);
    &found.unwrap_or_else(|| panic!("no index {index}"))["KeySchema"]
}

#[test]
fn the_memory_of_orders_is_protected() {
    let table = template()["Resources"]["AllocationsTable"].take();
    let properties = &table["Properties"];
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["DeletionProtectionEnabled"], true);
    assert_eq!(
        properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"],
        true
    );
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
}

#[tokio::test(start_paused = true)]
async fn the_tables_keys_and_expiry_are_the_attributes_that_the_code_writes() {
    let table = properties("AllocationsTable");
    let ttl = &table["TimeToLiveSpecification"];
    assert_eq!(ttl["Enabled"], true);
    let ttl = ttl["AttributeName"].as_str().unwrap();

    let world = World::new();
    let taken = http("order-2", &request(Some(101)).to_string());
    world
        .invoke(&http("order-1", &request(Some(101)).to_string()))
        .await;
    world.invoke(&taken).await;
    world
        .cloud
        .inject(Fault::on(FaultKind::Throttle, "AllocateHostedConnection"));
    world
        .invoke(&http("order-3", &request(Some(103)).to_string()))
        .await;
    let records = world.items("allocation#");
    let of = |state: &str| {
        let mut found = records
            .iter()
            .filter(|item| item["allocationState"]["S"] == state);
        let record = found.next().unwrap_or_else(|| panic!("no {state} record"));
        record.clone()
    };
    let expires_at: u64 = of("rejected")[ttl]["N"].as_str().unwrap().parse().unwrap();
    let now = world.cloud.clock().now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(
        expires_at > now + 14 * 24 * 3600,
        "in seconds, and longer than a queue holds a message"
    );
    assert_eq!(of("allocated").get(ttl), None);
    assert_eq!(of("waiting").get(ttl), None);

    let index = |name| key_schema(&table, name);
    for (schema, items) in [
        (&table["KeySchema"], world.cloud.table_items().unwrap()),
        (index("unfinished"), vec![of("waiting")]),
        (index("parent"), records.clone()),
    ] {
        for key in schema.as_array().unwrap() {
            let name = key["AttributeName"].as_str().unwrap();
            let definitions = table["AttributeDefinitions"].as_array().unwrap();
            let defined = definitions
                .iter()
                .find(|one| one["AttributeName"] == name)
                .unwrap();
            let kind = defined["AttributeType"].as_str().unwrap();
            for item in &items {
                assert!(item[name].get(kind).is_some(), "{name} of {item}");
            }
        }
    }
    let hash = index("unfinished")[0]["AttributeName"].as_str().unwrap();
    for done in ["allocated", "rejected"] {
        assert_eq!(of(done).get(hash), None, "nothing is left to do");
    }
}
