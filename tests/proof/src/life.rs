//! Stories of what comes after an order: its connection is followed, confirmed, deleted or released, and callers
//! vanish. Requests go wrong as in [`faults`](crate::faults), counted over all functions.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use aws::Safeguard;
use hosted_connection::{ParentConnection, ParentPolicy};
use local_cloud::{Fault, FaultKind};

use crate::invariants;
use crate::orders::{PARENT, http, request};
use crate::scenario::KEY;
use crate::schedule::Run;
use crate::world::{Invocation, World};

/// Between two runs of the schedule, and two requests of a patient caller: leases and settle times are over by then.
const MINUTE: Duration = Duration::from_secs(60);
/// Runs or requests after which a story has to be at its end: enough for two faults.
const MOST: u32 = 10;
/// What the parent's policy lets be sold, where there is one: room for one order.
const POLICY: &[u8] = br#"{"bandwidthLimitMbps": 500}"#;

/// How a story goes on after its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Course {
    /// The caller asks once and never again; tracking does the rest.
    Abandoned,
    /// The owner confirms, the port goes up and down, somebody deletes the connection. Tracked at every step.
    Followed,
    /// The connection is released by a caller who asks until there is a final answer.
    Released,
    /// The connection is released by a caller who asks once; tracking does the rest.
    ReleaseAbandoned,
}

/// What a story starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Life {
    /// How it goes on.
    pub course: Course,
    /// Whether the parent has a policy, with room for this one order. Then Direct Connect takes a VLAN twice as well.
    pub policy: bool,
}

const COURSES: [(Course, &str); 4] = [
    (Course::Abandoned, "abandoned"),
    (Course::Followed, "followed"),
    (Course::Released, "released"),
    (Course::ReleaseAbandoned, "release-abandoned"),
];

impl Life {
    /// All that the exploration goes through. A policy is told of where bandwidth is taken and where it is given back.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let with = |policy| move |(course, _)| Self { course, policy };
        let restricted = COURSES.map(with(true)).into_iter();
        let restricted =
            restricted.filter(|life| matches!(life.course, Course::Abandoned | Course::Released));
        COURSES
            .map(with(false))
            .into_iter()
            .chain(restricted)
            .collect()
    }

    /// What can happen to one request.
    ///
    /// A call that lands after the settle time is told only of connections that are not released meanwhile: that
    /// Direct Connect refuses a second use of a VLAN helps for as long as the first one lasts.
    pub(crate) fn kinds(self) -> Vec<FaultKind> {
        let mut kinds = vec![
            FaultKind::Throttle,
            FaultKind::ApplyThenReset,
            FaultKind::KillBefore,
            FaultKind::ApplyThenKill,
        ];
        match self.course {
            // The longest story, and nearly all of it reads.
            Course::Followed => {}
            Course::Abandoned | Course::Released | Course::ReleaseAbandoned => {
                kinds.push(FaultKind::LandLate(Duration::from_secs(20)));
            }
        }
        if self.course == Course::Abandoned && !self.policy {
            kinds.push(FaultKind::LandLate(Duration::from_secs(100)));
        }
        kinds
    }

    /// The world before the order. Its requests are counted from here.
    async fn world(self, broken: Option<Safeguard>) -> World {
        let policies = if self.policy { "enforced" } else { "ignored" };
        let world = World::with(
            |builder| builder.vlan_uniqueness(!self.policy),
            &[("PARENT_POLICIES", policies)],
        )
        .without(broken);
        if let (true, Ok(parent), Ok(policy)) = (
            self.policy,
            ParentConnection::parse(PARENT),
            ParentPolicy::parse(POLICY),
        ) {
            // A policy that is not there shows in every story.
            let _ = world
                .aws("operator")
                .ledger
                .set_policy(&parent, &policy)
                .await;
        }
        world.cloud.forget_requests();
        world
    }
}

