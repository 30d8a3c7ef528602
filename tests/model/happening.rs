//! What can happen next, anywhere: to an attempt, on the wire, in Direct Connect, and with time.

use transitions::Name;

use crate::attempt::go;
use crate::given::Protocol;
use crate::world::{Age, Claim, Late, Next, Outcome, Sight, Vlan, Why, World};
use crate::writing::brought_late;

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
    /// The repetition of a write that noted the start of a call arrives.
    LandLate,
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

impl Protocol {
    pub(crate) fn may_land(&self, age: Age) -> bool {
        !(self.assumptions.requests_settle && age.is_settled())
    }

    pub(crate) fn happen(&self, world: &mut World, happening: Happening) {
        self.take_place(world, happening);
        self.forget(world);
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
            Happening::FailToChoose(worker) if self.safeguards.unseen_is_parked => {
                self.park(world, worker);
            }
            Happening::FailToChoose(worker) => {
                world.dropped = true;
                world.end(worker);
            }
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
            Happening::LandLate => self.land_late(world),
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
        // Only of these two does the writer go on, so that others of its writes come between.
        if let (Some(before), Some(after)) = (before, claim(world))
            && before != after
        {
            let name = if before.vlan == after.vlan {
                Name::BeginCall
            } else {
                Name::SwitchVlan
            };
            let claim = Claim {
                owns: after.owns,
                vlan: before.vlan,
                ..Claim::NONE
            };
            world.late = Some(Late {
                name,
                claim,
                vlan: after.vlan,
                started: Age::NEW,
            });
        }
    }

    fn land_late(&self, world: &mut World) {
        if let Some(late) = world.late.take() {
            let brought = brought_late(&late, world.record.as_ref());
            self.write(world, late.name, &brought);
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
