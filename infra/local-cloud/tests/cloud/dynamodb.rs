//! DynamoDB, as far as the way in and out goes: what the operations do is the engine's business.

use serde_json::{Value, json};

use crate::wire::{call, cloud, ok, refused, small};

fn put(key: &str, condition: &str) -> Value {
    json!({"Put": {
        "TableName": "orders",
        "Item": {"pk": {"S": key}, "due": {"N": "1"}},
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }})
}

#[tokio::test]
async fn the_table_is_the_templates() {
    let cloud = small("ALL");
    let table = ok(
        &cloud,
        "DynamoDB_20120810.DescribeTable",
        json!({"TableName": "orders"}),
    )
    .await;
    assert_eq!(table["Table"]["KeySchema"][0]["AttributeName"], "pk");
    assert_eq!(
        table["Table"]["GlobalSecondaryIndexes"][0]["IndexName"],
        "by-due"
    );
    let ttl = ok(
        &cloud,
        "DynamoDB_20120810.DescribeTimeToLive",
        json!({"TableName": "orders"}),
    )
    .await;
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "expiresAt");
}

#[tokio::test]
async fn the_repositorys_own_table_is_there_by_default() {
    let cloud = cloud();
    let request = json!({"TableName": cloud.table_name()});
    let table = ok(&cloud, "DynamoDB_20120810.DescribeTable", request).await;
    assert_eq!(table["Table"]["TableStatus"], "ACTIVE");
}

#[tokio::test]
async fn a_transaction_that_fails_says_which_condition_and_what_was_there() {
    let cloud = small("ALL");
    let transact = "DynamoDB_20120810.TransactWriteItems";
    let absent = "attribute_not_exists(pk)";
    ok(
        &cloud,
        transact,
        json!({"TransactItems": [put("a", absent)]}),
    )
    .await;
    let both = json!({"TransactItems": [put("b", absent), put("a", absent)]});
    let (status, error) = call(&cloud, transact, both).await;

    assert_eq!(status, 400);
    assert!(
        error["__type"]
            .as_str()
            .unwrap()
            .ends_with("#TransactionCanceledException")
    );
    assert_eq!(error["CancellationReasons"][0]["Code"], "None");
    assert_eq!(
        error["CancellationReasons"][1]["Code"],
        "ConditionalCheckFailed"
    );
    assert_eq!(error["CancellationReasons"][1]["Item"]["pk"]["S"], "a");
    assert_eq!(cloud.table_items().unwrap().len(), 1);
}

#[tokio::test]
async fn items_can_be_written_read_queried_and_listed() {
    let cloud = small("ALL");
    for key in ["b", "a"] {
        let item = json!({"TableName": "orders", "Item": {"pk": {"S": key}, "due": {"N": "7"}}});
        ok(&cloud, "DynamoDB_20120810.PutItem", item).await;
    }
    let key = json!({"TableName": "orders", "Key": {"pk": {"S": "a"}}});
    let got = ok(&cloud, "DynamoDB_20120810.GetItem", key).await;
    assert_eq!(got["Item"]["due"]["N"], "7");
    let query = json!({
        "TableName": "orders",
        "IndexName": "by-due",
        "KeyConditionExpression": "due = :d",
        "ExpressionAttributeValues": {":d": {"N": "7"}},
    });
    assert_eq!(
        ok(&cloud, "DynamoDB_20120810.Query", query).await["Count"],
        2
    );
    let keys: Vec<_> = cloud
        .table_items()
        .unwrap()
        .iter()
        .map(|item| item["pk"]["S"].clone())
        .collect();
    assert_eq!(keys, ["a", "b"]);
}

#[tokio::test]
async fn what_dynamodb_does_not_know_or_like_is_an_error() {
    let cloud = small("ALL");
    let missing = json!({"TableName": "nosuch", "Key": {"pk": {"S": "a"}}});
    let code = refused(&cloud, "DynamoDB_20120810.GetItem", missing).await;
    assert!(code.ends_with("#ResourceNotFoundException"), "{code}");
    assert_eq!(
        refused(&cloud, "DynamoDB_20120810.Nonsense", json!({})).await,
        "UnknownOperationException"
    );
    let malformed = json!({"TableName": "orders", "Key": 7});
    let code = refused(&cloud, "DynamoDB_20120810.GetItem", malformed).await;
    assert!(code.ends_with("Exception"), "{code}");
}

#[tokio::test]
async fn items_can_be_put_past_all_requests_and_are_in_the_indexes_too() {
    let cloud = small("ALL");
    let item = |key: &str| json!({"pk": {"S": key}, "due": {"N": "7"}});
    cloud.import_items(vec![item("a"), item("b")]).unwrap();
    assert_eq!(cloud.table_items().unwrap(), [item("a"), item("b")]);
    let query = json!({
        "TableName": "orders",
        "IndexName": "by-due",
        "KeyConditionExpression": "due = :due",
        "ExpressionAttributeValues": {":due": {"N": "7"}},
    });
    assert_eq!(
        ok(&cloud, "DynamoDB_20120810.Query", query).await["Count"],
        2
    );
    assert_eq!(cloud.count("PutItem"), 0);
    // All or none: the second one has no key.
    assert!(
        cloud
            .import_items(vec![item("c"), json!({"due": {"N": "7"}})])
            .is_err()
    );
    assert_eq!(cloud.table_items().unwrap().len(), 2);
}

/// Changes that are small themselves, to so many items of 300 KB.
fn small_changes(items: usize) -> Value {
    let change = |n: usize| {
        json!({"Update": {
            "TableName": "orders",
            "Key": {"pk": {"S": format!("large-{n}")}},
            "UpdateExpression": "SET seen = :seen",
            "ExpressionAttributeValues": {":seen": {"N": "1"}},
        }})
    };
    json!({"TransactItems": (0..items).map(change).collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_transaction_is_as_large_as_its_items_and_not_as_what_is_sent() {
    let cloud = small("ALL");
    let large = |n: usize| {
        let text = "x".repeat(300_000);
        json!({"pk": {"S": format!("large-{n}")}, "text": {"S": text}})
    };
    cloud.import_items((0..14).map(large).collect()).unwrap();
    let write = "DynamoDB_20120810.TransactWriteItems";
    // 4.2 MB, where 4 MB are 4,194,304 bytes.
    let (status, answer) = call(&cloud, write, small_changes(14)).await;
    assert_eq!(status, 400);
    let code = answer["__type"].as_str().unwrap();
    assert!(code.ends_with("#ValidationException"), "{code}");
    let untouched = cloud.table_items().unwrap();
    assert!(untouched.iter().all(|item| item.get("seen").is_none()));
    ok(&cloud, write, small_changes(13)).await;
    // Nothing is there yet, so nothing counts but what is sent.
    let mut changes = small_changes(14);
    for (n, change) in changes["TransactItems"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        change["Update"]["Key"] = json!({"pk": {"S": format!("new-{n}")}});
    }
    ok(&cloud, write, changes).await;
}
