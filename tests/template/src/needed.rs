//! The rights that a request needs, by AWS's service authorization reference.

use std::collections::BTreeSet;

use local_cloud::{Cloud, RequestRecord};
use serde_json::Value;

use crate::Right;

/// The rights behind everything in `requests`, which this cloud has received.
///
/// # Panics
/// A request is to a resource that is not the stack's, or of an operation whose rights are not known here.
pub fn needed(cloud: &Cloud, requests: impl IntoIterator<Item = RequestRecord>) -> BTreeSet<Right> {
    let requests = requests.into_iter();
    requests
        .flat_map(|asked| of(cloud, &asked.operation, &asked.body))
        .collect()
}

fn of(cloud: &Cloud, operation: &str, body: &Value) -> Vec<Right> {
    match operation {
        "AllocateHostedConnection"
        | "AssociateHostedConnection"
        | "DescribeHostedConnections"
        | "DescribeInterconnects"
        | "DescribeLags"
        | "DeleteConnection" => direct_connect(operation, body),
        "PutEvents" => {
            let entries = body["Entries"].as_array().unwrap().iter();
            entries
                .map(|entry| {
                    assert_eq!(entry["EventBusName"], cloud.bus_name());
                    Right::publish(entry["Source"].as_str().unwrap())
                })
                .collect()
        }
        "DescribeEventBus" => {
            assert_eq!(body["Name"], cloud.bus_name());
            vec![Right::new("events:DescribeEventBus", "EventBus")]
        }
        "GetQueueAttributes"
        | "GetQueueUrl"
        | "ReceiveMessage"
        | "ChangeMessageVisibilityBatch"
        | "ListMessageMoveTasks"
        | "StartMessageMoveTask" => sqs(operation, body),
        _ => dynamodb(cloud, operation, body),
    }
}

fn direct_connect(operation: &str, body: &Value) -> Vec<Right> {
    let action = format!("directconnect:{operation}");
    let text = |member: &str| body[member].as_str().unwrap();
    let is_lag = |id: &str| id.starts_with("dxlag-");
    match operation {
        "DescribeInterconnects" | "DescribeLags" => vec![Right::new(action, "*")],
        // A connection's ARN may have its owner's account (assumption arn-account).
        "DeleteConnection" => vec![Right::new(action, "any dxcon")],
        "AssociateHostedConnection" => {
            let mut rights = vec![Right::new(&action, "any dxcon")];
            // An interconnect is a dxcon, too.
            if is_lag(text("parentConnectionId")) {
                rights.push(Right::new(action, "our dxlag"));
            }
            rights
        }
        _ => {
            let on_lag = is_lag(text("connectionId"));
            let parent = if on_lag { "our dxlag" } else { "our dxcon" };
            let mut rights = vec![Right::new(action, parent)];
            if body.get("tags").is_some() {
                // Of what is made, or of where it is made.
                rights.push(Right::new("directconnect:TagResource", "any dxcon"));
                if on_lag {
                    rights.push(Right::new("directconnect:TagResource", parent));
                }
            }
            rights
        }
    }
}

fn dynamodb(cloud: &Cloud, operation: &str, body: &Value) -> Vec<Right> {
    const TABLE: &str = "AllocationsTable";
    let action = format!("dynamodb:{operation}");
    match operation {
        // It has no action of its own: each member needs its item's.
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().unwrap().iter();
            items
                .map(|item| {
                    let (kind, write) = item.as_object().unwrap().iter().next().unwrap();
                    assert_eq!(write["TableName"], cloud.table_name());
                    let kind = kind.trim_end_matches("Item");
                    Right::new(format!("dynamodb:{kind}Item"), TABLE)
                })
                .collect()
        }
        // Nor has a batch of statements: each needs that of its kind.
        "BatchExecuteStatement" => {
            let statements = body["Statements"].as_array().unwrap().iter();
            statements
                .map(|statement| {
                    let text = statement["Statement"].as_str().unwrap();
                    let update = format!("UPDATE \"{}\" ", cloud.table_name());
                    assert!(text.starts_with(&update), "{text}");
                    Right::new("dynamodb:PartiQLUpdate", TABLE)
                })
                .collect()
        }
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().unwrap().keys();
            assert_eq!(tables.collect::<Vec<_>>(), [cloud.table_name()]);
            vec![Right::new(action, TABLE)]
        }
        "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" | "Scan"
        | "DescribeTable" | "DescribeTimeToLive" => {
            assert_eq!(body["TableName"], cloud.table_name());
            let to = match body["IndexName"].as_str() {
                Some(index) => format!("{TABLE}/index/{index}"),
                None => TABLE.to_owned(),
            };
            vec![Right::new(action, to)]
        }
        other => panic!("no idea which right {other} needs"),
    }
}

fn sqs(operation: &str, body: &Value) -> Vec<Right> {
    let queue = |member: &str| {
        let queue = body[member].as_str().unwrap();
        // The last part of a URL, of an ARN, or a name.
        match queue.rsplit(['/', ':']).next().unwrap() {
            "orders" => "OrdersQueue",
            "orders-dlq" => "OrdersDeadLetterQueue",
            "releases" => "ReleasesQueue",
            "releases-dlq" => "ReleasesDeadLetterQueue",
            other => panic!("{other} is no queue of the stack"),
        }
    };
    let rights = |actions: &[&str], queue: &str| {
        let actions = actions.iter();
        actions
            .map(|action| Right::new(format!("sqs:{action}"), queue))
            .collect::<Vec<_>>()
    };
    match operation {
        "GetQueueUrl" => rights(&[operation], queue("QueueName")),
        "ListMessageMoveTasks" => rights(&[operation], queue("SourceArn")),
        // What SQS does with the messages meanwhile, it does with the caller's rights (Amazon SQS Developer Guide, "Amazon SQS
        // dead-letter queue redrive permissions").
        "StartMessageMoveTask" => {
            let source = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
            let source = [&[operation][..], &source].concat();
            let to = rights(&["SendMessage"], queue("DestinationArn"));
            [rights(&source, queue("SourceArn")), to].concat()
        }
        // A batch has no action of its own.
        "ChangeMessageVisibilityBatch" => rights(&["ChangeMessageVisibility"], queue("QueueUrl")),
        _ => rights(&[operation], queue("QueueUrl")),
    }
}
