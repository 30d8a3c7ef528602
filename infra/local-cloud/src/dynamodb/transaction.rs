//! How large a transaction may be. The engine counts what is sent; DynamoDB counts the items, so that small changes to
//! large items may be too much together.

use dynoxide::{Database, DynoxideError, Item, types::item_size};
use serde_json::{Value, json};

use super::run;

/// "The aggregate size of the items in the transaction cannot exceed 4 MB."
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// So many items are within the limit however large they are: an item has 400 KB at most.
const ALWAYS_FIT: usize = 10;

/// Refuses a transaction whose items are too large together, as they are before it or as they are sent.
pub(super) fn check_size(database: &Database, request: &Value) -> Result<(), DynoxideError> {
    let actions = request["TransactItems"].as_array();
    let actions = actions.map(Vec::as_slice).unwrap_or_default();
    if actions.len() <= ALWAYS_FIT {
        return Ok(());
    }
    let bytes: usize = actions.iter().map(|action| size(database, action)).sum();
    if bytes > MOST_BYTES {
        let problem = "Collection size of items exceeded, which can also be caused by the aggregate size of the items in the transaction exceeding the 4MB limit";
        return Err(DynoxideError::ValidationException(problem.to_owned()));
    }
    Ok(())
}

fn size(database: &Database, action: &Value) -> usize {
    if let Some(put) = action.get("Put") {
        return item_bytes(&put["Item"]);
    }
    ["Update", "Delete", "ConditionCheck"]
        .into_iter()
        .find_map(|kind| action.get(kind))
        .map_or(0, |action| {
            let sent =
                item_bytes(&action["Key"]) + item_bytes(&action["ExpressionAttributeValues"]);
            stored_bytes(database, action).max(sent)
        })
}

/// The item that the action is about, as it is now. What cannot be read is the engine's to refuse.
fn stored_bytes(database: &Database, action: &Value) -> usize {
    let request = json!({
        "TableName": action["TableName"],
        "Key": action["Key"],
        "ConsistentRead": true,
    });
    let found = run(request.to_string().as_bytes(), |request| {
        database.get_item(request)
    });
    found.map_or(0, |found| item_bytes(&found["Item"]))
}

pub(super) fn item_bytes(item: &Value) -> usize {
    serde_json::from_value::<Item>(item.clone()).map_or(0, |item| item_size(&item))
}
