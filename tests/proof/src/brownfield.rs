//! Stories of a connection that was there before: it is adopted, moved or forgotten, while somebody else is at the same connection
//! or VLAN.
//!
//! The first of two processes is held before one of its requests, until the second has ended; told for each of its requests.
//! Requests go wrong as in [`faults`](crate::faults), counted over both.

mod meeting;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use hosted_connection::IdempotencyKey;
use lifecycle::MoveAnswer;
use local_cloud::FaultKind;

use crate::conditions::Conditions;
use crate::faults::come_between;
use crate::happening::{ELSEWHERE, LAG};
use crate::hold::{self, FIRST, MINUTE, MOST};
use crate::incident::Incidents;
use crate::invariants;
use crate::orders::{OWNER, PARENT, http, request};
use crate::run::Run;
use crate::scenario::KEY;
use crate::world::{Invocation, Program, TIMEOUT, World};

pub use meeting::Meeting;
use meeting::{Act, Given, MEETINGS};

/// What the policies let be sold, where there are any: less than the connection that is there has, and room for it where it may be
/// moved.
const POLICIES: [(&str, &str); 3] = [
    (PARENT, r#"{"bandwidthLimitMbps": 100}"#),
    (ELSEWHERE, r#"{"bandwidthLimitMbps": 500}"#),
    (LAG, r#"{"bandwidthLimitMbps": 500}"#),
];
/// Another key than the story's.
pub(crate) const OTHER: &str = "order-2002";

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

impl Brownfield {
    /// All meetings, each with the second before every request of the first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (meeting, _) in MEETINGS {
            let policies: &[_] = if meeting == Meeting::OwnOrder {
                // With the policy, the order itself would be refused.
                &[false]
            } else if meeting.moves() {
                // Moves without policies are told of orders' connections.
                &[true]
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
                let requests = crate::run::alone(|| first_requests(after));
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
        let given = self.meeting.given();
        if matches!(given, Given::Connection | Given::Adopted) {
            // The parent exists and has room: anything else would show in every story.
            let name = "customer-42-frankfurt";
            let made = world
                .cloud
                .insert_connection(PARENT, 101, OWNER, "500Mbps", name);
            let _ = made.and_then(|made| world.cloud.set_state(&made.id, "available"));
        }
        match given {
            Given::Order => {
                world.deliver(&order(KEY), MINUTE, MOST).await;
            }
            Given::Adopted => {
                act(&world, FIRST, Act::Adopt(KEY)).await;
            }
            Given::Nothing | Given::Connection => {}
        }
        if self.policy {
            // What an order has made is counted in it by tracking.
            for (parent, policy) in POLICIES {
                world.set_policy(parent, policy).await;
            }
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
    let acts = async |worker: &str, what| act(&world, worker, what).await;
    let mut run = hold::play(&world, story.at, story.meeting.acts(), acts).await;
    run.violations
        .extend(invariants::of_a_brownfield(&world, story).await);
    run.violations.extend(world.breaches());
    run
}

/// Operations of both, as long as nothing goes wrong.
pub(crate) async fn operations(story: Brownfield) -> Vec<String> {
    let world = story.world(&Conditions::default()).await;
    let acts = async |worker: &str, what| act(&world, worker, what).await;
    hold::operations(&world, story.at, story.meeting.acts(), acts).await
}

/// How many requests the first sends when nobody is there.
async fn first_requests(story: Brownfield) -> u64 {
    let world = story.world(&Conditions::default()).await;
    act(&world, FIRST, story.meeting.acts().0).await;
    world.cloud.requests().len() as u64
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
        Act::AdoptAll(parent) => {
            let orphans = adoption::Wanted::Orphans;
            world.adopt_on(worker, parent, orphans).await
        }
        Act::Forget => world.forget(worker, KEY).await,
        Act::Move(to) => match world.move_to_as(worker, KEY, to).await {
            Some(MoveAnswer::Moved { .. } | MoveAnswer::Refused(_)) => true,
            Some(MoveAnswer::Failed(_)) | None => false,
        },
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
