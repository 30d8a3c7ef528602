//! What DynamoDB bills for a request, in units.
//!
//! The engine counts what it has done: an item's size is the larger one of before and after, a transaction costs twice, an index
//! costs one write for each entry that comes, goes or changes, never twice, and two for one whose key changes. It counts nothing
//! for what it refuses; DynamoDB bills that too, by the items that were to be written.

use dynoxide::{Database, DynoxideError, types::write_capacity_units};
use serde_json::{Value, json};

use super::run;
use super::transaction::item_bytes;
use crate::{Units, request::Call};

const ASK: &str = "ReturnConsumedCapacity";
const TOLD: &str = "ConsumedCapacity";
/// What they cost is counted by the bytes that they return, and nobody here asks for it.
const UNCOUNTED: [&str; 5] = [
    "CreateTable",
    "DescribeTable",
    "ListTables",
    "UpdateTimeToLive",
    "DescribeTimeToLive",
];
const READS: [&str; 5] = [
    "GetItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "TransactGetItems",
];

/// A request that asks the engine what it consumes, whether its sender wants to know or not.
pub(super) struct Metered {
    pub(super) raw: Vec<u8>,
    is_read: bool,
    is_asked_by_sender: bool,
}

impl Metered {
    pub(super) fn new(call: &Call) -> Self {
        let asked = call.text(ASK).is_some_and(|mode| mode != "NONE");
        let is_ours = !asked && call.body.get(ASK).is_none();
        let is_counted = !UNCOUNTED.contains(&call.operation.as_str());
        let raw = match is_ours && is_counted {
            true => with_question(&call.raw),
            false => call.raw.to_vec(),
        };
        Self {
            raw,
            is_read: READS.contains(&call.operation.as_str()),
            is_asked_by_sender: asked,
        }
    }

    /// The answer as its sender wants it, and what the engine says of the cost.
    pub(super) fn read_off(&self, mut answer: Value) -> (Value, Units) {
        let units = units(&answer[TOLD]);
        if !self.is_asked_by_sender
            && let Some(members) = answer.as_object_mut()
        {
            members.remove(TOLD);
        }
        let units = match self.is_read {
            true => Units {
                writes: 0,
                half_reads: whole(units * 2.0),
            },
            false => Units {
                writes: whole(units),
                half_reads: 0,
            },
        };
        (answer, units)
    }
}

/// The same JSON object with one member more. What is no object stays as it is, for the engine to refuse.
fn with_question(raw: &[u8]) -> Vec<u8> {
    let Some(open) = raw.iter().position(|byte| *byte == b'{') else {
        return raw.to_vec();
    };
    let (before, rest) = raw.split_at(open + 1);
    let is_empty = rest.trim_ascii_start().starts_with(b"}");
    let comma = if is_empty { "" } else { "," };
    [
        before,
        format!("\"{ASK}\":\"TOTAL\"{comma}").as_bytes(),
        rest,
    ]
    .concat()
}

/// A request on several tables has a list of them.
fn units(told: &Value) -> f64 {
    let of_one = |one: &Value| one["CapacityUnits"].as_f64().unwrap_or_default();
    match told {
        Value::Array(tables) => tables.iter().map(of_one).sum(),
        one => of_one(one),
    }
}

/// What is billed for a write that a condition refused: what it would have written, or at least what is there. Not documented for
/// transactions, but for "a minimum of one" of each item: they are taken to cost twice here as well.
pub(super) fn of_refused(database: &Database, call: &Call, error: &DynoxideError) -> Units {
    let writes = match (call.operation.as_str(), error) {
        ("PutItem", DynoxideError::ConditionalCheckFailedException(..)) => {
            written(database, "Put", &call.body)
        }
        ("UpdateItem" | "DeleteItem", DynoxideError::ConditionalCheckFailedException(..)) => {
            written(database, "Update", &call.body)
        }
        ("TransactWriteItems", DynoxideError::TransactionCanceledException(..)) => {
            let actions = call.body["TransactItems"].as_array();
            let each = actions.into_iter().flatten().filter_map(Value::as_object);
            let each = each.flat_map(|action| action.iter());
            2 * each
                .map(|(kind, action)| written(database, kind, action))
                .sum::<u32>()
        }
        _ => 0,
    };
    Units {
        writes,
        half_reads: 0,
    }
}

fn written(database: &Database, kind: &str, action: &Value) -> u32 {
    let sent = item_bytes(&action["Item"]);
    let key = match kind {
        "Put" => key_of(database, action),
        _ => action["Key"].clone(),
    };
    let request = json!({"TableName": action["TableName"], "Key": key, "ConsistentRead": true});
    let found = run(request.to_string().as_bytes(), |request| {
        database.get_item(request)
    });
    let stored = found.map_or(0, |found| item_bytes(&found["Item"]));
    whole(write_capacity_units(stored.max(sent)))
}

/// The key in the item of a put.
fn key_of(database: &Database, action: &Value) -> Value {
    let request = json!({"TableName": action["TableName"]}).to_string();
    let table = run(request.as_bytes(), |request| {
        database.describe_table(request)
    });
    let table = table.unwrap_or_default();
    let schema = table["Table"]["KeySchema"].as_array().into_iter().flatten();
    let names = schema.filter_map(|part| part["AttributeName"].as_str());
    names
        .map(|name| (name.to_owned(), action["Item"][name].clone()))
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole numbers, and small ones"
)]
fn whole(units: f64) -> u32 {
    units as u32
}
