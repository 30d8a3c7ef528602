//! Stories of orders by place: the parent is chosen, while somebody else orders, or a parent fills up, vanishes or changes.
//!
//! Told as those of [`brownfield`](crate::brownfield): the second acts before each request of the first, and requests go wrong.

mod between;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use between::{Act, BETWEEN, Ordered};
use hosted_connection::Bandwidth;
use local_cloud::{FaultKind, Parent};
use serde_json::{Value, json};

use crate::conditions::Conditions;
use crate::faults::come_between;
use crate::hold::{self, FIRST};
use crate::incident::Incidents;
use crate::invariants;
use crate::manner::Manner;
use crate::memory;
use crate::orders::{BY_HAND, OWNER, http};
use crate::run::{Run, alone};
use crate::world::{TIMEOUT, World};

pub use between::Between;

/// The key of the second's order.
pub(crate) const OTHER: &str = "order-2002";
/// Who makes connections by hand.
const SOMEBODY: &str = "999988887777";
/// Where the orders are to be.
const LOCATION: &str = "EqDC2";
/// Three candidates, and the devices that they are on. The LAG has the largest share free until something is sold; where each
/// has a policy with room for one order, the first by id is the best.
const CANDIDATES: [(&str, &str); 3] = [
    ("dxcon-aaaaaaaa", "device-1"),
    ("dxcon-bbbbbbbb", "device-2"),
    ("dxlag-cccccccc", "device-1"),
];
/// What each candidate's policy lets be sold, where there are policies: room for one order.
const POLICY: &str = r#"{"bandwidthLimitMbps": 500}"#;
/// The same, and an order is not allowed any more.
const CLOSED: &str = r#"{"bandwidthLimitMbps": 500, "allowedBandwidths": ["50Mbps"]}"#;

/// What a story starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Placed {
    /// What comes between.
    pub between: Between,
    /// Whether each candidate has a policy, with room for one order.
    pub policy: bool,
    /// Whether the VLAN is left to us as well.
    pub automatic: bool,
    /// Whether orders go by what tracking noted of the candidates, and whether that is so.
    pub manner: Manner,
    /// The request of the first before which the second does all that it does, from 1; 0 when the first has ended.
    pub at: u64,
}

impl Placed {
    /// All of them, each with the second before every request of the first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (between, _) in BETWEEN {
            let plain = between.worlds().iter();
            let plain = plain.map(|(policy, automatic)| (*policy, *automatic, Manner::Plain));
            let remembered = between.remembered().iter();
            let remembered = remembered.map(|(policy, manner)| (*policy, true, *manner));
            for (policy, automatic, manner) in plain.chain(remembered) {
                let after = Self {
                    between,
                    policy,
                    automatic,
                    manner,
                    at: 0,
                };
                all.push(after);
                if between.is_between() {
                    let requests = alone(|| first_requests(after));
                    all.extend((1..=requests).map(|at| Self { at, ..after }));
                }
            }
        }
        all
    }

    /// What can happen to one request.
    pub(crate) fn kinds() -> [FaultKind; 7] {
        [
            FaultKind::Throttle,
            FaultKind::ResetBefore,
            FaultKind::ApplyThenReset,
            FaultKind::KillBefore,
            FaultKind::ApplyThenKill,
            FaultKind::LandLate(Duration::from_secs(20)),
            FaultKind::ApplyThenClientException,
        ]
    }

    /// The candidate that the order gets where nothing comes between.
    pub(crate) fn best(self) -> &'static str {
        CANDIDATES[if self.policy { 0 } else { 2 }].0
    }

    async fn world(self, conditions: &Conditions) -> World {
        let settle = conditions.settle();
        let mut env = vec![("PARENT_POLICIES", "enforced")];
        env.extend(
            self.manner
                .goes_by_memory()
                .then_some(("VLAN_MEMORY_SECONDS", "600")),
        );
        env.extend(settle.as_deref().map(|seconds| ("SETTLE_SECONDS", seconds)));
        let parents = CANDIDATES.map(|(id, device)| {
            let parent = match id.starts_with("dxlag") {
                true => Parent::lag(id, "10Gbps", 2),
                false => Parent::interconnect(id, "10Gbps"),
            };
            parent.at(LOCATION).on_device(device)
        });
        let world = World::with(
            |builder| conditions.configure(builder.parents(parents)),
            &env,
        );
        let world = world.without(conditions.broken);
        if self.policy {
            for (id, _) in CANDIDATES {
                world.set_policy(id, POLICY).await;
            }
        }
        if self.manner.goes_by_memory() {
            for (id, _) in CANDIDATES {
                memory::note(&world, id);
            }
        }
        if self.manner == Manner::Misremembered {
            memory::use_by_hand(&world, self.best(), SOMEBODY);
        }
        if self.between == Between::Taken {
            use_by_hand(&world, self.best());
        }
        if matches!(self.between, Between::Full | Between::FullSameKey) {
            fill_by_hand(&world, self.best());
        }
        world.cloud.forget_requests();
        world
    }

    fn event(self, order: Ordered) -> Value {
        let mut request =
            json!({"ownerAccount": OWNER, "bandwidth": "500Mbps", "connectionName": order.key});
        if order.names {
            request["connectionId"] = self.best().into();
        } else {
            request["placement"] = json!({"location": LOCATION});
        }
        if let Some(other) = order.apart {
            request["placement"]["diverseFrom"] = json!({"idempotencyKey": other, "by": "device"});
        }
        if !self.automatic {
            request["vlan"] = if order.names { 102 } else { 101 }.into();
        }
        http(order.key, &request.to_string())
    }

    /// The story's order of that key, as it is delivered.
    pub(crate) fn event_of(self, key: &str) -> Option<Value> {
        let (first, second) = self.between.acts();
        let orders = [first, second].into_iter().filter_map(|act| match act {
            Act::Order(order) => Some(order),
            Act::Nothing | Act::Vanish | Act::Close | Act::UseByHand | Act::FillByHand => None,
        });
        let mut orders = orders.filter(|order| order.key == key);
        orders.next().map(|order| self.event(order))
    }

    /// Does it once. Whether nothing more would come of doing it again.
    async fn act(self, world: &World, worker: &str, what: Act) -> bool {
        match what {
            Act::Nothing => true,
            Act::Order(order) => world
                .invoke_as(worker, &self.event(order), TIMEOUT)
                .await
                .is_final(),
            // Each of these fails only where there is nothing to do it to.
            Act::Vanish => {
                let _ = world.cloud.set_parent_state(self.best(), "deleted");
                true
            }
            Act::Close => {
                world.set_policy(self.best(), CLOSED).await;
                true
            }
            Act::UseByHand => {
                use_by_hand(world, self.best());
                true
            }
            Act::FillByHand => {
                fill_by_hand(world, self.best());
                true
            }
        }
    }
}

