//! What can happen next, anywhere: to an attempt, on the wire, in Direct Connect, and with time.

use stateright::{Model, Property};

use crate::attempt::{go, park};
use crate::given::Protocol;
use crate::promise;
use crate::world::{Age, Next, Outcome, Phase, Sight, VLANS, Vlan, Why, World};

/// Which worker, by index.
pub(crate) type Worker = usize;

/// Whatever can happen in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// The message, a duplicate of it, or the caller asking again.
    Deliver(Worker),
    /// The sweeper finds the record unfinished.
    Sweep(Worker),
    /// The attempt's next request takes effect and is answered.
    Step(Worker),
    /// The same, and a repetition of the request stays on the wire.
    StepRepeated(Worker),
    /// A call on Direct Connect lands; its sender gets the answer.
    Land(Worker),
    /// Direct Connect refuses it, for reasons of its own.
    Refuse(Worker),
    /// Against (c1): Direct Connect refuses it, and a try of its own at it is still under way.
    RefuseTooSoon(Worker),
    /// Direct Connect refuses it for the state that the parent is in.
    RefuseForNow(Worker),
    /// Direct Connect makes a connection of it, repeats it by itself, and answers with the refusal of the repetition.
    LandTwice(Worker),
    /// Direct Connect throttles it: certainly no effect.
    Throttle(Worker),
    /// The sender stops waiting for the answer. The request may land yet.
    LoseAnswer(Worker),
    /// The parent's connections cannot be read.
    FailToLook(Worker),
    /// Direct Connect does not show the parent to us.
    RefuseToShow(Worker),
    /// Against assumption (a): the list lacks our connection.
    OverlookOurs(Worker),
    /// What an automatic order can choose from cannot be read.
    FailToChoose(Worker),
    /// The event is out, and the mark cannot be written.
    FailToMark(Worker),
    /// The process is killed.
    Crash(Worker),
    /// A request lands whose sender does not wait any more.
    LandStray(usize),
    /// The repetition of the write that noted the start of a call takes effect.
    LandLateNote,
    /// The lease on the record is over, whether its holder lives or not.
    EndLease,
    /// Time passes.
    Tick,
    /// Somebody makes a connection by hand, or moves another key's here.
    MakeForeign(Vlan),
    /// And it goes again.
    DeleteForeign(Vlan),
    /// The owner of a connection of ours confirms it.
    Confirm,
    /// The parent joins a LAG, and its connections are the LAG's from then on.
    Join,
    /// The parent gets into a state in which Direct Connect refuses calls.
    BeginTransition,
    /// And out of it.
    EndTransition,
}

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
        if world.late_note.is_some() {
            happenings.push(Happening::LandLateNote);
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
            Next::Claim { .. }
            | Next::Call
            | Next::Decide { .. }
            | Next::MoveToOtherVlan
            | Next::LeaveUnresolved
            | Next::LeaveWaiting
            | Next::Record(_)
            | Next::Publish(_) => {}
        }
    }

    pub(crate) fn may_land(&self, age: Age) -> bool {
        !(self.assumptions.requests_settle && age.is_settled())
    }

    pub(crate) fn happen(&self, world: &mut World, happening: Happening) {
        self.take_place(world, happening);
        world.forget(&self.safeguards);
    }

    fn take_place(&self, world: &mut World, happening: Happening) {
        match happening {
            Happening::Deliver(worker) | Happening::Sweep(worker) => self.claim(world, worker),
            Happening::Step(worker) => self.step(world, worker),
            Happening::StepRepeated(worker) => self.step_repeated(world, worker),
            Happening::Land(worker) => self.land(world, worker),
            Happening::Refuse(worker) => self.refused(world, worker, false),
            Happening::RefuseTooSoon(worker) => {
                if let Some(attempt) = world.workers[worker].clone() {
                    world.leave_on_the_wire(&attempt);
                }
                self.refused(world, worker, false);
            }
            Happening::RefuseForNow(worker) => self.refused(world, worker, true),
            Happening::LandTwice(worker) => {
                if let Some(attempt) = &world.workers[worker] {
                    let vlan = attempt.claim.vlan;
                    self.reach_direct_connect(world, vlan);
                }
                self.refused(world, worker, false);
            }
            Happening::Throttle(worker) => go(world, worker, Next::LeaveWaiting),
            Happening::LoseAnswer(worker) => {
                if let Some(attempt) = world.workers[worker].clone()
                    && self.may_land(attempt.claim.call_started)
                {
                    world.leave_on_the_wire(&attempt);
                }
                go(world, worker, Next::Look(Why::NoAnswer));
            }
            Happening::FailToLook(worker) => go(world, worker, Next::LeaveUnresolved),
            Happening::RefuseToShow(worker) => self.not_shown(world, worker),
            Happening::OverlookOurs(worker) => self.look(world, worker, Sight::Absent),
            Happening::FailToChoose(_) if self.safeguards.unseen_is_parked => park(world),
            Happening::FailToChoose(_) => world.dropped = true,
            Happening::FailToMark(worker) => {
                world.answered = true;
                world.end(worker);
            }
            Happening::Crash(worker) => {
                world.end(worker);
                if self.assumptions.requests_settle {
                    world.strays.retain(|stray| !stray.age.is_settled());
                }
            }
            Happening::LandStray(index) => {
                let stray = world.strays.remove(index);
                self.reach_direct_connect(world, stray.vlan);
            }
            Happening::LandLateNote => land_late_note(world),
            Happening::EndLease => {
                if let Some(record) = &mut world.record {
                    record.leased = false;
                }
            }
            Happening::Tick => world.tick(self.assumptions.requests_settle),
            Happening::MakeForeign(vlan) => world.foreign[vlan] = true,
            Happening::DeleteForeign(vlan) => world.foreign[vlan] = false,
            Happening::Confirm => world.confirmed = true,
            Happening::Join => world.joined = true,
            Happening::BeginTransition => world.in_transition = true,
            Happening::EndTransition => world.in_transition = false,
        }
    }

    fn step_repeated(&self, world: &mut World, worker: Worker) {
        let claim = |world: &World| {
            world.workers[worker]
                .as_ref()
                .map(|attempt| attempt.claim.clone())
        };
        let before = claim(world);
        self.step(world, worker);
        // Only the note of a new start matters: repetitions of all other writes find their state gone.
        if claim(world).is_some_and(|after| Some(after) != before) {
            world.late_note = Some(Age::NEW);
        }
    }

    fn land(&self, world: &mut World, worker: Worker) {
        let Some(vlan) = world.workers[worker]
            .as_ref()
            .map(|attempt| attempt.claim.vlan)
        else {
            return;
        };
        if self.reach_direct_connect(world, vlan) {
            self.settle(world, worker, Outcome::Allocated(vlan));
        } else {
            self.refused(world, worker, false);
        }
    }

    /// Whether Direct Connect makes a connection of it.
    fn reach_direct_connect(&self, world: &mut World, vlan: Vlan) -> bool {
        let accepted = !(self.assumptions.vlans_are_exclusive && world.is_occupied(vlan));
        // Two are one too many; how many more does not matter.
        if accepted {
            world.ours[vlan] = (world.ours[vlan] + 1).min(2);
        }
        accepted
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

/// Its token and the record's state are still as it expects them, or it would have been forgotten.
fn land_late_note(world: &mut World) {
    if let (Some(started), Some(record)) = (world.late_note.take(), &mut world.record)
        && record.is_open()
    {
        record.phase = Phase::Calling;
        record.call_started = started;
    }
}
