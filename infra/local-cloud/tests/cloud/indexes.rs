//! The table's indexes and the shapes of multi-item calls, as far as the product rests on the engine having them right.

use crate::wire::{call, cloud, ok, refused};
use local_cloud::Cloud;
use serde_json::{Value, json};

const PUT: &str = "DynamoDB_20120810.PutItem";
const UPDATE: &str = "DynamoDB_20120810.UpdateItem";
const QUERY: &str = "DynamoDB_20120810.Query";
const BATCH_GET: &str = "DynamoDB_20120810.BatchGetItem";
const TRANSACT: &str = "DynamoDB_20120810.TransactWriteItems";

fn key(name: &str) -> Value {
    json!({"pk": {"S": format!("allocation#{name}")}, "sk": {"S": "allocation"}})
}

async fn put(cloud: &Cloud, name: &str, claimed_at_ms: Option<u64>) {
    let mut item = key(name);
    item["note"] = json!({"S": "not projected"});
    if let Some(ms) = claimed_at_ms {
        item["parentConnectionId"] = json!({"S": "dxcon-ffabc123"});
        item["claimedAtMs"] = json!({"N": ms.to_string()});
    }
    let request = json!({"TableName": cloud.table_name(), "Item": item});
    ok(cloud, PUT, request).await;
}

/// A page of the orders of the parent, newest first.
async fn newest(cloud: &Cloud, limit: usize, start: Option<&Value>) -> Value {
    let mut query = json!({
        "TableName": cloud.table_name(),
        "IndexName": "parent",
        "KeyConditionExpression": "parentConnectionId = :p",
        "ExpressionAttributeValues": {":p": {"S": "dxcon-ffabc123"}},
        "ScanIndexForward": false,
        "Limit": limit,
    });
    if let Some(start) = start {
        query["ExclusiveStartKey"] = start.clone();
    }
    ok(cloud, QUERY, query).await
}

