//! How answers are rewritten, so that what a safeguard is there to read is no longer in them.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};

use super::json;
use crate::orders::PARENT;

/// Every 4xx says no for good.
pub(super) fn as_refusal(response: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    if response.status().is_client_error() {
        return json::error("DirectConnectClientException", json::of(response.body()));
    }
    Ok(response)
}

/// Where nobody knows what became of a call, it says that it was not made.
pub(super) fn as_not_made(
    answer: Result<HttpResponse, ConnectorError>,
) -> Result<HttpResponse, ConnectorError> {
    let is_known = answer.as_ref().is_ok_and(|response| {
        let is_readable = json::of(response.body())["connectionId"].is_string();
        let is_error = response.status().is_client_error();
        is_readable || is_error && json::code(response) != "DirectConnectServerException"
    });
    match is_known {
        true => answer,
        false => json::error("ThrottlingException", json!({"message": "Rate exceeded"})),
    }
}

/// Whether the SDK would send again what is answered so.
pub(super) fn is_retryable(answer: &Result<HttpResponse, ConnectorError>) -> bool {
    match answer {
        Ok(response) => {
            response.status().is_server_error() || json::code(response) == "ThrottlingException"
        }
        Err(error) => error.is_io() || error.is_timeout(),
    }
}

/// A refused write does not say which item refused it.
pub(super) fn without_old_items(answer: &mut Value) {
    if let Some(answer) = answer
        .as_object_mut()
        .filter(|it| it.contains_key("__type"))
    {
        answer.remove("Item");
    }
    for reason in list(answer, "CancellationReasons").into_iter().flatten() {
        if let Some(reason) = reason.as_object_mut() {
            reason.remove("Item");
        }
    }
}

/// A refused write finds the token that it wrote itself to be somebody else's.
pub(super) fn with_foreign_token(asked: &Value, answer: &mut Value) {
    if answer.get("__type").is_none() {
        return;
    }
    let asked = asked.to_string();
    let disown = |item: &mut Value| {
        let own = item["claimToken"]["S"].as_str();
        if own.is_some_and(|own| asked.contains(own)) {
            item["claimToken"]["S"] = "somebody-else".into();
        }
    };
    if let Some(item) = answer.get_mut("Item") {
        disown(item);
    }
    let reasons = list(answer, "CancellationReasons").into_iter().flatten();
    reasons
        .filter_map(|reason| reason.get_mut("Item"))
        .for_each(disown);
}

/// The answer says that there is no further page.
pub(super) fn without_next_page(answer: &mut Value) {
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("nextToken");
    }
}

/// There is the orders' parent, which is a member of no LAG, and no other.
pub(super) fn leave_one_parent(answer: &mut Value) {
    if let Some(interconnects) = list(answer, "interconnects") {
        interconnects.retain(|one| one["interconnectId"] == PARENT);
        let objects = interconnects.iter_mut().filter_map(Value::as_object_mut);
        objects.for_each(|one| drop(one.remove("lagId")));
    }
    if let Some(lags) = list(answer, "lags") {
        lags.clear();
    }
}

/// Nothing is shown on `vlan`, and all parents are available.
pub(super) fn hide(vlan: &Value, answer: &mut Value) {
    if let Some(shown) = list(answer, "connections") {
        shown.retain(|connection| connection["vlan"] != *vlan);
    }
    for (name, state) in [("interconnects", "interconnectState"), ("lags", "lagState")] {
        for parent in list(answer, name).into_iter().flatten() {
            parent[state] = "available".into();
        }
    }
}

pub(super) fn list<'a>(answer: &'a mut Value, name: &str) -> Option<&'a mut Vec<Value>> {
    answer.get_mut(name)?.as_array_mut()
}