/// The device that a candidate is on.
pub(crate) fn device_of(parent: &str) -> &'static str {
    let candidate = CANDIDATES.iter().find(|(id, _)| *id == parent);
    candidate.map_or("", |(_, device)| device)
}

fn use_by_hand(world: &World, parent: &str) {
    // Where the order's connection has the VLAN, nobody else can.
    let living = world.cloud.living_connections(parent);
    if living.iter().all(|one| one.vlan != 101) {
        // The parent exists and has room: anything else would show in every story.
        let _ = world
            .cloud
            .insert_connection(parent, 101, SOMEBODY, "50Mbps", BY_HAND);
    }
}

/// Uses all that is free of the parent, and no more: one that carries more than it has would be no evidence of its being full.
fn fill_by_hand(world: &World, parent: &str) {
    let port_mbps = if parent.starts_with("dxlag") {
        20_000
    } else {
        10_000
    };
    let living = world.cloud.living_connections(parent);
    let mbps = |bandwidth: &str| Bandwidth::parse(bandwidth).map_or(0, Bandwidth::mbps);
    let used_mbps: u32 = living.iter().map(|one| mbps(&one.bandwidth)).sum();
    let mut free_mbps = port_mbps - used_mbps;
    let mut vlan = 1001;
    for bandwidth in Bandwidth::ALL.into_iter().rev() {
        while bandwidth.mbps() <= free_mbps {
            let cloud = &world.cloud;
            let name = bandwidth.as_str();
            let _ = cloud.insert_connection(parent, vlan, SOMEBODY, name, BY_HAND);
            free_mbps -= bandwidth.mbps();
            vlan += 1;
        }
    }
}

/// Plays one.
pub(crate) async fn play(story: Placed, incidents: &Incidents, conditions: &Conditions) -> Run {
    let world = story.world(conditions).await;
    come_between(&world, incidents);
    let act = async |worker: &str, what| story.act(&world, worker, what).await;
    let mut run = hold::play(&world, story.at, story.between.acts(), act).await;
    let hit = !run.hits.is_empty();
    run.violations
        .extend(invariants::of_the_placed(&world, story, hit).await);
    run.violations.extend(world.breaches());
    run
}

/// Operations of both, as long as nothing goes wrong.
pub(crate) async fn operations(story: Placed) -> Vec<String> {
    let world = story.world(&Conditions::default()).await;
    let act = async |worker: &str, what| story.act(&world, worker, what).await;
    hold::operations(&world, story.at, story.between.acts(), act).await
}

/// How many requests the first sends when nobody is there.
async fn first_requests(story: Placed) -> u64 {
    let world = story.world(&Conditions::default()).await;
    story.act(&world, FIRST, story.between.acts().0).await;
    world.cloud.requests().len() as u64
}

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = BETWEEN.iter().find(|(between, _)| *between == self.between);
        let name = name.map_or("", |(_, name)| name);
        let policy = if self.policy {
            "policy"
        } else {
            "unrestricted"
        };
        let vlan = if self.automatic { "automatic" } else { "given" };
        write!(
            f,
            "placement/{name}/{policy}/{vlan}/{}{}",
            self.at, self.manner
        )
    }
}

impl FromStr for Placed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` is no order by place, such as placement/fills-up/policy/automatic/3")
        };
        let words: Vec<_> = text.split('/').collect();
        let ["placement", name, policy, vlan, at, ref manner @ ..] = words[..] else {
            return Err(wrong());
        };
        let manner = manner
            .iter()
            .fold(String::new(), |told, word| format!("{told}/{word}"));
        let manner = Manner::ALL
            .into_iter()
            .find(|known| known.to_string() == manner);
        let between = BETWEEN.iter().find(|(_, known)| *known == name);
        let story = Self {
            between: between.ok_or_else(wrong)?.0,
            policy: policy == "policy",
            automatic: vlan == "automatic",
            manner: manner.ok_or_else(wrong)?,
            at: at.parse().map_err(|_| wrong())?,
        };
        if story.to_string() == text {
            Ok(story)
        } else {
            Err(wrong())
        }
    }
}