/// Plays one.
pub(crate) async fn play(
    life: Life,
    faults: &[(u64, FaultKind)],
    broken: Option<Safeguard>,
) -> Run {
    let world = life.world(broken).await;
    for (k, kind) in faults {
        world.cloud.inject(Fault::on_request(kind.clone(), *k));
    }
    let mut run = Run::default();
    let told = live(&world, life.course).await;
    let requests = world.cloud.requests();
    let hits = requests.iter().filter_map(|request| {
        let fault = request.fault.as_ref()?;
        Some((fault.kind.to_string(), request.operation.clone()))
    });
    run.hits = hits.collect();
    run.requests = requests;
    world.cloud.clear_faults();
    // Long enough for every late arrival; then whatever tracking has left to do.
    tokio::time::sleep(2 * MINUTE).await;
    for _ in 0..3 {
        world.track().await;
        tokio::time::sleep(MINUTE).await;
    }
    match told {
        Ok(deliveries) => run.deliveries = deliveries,
        Err(violation) => run.violations.push(violation),
    }
    run.violations
        .extend(invariants::of_a_life(&world, life).await);
    run.violations.extend(world.breaches());
    run
}

/// Requests that the story sends as long as nothing goes wrong.
pub(crate) async fn requests(life: Life) -> u64 {
    let world = life.world(None).await;
    let _ = live(&world, life.course).await;
    world.cloud.requests().len() as u64
}

/// The story itself: how many invocations its longest wait took, or what never came.
async fn live(world: &World, course: Course) -> Result<u32, String> {
    let order = http(KEY, &request(Some(101)).to_string());
    match course {
        Course::Abandoned => {
            world.invoke(&order).await;
            tracked_to_the_end(world).await
        }
        Course::Followed => {
            let deliveries = delivered(world, &order).await?;
            for state in ["pending", "available", "down", "available", "deleted"] {
                for connection in world.cloud.connections() {
                    // It is there: it was delivered.
                    let _ = world.cloud.set_state(&connection.id, state);
                }
                tokio::time::sleep(MINUTE).await;
                world.track().await;
            }
            Ok(deliveries.max(tracked_to_the_end(world).await?))
        }
        Course::Released => {
            delivered(world, &order).await?;
            for request in 1..=MOST {
                if status(&world.release(KEY).await) == 200 {
                    return Ok(request);
                }
                tokio::time::sleep(MINUTE).await;
                // What told the world of the allocation may have died: that is not the releasing caller's to mend.
                world.track().await;
            }
            Err("never released".into())
        }
        Course::ReleaseAbandoned => {
            delivered(world, &order).await?;
            world.release(KEY).await;
            tracked_to_the_end(world).await
        }
    }
}

async fn delivered(world: &World, order: &serde_json::Value) -> Result<u32, String> {
    match world.deliver(order, MINUTE, MOST).await {
        Some((invocation, deliveries)) if status(&invocation) == 201 => Ok(deliveries),
        Some((invocation, _)) => Err(format!("a final no: {invocation:?}")),
        None => Err("no final answer".into()),
    }
}

/// Runs of the schedule until nothing is left unfinished.
async fn tracked_to_the_end(world: &World) -> Result<u32, String> {
    for run in 1..=MOST {
        tokio::time::sleep(MINUTE).await;
        world.track().await;
        let unfinished = |item: &serde_json::Value| item.get("unfinishedShard").is_some();
        if !world.items("allocation#").iter().any(unfinished) {
            return Ok(run);
        }
    }
    Err("tracking never came to an end".into())
}

fn status(invocation: &Invocation) -> u64 {
    match invocation {
        Invocation::Answered(answer) => answer["statusCode"].as_u64().unwrap_or_default(),
        Invocation::Failed { .. } | Invocation::Killed => 0,
    }
}

impl fmt::Display for Life {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = COURSES.iter().find(|(course, _)| *course == self.course);
        let policy = if self.policy {
            "policy"
        } else {
            "unrestricted"
        };
        write!(f, "life/{}/{policy}", name.map_or("", |(_, name)| name))
    }
}

impl FromStr for Life {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = COURSES
            .into_iter()
            .flat_map(|(course, _)| [false, true].map(|policy| Self { course, policy }));
        let found = all.into_iter().find(|life| life.to_string() == text);
        found.ok_or_else(|| format!("`{text}` is no life, such as life/released/policy"))
    }
}
