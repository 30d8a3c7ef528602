//! Promises about what those who order are told.

use std::{collections::BTreeSet, sync::Arc};

use local_cloud::HostedConnection;

use super::super::{
    decision::{Decision, Made},
    script::Expected,
    stage::{Delivery, Played},
};

pub(super) fn decided_as_expected(played: &Played) -> Vec<String> {
    let wrong = played.deliveries.iter().filter(|delivery| {
        let expected = delivery.expected;
        !expected.is_some_and(|expected| is_as(&delivery.decision, expected))
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

pub(super) fn as_the_contract_says(played: &Played) -> Vec<String> {
    let answers = played.answers.iter();
    let answers = answers.map(|(asked, answer)| contracts::check::answer(asked, answer));
    let events = played.cloud.events();
    let events = events.iter().map(|event| {
        contracts::check::published(
            &event.source,
            &event.detail_type,
            &event.resources,
            &event.detail,
        )
    });
    answers.chain(events).filter_map(Result::err).collect()
}

fn is_as(decision: &Decision, expected: Expected) -> bool {
    match decision {
        Decision::Allocated { answer_lost, .. } => match answer_lost {
            None => expected == Expected::Allocated,
            Some(_) => expected == Expected::Found,
        },
        Decision::Replayed { released, .. } => match released {
            false => expected == Expected::Replayed,
            true => expected == Expected::ReplayedAsReleased,
        },
        Decision::Returned { .. } => expected == Expected::Returned,
        Decision::NotKnownYet { .. } => expected == Expected::NotKnownYet,
        Decision::Rejected { code, .. } => {
            matches!(expected, Expected::Rejected(expected) if expected == code)
        }
        Decision::WouldBeAllocated { .. } => expected == Expected::WouldBeAllocated,
        Decision::WouldBeRejected { code, .. } => {
            matches!(expected, Expected::WouldBeRejected(expected) if expected == code)
        }
        Decision::Changed { to, .. } => {
            matches!(expected, Expected::Changed(expected) if expected == to)
        }
        Decision::Released { before, .. } => match before {
            false => expected == Expected::Released,
            true => expected == Expected::ReleasedBefore,
        },
        Decision::PolicySet { .. } => expected == Expected::PolicySet,
        Decision::Adopted { .. } => expected == Expected::Adopted,
        Decision::Unclear(_) => false,
    }
}

pub(super) fn replays_are_equal(played: &Played) -> Vec<String> {
    let mut broken = Vec::new();
    for (index, delivery) in played.deliveries.iter().enumerate() {
        let Decision::Replayed { connection, .. } = &delivery.decision else {
            continue;
        };
        let mut earlier = played.deliveries[..index]
            .iter()
            .filter(|earlier| earlier.key == delivery.key);
        let made = earlier.find_map(|earlier| match earlier.decision.made()? {
            Made::Allocated(connection) | Made::Adopted(connection) => Some((earlier, connection)),
        });
        let Some((first, answer)) = made else {
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

/// Changes are counted elsewhere, one by one.
pub(super) fn published_once(played: &Played) -> Vec<String> {
    let events = played.cloud.events();
    let mut broken = Vec::new();
    for (detail_type, decided) in [
        ("Hosted Connection Allocated", count(played, is_allocated)),
        ("Hosted Connection Rejected", count(played, is_rejected)),
        ("Hosted Connection Released", count(played, is_released)),
        ("Hosted Connection Adopted", count(played, is_adopted)),
    ] {
        let of_type = events
            .iter()
            .filter(|event| event.detail_type == detail_type);
        let told = of_type.count();
        if told != decided {
            broken.push(format!("{decided} decided, {told} times `{detail_type}`"));
        }
    }
    let ids: BTreeSet<_> = events
        .iter()
        .filter_map(|event| event.detail["eventId"].as_str())
        .collect();
    if ids.len() != events.len() {
        broken.push(format!("{} events with {} ids", events.len(), ids.len()));
    }
    broken
}

fn count(played: &Played, is: fn(&Delivery) -> bool) -> usize {
    played
        .deliveries
        .iter()
        .filter(|delivery| is(delivery))
        .count()
}

fn is_allocated(delivery: &Delivery) -> bool {
    matches!(delivery.decision, Decision::Allocated { .. })
}

/// A release that is refused is told to who asked for it: nothing has changed.
fn is_rejected(delivery: &Delivery) -> bool {
    let refused_release = delivery.expected == Some(Expected::Rejected("RefusedByDirectConnect"));
    matches!(delivery.decision, Decision::Rejected { .. }) && !refused_release
}

fn is_released(delivery: &Delivery) -> bool {
    matches!(delivery.decision, Decision::Released { before: false, .. })
}

fn is_adopted(delivery: &Delivery) -> bool {
    matches!(delivery.decision, Decision::Adopted { .. })
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

pub(super) fn name(delivery: &Delivery) -> String {
    format!(
        "{} ({})",
        delivery.key.as_deref().unwrap_or("the order without a key"),
        delivery.caption
    )
}
