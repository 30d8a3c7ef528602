//! What each role of the template allows.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{properties, texts};

/// An IAM action and what it may be done to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// A resource by its name in the template, such as `AllocationsTable/index/parent`; of Direct Connect, `our dxlag`, or
    /// `any dxcon` where the account in the ARN may be a customer's; `*`. For PutEvents, with the events' source.
    pub to: String,
}

impl Right {
    pub(crate) fn new(action: impl Into<String>, to: impl Into<String>) -> Self {
        let (action, to) = (action.into(), to.into());
        Self { action, to }
    }

    /// To publish events of this source.
    pub(crate) fn publish(source: &str) -> Self {
        Self::new("events:PutEvents", format!("EventBus as {source}"))
    }
}

/// A role's statements: those that always hold, and those that hold with a key of one's own.
///
/// # Panics
/// The role has a statement that is of neither kind.
pub fn statements(name: &str) -> (Vec<Value>, Vec<Value>) {
    let role = properties(&format!("{name}Role"));
    assert_eq!(role.get("ManagedPolicyArns"), None, "{name}");
    let (mut always, mut with_key) = (Vec::new(), Vec::new());
    for policy in role["Policies"].as_array().unwrap() {
        for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
            let (statement, list) = match statement.get("!If") {
                None => (statement, &mut always),
                Some(choice) => {
                    assert_eq!(choice[0], "HasKmsKey");
                    assert_eq!(choice[2], json!({"!Ref": "AWS::NoValue"}));
                    (&choice[1], &mut with_key)
                }
            };
            assert_eq!(statement["Effect"], "Allow");
            list.push(statement.clone());
        }
    }
    (always, with_key)
}

/// Everything that a role always allows, one by one.
///
/// # Panics
/// A statement's condition is not one that is known here.
pub fn rights(name: &str) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for statement in statements(name).0 {
        let resources = match &statement["Resource"] {
            Value::Array(resources) => resources.iter().map(place).collect(),
            one => vec![place(one)],
        };
        for action in texts(&statement["Action"]) {
            if action == "events:PutEvents" {
                assert_eq!(resources, ["EventBus"], "{name}");
                let condition = &statement["Condition"];
                // Without it, a request without any source would meet the other condition.
                assert_eq!(condition["Null"]["events:source"], "false", "{name}");
                let sources = &condition["ForAllValues:StringEquals"];
                let sources = texts(&sources["events:source"]);
                rights.extend(sources.iter().map(|source| Right::publish(source)));
            } else {
                let each = resources.iter();
                rights.extend(each.map(|to| Right::new(action.clone(), to.clone())));
            }
        }
    }
    rights
}

/// A resource as [`Right::to`] has it.
fn place(resource: &Value) -> String {
    if let Some(text) = resource.as_str() {
        return text.to_owned();
    }
    if let Some(name) = resource["!GetAtt"].as_str() {
        return name.trim_end_matches(".Arn").to_owned();
    }
    let Some(text) = resource["!Sub"].as_str() else {
        return resource.to_string();
    };
    let direct_connect = "arn:${AWS::Partition}:directconnect:${AWS::Region}:";
    let of_whom = |account: &str| {
        let kind = text.strip_prefix(direct_connect)?.strip_prefix(account)?;
        kind.strip_prefix(':')?.strip_suffix("/*")
    };
    if let Some(kind) = of_whom("${AWS::AccountId}") {
        return format!("our {kind}");
    }
    match of_whom("*") {
        Some(kind) => format!("any {kind}"),
        None => text.replace("${AllocationsTable.Arn}", "AllocationsTable"),
    }
}
