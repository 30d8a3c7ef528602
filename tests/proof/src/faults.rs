//! Stories of one delivery after the other, in which requests go wrong.

use std::time::Duration;

use local_cloud::{Fault, FaultKind};

use crate::allowed::Allowed;
use crate::conditions::Conditions;
use crate::happening::Happening;
use crate::incident::{Incident, Incidents, happenings};
use crate::invariants;
use crate::run::Run;
use crate::scenario::{Door, Scenario};
use crate::world::World;

/// Deliveries after which an order has to be final: more than enough for two faults, their leases and settle times.
const MOST_DELIVERIES: u32 = 24;

/// All that can happen to one request in this scenario.
///
/// Requests that land after the settle time belong only where Direct Connect refuses a second use of a VLAN: that one
/// of the two is so is what the product asks for.
pub(crate) fn kinds(scenario: Scenario) -> Vec<FaultKind> {
    let mut kinds = vec![
        FaultKind::RefuseBefore,
        FaultKind::ResetBefore,
        FaultKind::Throttle,
        FaultKind::Error {
            status: 403,
            code: "AccessDeniedException".into(),
        },
        FaultKind::ServerErrorBefore,
        FaultKind::ApplyThen500,
        FaultKind::ServerExceptionBefore,
        FaultKind::ApplyThenServerException,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThenCutBody,
        FaultKind::ApplyThenEmptyBody,
        FaultKind::HangBefore,
        FaultKind::ApplyThenHang,
        FaultKind::Delay(Duration::from_secs(25)),
        FaultKind::LandLate(Duration::from_secs(20)),
        FaultKind::KillBefore,
        FaultKind::ApplyThenKill,
    ];
    if scenario.unique {
        kinds.push(FaultKind::Delay(Duration::from_secs(45)));
        kinds.push(FaultKind::LandLate(Duration::from_secs(100)));
    }
    kinds.extend([
        FaultKind::ClientExceptionBefore,
        FaultKind::Error {
            status: 400,
            code: "ValidationException".into(),
        },
        FaultKind::ApplyThenWithoutList,
    ]);
    if scenario.crowded {
        kinds.push(FaultKind::ExpiredPageToken);
    }
    if scenario.manner.is_late() {
        // With what is shown late these two would come after the settle time.
        kinds.retain(|kind| !is_after(kind, LATEST_SHOWN_LATE));
    } else {
        // A refusal is judged by what is shown right after it: that this is all there is is what the product asks for.
        kinds.push(FaultKind::ApplyThenClientException);
    }
    kinds
}

/// A request that lands later than this, and is shown later still, is shown after the settle time.
const LATEST_SHOWN_LATE: Duration = Duration::from_secs(20);

fn is_after(kind: &FaultKind, time: Duration) -> bool {
    matches!(kind, FaultKind::Delay(late) | FaultKind::LandLate(late) if *late > time)
}

/// Those of `kinds` that stand for the others in stories of two: for an answer that is lost one way to lose it.
pub(crate) fn kinds_of_pairs(scenario: Scenario) -> Vec<FaultKind> {
    let mut kinds = kinds(scenario);
    kinds.retain(|kind| {
        !matches!(
            kind,
            FaultKind::ServerErrorBefore
                | FaultKind::ServerExceptionBefore
                | FaultKind::ApplyThenServerException
                | FaultKind::ApplyThenCutBody
                | FaultKind::ApplyThenEmptyBody
                | FaultKind::ApplyThenWithoutList
        )
    });
    kinds
}

/// Whether a story can have both: a call that lands after the settle time, and after another was refused for no reason that
/// is shown, makes that refusal wrong. That is the honest limit.
pub(crate) fn go_together(first: &FaultKind, second: &FaultKind) -> bool {
    let is_late = |kind| is_after(kind, Duration::from_secs(30));
    let is_refusal = |kind: &FaultKind| *kind == FaultKind::ClientExceptionBefore;
    !(is_late(first) && is_refusal(second) || is_refusal(first) && is_late(second))
}

/// Plays one.
pub(crate) async fn play(
    scenario: Scenario,
    incidents: &Incidents,
    conditions: &Conditions,
) -> Run {
    let world = scenario.world(conditions);
    if scenario.replayed {
        world.invoke(&scenario.event()).await;
        world.cloud.forget_requests();
    }
    come_between(&world, incidents);
    let delivered = world
        .deliver(
            &scenario.event(),
            scenario.pause(),
            most(scenario, conditions),
        )
        .await;
    let mut hits = world.wire.happened();
    let what = happenings(incidents).map(|(_, happening)| happening);
    let mut run = finish(&world, scenario, delivered, what).await;
    if hits.is_empty() {
        run.violations
            .extend(invariants::deliveries(&run.hits, run.deliveries));
    }
    run.hits.append(&mut hits);
    run
}

/// Deliveries after which an order has to be final: a longer settle time takes more of them.
fn most(scenario: Scenario, conditions: &Conditions) -> u32 {
    let settling = conditions.settle_time().as_secs() / scenario.pause().as_secs().max(1);
    MOST_DELIVERIES + 2 * u32::try_from(settling).unwrap_or(u32::MAX / 4)
}

/// Has the world do all of `incidents`, counted from here.
pub(crate) fn come_between(world: &World, incidents: &Incidents) {
    let happenings = happenings(incidents).map(|(k, happening)| (k, *happening));
    world.wire.expect(happenings.collect());
    for (k, incident) in incidents {
        if let Incident::Fault(kind) = incident {
            world.cloud.inject(Fault::on_request(kind.clone(), *k));
        }
    }
}

/// Operations that the story of `scenario` asks for as long as nothing goes wrong.
pub(crate) async fn operations(scenario: Scenario) -> Vec<String> {
    let world = scenario.world(&Conditions::default());
    if scenario.replayed {
        world.invoke(&scenario.event()).await;
        world.cloud.forget_requests();
    }
    world.deliver(&scenario.event(), scenario.pause(), 1).await;
    let requests = world.cloud.requests().into_iter();
    requests.map(|request| request.operation).collect()
}

/// What every story ends with: late arrivals land, and the invariants are looked at.
pub(crate) async fn finish(
    world: &World,
    scenario: Scenario,
    delivered: Option<(crate::Invocation, u32)>,
    happened: impl Iterator<Item = &Happening>,
) -> Run {
    let requests = world.cloud.requests();
    let hits = requests.iter().filter_map(|request| {
        let fault = request.fault.as_ref()?;
        Some((fault.kind.to_string(), request.operation.clone()))
    });
    let mut run = Run {
        hits: hits.collect(),
        requests,
        ..Run::default()
    };
    let allowed = Allowed::by(scenario.manner, happened, &run.hits);
    world.cloud.clear_faults();
    world.wire.expect(Vec::new());
    // Long enough for every late arrival of the faults above.
    tokio::time::sleep(Duration::from_secs(120)).await;
    match delivered {
        // Nobody can tell, and nobody pretends to.
        None if allowed.open => {}
        None => run
            .violations
            .push("not final after many deliveries".to_owned()),
        Some((invocation, deliveries)) => {
            run.deliveries = deliveries;
            run.violations.extend(invariants::final_answer(
                &invocation,
                scenario.door == Door::Sqs,
                allowed,
            ));
        }
    }
    // Before long after, when a rejection is forgotten.
    run.connections = invariants::ours(world).len();
    run.rejected = invariants::is_rejected(world);
    run.violations
        .extend(invariants::at_the_end(world, scenario, allowed).await);
    run.violations.extend(world.breaches());
    run
}
