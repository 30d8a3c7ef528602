//! What a request says, and how it is rewritten so that the table no longer keeps a safeguard.

use serde_json::{Map, Value, json};

/// When the record of a living connection ends that should have none: ninety days after the stories begin.
const EXPIRES_AT_S: u64 = 1_767_323_045 + 90 * 24 * 60 * 60;

/// The updates of allocation records in a request to DynamoDB, alone or in a transaction.
fn updates<'a>(operation: &str, body: &'a mut Value) -> Vec<&'a mut Map<String, Value>> {
    let updates: Vec<&mut Value> = match operation {
        "UpdateItem" => vec![body],
        "TransactWriteItems" => body["TransactItems"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .filter_map(|action| action.get_mut("Update"))
            .collect(),
        _ => Vec::new(),
    };
    updates
        .into_iter()
        .filter(|update| is_of(&update["Key"], "allocation#"))
        .filter_map(Value::as_object_mut)
        .collect()
}

fn is_of(key: &Value, prefix: &str) -> bool {
    key["pk"]["S"]
        .as_str()
        .is_some_and(|pk| pk.starts_with(prefix))
}

fn text<'a>(update: &'a Map<String, Value>, member: &str) -> &'a str {
    update
        .get(member)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Whether the update gives the record another owner.
fn takes_over(update: &Map<String, Value>) -> bool {
    text(update, "UpdateExpression").contains("claimToken")
}

/// Whether the update records the connection as the order's outcome.
fn allocates(update: &Map<String, Value>) -> bool {
    let values = update.get("ExpressionAttributeValues");
    let mut values = values.and_then(Value::as_object).into_iter().flatten();
    // What comes after it writes the outcome again, but no longer when that was.
    text(update, "UpdateExpression").contains("occurredAtMs")
        && values.any(|(_, value)| value["S"] == "allocated")
}

/// Whether the request records the connection as the order's outcome.
pub(super) fn records_outcome(operation: &str, body: &mut Value) -> bool {
    updates(operation, body)
        .into_iter()
        .any(|update| allocates(update))
}

/// The record that the request claims its key with, before the first call.
pub(super) fn claimed(body: &Value) -> Option<&Value> {
    let mut actions = body["TransactItems"].as_array()?.iter();
    actions
        .find_map(|action| action.get("Put").map(|put| &put["Item"]))
        .filter(|item| is_of(item, "allocation#") && item["allocationState"]["S"] == "calling")
}

/// The action of a transaction that leases a VLAN.
pub(super) fn is_lease(action: &Value) -> bool {
    let item = &action["Put"]["Item"];
    is_of(item, "parent#") && item.get("holder").is_some()
}

/// The action of a transaction that a policy counts.
pub(super) fn is_sale(action: &Value) -> bool {
    action["Update"]["Key"]["sk"]["S"] == "policy"
}

/// Whoever has ever owned the record may write on it, in whatever state it is.
pub(super) fn without_fence(operation: &str, body: &mut Value) {
    for update in updates(operation, body) {
        let condition = text(update, "ConditionExpression");
        // A takeover has a fence of its own.
        if condition.contains("claimToken") && !takes_over(update) {
            let always = format!("attribute_exists(claimToken) OR ({condition})");
            update.insert("ConditionExpression".into(), always.into());
        }
    }
}

/// The moment of a call stays that of the one before.
pub(super) fn without_moment(operation: &str, body: &mut Value) {
    for update in updates(operation, body) {
        let set = comparison(text(update, "UpdateExpression"), "callStartedAtMs");
        let seen = comparison(text(update, "ConditionExpression"), "callStartedAtMs");
        if let (Some(set), Some(seen)) = (set.map(placeholder), seen.map(placeholder)) {
            let values = &mut update["ExpressionAttributeValues"];
            values[set] = values[seen].clone();
        }
    }
}

/// The outcome says that its event is out.
pub(super) fn with_mark(operation: &str, body: &mut Value) {
    for update in updates(operation, body) {
        if allocates(update) {
            set(update, "eventPublished", json!({"BOOL": true}));
            let expression = text(update, "UpdateExpression");
            let expression = format!("{expression} REMOVE unfinishedShard");
            update.insert("UpdateExpression".into(), expression.into());
        }
    }
}

/// The outcome says when the record expires.
pub(super) fn with_expiry(operation: &str, body: &mut Value) {
    for update in updates(operation, body) {
        if allocates(update) {
            set(update, "expiresAt", json!({"N": EXPIRES_AT_S.to_string()}));
        }
    }
}

/// Whether the update notes that a call is made again, by an owner who keeps the record.
pub(super) fn calls_again(update: &Value) -> bool {
    let text = |member: &str| update[member].as_str().unwrap_or_default();
    is_of(&update["Key"], "allocation#")
        && comparison(text("UpdateExpression"), "callStartedAtMs").is_some()
        && comparison(text("ConditionExpression"), "callStartedAtMs").is_some()
}

/// Has the update set one attribute more.
pub(super) fn set(update: &mut Map<String, Value>, attribute: &str, value: Value) {
    let expression = text(update, "UpdateExpression");
    let more = format!("SET {attribute} = :besides, ");
    let expression = expression.replacen("SET ", &more, 1);
    update.insert("UpdateExpression".into(), expression.into());
    update["ExpressionAttributeValues"][":besides"] = value;
}

/// The part of an expression that compares `attribute` with a value, or sets it to one.
fn comparison<'a>(expression: &'a str, attribute: &str) -> Option<&'a str> {
    let begin = expression.find(&format!("{attribute} = :"))?;
    let rest = &expression[begin..];
    let value = rest.find(':')? + 1;
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let length = rest[value..].find(|letter| !is_name(letter));
    Some(length.map_or(rest, |length| &rest[..value + length]))
}

/// The value's name in such a part.
fn placeholder(comparison: &str) -> String {
    comparison
        .split_once("= ")
        .map_or("", |(_, name)| name)
        .to_owned()
}
