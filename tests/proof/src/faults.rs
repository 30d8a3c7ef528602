//! Stories of one delivery after the other, in which requests go wrong.

use std::time::Duration;

use aws::Safeguard;
use local_cloud::{Fault, FaultKind};

use crate::invariants;
use crate::scenario::{Door, Scenario};
use crate::schedule::Run;
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
    kinds
}

/// Plays one.
pub(crate) async fn play(
    scenario: Scenario,
    faults: &[(u64, FaultKind)],
    broken: Option<Safeguard>,
) -> Run {
    let world = scenario.world(broken);
    if scenario.replayed {
        world.invoke(&scenario.event()).await;
        world.cloud.forget_requests();
    }
    for (k, kind) in faults {
        world.cloud.inject(Fault::on_request(kind.clone(), *k));
    }
    let delivered = world
        .deliver(&scenario.event(), scenario.pause(), MOST_DELIVERIES)
        .await;
    finish(&world, scenario, delivered).await
}

/// Requests that the story of `scenario` sends as long as nothing goes wrong.
pub(crate) async fn requests(scenario: Scenario) -> u64 {
    let world = scenario.world(None);
    if scenario.replayed {
        world.invoke(&scenario.event()).await;
        world.cloud.forget_requests();
    }
    world.deliver(&scenario.event(), scenario.pause(), 1).await;
    world.cloud.requests().len() as u64
}

/// What every story ends with: late arrivals land, and the invariants are looked at.
pub(crate) async fn finish(
    world: &World,
    scenario: Scenario,
    delivered: Option<(crate::Invocation, u32)>,
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
    world.cloud.clear_faults();
    // Long enough for every late arrival of the faults above.
    tokio::time::sleep(Duration::from_secs(120)).await;
    match delivered {
        None => run
            .violations
            .push(format!("not final after {MOST_DELIVERIES} deliveries")),
        Some((invocation, deliveries)) => {
            run.deliveries = deliveries;
            run.violations.extend(invariants::final_answer(
                &invocation,
                scenario.door == Door::Sqs,
            ));
        }
    }
    run.violations
        .extend(invariants::at_the_end(world, scenario).await);
    run.violations.extend(world.breaches());
    run
}
