//! Stories of what comes after an order: its connection is followed, confirmed, deleted or released, and callers
//! vanish. Requests go wrong as in [`faults`](crate::faults), counted over all functions.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use lifecycle::MoveAnswer;
use local_cloud::FaultKind;

use crate::allowed::Allowed;
use crate::by_hand::Decision;
use crate::conditions::Conditions;
use crate::faults::come_between;
use crate::happening::ELSEWHERE;
use crate::incident::{Incidents, happenings};
use crate::invariants;
use crate::manner::Manner;
use crate::orders::{PARENT, http, request};
use crate::run::Run;
use crate::scenario::KEY;
use crate::world::{Invocation, World};

/// Between two runs of the schedule, and two requests of a patient caller: leases and settle times are over by then.
const MINUTE: Duration = Duration::from_secs(60);
/// Runs or requests after which a story has to be at its end: enough for two faults.
const MOST: u32 = 10;
/// What the parent's policy lets be sold, where there is one: room for one order.
const POLICY: &str = r#"{"bandwidthLimitMbps": 500}"#;

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
    /// The owner has confirmed the connection when it is released, and AWS sets it up meanwhile.
    ReleasedPending,
    /// A person has the connection moved, and repeats the command until it is where it was to go.
    Moved,
    /// A person has the connection moved, and gives one command; tracking does the rest.
    MoveAbandoned,
    /// A person has the connection moved, with one command, and the caller releases it.
    MoveReleased,
    /// The order is in quarantine, and a person gives it the connection that Direct Connect answered with.
    ResolvedAdopted,
    /// The order is in quarantine, and a person rejects it. The connection is on its VLAN.
    ResolvedRejected,
    /// A second order, the same to the letter but for its key, comes in on another interconnect.
    Twin,
}

/// The second order's key.
pub(crate) const TWIN: &str = "order-1002";

/// What a story starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Life {
    /// How it goes on.
    pub course: Course,
    /// Whether the parent has a policy, with room for this one order. Then Direct Connect takes a VLAN twice as well.
    pub policy: bool,
    /// How Direct Connect behaves otherwise.
    pub manner: Manner,
}

const COURSES: [(Course, &str); 11] = [
    (Course::Abandoned, "abandoned"),
    (Course::Followed, "followed"),
    (Course::Released, "released"),
    (Course::ReleaseAbandoned, "release-abandoned"),
    (Course::ReleasedPending, "released-pending"),
    (Course::Moved, "moved"),
    (Course::MoveAbandoned, "move-abandoned"),
    (Course::MoveReleased, "move-released"),
    (Course::ResolvedAdopted, "resolved-adopted"),
    (Course::ResolvedRejected, "resolved-rejected"),
    (Course::Twin, "twin"),
];

