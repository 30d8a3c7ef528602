//! The machine that is searched: how it begins, what can happen in a world, and what must hold.

use stateright::{Model, Property};

use crate::given::Protocol;
use crate::happening::{Happening, Worker};
use crate::promise;
use crate::world::{Next, VLANS, Why, World};

impl Model for Protocol {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.scenario.workers)]
    }

    fn actions(&self, world: &World, happenings: &mut Vec<Happening>) {
        for worker in 0..world.workers.len() {
            self.may_happen_to(world, worker, happenings);
        }
        happenings.extend((0..world.strays.len()).map(Happening::LandStray));
        if world.late.is_some() {
            happenings.push(Happening::LandLate);
        }
        if world.record.as_ref().is_some_and(|record| record.leased) {
            happenings.push(Happening::EndLease);
        }
        happenings.push(Happening::Tick);
        if !self.assumptions.owners_take_their_time && world.ours != [0; VLANS] {
            happenings.push(Happening::Confirm);
        }
        if self.scenario.joins && !world.joined {
            happenings.push(Happening::Join);
        }
        if self.scenario.transitions {
            if !world.in_transition {
                happenings.push(Happening::BeginTransition);
            } else if !(self.assumptions.transitions_show && looks_into_transition(world)) {
                happenings.push(Happening::EndTransition);
            }
        }
        if self.scenario.foreign {
            for vlan in 0..VLANS {
                if world.foreign[vlan] {
                    happenings.push(Happening::DeleteForeign(vlan));
                } else if !(self.assumptions.vlans_are_exclusive && world.is_occupied(vlan)) {
                    happenings.push(Happening::MakeForeign(vlan));
                }
            }
        }
    }

    fn next_state(&self, world: &World, happening: Happening) -> Option<World> {
        let mut next = world.clone();
        self.happen(&mut next, happening);
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        promise::all()
    }
}

impl Protocol {
    fn may_happen_to(&self, world: &World, worker: Worker, happenings: &mut Vec<Happening>) {
        let Some(attempt) = &world.workers[worker] else {
            happenings.push(Happening::Deliver(worker));
            if self.scenario.automatic && world.record.is_none() {
                happenings.push(Happening::FailToChoose(worker));
            }
            if world.record.as_ref().is_some_and(|record| !record.marked) {
                happenings.push(Happening::Sweep(worker));
            }
            return;
        };
        happenings.push(Happening::Crash(worker));
        if attempt.next != Next::Await {
            happenings.push(Happening::Step(worker));
        }
        match attempt.next {
            Next::Await => {
                happenings.extend([Happening::LoseAnswer(worker), Happening::Throttle(worker)]);
                if self.may_land(attempt.claim.call_started) {
                    happenings.push(Happening::Land(worker));
                    if self.scenario.refusals {
                        happenings.push(Happening::Refuse(worker));
                    }
                    if !self.assumptions.refusals_come_last {
                        happenings.push(Happening::RefuseTooSoon(worker));
                    }
                    if world.in_transition {
                        happenings.push(Happening::RefuseForNow(worker));
                    }
                    if self.scenario.repeats {
                        happenings.push(Happening::LandTwice(worker));
                    }
                }
            }
            Next::Look(_) => {
                happenings.push(Happening::FailToLook(worker));
                if self.scenario.refusals {
                    happenings.push(Happening::RefuseToShow(worker));
                }
                if !self.assumptions.allocations_are_visible {
                    happenings.push(Happening::OverlookOurs(worker));
                }
            }
            Next::LookAround { .. } => happenings.push(Happening::FailToLook(worker)),
            Next::Mark(_) => happenings.push(Happening::FailToMark(worker)),
            Next::Call if !attempt.claim.call_started.in_send_window() => {
                happenings.push(Happening::StepRepeated(worker));
            }
            Next::Decide {
                why: Why::TookOver, ..
            } => happenings.push(Happening::StepRepeated(worker)),
            Next::MoveToOtherVlan => happenings.push(Happening::StepRepeated(worker)),
            Next::Claim { parked: false, .. } => happenings.push(Happening::FailToChoose(worker)),
            Next::Claim { .. }
            | Next::TakeOver(_)
            | Next::Call
            | Next::Decide { .. }
            | Next::LeaveUnresolved
            | Next::LeaveWaiting
            | Next::Record(_)
            | Next::Publish(_) => {}
        }
    }
}

/// Whether somebody is about to look into a refusal for the state that the parent is in.
fn looks_into_transition(world: &World) -> bool {
    let why = |next: &Next| match next {
        Next::Look(why) | Next::LookAround { why, .. } => Some(*why),
        _ => None,
    };
    let mut attempts = world.workers.iter().flatten();
    attempts.any(|attempt| why(&attempt.next) == Some(Why::Refused { passing: true }))
}
