//! Stories of a connection that was there before: it is adopted, while somebody else is at the same connection or VLAN.
//!
//! The first of two processes is held before one of its requests, until the second has ended; told for each of its requests.
//! Requests go wrong as in [`faults`](crate::faults), counted over both.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hosted_connection::{IdempotencyKey, ParentConnection, ParentPolicy};
use local_cloud::FaultKind;

use crate::conditions::Conditions;
use crate::faults::come_between;
use crate::hold::{self, FIRST, SECOND};
use crate::incident::Incidents;
use crate::invariants;
use crate::orders::{OWNER, PARENT, http, request};
use crate::run::Run;
use crate::scenario::KEY;
use crate::world::{Invocation, Program, TIMEOUT, World};

/// Between two tries of whoever was not done: leases and settle times are over by then.
const MINUTE: Duration = Duration::from_secs(60);
/// Tries after which a story has to be at its end.
const MOST: u32 = 8;
/// What the parent's policy lets be sold, where there is one: less than the connection that is there has.
const POLICY: &[u8] = br#"{"bandwidthLimitMbps": 100}"#;
/// Another key than the story's.
pub(crate) const OTHER: &str = "order-2002";

/// Who meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meeting {
    /// An adopter, and nobody.
    Nobody,
    /// Two adopters who give the connection the same key.
    SameKey,
    /// Two adopters who give it different keys.
    TwoKeys,
    /// An adopter, and an order with the same key.
    OrderOfTheKey,
    /// An adopter, and an order with another key for the same VLAN.
    OrderOnTheVlan,
    /// An order, and an adopter who takes what it finds: it may be the order's own connection.
    OwnOrder,
    /// A release of an order's connection, and an adopter who takes what it finds.
    Release,
    /// An adopter, and tracking.
    Tracking,
    /// Tracking, and an adopter.
    Tracked,
    /// A record is forgotten, and tracking.
    ForgottenTracked,
    /// A record is forgotten, and its connection is released.
    ForgottenReleased,
    /// A connection is released, and its record forgotten.
    ReleasedForgotten,
}

const MEETINGS: [(Meeting, &str); 12] = [
    (Meeting::Nobody, "nobody"),
    (Meeting::SameKey, "same-key"),
    (Meeting::TwoKeys, "two-keys"),
    (Meeting::OrderOfTheKey, "order-of-the-key"),
    (Meeting::OrderOnTheVlan, "order-on-the-vlan"),
    (Meeting::OwnOrder, "own-order"),
    (Meeting::Release, "release"),
    (Meeting::Tracking, "tracking"),
    (Meeting::Tracked, "tracked"),
    (Meeting::ForgottenTracked, "forgotten-tracked"),
    (Meeting::ForgottenReleased, "forgotten-released"),
    (Meeting::ReleasedForgotten, "released-forgotten"),
];