impl Life {
    /// All that the exploration goes through under every single fault, with Direct Connect as it is by default. A policy is
    /// told of where bandwidth is taken and where it is given back.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let plain = Self::in_manner(
            Manner::Plain,
            &[
                Course::Abandoned,
                Course::Followed,
                Course::Released,
                Course::ReleaseAbandoned,
                Course::Moved,
                Course::MoveAbandoned,
                Course::MoveReleased,
                Course::ResolvedAdopted,
                Course::ResolvedRejected,
            ],
        );
        let restricted = [
            Course::Abandoned,
            Course::Released,
            Course::MoveAbandoned,
            Course::ResolvedAdopted,
            Course::ResolvedRejected,
        ];
        let restricted = restricted.map(|course| Self {
            course,
            policy: true,
            manner: Manner::Plain,
        });
        plain.into_iter().chain(restricted).collect()
    }

    /// Those of a Direct Connect that is less kind, which are told under every single fault as well.
    pub(crate) fn unkind() -> Vec<Self> {
        let late = [Course::Abandoned, Course::Released];
        let mut unkind = Self::in_manner(Manner::LateLists, &late);
        unkind.extend(Self::in_manner(Manner::LateSight, &late));
        unkind.extend(Self::in_manner(Manner::Terse, &[Course::ReleaseAbandoned]));
        let releases = [
            Course::Released,
            Course::ReleaseAbandoned,
            Course::ReleasedPending,
        ];
        unkind.extend(Self::in_manner(Manner::Reluctant, &releases));
        unkind
    }

    pub(crate) fn in_manner(manner: Manner, courses: &[Course]) -> Vec<Self> {
        let life = |course: &Course| Self {
            course: *course,
            policy: false,
            manner,
        };
        courses.iter().map(life).collect()
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
            Course::Abandoned
            | Course::Released
            | Course::ReleaseAbandoned
            | Course::ReleasedPending
            | Course::Moved
            | Course::MoveAbandoned
            | Course::MoveReleased
            | Course::ResolvedAdopted
            | Course::ResolvedRejected
            | Course::Twin => {
                kinds.push(FaultKind::LandLate(Duration::from_secs(20)));
            }
        }
        if self.course == Course::Abandoned && !self.policy && !self.manner.is_late() {
            kinds.push(FaultKind::LandLate(Duration::from_secs(100)));
        }
        if !self.manner.is_late() {
            kinds.push(FaultKind::ApplyThenClientException);
        }
        kinds.push(FaultKind::ClientExceptionBefore);
        if self.manner != Manner::Plain {
            // Told where Direct Connect is as it is by default, and the same here.
            kinds.retain(|kind| !matches!(kind, FaultKind::Throttle | FaultKind::KillBefore));
        }
        kinds
    }

    /// The world before the order. Its requests are counted from here.
    async fn world(self, conditions: &Conditions) -> World {
        let policies = if self.policy { "enforced" } else { "ignored" };
        let settle = conditions.settle();
        let mut env = vec![("PARENT_POLICIES", policies)];
        env.extend(settle.as_deref().map(|seconds| ("SETTLE_SECONDS", seconds)));
        let world = World::with(
            |builder| {
                let builder = self.manner.configure(builder.vlan_uniqueness(!self.policy));
                conditions.configure(builder)
            },
            &env,
        )
        .without(conditions.broken);
        if self.policy {
            for parent in [PARENT, ELSEWHERE] {
                world.set_policy(parent, POLICY).await;
            }
        }
        if self.course.is_quarantined() {
            let vlan = if self.course == Course::ResolvedAdopted {
                102
            } else {
                101
            };
            world.quarantined(KEY, vlan).await;
            // By then no call of it may still land.
            tokio::time::sleep(MINUTE).await;
        }
        world.cloud.forget_requests();
        world
    }
}

/// Plays one.
pub(crate) async fn play(life: Life, incidents: &Incidents, conditions: &Conditions) -> Run {
    let world = life.world(conditions).await;
    come_between(&world, incidents);
    let mut run = Run::default();
    let told = live(&world, life.course).await;
    let requests = world.cloud.requests();
    let hits = requests.iter().filter_map(|request| {
        let fault = request.fault.as_ref()?;
        Some((fault.kind.to_string(), request.operation.clone()))
    });
    run.hits = hits.collect();
    let happened = happenings(incidents).map(|(_, happening)| happening);
    let allowed = Allowed::by(life.manner, happened, &run.hits);
    run.hits.append(&mut world.wire.happened());
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
        Err(_) if allowed.ends_without_a_connection(&world) => {}
        Err(violation) => run.violations.push(violation),
    }
    run.violations
        .extend(invariants::of_a_life(&world, life, allowed).await);
    run.violations.extend(world.breaches());
    run
}

