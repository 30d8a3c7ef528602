//! Promises about what those who order are told.

use std::{collections::BTreeSet, sync::Arc};

use local_cloud::HostedConnection;

use super::super::{
    decision::Decision,
    script::Expected,
    stage::{Delivery, Played},
};

pub(super) fn decided_as_expected(played: &Played) -> Vec<String> {
    let wrong = played.deliveries.iter().filter(|delivery| {
        let seen = match &delivery.decision {
            Decision::Allocated { answer_lost: None, .. } => Some(Expected::Allocated),
            Decision::Allocated { answer_lost: Some(_), .. } => Some(Expected::Found),
            Decision::Replayed { .. } => Some(Expected::Replayed),
            Decision::Returned { .. } => Some(Expected::Returned),
            Decision::Rejected { code, .. } => {
                // The reason is borrowed from the expectation, which has to name the same.
                return !matches!(delivery.expected, Some(Expected::Rejected(expected)) if expected == code);
            }
            Decision::Unclear(_) => None,
        };
        seen.is_none() || seen != delivery.expected
    });
    wrong
        .map(|delivery| {
            format!(
                "{}: expected {:?}, but it was {:?}",
                name(delivery),
                delivery.expected,
                delivery.decision
            )
        })
        .collect()
}

pub(super) fn replays_are_equal(played: &Played) -> Vec<String> {
    let mut broken = Vec::new();
    for (index, delivery) in played.deliveries.iter().enumerate() {
        let Decision::Replayed { connection } = &delivery.decision else {
            continue;
        };
        let mut earlier = played.deliveries[..index]
            .iter()
            .filter(|earlier| earlier.key == delivery.key);
        let Some((first, answer)) = earlier.find_map(|earlier| match &earlier.decision {
            Decision::Allocated { connection, .. } => Some((earlier, connection)),
            Decision::Replayed { .. }
            | Decision::Rejected { .. }
            | Decision::Returned { .. }
            | Decision::Unclear(_) => None,
        }) else {
            broken.push(format!("{} replays nothing", name(delivery)));
            continue;
        };
        if (&answer.id, answer.vlan) != (&connection.id, connection.vlan) {
            broken.push(format!(
                "{} was answered with {} in place of {}",
                name(delivery),
                connection.id,
                answer.id
            ));
        }
        // A duplicate in the batch of its original shares that one's call.
        let allowed = usize::from(Arc::ptr_eq(&first.happened, &delivery.happened));
        if calls_for(delivery, connection) > allowed {
            broken.push(format!("{} was asked for again", name(delivery)));
        }
    }
    broken
}

fn calls_for(delivery: &Delivery, connection: &HostedConnection) -> usize {
    let calls = delivery.happened.requests.iter().filter(|request| {
        request.operation == "AllocateHostedConnection"
            && request.body["connectionId"] == connection.parent.as_str()
            && request.body["vlan"] == connection.vlan
    });
    calls.count()
}

pub(super) fn looked_for(played: &Played) -> Vec<String> {
    let lost = played.deliveries.iter().filter(|delivery| {
        matches!(
            delivery.decision,
            Decision::Allocated {
                answer_lost: Some(_),
                ..
            }
        )
    });
    lost.filter(|delivery| {
        calls(delivery, "AllocateHostedConnection") != 1
            || calls(delivery, "DescribeHostedConnections") == 0
    })
    .map(name)
    .collect()
}

pub(super) fn published_once(played: &Played) -> Vec<String> {
    let final_answers = played.deliveries.iter().filter(|delivery| {
        matches!(
            delivery.decision,
            Decision::Allocated { .. } | Decision::Rejected { .. }
        )
    });
    let expected = final_answers.count();
    let events = played.cloud.events();
    let ids: BTreeSet<_> = events
        .iter()
        .filter_map(|event| event.detail["eventId"].as_str())
        .collect();
    match ids.len() == expected && events.len() == expected {
        true => Vec::new(),
        false => vec![format!(
            "{expected} final answers, {} events with {} ids",
            events.len(),
            ids.len()
        )],
    }
}

pub(super) fn left_in_queue(played: &Played) -> Vec<String> {
    match played.left_in_queue {
        0 => Vec::new(),
        left => vec![format!("{left} messages")],
    }
}

fn calls(delivery: &Delivery, operation: &str) -> usize {
    let of_it = delivery
        .happened
        .requests
        .iter()
        .filter(|request| request.operation == operation);
    of_it.count()
}

fn name(delivery: &Delivery) -> String {
    format!(
        "{} ({})",
        delivery.key.as_deref().unwrap_or("the order without a key"),
        delivery.caption
    )
}