fn names(page: &Value) -> Vec<&str> {
    let items = page["Items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["pk"]["S"].as_str().unwrap())
        .map(|pk| pk.trim_start_matches("allocation#"))
        .collect()
}

#[tokio::test]
async fn the_newest_orders_of_a_parent_come_first_page_by_page() {
    let cloud = cloud();
    // Two of the same millisecond: neither may hide the other at the border of a page.
    for (name, ms) in [("a", 30), ("b", 10), ("c", 20), ("d", 20), ("e", 40)] {
        put(&cloud, name, Some(ms)).await;
    }
    let (mut seen, mut start) = (Vec::new(), None);
    loop {
        let page = newest(&cloud, 2, start.as_ref()).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        match page.get("LastEvaluatedKey") {
            Some(key) => start = Some(key.clone()),
            None => break,
        }
    }
    assert_eq!([&seen[0], &seen[1], &seen[4]], ["e", "a", "b"]);
    seen.sort();
    assert_eq!(seen, ["a", "b", "c", "d", "e"]);
}

#[tokio::test]
async fn the_index_holds_keys_only() {
    let cloud = cloud();
    put(&cloud, "a", Some(1)).await;
    let page = newest(&cloud, 10, None).await;
    let members: Vec<_> = page["Items"][0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["claimedAtMs", "parentConnectionId", "pk", "sk"]);
}

#[tokio::test]
async fn an_item_is_in_an_index_for_as_long_as_it_has_the_indexs_keys() {
    let cloud = cloud();
    put(&cloud, "in", Some(1)).await;
    put(&cloud, "out", None).await;
    assert_eq!(names(&newest(&cloud, 10, None).await), ["in"]);
    let update = |name: &str, expression: &str, values: Value| {
        let mut request = json!({
            "TableName": cloud.table_name(),
            "Key": key(name),
            "UpdateExpression": expression,
        });
        if !values.is_null() {
            request["ExpressionAttributeValues"] = values;
        }
        request
    };
    ok(
        &cloud,
        UPDATE,
        update("in", "REMOVE claimedAtMs", Value::Null),
    )
    .await;
    let values = json!({":p": {"S": "dxcon-ffabc123"}, ":ms": {"N": "2"}});
    let set = "SET parentConnectionId = :p, claimedAtMs = :ms";
    ok(&cloud, UPDATE, update("out", set, values)).await;
    assert_eq!(names(&newest(&cloud, 10, None).await), ["out"]);
    let delete = json!({"TableName": cloud.table_name(), "Key": key("out")});
    ok(&cloud, "DynamoDB_20120810.DeleteItem", delete).await;
    assert_eq!(newest(&cloud, 10, None).await["Count"], 0);
}

#[tokio::test]
async fn a_batch_that_is_read_whole_leaves_nothing_unprocessed() {
    let cloud = cloud();
    for name in ["a", "b"] {
        put(&cloud, name, None).await;
    }
    let table = cloud.table_name();
    let keys = [key("a"), key("absent"), key("b")];
    let request = json!({"RequestItems": {table: {"Keys": keys, "ConsistentRead": true}}});
    let answer = ok(&cloud, BATCH_GET, request).await;
    assert_eq!(answer["Responses"][table].as_array().unwrap().len(), 2);
    assert_eq!(answer["UnprocessedKeys"], json!({}));
}

#[tokio::test]
async fn what_a_batch_has_no_room_for_is_named_as_a_request_to_make_again() {
    let cloud = cloud();
    let table = cloud.table_name().to_owned();
    let names: Vec<_> = (0..50).map(|n| format!("{n:02}")).collect();
    let large = "x".repeat(390_000);
    for name in &names {
        let mut item = key(name);
        item["large"] = json!({"S": large});
        ok(&cloud, PUT, json!({"TableName": table, "Item": item})).await;
    }
    let keys: Vec<_> = names.iter().map(|name| key(name)).collect();
    let mut wanted = json!({&table: {"Keys": keys, "ConsistentRead": true}});
    let (mut read, mut rounds) = (0, 0);
    while wanted.get(&table).is_some() {
        let answer = ok(&cloud, BATCH_GET, json!({"RequestItems": wanted})).await;
        read += answer["Responses"][&table].as_array().unwrap().len();
        rounds += 1;
        wanted = answer["UnprocessedKeys"].clone();
    }
    assert_eq!((read, rounds), (50, 2), "16 MB at a time");
}

#[tokio::test]
async fn a_batch_is_a_hundred_different_keys_at_most() {
    let cloud = cloud();
    let table = cloud.table_name();
    let many: Vec<_> = (0..101).map(|n| key(&n.to_string())).collect();
    for keys in [many, vec![key("a"), key("a")]] {
        let request = json!({"RequestItems": {table: {"Keys": keys}}});
        let code = refused(&cloud, BATCH_GET, request).await;
        assert!(code.ends_with("#ValidationException"), "{code}");
    }
}

#[tokio::test]
async fn a_transaction_may_name_an_item_once_whatever_it_does_to_it() {
    let cloud = cloud();
    put(&cloud, "a", None).await;
    let table = cloud.table_name();
    let check = json!({"ConditionCheck": {
        "TableName": table, "Key": key("a"), "ConditionExpression": "attribute_exists(pk)",
    }});
    let delete = json!({"Delete": {"TableName": table, "Key": key("a")}});
    let (status, error) = call(&cloud, TRANSACT, json!({"TransactItems": [check, delete]})).await;
    assert_eq!(status, 400);
    assert!(
        error["__type"]
            .as_str()
            .unwrap()
            .ends_with("#ValidationException")
    );
    assert_eq!(
        error["message"],
        "Transaction request cannot include multiple operations on one item"
    );
    assert_eq!(cloud.table_items().unwrap().len(), 1);
}

#[tokio::test]
async fn a_table_that_an_earlier_version_left_gets_the_indexes_that_came_later() {
    let dir = std::env::temp_dir().join(format!("local-cloud-{}", uuid::Uuid::new_v4()));
    let earlier = "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
      KeySchema:
        - {AttributeName: pk, KeyType: HASH}
        - {AttributeName: sk, KeyType: RANGE}
";
    {
        let builder = Cloud::builder().data_dir(&dir).template(earlier);
        put(&builder.build().unwrap(), "a", Some(1)).await;
    }
    for _ in 0..2 {
        let cloud = Cloud::builder().data_dir(&dir).build().unwrap();
        assert_eq!(names(&newest(&cloud, 10, None).await), ["a"]);
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
