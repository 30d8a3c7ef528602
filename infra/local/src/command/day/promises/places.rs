//! Promises about orders by place.

use local_cloud::{HostedConnection, Parent};
use serde_json::Value;

use super::super::{decision::Made, stage::Played};
use super::answers::name;
use crate::command::tables::text;

/// Each has its connection where it was asked for, on a device of its own where it was to be kept apart, and on the parent
/// that was told.
pub(super) fn as_asked(played: &Played) -> Vec<String> {
    let placed = played.deliveries.iter().filter_map(|delivery| {
        let placement = delivery.placement()?;
        match delivery.decision.made()? {
            Made::Allocated(connection) => Some((delivery, placement, connection)),
            Made::Adopted(_) => None,
        }
    });
    let wrong = placed.filter_map(|(delivery, placement, told)| {
        let problem = problem(played, &placement, told)?;
        Some(format!("{}: {problem}", name(delivery)))
    });
    wrong.collect()
}

fn problem(played: &Played, placement: &Value, told: &HostedConnection) -> Option<String> {
    let Some(parent) = parent_of(played, &told.id) else {
        return Some(format!("{} is on no parent", told.id));
    };
    if parent.id != told.parent {
        return Some(format!("{} was told, it is on {}", told.parent, parent.id));
    }
    if placement["location"] != parent.location.as_str() {
        return Some(format!("{} is at {}", parent.id, parent.location));
    }
    let other = placement["diverseFrom"]["idempotencyKey"].as_str()?;
    let Some(theirs) = of_order(played, other).and_then(|id| parent_of(played, &id)) else {
        return Some(format!("{other} has no connection"));
    };
    // A device that is not named is taken for the same.
    let is_apart = parent.device.is_some() && parent.device != theirs.device;
    (!is_apart).then(|| format!("{} shares its device with {other}", parent.id))
}

/// The parent that the connection is really on.
fn parent_of(played: &Played, id: &str) -> Option<Parent> {
    let connections = played.cloud.connections();
    let connection = connections.into_iter().find(|one| one.id == id)?;
    let parents = played.cloud.parents();
    parents.into_iter().find(|one| one.id == connection.parent)
}

/// The connection that was published for the key.
fn of_order(played: &Played, key: &str) -> Option<String> {
    let events = played.cloud.events();
    let told = events.iter().find(|event| {
        event.detail["idempotencyKey"] == key && event.detail["connection"].is_object()
    })?;
    Some(text(&told.detail["connection"]["connectionId"]).to_owned())
}
