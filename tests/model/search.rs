//! Searching a world to its end, and telling how it went.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Write};
use std::hash::Hash;

use stateright::{Checker, Expectation, HasDiscoveries, Model, Path};

use crate::world::World;

/// A world that can be told in a line.
pub(crate) trait Told: Debug + Clone + PartialEq + Hash + Send + Sync + 'static {
    fn told(&self) -> String;
}

/// A machine that can be searched.
pub(crate) trait Searched:
    Model<State: Told, Action: Debug + Copy + PartialEq> + Copy + Send + Sync + 'static
{
}

impl<M> Searched for M where
    M: Model<State: Told, Action: Debug + Copy + PartialEq> + Copy + Send + Sync + 'static
{
}

/// How a search ended.
pub(crate) struct Found {
    pub(crate) states: usize,
    /// What was seen of the properties: a violation of one that must always hold, an example of one that must be
    /// possible. Each with the way there, to be read.
    pub(crate) traces: BTreeMap<&'static str, String>,
}

/// Visits every reachable state.
pub(crate) fn everything<M: Searched>(model: M) -> Found {
    search(model, HasDiscoveries::All, 2)
}

/// Stops at the first violation of `promise`. One thread, so that the way there is the same every time.
pub(crate) fn until<M: Searched>(model: M, promise: &'static str) -> Found {
    search(model, HasDiscoveries::AnyOf([promise].into()), 1)
}

/// Whether one of `promises` is violated somewhere.
pub(crate) fn any<M: Searched>(model: M, promises: impl IntoIterator<Item = &'static str>) -> bool {
    let promises: BTreeSet<_> = promises.into_iter().collect();
    let finish = HasDiscoveries::AnyOf(promises.clone());
    let checker = model.checker().threads(2).finish_when(finish);
    let found = checker.spawn_bfs().join().discoveries();
    found.keys().any(|name| promises.contains(name))
}

fn search<M: Searched>(model: M, finish: HasDiscoveries, threads: usize) -> Found {
    let checker = model.checker().threads(threads).finish_when(finish);
    let checker = checker.spawn_bfs().join();
    let traces = checker.discoveries().into_iter();
    let traces = traces.map(|(name, path)| (name, tell(&model, name, path)));
    Found {
        states: checker.unique_state_count(),
        traces: traces.collect(),
    }
}

/// One line for each step up to the one that decides, with the world after it.
fn tell<M: Searched>(model: &M, name: &'static str, path: Path<M::State, M::Action>) -> String {
    let property = model.property(name);
    let sought = matches!(property.expectation, Expectation::Sometimes);
    let mut told = String::new();
    for (number, pair) in path.into_vec().windows(2).enumerate() {
        if let [(_, Some(happening)), (world, _)] = pair {
            let happening = format!("{happening:?}");
            let _ = writeln!(told, "{:3}. {happening:<17} {}", number + 1, world.told());
            if (property.condition)(model, world) == sought {
                break;
            }
        }
    }
    told
}

impl Told for World {
    fn told(&self) -> String {
        let mut line = String::new();
        if let Some(record) = &self.record {
            let lease = if record.leased { ", leased" } else { "" };
            let _ = write!(line, "record: {:?}", record.state);
            if let Some(vlan) = record.vlan {
                let _ = write!(line, " on VLAN {vlan}");
            }
            let _ = write!(line, ", {:?}{lease} | ", record.call_started);
        }
        for (worker, attempt) in self.workers.iter().enumerate() {
            if let Some(attempt) = attempt {
                let owner = if attempt.claim.owns {
                    ""
                } else {
                    " (overtaken)"
                };
                let _ = write!(line, "{worker}{owner}: {:?} | ", attempt.next);
            }
        }
        for stray in &self.strays {
            let _ = write!(line, "on the wire: VLAN {}, {:?} | ", stray.vlan, stray.age);
        }
        let _ = write!(line, "ours: {:?}", self.ours);
        if self.joined {
            line.push_str(" under the LAG's id");
        }
        if self.in_transition {
            line.push_str(" | parent in transition");
        }
        if self.foreign.contains(&true) {
            let _ = write!(line, " | foreign: {:?}", self.foreign);
        }
        if !self.events.is_empty() {
            let _ = write!(line, " | events: {:?}", self.events);
        }
        line
    }
}
