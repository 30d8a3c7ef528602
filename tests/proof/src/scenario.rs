//! What a story starts from: how the order comes, what it asks for, and what AWS is like.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

use crate::conditions::Conditions;
use crate::manner::Manner;
use crate::memory;
use crate::orders::{BY_HAND, PARENT, http, record, request, sqs, with_key};
use crate::world::World;

/// The key of every story's order.
pub(crate) const KEY: &str = "order-1001";
/// Somebody else's connections on the same parent, when it is crowded.
pub(crate) const CROWD: u16 = 5;
const CROWD_OWNER: &str = "999988887777";

/// How the order comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Door {
    /// A queue: comes again a minute later, as long as it is not consumed.
    Sqs,
    /// A caller that asks again after seven seconds.
    Http,
}

/// What a story starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scenario {
    /// How the order comes.
    pub door: Door,
    /// Whether the caller left the VLAN to us.
    pub automatic: bool,
    /// Whether Direct Connect refuses a second use of a VLAN on one parent.
    pub unique: bool,
    /// Whether the order has been allocated before the story begins.
    pub replayed: bool,
    /// Whether the parent's connections fill several pages.
    pub crowded: bool,
    /// How Direct Connect behaves otherwise.
    pub manner: Manner,
}

impl Scenario {
    /// All that the exploration goes through from one end to the other, with Direct Connect as it is by default.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for door in [Door::Sqs, Door::Http] {
            for automatic in [false, true] {
                for unique in [true, false] {
                    let fresh = Self {
                        door,
                        automatic,
                        unique,
                        replayed: false,
                        crowded: unique,
                        manner: Manner::Plain,
                    };
                    all.push(fresh);
                    if unique {
                        all.push(Self {
                            replayed: true,
                            crowded: false,
                            ..fresh
                        });
                    }
                }
            }
        }
        all
    }

    /// The fresh ones of them in another manner. Where pages shift, they are crowded; otherwise roomy, which is shorter.
    pub(crate) fn all_in(manner: Manner) -> Vec<Self> {
        let fresh = Self::all().into_iter().filter(|one| !one.replayed);
        let others = fresh.map(|one| Self {
            crowded: manner == Manner::Shifting,
            manner,
            ..one
        });
        // Either door with every VLAN, and every VLAN with and without uniqueness.
        others
            .filter(|one| (one.door == Door::Sqs) == (one.automatic != one.unique))
            .collect()
    }

    /// The automatic ones of them in a manner that only those know.
    pub(crate) fn automatic_in(manner: Manner) -> Vec<Self> {
        let mut automatic = Self::all();
        automatic.retain(|one| one.automatic && !one.replayed);
        let others = automatic.into_iter().map(|one| Self {
            crowded: false,
            manner,
            ..one
        });
        others.collect()
    }

    pub(crate) fn world(self, conditions: &Conditions) -> World {
        let page = if self.crowded { 2 } else { 100 };
        let settle = conditions.settle();
        let memory_s = if self.manner.goes_by_memory() {
            "600"
        } else {
            "0"
        };
        let mut env = vec![("VLAN_MEMORY_SECONDS", memory_s)];
        env.extend(settle.as_deref().map(|seconds| ("SETTLE_SECONDS", seconds)));
        let world = World::with(
            |builder| {
                let builder = builder.vlan_uniqueness(self.unique).page_limit(page);
                conditions.configure(self.manner.configure(builder))
            },
            &env,
        );
        if self.manner.goes_by_memory() {
            memory::remember(&world, self.manner, CROWD_OWNER);
        }
        if self.crowded {
            for vlan in 4000..4000 + CROWD {
                // The parent exists and has room: anything else would show as a missing connection in every story.
                let _ = world
                    .cloud
                    .insert_connection(PARENT, vlan, CROWD_OWNER, "50Mbps", BY_HAND);
            }
        }
        world.without(conditions.broken)
    }

    pub(crate) fn event(self) -> Value {
        let request = self.request();
        match self.door {
            Door::Sqs => sqs([record("m-1", &with_key(KEY, request).to_string())]),
            Door::Http => http(KEY, &request.to_string()),
        }
    }

    pub(crate) fn request(self) -> Value {
        request((!self.automatic).then_some(101))
    }

    /// How long it takes until an order that was not final comes again.
    pub(crate) fn pause(self) -> Duration {
        match self.door {
            Door::Sqs => Duration::from_secs(60),
            Door::Http => Duration::from_secs(7),
        }
    }
}

const WORDS: [(&str, &str); 4] = [
    ("given", "automatic"),
    ("shared", "unique"),
    ("fresh", "replayed"),
    ("roomy", "crowded"),
];

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.door {
            Door::Sqs => "sqs",
            Door::Http => "http",
        })?;
        let flags = [self.automatic, self.unique, self.replayed, self.crowded];
        for ((no, yes), flag) in WORDS.iter().zip(flags) {
            write!(f, "/{}", if flag { yes } else { no })?;
        }
        self.manner.fmt(f)
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [false, true];
        let mut candidates = Vec::new();
        for door in [Door::Sqs, Door::Http] {
            for bits in 0..16_u8 {
                let bit = |i: u8| all[usize::from(bits >> i & 1)];
                candidates.extend(Manner::ALL.map(|manner| Self {
                    door,
                    automatic: bit(0),
                    unique: bit(1),
                    replayed: bit(2),
                    crowded: bit(3),
                    manner,
                }));
            }
        }
        let found = candidates
            .into_iter()
            .find(|scenario| scenario.to_string() == text);
        found.ok_or_else(|| {
            format!("`{text}` is no scenario, such as sqs/given/unique/fresh/crowded")
        })
    }
}
