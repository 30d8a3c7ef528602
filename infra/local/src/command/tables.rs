//! The tables that several commands print of what is in the cloud.

use std::collections::BTreeMap;

use local_cloud::{BusEvent, HostedConnection, RequestRecord};
use serde_json::Value;
use terminal::tables::Table;
pub(crate) use terminal::tables::{align_right, colour, folded, print, table, text, write};

/// Characters of an id that tell it from the others.
const SHORT_ID: usize = 8;

/// Hosted connections, by parent.
pub(crate) fn connections(connections: &[HostedConnection]) -> Table {
    let mut table = table(&[
        "parent",
        "connection",
        "VLAN",
        "bandwidth",
        "owner",
        "name",
        "state",
    ]);
    let mut sorted: Vec<_> = connections.iter().collect();
    sorted.sort_by_key(|connection| (&connection.parent, connection.vlan));
    let mut parent = "";
    for connection in sorted {
        // Each parent is named once, where its connections begin.
        let named = if connection.parent == parent {
            ""
        } else {
            &connection.parent
        };
        parent = &connection.parent;
        table.add_row([
            named,
            &connection.id,
            &connection.vlan.to_string(),
            &connection.bandwidth,
            &connection.owner_account,
            &connection.name,
            &connection.state,
        ]);
    }
    align_right(&mut table, 2);
    align_right(&mut table, 3);
    table
}

/// Events, in the order of their publication.
pub(crate) fn events(events: &[BusEvent]) -> Table {
    let mut table = table(&["detail type", "key", "event id", "what it says"]);
    for event in events {
        let detail = &event.detail;
        let id: String = text(&detail["eventId"]).chars().take(SHORT_ID).collect();
        let connection = &detail["connection"];
        let says = match (&detail["rejection"], &detail["previousState"]) {
            (Value::Null, Value::Null) => text(&connection["connectionId"]).to_owned(),
            (Value::Null, before) => {
                format!(
                    "{} → {}",
                    text(before),
                    text(&connection["connectionState"])
                )
            }
            (rejection, _) => text(&rejection["code"]).to_owned(),
        };
        let key = detail["idempotencyKey"].as_str().unwrap_or("none");
        table.add_row([&event.detail_type, key, &id, &says]);
    }
    table
}

/// Calls on AWS, counted by operation in the order of their first use.
pub(crate) fn calls(requests: &[RequestRecord]) -> Table {
    let mut order: Vec<&str> = Vec::new();
    let mut counted: BTreeMap<&str, (String, usize, Vec<String>)> = BTreeMap::new();
    for request in requests {
        let (_, count, faults) = counted.entry(&request.operation).or_insert_with(|| {
            order.push(&request.operation);
            (request.service.to_string(), 0, Vec::new())
        });
        *count += 1;
        faults.extend(request.fault.as_ref().map(|fault| fault.kind.to_string()));
    }
    let mut table = table(&["service", "operation", "calls", "faults injected"]);
    for operation in order {
        if let Some((service, count, faults)) = counted.get(operation) {
            table.add_row([service, operation, &count.to_string(), &faults.join(", ")]);
        }
    }
    align_right(&mut table, 2);
    table
}
