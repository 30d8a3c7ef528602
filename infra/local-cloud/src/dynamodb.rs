//! DynamoDB, by an embedded engine. Only the way in and out is ours; what the operations do is the engine's, but for
//! the [size of a transaction](transaction) and what is [billed](capacity) for a refused write.

mod capacity;
mod transaction;

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use dynoxide::{Database, DynoxideError, ImportOptions};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    CloudError, Units,
    reply::{Answer, ApiError},
    request::Call,
    template::TableDefinition,
};

/// Opens the engine's file, creating it if absent.
pub(crate) fn open(path: &Path) -> Result<Database, CloudError> {
    let database = Database::new(&path.to_string_lossy());
    database.map_err(|error| damaged(path, &error))
}

/// A copy in memory of the engine's file, which stays as it is.
pub(crate) fn copy(path: &Path) -> Result<Database, CloudError> {
    let database = Database::memory()?;
    let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let is_logged = fs::metadata(beside("-wal")).is_ok_and(|log| log.len() > 0);
    let name = path.to_string_lossy();
    let restored = if is_logged {
        // Of a process that is at it, or was killed: SQLite puts file and log together, under locks of its own. Its index of
        // the log is there already, so that nothing new is created.
        database.restore_from(&name)
    } else {
        // Without a log the file is all there is. SQLite would leave one beside it, unless told that nothing changes.
        let escaped = name
            .replace('%', "%25")
            .replace('?', "%3f")
            .replace('#', "%23");
        database.restore_from(&format!("file:{escaped}?immutable=1"))
    };
    restored.map_err(|error| damaged(path, &error))?;
    Ok(database)
}

/// The engine's own words are in what its error was caused by; it calls each of them an internal error.
fn damaged(path: &Path, error: &DynoxideError) -> CloudError {
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let words = match error {
        DynoxideError::InternalServerError(words) => words.clone(),
        _ => innermost.to_string().replace(
            "File opened that is not a database file",
            "it is not an SQLite database",
        ),
    };
    // The engine advises a build with encryption then, which nobody here has.
    let is_other = words.contains("encrypted") || words.contains("not a database");
    let reason = match is_other {
        true => "it is not an SQLite database".to_owned(),
        false => words,
    };
    CloudError::Table {
        path: path.into(),
        dir: path.parent().unwrap_or(path).into(),
        reason,
    }
}

/// Creates the table, unless a database from an earlier run has it already.
pub(crate) fn create_table(database: &Database, table: &TableDefinition) -> Result<(), CloudError> {
    match run(table.create.to_string().as_bytes(), |request| {
        database.create_table(request)
    }) {
        Ok(_) => {}
        Err(DynoxideError::ResourceInUseException(_)) => return add_indexes(database, table),
        Err(error) => return Err(error.into()),
    }
    if let Some(attribute) = &table.ttl_attribute {
        let request = json!({
            "TableName": table.create["TableName"],
            "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true},
        });
        run(request.to_string().as_bytes(), |request| {
            database.update_time_to_live(request)
        })?;
    }
    Ok(())
}

/// Gives a table that an earlier version has left the indexes that came later, one at a time, as a deployment would.
fn add_indexes(database: &Database, table: &TableDefinition) -> Result<(), CloudError> {
    let name = json!({"TableName": table.create["TableName"]}).to_string();
    let kept = run(name.as_bytes(), |request| database.describe_table(request))?;
    let names = |indexes: &Value| -> Vec<Value> {
        let indexes = indexes.as_array().into_iter().flatten();
        indexes.map(|index| index["IndexName"].clone()).collect()
    };
    let there = names(&kept["Table"]["GlobalSecondaryIndexes"]);
    let wanted = table.create["GlobalSecondaryIndexes"].as_array();
    for index in wanted.into_iter().flatten() {
        if !there.contains(&index["IndexName"]) {
            let request = json!({
                "TableName": table.create["TableName"],
                "AttributeDefinitions": table.create["AttributeDefinitions"],
                "GlobalSecondaryIndexUpdates": [{"Create": index}],
            });
            run(request.to_string().as_bytes(), |request| {
                database.update_table(request)
            })?;
        }
    }
    Ok(())
}

