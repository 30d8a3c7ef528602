//! What there is in the end, counted: connections, records, events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bytes::Bytes;
use http::Request;
use local_cloud::{Cloud, Reply};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    /// Living hosted connections.
    connections: usize,
    /// VLANs of a parent that more than one of them is on.
    shared_vlans: usize,
    /// Different facts that were published, by detail type. A fact has one event id, however often it is told.
    facts: BTreeMap<String, usize>,
    /// Connections that an `Allocated` event has told of, different ones.
    told: usize,
    /// Events, repetitions included.
    events: usize,
    /// Allocation records by state.
    records: BTreeMap<String, usize>,
    /// Of those, how many are still in the index of what is unfinished.
    unfinished: usize,
}

pub(crate) async fn count(cloud: &Cloud) -> Result<Outcome, String> {
    let mut outcome = Outcome::default();
    let mut places = HashMap::<_, usize>::new();
    for connection in cloud.connections() {
        if connection.is_living() {
            outcome.connections += 1;
            *places
                .entry((connection.parent, connection.vlan))
                .or_default() += 1;
        }
    }
    outcome.shared_vlans = places.values().filter(|living| **living > 1).count();
    published(cloud, &mut outcome);
    recorded(cloud, &mut outcome).await?;
    Ok(outcome)
}

fn published(cloud: &Cloud, outcome: &mut Outcome) {
    let mut facts = BTreeSet::new();
    let mut told = BTreeSet::new();
    for event in cloud.events() {
        outcome.events += 1;
        // Others than ours have no ids of their own.
        let id = event.detail["eventId"].as_str().unwrap_or(&event.id);
        if facts.insert(id.to_owned()) {
            *outcome.facts.entry(event.detail_type).or_default() += 1;
        }
        let connection = &event.detail["connection"]["connectionId"];
        told.extend(connection.as_str().map(str::to_owned));
    }
    outcome.told = told.len();
}

async fn recorded(cloud: &Cloud, outcome: &mut Outcome) -> Result<(), String> {
    let mut request = json!({
        "TableName": cloud.table_name(),
        "FilterExpression": "begins_with(pk, :allocation)",
        "ExpressionAttributeValues": {":allocation": {"S": "allocation#"}},
        "ProjectionExpression": "allocationState, unfinishedShard",
    });
    loop {
        let mut page = scan(cloud, &request).await?;
        for item in page["Items"].as_array().into_iter().flatten() {
            let state = item["allocationState"]["S"].as_str().unwrap_or("none");
            *outcome.records.entry(state.to_owned()).or_default() += 1;
            outcome.unfinished += usize::from(item.get("unfinishedShard").is_some());
        }
        match page.get_mut("LastEvaluatedKey").map(Value::take) {
            Some(key) if !key.is_null() => request["ExclusiveStartKey"] = key,
            Some(_) | None => return Ok(()),
        }
    }
}

/// One page of the table.
async fn scan(cloud: &Cloud, body: &Value) -> Result<Value, String> {
    let request = Request::post("/")
        .header("x-amz-target", "DynamoDB_20120810.Scan")
        .header("authorization", "AWS4-HMAC-SHA256 local")
        .body(Bytes::from(body.to_string()))
        .map_err(|error| error.to_string())?;
    match cloud.handle(request).await {
        Reply::Answer(answer) if answer.status().is_success() => {
            serde_json::from_slice(answer.body()).map_err(|error| error.to_string())
        }
        reply => Err(format!("Scan: {reply:?}")),
    }
}
