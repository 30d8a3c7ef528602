//! What each role may do: what its function needs, written out, and nothing else.

mod placed;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use ::template::statements;
use serde_json::{Value, json};

use super::{FUNCTIONS, arn_of, properties, texts};

/// A role's actions, each with what it may be done to.
fn granted(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for statement in statements(name).0 {
        for action in texts(&statement["Action"]) {
            let to = match &statement["Resource"] {
                Value::Array(resources) => resources.iter().map(Value::to_string).collect(),
                one => BTreeSet::from([one.to_string()]),
            };
            granted.entry(action).or_default().extend(to);
        }
    }
    granted
}

fn actions(name: &str) -> BTreeSet<String> {
    granted(name).into_keys().collect()
}

/// What Lambda does with a function's role, on its behalf.
fn lambdas_own(takes_messages: bool) -> BTreeSet<String> {
    let mut own = BTreeSet::from([
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ]);
    if takes_messages {
        own.extend([
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ]);
    }
    own.into_iter().map(str::to_owned).collect()
}

/// Source: DynamoDB developer guide, "Encryption at rest: how it works", authorizing use of a customer managed key.
pub(super) const TABLES_KEY: [&str; 8] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

#[test]
fn a_connection_may_be_its_owners_in_its_arn_and_a_parent_is_always_ours() {
    let ours = |kind: &str| {
        let arn = "arn:${AWS::Partition}:directconnect:${AWS::Region}:${AWS::AccountId}:";
        json!({"!Sub": format!("{arn}{kind}/*")}).to_string()
    };
    let anybodys =
        json!({"!Sub": "arn:${AWS::Partition}:directconnect:${AWS::Region}:*:dxcon/*"}).to_string();
    for name in FUNCTIONS {
        for (action, to) in granted(name) {
            let expected = match action.as_str() {
                "directconnect:DeleteConnection" => vec![anybodys.clone()],
                "directconnect:TagResource" => vec![anybodys.clone(), ours("dxlag")],
                "directconnect:AllocateHostedConnection"
                | "directconnect:DescribeHostedConnections" => vec![ours("dxcon"), ours("dxlag")],
                _ => continue,
            };
            assert_eq!(to, expected.into_iter().collect(), "{name}: {action}");
        }
    }
}

#[test]
fn whoever_looks_for_a_connection_may_look_at_every_parent() {
    for name in FUNCTIONS {
        let actions = actions(name);
        let looks = ["DescribeHostedConnections"];
        let lists = ["DescribeInterconnects", "DescribeLags"];
        for action in looks.iter().chain(&lists) {
            let action = format!("directconnect:{action}");
            assert!(actions.contains(&action), "{name}: {action}");
        }
    }
}

#[test]
fn no_role_may_do_anything_to_everything() {
    // Lists without the name of a resource, and traces, which have none; see the template.
    let without_resource = [
        "directconnect:DescribeInterconnects",
        "directconnect:DescribeLags",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ];
    for name in FUNCTIONS {
        for (action, to) in granted(name) {
            assert!(!action.contains('*'), "{name} may {action}");
            let all = to.contains(&json!("*").to_string());
            assert_eq!(
                all,
                without_resource.contains(&action.as_str()),
                "{name}: {action}"
            );
        }
    }
}

/// The role of the person: what the commands do, each call of theirs by its action.
const OPERATOR: &str = "Operator";

#[test]
fn only_the_operator_may_move_a_connection_and_its_role_is_an_output() {
    let associate = "directconnect:AssociateHostedConnection".to_owned();
    for name in FUNCTIONS {
        assert!(!actions(name).contains(&associate), "{name}");
    }
    let granted = granted(OPERATOR);
    assert!(granted.contains_key(&associate));
    for (action, to) in &granted {
        assert!(!action.contains('*'), "the operator may {action}");
        let lists = [
            "directconnect:DescribeInterconnects",
            "directconnect:DescribeLags",
        ];
        let all = to.contains(&json!("*").to_string());
        assert_eq!(all, lists.contains(&action.as_str()), "{action}");
    }
    let output = super::template()["Outputs"]["OperatorRoleArn"]["Value"].take();
    assert_eq!(output, arn_of("OperatorRole"));
    // Whoever is trusted is of the parameter's choice, or of this account with a policy of its own.
    let trusted = properties("OperatorRole")["AssumeRolePolicyDocument"]["Statement"][0].take();
    assert_eq!(trusted["Principal"]["AWS"]["!If"][0], "HasOperators");
    let of_the_account = "arn:${AWS::Partition}:iam::${AWS::AccountId}:root";
    assert_eq!(
        trusted["Principal"]["AWS"]["!If"][2]["!Sub"],
        of_the_account
    );
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
        ["logs", "xray"].contains(&service)
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
        let indexes: &[&str] = match name {
            "Allocate" | "Release" => &[],
            "Track" => &["unfinished"],
            _ => &["parent"],
        };
        let mut queried = arns("AllocationsTable");
        queried.extend(indexes.iter().map(|index| {
            json!({"!Sub": format!("${{AllocationsTable.Arn}}/index/{index}")}).to_string()
        }));
        assert_eq!(to("dynamodb:Query"), queried, "{name}");
    }
}

#[test]
fn no_function_speaks_in_another_name() {
    for name in FUNCTIONS {
        for statement in statements(name).0 {
            if texts(&statement["Action"]).contains("events:PutEvents") {
                assert_eq!(
                    statement["Condition"],
                    json!({
                        // A call has many sources: each has to be ours, and there has to be one.
                        "ForAllValues:StringEquals": {"events:source": "hosted-connections"},
                        "Null": {"events:source": "false"},
                    })
                );
            }
        }
    }
}

#[test]
fn with_a_key_of_ones_own_each_role_may_use_that_key_and_no_other() {
    for name in FUNCTIONS {
        let with_key = statements(name).1;
        let [own, tables] = &with_key[..] else {
            panic!("{with_key:?}")
        };
        for statement in [own, tables] {
            assert_eq!(statement["Resource"], json!({"!Ref": "KmsKeyArn"}));
        }
        assert_eq!(own["Action"], json!(["kms:Decrypt"]), "{name}");
        // All that DynamoDB documents as its least, for DynamoDB and nobody else.
        let dynamodb = "dynamodb.${AWS::Region}.${AWS::URLSuffix}";
        assert_eq!(
            tables["Condition"],
            json!({"StringEquals": {"kms:ViaService": {"!Sub": dynamodb}}})
        );
        assert_eq!(
            texts(&tables["Action"]),
            TABLES_KEY.map(str::to_owned).into(),
            "{name}"
        );
    }
}
