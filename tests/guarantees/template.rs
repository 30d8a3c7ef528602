//! The deployment says what the code does: names, times, attributes and rights of `template.yaml`.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use aws::config::Config;
use local_cloud::{Fault, FaultKind};
use proof::{PARENT, World, http, record, request, sqs, with_key};
use serde_json::{Value, json};

/// Variables that the contract lets a deployment set; Lambda itself sets the others.
const CONTRACT: [&str; 5] = [
    "ALLOCATIONS_TABLE_NAME",
    "EVENT_BUS_NAME",
    "SETTLE_SECONDS",
    "VLAN_RANGE",
    "AWS_ENDPOINT_URL",
];

/// The template as JSON; `!Ref X` is `{"!Ref": "X"}`.
fn template() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    as_json(&serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn as_json(yaml: &serde_norway::Value) -> Value {
    use serde_norway::Value as Yaml;
    match yaml {
        Yaml::Tagged(tagged) => json!({ tagged.tag.to_string(): as_json(&tagged.value) }),
        Yaml::Sequence(items) => items.iter().map(as_json).collect(),
        Yaml::Mapping(members) => members
            .iter()
            .map(|(name, value)| (name.as_str().unwrap().to_owned(), as_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        plain => serde_json::to_value(plain).unwrap(),
    }
}

fn properties(resource: &str) -> Value {
    let properties = template()["Resources"][resource]["Properties"].take();
    assert!(properties.is_object(), "there is no {resource}");
    properties
}

fn texts(list: &Value) -> BTreeSet<String> {
    match list {
        Value::String(one) => BTreeSet::from([one.clone()]),
        list => list
            .as_array()
            .unwrap()
            .iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect(),
    }
}

#[test]
fn the_functions_environment_is_the_contracts() {
    let function = properties("AllocateFunction");
    let variables = function["Environment"]["Variables"].as_object().unwrap();
    let names: BTreeSet<_> = variables.keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(CONTRACT));

    // And all of them are read, under these names.
    let asked = RefCell::new(BTreeSet::new());
    let config = Config::from_lookup(|name| {
        asked.borrow_mut().insert(name.to_owned());
        match name {
            "SETTLE_SECONDS" => Some("7".into()),
            "VLAN_RANGE" => Some("5-6".into()),
            "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:1".into()),
            name if name.starts_with("AWS_ENDPOINT_URL_") || name.starts_with("AWS_USE_") => None,
            name => Some(format!("value of {name}")),
        }
    })
    .unwrap();
    let asked = asked.into_inner();
    for name in CONTRACT {
        assert!(asked.contains(name), "{name} is never read");
    }
    assert_eq!(config.table_name, "value of ALLOCATIONS_TABLE_NAME");
    assert_eq!(config.bus_name, "value of EVENT_BUS_NAME");
    assert_eq!(config.rules.settle, Duration::from_secs(7));
    assert_eq!(config.rules.vlan_range.to_string(), "5-6");
    let endpoint = Some("http://127.0.0.1:1".to_owned());
    let endpoints = config.endpoints;
    assert_eq!(
        [
            &endpoints.dynamodb,
            &endpoints.direct_connect,
            &endpoints.eventbridge
        ],
        [&endpoint; 3]
    );
}

#[test]
fn the_parameters_defaults_are_the_contracts_and_the_codes() {
    let parameters = template()["Parameters"].take();
    assert_eq!(parameters["SettleSeconds"]["Default"], 30);
    assert_eq!(parameters["VlanRange"]["Default"], "1-4094");
    let config = Config::from_lookup(|name| match name {
        "ALLOCATIONS_TABLE_NAME"
        | "EVENT_BUS_NAME"
        | "AWS_REGION"
        | "AWS_ACCESS_KEY_ID"
        | "AWS_SECRET_ACCESS_KEY" => Some("x".into()),
        // Left empty in a deployment.
        "AWS_ENDPOINT_URL" => Some(String::new()),
        _ => None,
    })
    .unwrap();
    assert_eq!(config.rules.settle, Duration::from_secs(30));
    assert_eq!(config.rules.vlan_range.to_string(), "1-4094");
    // Every settle time that the template takes, the code takes.
    let most = parameters["SettleSeconds"]["MaxValue"].as_u64().unwrap();
    let world = World::with(|cloud| cloud, &[("SETTLE_SECONDS", &most.to_string())]);
    world.function("init");
}

#[test]
fn the_queue_waits_six_time_outs_and_tries_for_longer_than_the_settle_time() {
    let parameters = template()["Parameters"].take();
    let longest = parameters["FunctionTimeoutSeconds"]["MaxValue"]
        .as_u64()
        .unwrap();
    assert!(longest <= 30, "an HTTP API gives up after 30 s");
    assert_eq!(
        properties("AllocateFunction")["Timeout"],
        json!({"!Ref": "FunctionTimeoutSeconds"})
    );
    let queue = properties("OrdersQueue");
    let visibility = queue["VisibilityTimeout"].as_u64().unwrap();
    assert!(visibility >= 6 * longest);
    let redrive = &queue["RedrivePolicy"];
    let receives = redrive["maxReceiveCount"].as_u64().unwrap();
    let settle = parameters["SettleSeconds"]["MaxValue"].as_u64().unwrap();
    assert!((receives - 1) * visibility > settle);
}

#[test]
fn what_cannot_be_finished_ends_in_a_dead_letter_queue_that_keeps_it_as_long_as_can_be() {
    let queue = properties("OrdersQueue");
    let target = &queue["RedrivePolicy"]["deadLetterTargetArn"]["!GetAtt"];
    let dead_letters = target.as_str().unwrap().strip_suffix(".Arn").unwrap();
    assert_ne!(dead_letters, "OrdersQueue");
    assert_eq!(
        template()["Resources"][dead_letters]["Type"],
        "AWS::SQS::Queue"
    );
    let fortnight = 14 * 24 * 3600;
    assert_eq!(
        properties(dead_letters)["MessageRetentionPeriod"],
        fortnight
    );
}

#[test]
fn a_batch_is_answered_message_by_message() {
    let event = properties("AllocateFunction")["Events"]["Orders"]["Properties"].take();
    assert_eq!(
        event["FunctionResponseTypes"],
        json!(["ReportBatchItemFailures"])
    );
    assert_eq!(event["Queue"], json!({"!GetAtt": "OrdersQueue.Arn"}));
    assert!(
        event["BatchSize"].as_u64().unwrap() <= 10,
        "what one PutEvents publishes"
    );
}

#[test]
fn only_callers_with_an_iam_identity_reach_the_route_of_the_contract() {
    let event = properties("AllocateFunction")["Events"]["PostAllocation"]["Properties"].take();
    assert_eq!(
        (&event["Method"], &event["Path"]),
        (&json!("POST"), &json!("/allocations"))
    );
    assert_eq!(properties("Api")["Auth"]["DefaultAuthorizer"], "AWS_IAM");
}

#[test]
fn the_memory_of_orders_is_protected() {
    let table = template()["Resources"]["AllocationsTable"].take();
    assert_eq!(
        (&table["DeletionPolicy"], &table["UpdateReplacePolicy"]),
        (&json!("Retain"), &json!("Retain"))
    );
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

    let index = &table["GlobalSecondaryIndexes"][0]["KeySchema"];
    for (schema, items) in [
        (&table["KeySchema"], world.cloud.table_items().unwrap()),
        (index, vec![of("waiting")]),
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
    let hash = index[0]["AttributeName"].as_str().unwrap();
    for done in ["allocated", "rejected"] {
        assert_eq!(of(done).get(hash), None, "nothing is left to do");
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
async fn the_role_may_do_exactly_what_the_function_was_seen_doing() {
    let role = properties("AllocateRole");
    let statements = &role["Policies"][0]["PolicyDocument"]["Statement"];
    let mut granted = BTreeSet::new();
    for statement in statements.as_array().unwrap() {
        assert_eq!(statement["Effect"], "Allow");
        assert_ne!(statement["Resource"], "*", "{statement}");
        granted.extend(texts(&statement["Action"]));
    }
    assert!(
        granted.iter().all(|action| !action.contains('*')),
        "{granted:?}"
    );
    // What Lambda does with the function's role, on its behalf.
    let lambdas_own = [
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ];
    let mut needed = used(&a_day().await);
    needed.extend(lambdas_own.map(str::to_owned));
    assert_eq!(granted, needed);
}