/// Operations that the story asks for as long as nothing goes wrong.
pub(crate) async fn operations(life: Life) -> Vec<String> {
    let world = life.world(&Conditions::default()).await;
    let _ = live(&world, life.course).await;
    let requests = world.cloud.requests().into_iter();
    requests.map(|request| request.operation).collect()
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
        Course::Released | Course::ReleasedPending => {
            delivered(world, &order).await?;
            released(world, course).await
        }
        Course::ReleaseAbandoned => {
            delivered(world, &order).await?;
            world.release(KEY).await;
            tracked_to_the_end(world).await
        }
        Course::Moved => {
            let deliveries = delivered(world, &order).await?;
            for _ in 1..=MOST {
                if let Some(MoveAnswer::Moved { .. }) = world.move_to(KEY, ELSEWHERE).await {
                    return Ok(deliveries.max(tracked_to_the_end(world).await?));
                }
                tokio::time::sleep(MINUTE / 3).await;
                // What told the world of the allocation may have died.
                world.track().await;
            }
            Err("never moved".into())
        }
        Course::MoveAbandoned => {
            let deliveries = delivered(world, &order).await?;
            world.move_to(KEY, ELSEWHERE).await;
            Ok(deliveries.max(tracked_to_the_end(world).await?))
        }
        Course::MoveReleased => {
            delivered(world, &order).await?;
            world.move_to(KEY, ELSEWHERE).await;
            released(world, course).await
        }
        Course::ResolvedAdopted | Course::ResolvedRejected => {
            let connections = world.cloud.connections();
            let id = connections.first().map_or("", |one| one.id.as_str());
            let decision = match course {
                Course::ResolvedAdopted => Decision::Adopt(id),
                _ => Decision::Reject("it was not what we asked for"),
            };
            for request in 1..=MOST {
                if let Some(Ok(())) = world.resolve(KEY, decision).await {
                    return Ok(request.max(tracked_to_the_end(world).await?));
                }
                tokio::time::sleep(MINUTE).await;
            }
            Err("never resolved".into())
        }
        Course::Twin => {
            let deliveries = delivered(world, &order).await?;
            let mut twin = request(Some(101));
            twin["connectionId"] = ELSEWHERE.into();
            // What it comes to is for the invariants to judge.
            world
                .deliver(&http(TWIN, &twin.to_string()), MINUTE, MOST)
                .await;
            Ok(deliveries)
        }
    }
}

/// The connection is released by a caller who asks until there is a final answer: how often that was.
async fn released(world: &World, course: Course) -> Result<u32, String> {
    for request in 1..=MOST {
        if course == Course::ReleasedPending {
            set_up(world, request);
        }
        if status(&world.release(KEY).await) == 200 {
            return Ok(request);
        }
        tokio::time::sleep(MINUTE).await;
        // What told the world of the allocation may have died: that is not the releasing caller's to mend.
        world.track().await;
    }
    Err("never released".into())
}

impl Course {
    /// Whether the story begins with an order in quarantine.
    fn is_quarantined(self) -> bool {
        matches!(self, Self::ResolvedAdopted | Self::ResolvedRejected)
    }
}

/// A connection that its owner has confirmed is `pending` for two requests, and then `available`.
fn set_up(world: &World, request: u32) {
    let state = if request < 3 { "pending" } else { "available" };
    for connection in world.cloud.connections() {
        if ["ordering", "pending"].contains(&connection.state.as_str()) {
            // It is there.
            let _ = world.cloud.set_state(&connection.id, state);
        }
    }
}

async fn delivered(world: &World, order: &serde_json::Value) -> Result<u32, String> {
    match world.deliver(order, MINUTE, MOST).await {
        Some((invocation, deliveries)) if status(&invocation) == 201 => Ok(deliveries),
        Some((invocation, _)) => Err(format!("a final no: {invocation}")),
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
        let name = name.map_or("", |(_, name)| name);
        write!(f, "life/{name}/{policy}{}", self.manner)
    }
}

impl FromStr for Life {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut all = COURSES
            .into_iter()
            .flat_map(|(course, _)| [false, true].map(|policy| (course, policy)))
            .flat_map(|(course, policy)| {
                Manner::ALL.map(|manner| Self {
                    course,
                    policy,
                    manner,
                })
            });
        let found = all.find(|life| life.to_string() == text);
        found.ok_or_else(|| format!("`{text}` is no life, such as life/released/policy"))
    }
}
