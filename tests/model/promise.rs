//! What must hold whatever happens, and what must be possible.

use std::collections::BTreeSet;

use stateright::Property;
use transitions::State;

use crate::given::Protocol;
use crate::happening::Happening;
use crate::world::{Next, Outcome, World};

pub(crate) const ONE_CONNECTION: &str = "there is at most one connection of the key";
pub(crate) const ONE_VLAN: &str = "no second VLAN is tried while a call on the first is open";
pub(crate) const TRUE_REJECTION: &str =
    "a recorded rejection means that there is no connection of ours";
pub(crate) const FAIR_REJECTION: &str =
    "no order is rejected for a state of its parent that passes";
pub(crate) const TRUE_ALLOCATION: &str = "a recorded allocation has its connection";
pub(crate) const RECORDED: &str = "whatever is published is what is recorded";
pub(crate) const PUBLISHED: &str = "nobody gets a final answer before its event is out";
pub(crate) const FINISHED: &str = "from anywhere, the sweeper alone brings it to its end";
pub(crate) const CAN_ALLOCATE: &str = "an order can be allocated and published";
pub(crate) const CAN_REJECT: &str = "an order can be rejected and published";
pub(crate) const CAN_ADOPT: &str = "a connection can be adopted after its call had no answer";

/// All that must never be otherwise.
pub(crate) const PROMISES: [&str; 8] = [
    ONE_CONNECTION,
    ONE_VLAN,
    TRUE_REJECTION,
    FAIR_REJECTION,
    TRUE_ALLOCATION,
    RECORDED,
    PUBLISHED,
    FINISHED,
];

pub(crate) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(ONE_CONNECTION, |_, world: &World| ours(world) <= 1),
        Property::always(ONE_VLAN, one_vlan),
        Property::always(TRUE_REJECTION, |_, world: &World| {
            outcome(world) != Some(Outcome::Rejected) || ours(world) == 0
        }),
        Property::always(FAIR_REJECTION, |_, world: &World| {
            !world.rejected_in_transition
        }),
        Property::always(TRUE_ALLOCATION, |_, world: &World| match outcome(world) {
            Some(Outcome::Allocated(vlan)) => world.ours[vlan] > 0,
            Some(Outcome::Rejected) | None => true,
        }),
        Property::always(RECORDED, |_, world: &World| {
            world
                .events
                .iter()
                .all(|event| outcome(world) == Some(*event))
        }),
        Property::always(PUBLISHED, |_, world: &World| {
            !world.answered || !world.events.is_empty()
        }),
        Property::always(FINISHED, finishes),
        Property::sometimes(CAN_ALLOCATE, |_, world: &World| {
            is_finished(world) && matches!(outcome(world), Some(Outcome::Allocated(_)))
        }),
        Property::sometimes(CAN_REJECT, |_, world: &World| {
            is_finished(world) && outcome(world) == Some(Outcome::Rejected)
        }),
        Property::sometimes(CAN_ADOPT, |_, world: &World| {
            is_finished(world)
                && matches!(outcome(world), Some(Outcome::Allocated(_)))
                && world
                    .record
                    .as_ref()
                    .is_some_and(|record| record.unanswered)
        }),
    ]
}

fn ours(world: &World) -> u8 {
    world.ours.iter().sum()
}

fn outcome(world: &World) -> Option<Outcome> {
    world.record.as_ref()?.outcome()
}

fn is_finished(world: &World) -> bool {
    world.workers.iter().all(Option::is_none)
        && world.record.as_ref().is_some_and(|record| record.marked)
}

/// VLANs with a connection of ours, and with a request that may become one.
fn one_vlan(protocol: &Protocol, world: &World) -> bool {
    let connected = (0..world.ours.len()).filter(|vlan| world.ours[*vlan] > 0);
    let stray = world.strays.iter().map(|stray| stray.vlan);
    let awaited = world.workers.iter().flatten();
    let awaited = awaited.filter(|attempt| {
        attempt.next == Next::Await && protocol.may_land(attempt.claim.call_started)
    });
    let awaited = awaited.map(|attempt| attempt.claim.vlan);
    connected
        .chain(stray)
        .chain(awaited)
        .collect::<BTreeSet<_>>()
        .len()
        <= 1
}

/// Nothing goes wrong any more, and nobody but the sweeper comes: is there an end to it? More than a search for
/// deadlocks, which a world where time can always pass does not have.
fn finishes(protocol: &Protocol, world: &World) -> bool {
    let mut world = world.clone();
    for _ in 0..100 {
        if is_finished(&world) {
            return true;
        }
        let happening = without_faults(&world);
        protocol.happen(&mut world, happening);
    }
    false
}

fn without_faults(world: &World) -> Happening {
    let busy = |worker: usize| {
        world.workers[worker]
            .as_ref()
            .map(|attempt| (worker, attempt))
    };
    if let Some((worker, attempt)) = (0..world.workers.len()).find_map(busy) {
        return match attempt.next {
            Next::Await if attempt.claim.call_started.is_settled() => Happening::LoseAnswer(worker),
            Next::Await => Happening::Land(worker),
            Next::Claim { .. }
            | Next::TakeOver(_)
            | Next::Call
            | Next::Look(_)
            | Next::LookAround { .. }
            | Next::Decide { .. }
            | Next::MoveToOtherVlan
            | Next::LeaveUnresolved
            | Next::LeaveWaiting
            | Next::Record(_)
            | Next::Publish(_)
            | Next::Mark(_) => Happening::Step(worker),
        };
    }
    match &world.record {
        _ if world.in_transition => Happening::EndTransition,
        // The sweeper finds records, and no message comes again.
        None if world.dropped => Happening::Tick,
        None => Happening::Deliver(0),
        Some(record) if record.leased => Happening::EndLease,
        Some(record) if record.state == State::Unresolved && !record.call_started.is_settled() => {
            Happening::Tick
        }
        Some(_) => Happening::Sweep(0),
    }
}
