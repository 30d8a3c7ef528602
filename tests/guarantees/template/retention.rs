//! What outlives the stack, what does not, and what an update may not touch.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};

use super::{template, texts};

/// What must not be lost: types of which everything is kept, and single resources.
fn is_kept(name: &str, kind: &str) -> bool {
    [
        "AWS::DynamoDB::Table",
        "AWS::Events::Archive",
        "AWS::Events::EventBus",
        "AWS::SQS::Queue",
    ]
    .contains(&kind)
        || name == "AuditLogGroup"
}

#[test]
fn what_must_not_be_lost_outlives_the_stack_and_its_own_replacement() {
    let template = template();
    let mut kept = BTreeSet::new();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        if is_kept(name, resource["Type"].as_str().unwrap()) {
            // A first creation that fails would leave a named queue behind, or a bus, that the second one runs into.
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
            kept.insert(name.as_str());
        } else {
            // Logs of the functions and of the API end with them.
            let policy = resource.get("DeletionPolicy");
            assert!(policy.is_none_or(|policy| policy == "Delete"), "{name}");
        }
    }
    for name in [
        "AllocationsTable",
        "OrdersQueue",
        "EventBus",
        "EventArchive",
        "AuditLogGroup",
    ] {
        assert!(kept.contains(name), "{name}");
    }
}

#[test]
fn the_stack_policy_lets_no_update_replace_or_delete_what_must_not_be_lost() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/stack-policy.json");
    let policy: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let [allow, deny] = &policy["Statement"].as_array().unwrap()[..] else {
        panic!("{policy}")
    };
    assert_eq!(
        *allow,
        json!({"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"})
    );
    assert_eq!(
        (&deny["Effect"], &deny["Principal"]),
        (&json!("Deny"), &json!("*"))
    );
    assert_eq!(deny["Action"], json!(["Update:Replace", "Update:Delete"]));
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let kept = resources
        .iter()
        .filter(|(name, resource)| is_kept(name, resource["Type"].as_str().unwrap()))
        .map(|(name, _)| format!("LogicalResourceId/{name}"));
    assert_eq!(texts(&deny["Resource"]), kept.collect());
}
