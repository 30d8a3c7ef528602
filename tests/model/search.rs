//! Searching a world to its end, and telling how it went.

use std::collections::BTreeMap;
use std::fmt::Write;

use stateright::{Checker, Expectation, HasDiscoveries, Model, Path};

use crate::given::Protocol;
use crate::happening::Happening;
use crate::world::World;

/// How a search ended.
pub(crate) struct Found {
    pub(crate) states: usize,
    /// What was seen of the properties: a violation of one that must always hold, an example of one that must be
    /// possible. Each with the way there, to be read.
    pub(crate) traces: BTreeMap<&'static str, String>,
}

/// Visits every reachable state.
pub(crate) fn everything(protocol: Protocol) -> Found {
    search(protocol, HasDiscoveries::All, 2)
}

/// Stops at the first violation of `promise`. One thread, so that the way there is the same every time.
pub(crate) fn until(protocol: Protocol, promise: &'static str) -> Found {
    search(protocol, HasDiscoveries::AnyOf([promise].into()), 1)
}

fn search(protocol: Protocol, finish: HasDiscoveries, threads: usize) -> Found {
    let checker = protocol.checker().threads(threads).finish_when(finish);
    let checker = checker.spawn_bfs().join();
    let traces = checker.discoveries().into_iter();
    let traces = traces.map(|(name, path)| (name, tell(protocol, name, path)));
    Found {
        states: checker.unique_state_count(),
        traces: traces.collect(),
    }
}

/// One line for each step up to the one that decides, with the world after it.
fn tell(protocol: Protocol, name: &'static str, path: Path<World, Happening>) -> String {
    let property = protocol.property(name);
    let sought = matches!(property.expectation, Expectation::Sometimes);
    let mut told = String::new();
    for (number, pair) in path.into_vec().windows(2).enumerate() {
        if let [(_, Some(happening)), (world, _)] = pair {
            let happening = format!("{happening:?}");
            let _ = writeln!(told, "{:3}. {happening:<17} {}", number + 1, summary(world));
            if (property.condition)(&protocol, world) == sought {
                break;
            }
        }
    }
    told
}

fn summary(world: &World) -> String {
    let mut line = String::new();
    if let Some(record) = &world.record {
        let lease = if record.leased { ", leased" } else { "" };
        let _ = write!(line, "record: {:?} on VLAN {}, ", record.phase, record.vlan);
        let _ = write!(line, "{:?}{lease} | ", record.call_started);
    }
    for (worker, attempt) in world.workers.iter().enumerate() {
        if let Some(attempt) = attempt {
            let owner = if attempt.claim.owns {
                ""
            } else {
                " (overtaken)"
            };
            let _ = write!(line, "{worker}{owner}: {:?} | ", attempt.next);
        }
    }
    for stray in &world.strays {
        let _ = write!(line, "on the wire: VLAN {}, {:?} | ", stray.vlan, stray.age);
    }
    let _ = write!(line, "ours: {:?}", world.ours);
    if world.joined {
        line.push_str(" under the LAG's id");
    }
    if world.in_transition {
        line.push_str(" | parent in transition");
    }
    if world.foreign.contains(&true) {
        let _ = write!(line, " | foreign: {:?}", world.foreign);
    }
    if !world.events.is_empty() {
        let _ = write!(line, " | events: {:?}", world.events);
    }
    line
}
