//! Decisions in words: the decision in one or two, and its reason in plain ones.

use serde_json::Value;

use crate::command::day::{decision::Decision, stage::Delivery};
use crate::command::tables::text;

/// What was decided. Whatever has a mark of its own has a word that says the same.
pub(super) fn decided(decision: &Decision) -> String {
    let word = match decision {
        Decision::Allocated { .. } => "✓ allocated",
        Decision::Replayed { .. } | Decision::Released { before: true, .. } => "↺ replayed",
        Decision::Rejected { .. } => "✗ rejected",
        Decision::Returned { .. } => "… returned",
        Decision::NotKnownYet { .. } => "… not known",
        Decision::WouldBeAllocated { .. } => "✓ possible",
        Decision::WouldBeRejected { .. } => "✗ impossible",
        Decision::Changed { to, .. } => return format!("→\u{a0}{to}"),
        Decision::Released { before: false, .. } => "✓ released",
        Decision::PolicySet { .. } => "✓ set",
        Decision::Adopted { .. } => "✓ adopted",
        Decision::Unclear(_) => "✗ unclear",
    };
    // Mark and word stay on one line.
    word.replace(' ', "\u{a0}")
}

/// And why, or what follows from it.
pub(super) fn why(delivery: &Delivery) -> String {
    match &delivery.decision {
        Decision::Allocated {
            connection,
            answer_lost,
        } => match answer_lost {
            None if delivery.placement().is_some() => format!(
                "{} was chosen: {}, VLAN {}",
                connection.parent, connection.id, connection.vlan
            ),
            None => format!("{}, VLAN {}", connection.id, connection.vlan),
            Some(_) => format!(
                "the answer was lost; {} was found by looking",
                connection.id
            ),
        },
        Decision::Replayed {
            connection,
            released,
        } => match released {
            false => format!("{} is its connection", connection.id),
            true => format!("{} was its connection, released since", connection.id),
        },
        Decision::Rejected {
            message,
            violations,
            candidates,
            ..
        } => match violations.as_slice() {
            [] if !candidates.is_empty() => candidates.join(", "),
            [] => message.clone(),
            [violation] => violation.clone(),
            violations => format!("{} faults: {}", violations.len(), violations.join(", ")),
        },
        Decision::NotKnownYet { message } => message.clone(),
        Decision::Returned { fault } => {
            let reason = fault
                .as_ref()
                .map_or_else(String::new, |fault| format!(" ({fault})"));
            format!("not applied{reason}: will be retried")
        }
        Decision::WouldBeAllocated { vlan } => format!("VLAN {vlan} is free; nothing was written"),
        Decision::WouldBeRejected { message, .. } => message.clone(),
        Decision::Changed { from, .. } => format!("it was {from}"),
        Decision::Released { connection, before } => match before {
            false => format!("{} is deleted, its VLAN free", connection.id),
            true => format!("{} was deleted before", connection.id),
        },
        Decision::PolicySet { sellable_mbps } => match sellable_mbps {
            Some(mbps) => format!("{mbps} Mbps may be sold"),
            None => "no limit".to_owned(),
        },
        Decision::Adopted { connection } => format!("{} was made by hand before", connection.id),
        Decision::Unclear(problem) => problem.clone(),
    }
}

/// The place of an order: `EqDC2, apart from order-1012`.
pub(super) fn place(placement: &Value) -> String {
    let location = text(&placement["location"]);
    match placement["diverseFrom"]["idempotencyKey"].as_str() {
        Some(other) => format!("{location}, apart from {other}"),
        None => location.to_owned(),
    }
}
