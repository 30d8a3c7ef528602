//! Stories in which something happens at Direct Connect between any two requests, alone and beside a call that goes wrong.

use std::time::Duration;

use local_cloud::FaultKind;

use crate::faults;
use crate::happening::Happening;
use crate::incident::Incident;
use crate::life::{self, Course, Life};
use crate::manner::Manner;
use crate::run::alone;
use crate::scenario::Scenario;
use crate::schedule::Schedule;

/// Requests that a call which goes wrong makes necessary, about: something may happen before each of them too.
const MORE_REQUESTS: u64 = 6;

/// In the life that is followed, which is the longest, the same steps come again for each state. Of so many one is told, and
/// of twice as many where the LAG's members are less kind.
const EVERY_OTHER: usize = 2;

/// How a call goes wrong beside which something happens. In other manners one that lands late stands for all without an
/// answer.
fn wrong(manner: Manner) -> Vec<FaultKind> {
    let mut kinds = vec![
        FaultKind::LandLate(Duration::from_secs(20)),
        FaultKind::ApplyThenClientException,
    ];
    if manner == Manner::Plain {
        kinds.push(FaultKind::ApplyThenReset);
        kinds.push(FaultKind::ApplyThenKill);
    }
    kinds
}

/// Of an order that is delivered until it is final.
pub(super) fn orders() -> Vec<Schedule> {
    let mut told = Vec::new();
    let mut tell = |manner, happening: Happening| {
        for scenario in Scenario::all_in(manner) {
            let operations = alone(|| faults::operations(scenario));
            let kinds = wrong(manner);
            let stories = meanwhile(&operations, "AllocateHostedConnection", kinds, happening);
            told.extend(
                stories
                    .into_iter()
                    .map(|faults| Schedule::Faults { scenario, faults }),
            );
        }
    };
    for manner in Manner::MEMBERS {
        tell(manner, Happening::JoinLag);
    }
    tell(Manner::Plain, Happening::Move);
    tell(Manner::Plain, Happening::Transition);
    tell(Manner::Shifting, Happening::Come);
    tell(Manner::Shifting, Happening::Go);
    told
}

/// Of what comes after an order.
pub(super) fn lives() -> Vec<Schedule> {
    let mut told = Vec::new();
    let mut tell = |life: Life, beside, happening: Happening| {
        let operations = alone(|| life::operations(life));
        let mut stories = meanwhile(&operations, beside, wrong(life.manner), happening);
        if life.course == Course::Followed {
            let kindness = if life.manner == Manner::Plain { 1 } else { 2 };
            let some = stories.into_iter().step_by(EVERY_OTHER * kindness);
            stories = some.collect();
        }
        told.extend(
            stories
                .into_iter()
                .map(|faults| Schedule::Life { life, faults }),
        );
    };
    let releases = [Course::Released, Course::ReleaseAbandoned];
    for manner in Manner::MEMBERS {
        for life in Life::in_manner(manner, &releases) {
            tell(life, "DeleteConnection", Happening::JoinLag);
        }
        for life in Life::in_manner(manner, &[Course::Abandoned, Course::Followed]) {
            tell(life, "", Happening::JoinLag);
        }
    }
    for life in Life::in_manner(Manner::Plain, &releases) {
        tell(life, "DeleteConnection", Happening::Move);
    }
    for life in Life::in_manner(Manner::Plain, &[Course::Abandoned, Course::Followed]) {
        tell(life, "", Happening::Move);
    }
    let moves = [Course::Moved, Course::MoveAbandoned, Course::MoveReleased];
    for life in Life::in_manner(Manner::Plain, &moves) {
        tell(life, "AssociateHostedConnection", Happening::Move);
    }
    for life in Life::in_manner(Manner::Plain, &[Course::Abandoned]) {
        tell(life, "", Happening::Transition);
    }
    // A person adopts what Direct Connect shows on the order's own parent. What was moved before that is refused, and the
    // order stays with the person.
    let is_told = |life: &Life| life.policy && life.course != Course::ResolvedAdopted;
    for life in Life::all().into_iter().filter(is_told) {
        tell(life, "", Happening::JoinLag);
        tell(life, "", Happening::Move);
    }
    for life in Life::in_manner(Manner::Plain, &[Course::Twin]) {
        tell(life, "AllocateHostedConnection", Happening::Move);
    }
    told
}

type Incidents = Vec<(u64, Incident)>;

/// `happening` before each request, alone and beside the last request for `beside` going wrong.
fn meanwhile(
    operations: &[String],
    beside: &str,
    kinds: Vec<FaultKind>,
    happening: Happening,
) -> Vec<Incidents> {
    let requests = (1..).zip(operations);
    let mut stories: Vec<Incidents> = requests
        .clone()
        .map(|(k, _)| vec![(k, happening.into())])
        .collect();
    let last = requests
        .filter(|(_, operation)| *operation == beside)
        .last();
    if let Some((hit, _)) = last {
        for kind in kinds {
            let first = hit.saturating_sub(1).max(1);
            let places = first..=hit + MORE_REQUESTS;
            stories.extend(places.map(|k| vec![(k, happening.into()), (hit, kind.clone().into())]));
        }
    }
    stories
}
