//! What DynamoDB bills, by the examples of its documentation and by what was measured on it.

use local_cloud::{Cloud, Units};
use serde_json::{Value, json};

use crate::wire::{ok, refused, small};

/// An item that takes so many KB, half of the last one.
fn item(key: &str, kilobytes: usize) -> Value {
    json!({"pk": {"S": key}, "text": {"S": "x".repeat(kilobytes * 1024 - 512)}})
}

fn due(mut item: Value, due: u32) -> Value {
    item["due"] = json!({"N": due.to_string()});
    item
}

fn target(operation: &str) -> String {
    format!("DynamoDB_20120810.{operation}")
}

fn last(cloud: &Cloud) -> Units {
    cloud.requests().last().unwrap().units
}

async fn writes(cloud: &Cloud, operation: &str, mut body: Value) -> u32 {
    body["TableName"] = "orders".into();
    ok(cloud, &target(operation), body).await;
    last(cloud).writes
}

async fn transacted(cloud: &Cloud, actions: Value) -> u32 {
    let body = json!({"TransactItems": actions});
    ok(cloud, &target("TransactWriteItems"), body).await;
    last(cloud).writes
}

fn put(item: Value) -> Value {
    json!({"Put": {"TableName": "orders", "Item": item}})
}

/// "WriteCapacityUnits: one for each KB, rounded up"; "the larger of the item before and after".
#[tokio::test]
async fn a_write_costs_the_larger_size_of_before_and_after() {
    let cloud = small("KEYS_ONLY");
    assert_eq!(
        writes(&cloud, "PutItem", json!({"Item": item("a", 1)})).await,
        1
    );
    assert_eq!(
        writes(&cloud, "PutItem", json!({"Item": item("a", 4)})).await,
        4
    );
    assert_eq!(
        writes(&cloud, "PutItem", json!({"Item": item("a", 2)})).await,
        4
    );
    let update = json!({"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}}});
    assert_eq!(
        writes(&cloud, "UpdateItem", update).await,
        2,
        "all of it, not what changed"
    );
    let delete = json!({"Key": {"pk": {"S": "a"}}});
    assert_eq!(writes(&cloud, "DeleteItem", delete.clone()).await, 2);
    assert_eq!(
        writes(&cloud, "DeleteItem", delete).await,
        1,
        "nothing there: the least"
    );
}

/// "One to put a new entry, one to delete it, two when the key changes, none when it was in no index before and after."
#[tokio::test]
async fn an_index_costs_what_changes_in_it() {
    let cloud = small("KEYS_ONLY");
    let put = |item: Value| json!({"Item": item});
    assert_eq!(
        writes(&cloud, "PutItem", put(due(item("a", 3), 1))).await,
        3 + 1
    );
    assert_eq!(
        writes(&cloud, "PutItem", put(due(item("a", 3), 1))).await,
        3,
        "the same entry"
    );
    assert_eq!(
        writes(&cloud, "PutItem", put(due(item("a", 3), 2))).await,
        3 + 2
    );
    assert_eq!(writes(&cloud, "PutItem", put(item("a", 3))).await, 3 + 1);
    assert_eq!(writes(&cloud, "PutItem", put(item("a", 3))).await, 3);
}

/// "DynamoDB performs two underlying writes of every item in the transaction." Index entries are written after it, once.
#[tokio::test]
async fn a_transaction_costs_twice_and_its_index_entries_once() {
    let cloud = small("KEYS_ONLY");
    let actions = json!([put(item("a", 1)), put(item("b", 3))]);
    assert_eq!(transacted(&cloud, actions).await, 2 * (1 + 3));
    assert_eq!(
        transacted(&cloud, json!([put(due(item("c", 1), 1))])).await,
        2 + 1
    );
    let check = json!({"ConditionCheck": {"TableName": "orders", "Key": {"pk": {"S": "a"}},
        "ConditionExpression": "attribute_exists(pk)"}});
    assert_eq!(
        transacted(&cloud, json!([check])).await,
        2,
        "a check is a write"
    );
}

/// "If the condition is false, DynamoDB still consumes write capacity, by the size of the existing item, at least one."
#[tokio::test]
async fn a_refused_write_is_billed() {
    let cloud = small("KEYS_ONLY");
    writes(&cloud, "PutItem", json!({"Item": item("a", 3)})).await;
    let again = json!({"TableName": "orders", "Item": item("a", 1), "ConditionExpression": "attribute_not_exists(pk)"});
    refused(&cloud, &target("PutItem"), again).await;
    assert_eq!(last(&cloud).writes, 3);
    let nothing = json!({"TableName": "orders", "Key": {"pk": {"S": "b"}}, "ConditionExpression": "attribute_exists(pk)"});
    refused(&cloud, &target("DeleteItem"), nothing).await;
    assert_eq!(last(&cloud).writes, 1);
    let mut first = put(item("a", 1));
    first["Put"]["ConditionExpression"] = "attribute_not_exists(pk)".into();
    let actions = json!({"TransactItems": [first, put(item("c", 2))]});
    refused(&cloud, &target("TransactWriteItems"), actions).await;
    assert_eq!(last(&cloud).writes, 2 * (3 + 2), "both items, twice");
    let nonsense = json!({"TableName": "orders", "Item": {}});
    refused(&cloud, &target("PutItem"), nonsense).await;
    assert_eq!(
        last(&cloud).writes,
        0,
        "a request that says nothing is not billed"
    );
}

#[tokio::test]
async fn statements_in_a_batch_cost_as_if_they_were_alone() {
    let cloud = small("KEYS_ONLY");
    for key in ["a", "b"] {
        writes(&cloud, "PutItem", json!({"Item": due(item(key, 2), 1)})).await;
    }
    let statement = |key: &str| {
        json!({"Statement": "UPDATE \"orders\" SET n = 1 REMOVE due WHERE pk = ? AND due = 1",
            "Parameters": [{"S": key}]})
    };
    let body = json!({"Statements": [statement("a"), statement("b"), statement("c")]});
    let answer = ok(&cloud, &target("BatchExecuteStatement"), body).await;
    assert_eq!(
        answer["Responses"][2]["Error"]["Code"],
        "ConditionalCheckFailed"
    );
    assert_eq!(last(&cloud).writes, 2 * (2 + 1) + 1);
}

#[tokio::test]
async fn reads_cost_by_four_kilobytes_and_half_where_they_do_not_wait() {
    let cloud = small("KEYS_ONLY");
    writes(&cloud, "PutItem", json!({"Item": item("a", 5)})).await;
    let mut body = json!({"TableName": "orders", "Key": {"pk": {"S": "a"}}});
    ok(&cloud, &target("GetItem"), body.clone()).await;
    assert_eq!(last(&cloud).half_reads, 2);
    body["ConsistentRead"] = true.into();
    ok(&cloud, &target("GetItem"), body).await;
    assert_eq!(last(&cloud).half_reads, 4);
}

/// The count is made by asking the engine; nobody sees that who did not ask.
#[tokio::test]
async fn who_asks_is_told_and_nobody_else() {
    let cloud = small("KEYS_ONLY");
    let mut body = json!({"TableName": "orders", "Item": due(item("a", 2), 1)});
    let silent = ok(&cloud, &target("PutItem"), body.clone()).await;
    assert_eq!(silent, json!({}));
    body["Item"] = due(item("a", 2), 2);
    body["ReturnConsumedCapacity"] = "INDEXES".into();
    let told = ok(&cloud, &target("PutItem"), body.clone()).await;
    let told = &told["ConsumedCapacity"];
    assert_eq!(told["CapacityUnits"], 4.0);
    assert_eq!(told["Table"]["CapacityUnits"], 2.0);
    assert_eq!(
        told["GlobalSecondaryIndexes"]["by-due"]["CapacityUnits"],
        2.0
    );
    assert_eq!(last(&cloud).writes, 4);
    body["ReturnConsumedCapacity"] = "TOTAL".into();
    let told = ok(&cloud, &target("PutItem"), body.clone()).await;
    assert_eq!(
        told["ConsumedCapacity"],
        json!({"TableName": "orders", "CapacityUnits": 2.0})
    );
    body["ReturnConsumedCapacity"] = "NONE".into();
    let silent = ok(&cloud, &target("PutItem"), body).await;
    assert_eq!(silent, json!({}));
}