/// Every item of the table, in DynamoDB's JSON, ordered by that JSON so that two runs list them alike.
pub(crate) fn items(database: &Database, table_name: &str) -> Result<Vec<Value>, CloudError> {
    let mut items = Vec::new();
    let mut request = json!({"TableName": table_name, "ConsistentRead": true});
    loop {
        let mut page = run(request.to_string().as_bytes(), |request| {
            database.scan(request)
        })?;
        if let Some(Value::Array(found)) = page.get_mut("Items").map(Value::take) {
            items.extend(found);
        }
        match page.get_mut("LastEvaluatedKey").map(Value::take) {
            Some(key) if !key.is_null() => request["ExclusiveStartKey"] = key,
            Some(_) | None => break,
        }
    }
    items.sort_by_cached_key(Value::to_string);
    Ok(items)
}

/// Puts all of `items` into the table, or none.
pub(crate) fn import(
    database: &Database,
    table_name: &str,
    items: Vec<Value>,
) -> Result<(), CloudError> {
    let items = items
        .into_iter()
        .map(|item| serde_json::from_value(item).map_err(|error| unreadable(&error.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    database.import_items(table_name, items, ImportOptions::default())?;
    Ok(())
}

/// Has the engine answer the call, and counts what DynamoDB would bill for it.
pub(crate) fn dispatch(database: &Database, call: &Call) -> (Answer, Units) {
    let metered = capacity::Metered::new(call);
    match operate(database, call, &metered.raw) {
        None => (
            Err(ApiError::unknown_operation(&call.operation)),
            Units::default(),
        ),
        Some(Ok(answer)) => {
            let (answer, units) = metered.read_off(answer);
            (Ok(answer), units)
        }
        Some(Err(error)) => {
            let units = capacity::of_refused(database, call, &error);
            (Err(refusal(&error)), units)
        }
    }
}

/// None for an operation that is not known here.
fn operate(database: &Database, call: &Call, body: &[u8]) -> Option<Result<Value, DynoxideError>> {
    Some(match call.operation.as_str() {
        "CreateTable" => run(body, |request| database.create_table(request)),
        "DescribeTable" => run(body, |request| database.describe_table(request)),
        "ListTables" => run(body, |request| database.list_tables(request)),
        "UpdateTimeToLive" => run(body, |request| database.update_time_to_live(request)),
        "DescribeTimeToLive" => run(body, |request| database.describe_time_to_live(request)),
        "PutItem" => run(body, |request| database.put_item(request)),
        "GetItem" => run(body, |request| database.get_item(request)),
        "UpdateItem" => run(body, |request| database.update_item(request)),
        "DeleteItem" => run(body, |request| database.delete_item(request)),
        "Query" => run(body, |request| database.query(request)),
        "Scan" => run(body, |request| database.scan(request)),
        "BatchGetItem" => run(body, |request| database.batch_get_item(request)),
        "BatchWriteItem" => run(body, |request| database.batch_write_item(request)),
        "BatchExecuteStatement" => run(body, |request| database.batch_execute_statement(request)),
        "TransactGetItems" => run(body, |request| database.transact_get_items(request)),
        "TransactWriteItems" => transaction::check_size(database, &call.body)
            .and_then(|()| run(body, |request| database.transact_write_items(request))),
        _ => return None,
    })
}

/// JSON in, JSON out. Going through `Value` also takes the engine's hash maps into one order.
fn run<Request: DeserializeOwned, Response: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Request) -> Result<Response, DynoxideError>,
) -> Result<Value, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|error| unreadable(&error.to_string()))?;
    serde_json::to_value(operation(request)?)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The engine marks what its readers refuse by how the message starts.
fn unreadable(message: &str) -> DynoxideError {
    let validation = ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"];
    match validation
        .iter()
        .find_map(|marker| message.strip_prefix(marker))
    {
        Some(message) => DynoxideError::ValidationException(message.to_owned()),
        None => DynoxideError::SerializationException(message.to_owned()),
    }
}

fn refusal(error: &DynoxideError) -> ApiError {
    let full = error.error_type();
    ApiError {
        status: error.status_code(),
        code: full.rsplit('#').next().unwrap_or(full).to_owned(),
        body: serde_json::from_str(&error.to_json()).unwrap_or_default(),
    }
}