/// What a story starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Brownfield {
    /// Who meets.
    pub meeting: Meeting,
    /// Whether the parent has a policy, with less room than what is there has already.
    pub policy: bool,
    /// The request of the first before which the second does all that it does, from 1; 0 when the first has ended.
    pub at: u64,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Nothing,
    /// Adopts the connection on the VLAN under that key.
    Adopt(&'static str),
    /// Adopts whatever no record knows.
    AdoptAll,
    Order(&'static str),
    Track,
    Release(&'static str),
    Forget,
}

impl Meeting {
    /// What the first and the second do.
    fn acts(self) -> (Act, Act) {
        match self {
            Self::Nobody => (Act::Adopt(KEY), Act::Nothing),
            Self::SameKey => (Act::Adopt(KEY), Act::Adopt(KEY)),
            Self::TwoKeys => (Act::Adopt(KEY), Act::Adopt(OTHER)),
            Self::OrderOfTheKey => (Act::Adopt(KEY), Act::Order(KEY)),
            Self::OrderOnTheVlan => (Act::Adopt(KEY), Act::Order(OTHER)),
            Self::OwnOrder => (Act::Order(KEY), Act::AdoptAll),
            Self::Release => (Act::Release(KEY), Act::AdoptAll),
            Self::Tracking => (Act::Adopt(KEY), Act::Track),
            Self::Tracked => (Act::Track, Act::Adopt(KEY)),
            Self::ForgottenTracked => (Act::Forget, Act::Track),
            Self::ForgottenReleased => (Act::Forget, Act::Release(KEY)),
            Self::ReleasedForgotten => (Act::Release(KEY), Act::Forget),
        }
    }

    /// Whether the connection was there before, or the story's order makes it.
    fn is_there_before(self) -> bool {
        match self {
            Self::OwnOrder | Self::Release => false,
            Self::Nobody
            | Self::SameKey
            | Self::TwoKeys
            | Self::OrderOfTheKey
            | Self::OrderOnTheVlan
            | Self::Tracking
            | Self::Tracked
            | Self::ForgottenTracked
            | Self::ForgottenReleased
            | Self::ReleasedForgotten => true,
        }
    }
}

impl Brownfield {
    /// All meetings, each with the second before every request of the first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (meeting, _) in MEETINGS {
            // With the policy, the order itself would be refused.
            let policies: &[_] = if meeting == Meeting::OwnOrder {
                &[false]
            } else {
                &[false, true]
            };
            for policy in policies.iter().copied() {
                let after = Self {
                    meeting,
                    policy,
                    at: 0,
                };
                all.push(after);
                if meeting == Meeting::Nobody {
                    continue;
                }
                let requests = crate::run::alone(first_requests(after));
                all.extend((1..=requests).map(|at| Self { at, ..after }));
            }
        }
        all
    }

    /// What can happen to one request.
    pub(crate) fn kinds() -> [FaultKind; 6] {
        [
            FaultKind::Throttle,
            FaultKind::ResetBefore,
            FaultKind::ApplyThenReset,
            FaultKind::KillBefore,
            FaultKind::ApplyThenKill,
            FaultKind::LandLate(Duration::from_secs(20)),
        ]
    }

    async fn world(self, conditions: &Conditions) -> World {
        let policies = if self.policy { "enforced" } else { "ignored" };
        let settle = conditions.settle();
        let mut env = vec![("PARENT_POLICIES", policies)];
        env.extend(settle.as_deref().map(|seconds| ("SETTLE_SECONDS", seconds)));
        let world =
            World::with(|builder| conditions.configure(builder), &env).without(conditions.broken);
        if self.meeting.is_there_before() {
            // The parent exists and has room: anything else would show in every story.
            let name = "customer-42-frankfurt";
            let made = world
                .cloud
                .insert_connection(PARENT, 101, OWNER, "500Mbps", name);
            let _ = made.and_then(|made| world.cloud.set_state(&made.id, "available"));
        }
        match self.meeting {
            Meeting::Release => {
                world.deliver(&order(KEY), MINUTE, MOST).await;
            }
            Meeting::ForgottenTracked | Meeting::ForgottenReleased | Meeting::ReleasedForgotten => {
                act(&world, FIRST, Act::Adopt(KEY)).await;
            }
            Meeting::Nobody
            | Meeting::SameKey
            | Meeting::TwoKeys
            | Meeting::OrderOfTheKey
            | Meeting::OrderOnTheVlan
            | Meeting::OwnOrder
            | Meeting::Tracking
            | Meeting::Tracked => {}
        }
        if let (true, Ok(parent), Ok(policy)) = (
            self.policy,
            ParentConnection::parse(PARENT),
            ParentPolicy::parse(POLICY),
        ) {
            // A policy that is not there shows in every story. An order's own is sold before there is one.
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

fn order(key: &str) -> serde_json::Value {
    http(key, &request(Some(101)).to_string())
}

/// Plays one.
pub(crate) async fn play(story: Brownfield, incidents: &Incidents, conditions: &Conditions) -> Run {
    let world = story.world(conditions).await;
    come_between(&world, incidents);
    let mut run = Run::default();
    let (first, second) = story.meeting.acts();
    let (first_done, second_done) = meet(&world, story.at, first, second).await;
    run.requests = world.cloud.requests();
    let hits = run.requests.iter().filter_map(|request| {
        let fault = request.fault.as_ref()?;
        Some((fault.kind.to_string(), request.operation.clone()))
    });
    run.hits = hits.collect();
    world.cloud.clear_faults();
    // Whoever was not done tries again, with others between.
    let mut left: Vec<_> = [(first, first_done), (second, second_done)].into();
    for round in 1..=MOST {
        left.retain(|(_, is_done)| !is_done);
        if left.is_empty() {
            break;
        }
        run.deliveries = round;
        tokio::time::sleep(MINUTE).await;
        for (what, is_done) in &mut left {
            *is_done = act(&world, &format!("again-{round}"), *what).await;
        }
        world.track().await;
    }
    if left.iter().any(|(_, is_done)| !is_done) {
        run.violations.push("somebody is never done".into());
    }
    // Long enough for every late arrival; the second run makes good for the first.
    for _ in 0..2 {
        tokio::time::sleep(MINUTE).await;
        world.track().await;
    }
    run.violations
        .extend(invariants::of_a_brownfield(&world, story).await);
    run.violations.extend(world.breaches());
    run
}

/// Operations of both, as long as nothing goes wrong.
pub(crate) async fn operations(story: Brownfield) -> Vec<String> {
    let world = story.world(&Conditions::default()).await;
    let (first, second) = story.meeting.acts();
    meet(&world, story.at, first, second).await;
    let requests = world.cloud.requests().into_iter();
    requests.map(|request| request.operation).collect()
}

/// How many requests the first sends when nobody is there.
async fn first_requests(story: Brownfield) -> u64 {
    let world = story.world(&Conditions::default()).await;
    act(&world, FIRST, story.meeting.acts().0).await;
    world.cloud.requests().len() as u64
}

/// The first does its act, and the second its own before the first's request `at`. Whether each is done.
async fn meet(world: &World, at: u64, first: Act, second: Act) -> (bool, bool) {
    hold::meet(
        world,
        at,
        act(world, FIRST, first),
        act(world, SECOND, second),
    )
    .await
}

/// Does it once. Whether nothing more would come of doing it again.
async fn act(world: &World, worker: &str, what: Act) -> bool {
    match what {
        Act::Nothing => true,
        Act::Track => matches!(
            world
                .invoke_program_as(worker, Program::Track, &crate::orders::schedule())
                .await,
            Invocation::Answered(_)
        ),
        Act::Order(key) => world
            .invoke_as(worker, &order(key), TIMEOUT)
            .await
            .is_final(),
        Act::Release(key) => {
            let delete = crate::orders::delete(key);
            let released = world
                .invoke_program_as(worker, Program::Release, &delete)
                .await;
            matches!(&released, Invocation::Answered(answer) if answer["statusCode"] == 200 || answer["statusCode"] == 404)
        }
        Act::Adopt(key) => {
            let connections = world.cloud.connections();
            let Some(connection) = connections.first() else {
                return true;
            };
            let line = adoption::Line {
                number: 2,
                connection_id: connection.id.clone(),
                key: IdempotencyKey::from_stored(key),
            };
            world
                .adopt(worker, adoption::Wanted::These(vec![line]))
                .await
        }
        Act::AdoptAll => world.adopt(worker, adoption::Wanted::Orphans).await,
        Act::Forget => world.forget(worker, KEY).await,
    }
}

impl fmt::Display for Brownfield {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = MEETINGS
            .iter()
            .find(|(meeting, _)| *meeting == self.meeting);
        let policy = if self.policy {
            "policy"
        } else {
            "unrestricted"
        };
        write!(
            f,
            "adoption/{}/{policy}/{}",
            name.map_or("", |(_, name)| name),
            self.at
        )
    }
}

impl FromStr for Brownfield {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no adoption, such as adoption/two-keys/policy/3");
        let words: Vec<_> = text.split('/').collect();
        let ["adoption", name, policy, at] = words[..] else {
            return Err(wrong());
        };
        let meeting = MEETINGS.iter().find(|(_, known)| *known == name);
        let story = Self {
            meeting: meeting.ok_or_else(wrong)?.0,
            policy: policy == "policy",
            at: at.parse().map_err(|_| wrong())?,
        };
        if story.to_string() == text {
            Ok(story)
        } else {
            Err(wrong())
        }
    }
}
