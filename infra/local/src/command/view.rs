//! The cloud's contents as JSON for scripts: names as AWS spells them, times as RFC 3339.

use std::time::{SystemTime, UNIX_EPOCH};

use hosted_connection::Timestamp;
use local_cloud::{BusEvent, HostedConnection, Parent, ParentKind, RequestRecord};
use serde_json::{Value, json, value::RawValue};

use super::happened::Happened;

/// An interconnect or LAG.
pub(crate) fn parent(parent: &Parent) -> Value {
    json!({
        "connectionId": parent.id,
        "bandwidth": parent.bandwidth,
        "location": parent.location,
        "device": parent.device,
        "ports": match parent.kind { ParentKind::Interconnect => 1, ParentKind::Lag { ports } => ports },
        "allowsHostedConnections": parent.allows_hosted_connections,
        "state": parent.state,
        "lagId": parent.member_of(),
    })
}

/// A hosted connection, with the parent that AWS's own answers do not name.
pub(crate) fn connection(connection: &HostedConnection) -> Value {
    json!({
        "connectionId": connection.id,
        "parentConnectionId": connection.parent,
        "vlan": connection.vlan,
        "bandwidth": connection.bandwidth,
        "ownerAccount": connection.owner_account,
        "connectionName": connection.name,
        "connectionState": connection.state,
        "tags": connection.tags,
    })
}

/// An event as a rule's target would get it.
pub(crate) fn event(event: &BusEvent) -> Value {
    json!({
        "id": event.id,
        "source": event.source,
        "detail-type": event.detail_type,
        "time": time(event.time),
        "resources": event.resources,
        "detail": event.detail,
        "eventBusName": event.bus,
    })
}

/// A call on one of the services.
pub(crate) fn request(request: &RequestRecord) -> Value {
    json!({
        "sequence": request.sequence,
        "time": time(request.time),
        "service": request.service.to_string(),
        "operation": request.operation,
        "fault": request.fault.as_ref().map(ToString::to_string),
        "applied": request.applied,
        "status": request.status,
        "body": request.body,
    })
}

/// Everything that an invocation has done.
pub(crate) fn happened(happened: &Happened) -> Value {
    json!({
        "connections": happened.connections.iter().map(connection).collect::<Vec<_>>(),
        "events": happened.events.iter().map(event).collect::<Vec<_>>(),
        "requests": happened.requests.iter().map(request).collect::<Vec<_>>(),
    })
}

/// The function's answer.
pub(crate) fn document(answer: &RawValue) -> Value {
    serde_json::from_str(answer.get()).unwrap_or_default()
}

/// A DynamoDB item with its attributes' types taken off.
pub(crate) fn item(item: &Value) -> Value {
    let Some(attributes) = item.as_object() else {
        return Value::Null;
    };
    attributes
        .iter()
        .map(|(name, typed)| (name.clone(), attribute(typed)))
        .collect()
}

fn attribute(typed: &Value) -> Value {
    let Some((kind, value)) = typed.as_object().and_then(|typed| typed.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(digits)) => digits.parse().map_or(Value::Null, Value::Number),
        ("M", nested) => item(nested),
        ("L", Value::Array(items)) => items.iter().map(attribute).collect(),
        ("NULL", _) => Value::Null,
        (_, value) => value.clone(),
    }
}

/// A moment as RFC 3339.
pub(crate) fn time(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_reads_like_plain_json() {
        let typed = json!({"pk": {"S": "a"}, "n": {"N": "12"}, "m": {"M": {"x": {"BOOL": true}}}, "l": {"L": [{"S": "b"}]}});
        assert_eq!(
            item(&typed),
            json!({"pk": "a", "n": 12, "m": {"x": true}, "l": ["b"]})
        );
    }
}
