//! What each role may do: what its function needs, written out, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, http, record, request, sqs, with_key};
use serde_json::{Value, json};

use super::{FUNCTIONS, arn_of, properties, texts};

/// A role's actions, each with what it may be done to.
fn granted(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let role = properties(&format!("{name}Role"));
    assert_eq!(role.get("ManagedPolicyArns"), None, "{name}");
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for policy in role["Policies"].as_array().unwrap() {
        let statements = policy["PolicyDocument"]["Statement"].as_array();
        for statement in statements.unwrap() {
            assert_eq!(statement["Effect"], "Allow");
            for action in texts(&statement["Action"]) {
                let to = match &statement["Resource"] {
                    Value::Array(resources) => resources.iter().map(Value::to_string).collect(),
                    one => BTreeSet::from([one.to_string()]),
                };
                granted.entry(action).or_default().extend(to);
            }
        }
    }
    granted
}

fn actions(name: &str) -> BTreeSet<String> {
    granted(name).into_keys().collect()
}

/// What Lambda does with a function's role, on its behalf.
fn lambdas_own(takes_messages: bool) -> BTreeSet<String> {
    let mut own = BTreeSet::from(["logs:CreateLogStream", "logs:PutLogEvents"]);
    if takes_messages {
        own.extend([
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ]);
    }
    own.into_iter().map(str::to_owned).collect()
}

#[test]
fn no_role_may_do_anything_to_everything() {
    // Lists without the name of a resource, see the template.
    let lists = [
        "directconnect:DescribeInterconnects",
        "directconnect:DescribeLags",
    ];
    for name in FUNCTIONS {
        for (action, to) in granted(name) {
            assert!(!action.contains('*'), "{name} may {action}");
            let all = to.contains(&json!("*").to_string());
            assert_eq!(all, lists.contains(&action.as_str()), "{name}: {action}");
        }
    }
}

#[test]
fn who_can_make_a_connection_and_who_can_take_one_away() {
    let who = |action: &str| {
        let may = |name: &&str| actions(name).contains(action);
        FUNCTIONS.into_iter().filter(may).collect::<Vec<_>>()
    };
    assert_eq!(
        who("directconnect:AllocateHostedConnection"),
        ["Allocate", "Track"]
    );
    assert_eq!(who("directconnect:TagResource"), ["Allocate", "Track"]);
    assert_eq!(who("directconnect:DeleteConnection"), ["Track", "Release"]);
    assert_eq!(who("dynamodb:Scan"), ["Inspect"]);
    assert_eq!(who("events:PutEvents"), ["Allocate", "Track", "Release"]);
}

#[test]
fn inspect_changes_nothing() {
    let reads = |action: &String| {
        let (service, name) = action.split_once(':').unwrap();
        service == "logs"
            || ["Get", "BatchGet", "Query", "Scan", "Describe"]
                .iter()
                .any(|verb| name.starts_with(verb))
    };
    let inspect = actions("Inspect");
    assert!(inspect.iter().all(reads), "{inspect:?}");
}

#[test]
fn each_role_reaches_its_own_queue_logs_and_index_only() {
    for name in FUNCTIONS {
        let granted = granted(name);
        let queue = match name {
            "Allocate" => Some("OrdersQueue"),
            "Release" => Some("ReleasesQueue"),
            _ => None,
        };
        let to = |action: &str| granted.get(action).cloned().unwrap_or_default();
        let arns = |resource: &str| BTreeSet::from([arn_of(resource).to_string()]);
        assert_eq!(
            to("sqs:ReceiveMessage"),
            queue.map(arns).unwrap_or_default()
        );
        assert_eq!(to("logs:PutLogEvents"), arns(&format!("{name}LogGroup")));
        let index = match name {
            "Track" => Some("unfinished"),
            "Inspect" => Some("parent"),
            _ => None,
        };
        let mut queried = arns("AllocationsTable");
        queried.extend(index.map(|index| {
            json!({"!Sub": format!("${{AllocationsTable.Arn}}/index/{index}")}).to_string()
        }));
        assert_eq!(to("dynamodb:Query"), queried, "{name}");
    }
}

#[test]
fn no_function_speaks_in_another_name() {
    for name in FUNCTIONS {
        let role = properties(&format!("{name}Role"));
        let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array();
        for statement in statements.unwrap() {
            if texts(&statement["Action"]).contains("events:PutEvents") {
                assert_eq!(
                    statement["Condition"],
                    json!({"StringEquals": {"events:source": "hosted-connections"}})
                );
            }
        }
    }
}

/// The IAM actions behind everything that was asked of the cloud.
fn used(world: &World) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for asked in world.cloud.requests() {
        match asked.operation.as_str() {
            "AllocateHostedConnection" => {
                used.insert("directconnect:AllocateHostedConnection".to_owned());
                if asked.body.get("tags").is_some() {
                    used.insert("directconnect:TagResource".to_owned());
                }
            }
            "DescribeHostedConnections" => {
                used.insert("directconnect:DescribeHostedConnections".to_owned());
            }
            // It has no action of its own: each member needs its item's.
            "TransactWriteItems" => {
                for item in asked.body["TransactItems"].as_array().unwrap() {
                    let (kind, write) = item.as_object().unwrap().iter().next().unwrap();
                    assert_eq!(write["TableName"], world.cloud.table_name());
                    used.insert(format!("dynamodb:{kind}Item"));
                }
            }
            "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query" => {
                assert_eq!(asked.body["TableName"], world.cloud.table_name());
                assert_eq!(
                    asked.body.get("IndexName"),
                    None,
                    "the role names the table only"
                );
                used.insert(format!("dynamodb:{}", asked.operation));
            }
            "PutEvents" => {
                for entry in asked.body["Entries"].as_array().unwrap() {
                    assert_eq!(
                        entry["Source"], "hosted-connections",
                        "the role's condition"
                    );
                    assert_eq!(entry["EventBusName"], world.cloud.bus_name());
                }
                used.insert("events:PutEvents".to_owned());
            }
            other => panic!("no idea which right {other} needs"),
        }
    }
    used
}

/// A day on which everything happens that can happen to an order.
async fn a_day() -> World {
    let world = World::new();
    let order = |key: &str, vlan| http(key, &request(vlan).to_string());
    world.invoke(&order("fresh", Some(101))).await;
    world.invoke(&order("fresh", Some(101))).await;
    world.invoke(&order("reused", Some(101))).await;
    world.invoke(&order("automatic", None)).await;
    world.invoke(&sqs([record("m-1", "nonsense")])).await;
    let theirs = "999988887777";
    world
        .cloud
        .insert_connection(PARENT, 102, theirs, "50Mbps", "theirs")
        .unwrap();
    world.invoke(&order("foreign", Some(102))).await;
    for kind in [
        FaultKind::Throttle,
        FaultKind::ApplyThenReset,
        FaultKind::HangBefore,
        FaultKind::ApplyThenKill,
    ] {
        let event = with_key(&kind.to_string(), request(None));
        world
            .cloud
            .inject(Fault::on(kind, "AllocateHostedConnection"));
        world
            .deliver_until_final(&sqs([record("m-2", &event.to_string())]))
            .await;
    }
    world
}

#[tokio::test(start_paused = true)]
async fn allocate_may_do_exactly_what_it_was_seen_doing() {
    let mut needed = used(&a_day().await);
    needed.extend(lambdas_own(true));
    assert_eq!(actions("Allocate"), needed);
}
