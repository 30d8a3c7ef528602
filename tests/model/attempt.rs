//! What one attempt does: claim, call, look, record, publish, mark. Each step is one request to AWS, and whatever is
//! concluded from its answer.

use crate::given::Protocol;
use crate::world::{
    Age, Attempt, Claim, Next, Outcome, Phase, Record, Sight, VLANS, Vlan, Why, World,
};

impl Protocol {
    /// A delivery reaches an idle worker: it claims the key, takes it over, or answers with what there is.
    pub(crate) fn claim(&self, world: &mut World, worker: usize) {
        let Some(record) = &mut world.record else {
            return self.claim_first(world, worker);
        };
        if let Some(outcome) = record.outcome() {
            return self.replay(world, worker, outcome);
        }
        if record.leased {
            return;
        }
        let must_look = record.phase != Phase::Waiting;
        if must_look {
            // The start of the call stays as it is: the settle time runs from there.
            record.phase = Phase::Unresolved;
            record.unanswered = true;
        } else {
            record.phase = Phase::Calling;
            record.call_started = Age::NEW;
        }
        record.leased = true;
        let claim = Claim {
            owns: true,
            vlan: record.vlan,
            call_started: record.call_started,
            unanswered: record.unanswered,
        };
        for other in world.workers.iter_mut().flatten() {
            other.claim.owns = false;
        }
        if self.safeguards.fencing {
            world.late_note = None;
        }
        let next = if must_look {
            Next::Look(Why::TookOver)
        } else {
            Next::Call
        };
        world.workers[worker] = Some(Attempt { claim, next });
    }

    fn claim_first(&self, world: &mut World, worker: usize) {
        let free = (0..VLANS).find(|vlan| !self.scenario.automatic || !world.is_occupied(*vlan));
        let claim = Claim {
            owns: true,
            vlan: free.unwrap_or_default(),
            call_started: Age::NEW,
            unanswered: false,
        };
        let (phase, next) = match free {
            Some(_) => (Phase::Calling, Next::Call),
            None => (
                Phase::Final(Outcome::Rejected),
                Next::Publish(Outcome::Rejected),
            ),
        };
        world.record = Some(Record {
            phase,
            vlan: claim.vlan,
            leased: free.is_some(),
            call_started: Age::NEW,
            unanswered: false,
            marked: false,
        });
        world.workers[worker] = Some(Attempt { claim, next });
    }

    /// Answers with a recorded outcome; if its event is not known to be out, it goes out first.
    fn replay(&self, world: &mut World, worker: usize, outcome: Outcome) {
        if world.record.as_ref().is_some_and(|record| record.marked) {
            world.answered = true;
            return world.end(worker);
        }
        let claim = Claim {
            owns: false,
            vlan: 0,
            call_started: Age::NEW,
            unanswered: false,
        };
        world.workers[worker] = Some(Attempt {
            claim,
            next: Next::Publish(outcome),
        });
    }

    /// The attempt's next request takes effect and is answered.
    pub(crate) fn step(&self, world: &mut World, worker: usize) {
        let Some(Attempt { claim, next }) = world.workers[worker].clone() else {
            return;
        };
        match next {
            Next::Call if claim.call_started.in_send_window() => go(world, worker, Next::Await),
            Next::Call => self.note_start(world, worker, Next::Call),
            // Answers come from Direct Connect.
            Next::Await => {}
            Next::Look(why) => {
                let next = Next::Decide {
                    why,
                    sight: sight(world, claim.vlan),
                    settled: claim.call_started.is_settled(),
                };
                go(world, worker, next);
            }
            Next::Decide {
                why: Why::TookOver,
                sight,
                settled,
            } => {
                self.resume(world, worker, &claim, sight, settled);
            }
            Next::Decide {
                why: Why::NoAnswer,
                sight: Sight::Ours,
                ..
            } => {
                self.settle(world, worker, Outcome::Allocated(claim.vlan));
            }
            Next::Decide {
                why: Why::NoAnswer, ..
            } => go(world, worker, Next::LeaveUnresolved),
            Next::Decide {
                why: Why::Refused,
                sight,
                ..
            } => match sight {
                Sight::Ours if claim.unanswered => {
                    self.settle(world, worker, Outcome::Allocated(claim.vlan));
                }
                Sight::Ours | Sight::Foreign => self.vlan_occupied(world, worker, &claim),
                Sight::Absent => self.settle(world, worker, Outcome::Rejected),
            },
            Next::MoveToOtherVlan => self.move_vlan(world, worker, claim.vlan),
            Next::LeaveUnresolved => self.leave(world, worker, Phase::Unresolved),
            Next::LeaveWaiting => self.leave(world, worker, Phase::Waiting),
            Next::Record(outcome) => self.record(world, worker, outcome),
            Next::Publish(outcome) => {
                world.events.insert(outcome);
                let recorded = world
                    .record
                    .as_ref()
                    .is_some_and(|record| record.outcome().is_some());
                go(
                    world,
                    worker,
                    if recorded {
                        Next::Mark(outcome)
                    } else {
                        Next::Record(outcome)
                    },
                );
            }
            Next::Mark(outcome) => {
                if let Some(record) = &mut world.record {
                    record.marked |= record.phase == Phase::Final(outcome);
                }
                world.answered = true;
                world.end(worker);
            }
        }
    }

    /// Goes on with an allocation whose last call may have taken effect, by what was seen.
    fn resume(&self, world: &mut World, worker: usize, claim: &Claim, sight: Sight, settled: bool) {
        if sight == Sight::Ours {
            return self.settle(world, worker, Outcome::Allocated(claim.vlan));
        }
        let settled = if self.safeguards.look_begins_settled {
            settled
        } else {
            claim.call_started.is_settled()
        };
        if !settled && !self.safeguards.same_vlan {
            return go(world, worker, Next::MoveToOtherVlan);
        }
        if !settled && self.safeguards.settle_wait {
            return go(world, worker, Next::LeaveUnresolved);
        }
        // From here on the last call counts as never made, but not so surely that another VLAN would do.
        match sight {
            Sight::Foreign if self.may_move(claim) => {
                self.note_start(world, worker, Next::MoveToOtherVlan);
            }
            Sight::Foreign => self.settle(world, worker, Outcome::Rejected),
            Sight::Absent | Sight::Ours => self.note_start(world, worker, Next::Call),
        }
    }

    /// Whether the order may go to another VLAN.
    fn may_move(&self, claim: &Claim) -> bool {
        self.scenario.automatic && !(claim.unanswered && self.safeguards.unanswered_stays)
    }

    fn note_start(&self, world: &mut World, worker: usize, next: Next) {
        if !self.write(world, worker, |record| {
            record.phase = Phase::Calling;
            record.call_started = Age::NEW;
        }) {
            return;
        }
        if self.safeguards.notes_are_compared {
            world.late_note = None;
        }
        if let Some(attempt) = &mut world.workers[worker] {
            attempt.claim.call_started = Age::NEW;
        }
        go(world, worker, next);
    }

    /// Direct Connect said no to this attempt's call.
    pub(crate) fn refused(&self, world: &mut World, worker: usize) {
        if self.safeguards.look_before_refusal {
            go(world, worker, Next::Look(Why::Refused));
        } else {
            self.settle(world, worker, Outcome::Rejected);
        }
    }

    /// The parent's connections cannot be read. A refusal stands without, unless our own earlier call may be behind it,
    /// or another VLAN might have done.
    pub(crate) fn cannot_look(&self, world: &mut World, worker: usize) {
        match &world.workers[worker] {
            Some(Attempt {
                claim,
                next: Next::Look(Why::Refused),
            }) if !claim.unanswered => {
                if self.scenario.automatic {
                    go(world, worker, Next::LeaveWaiting);
                } else {
                    self.settle(world, worker, Outcome::Rejected);
                }
            }
            Some(_) | None => go(world, worker, Next::LeaveUnresolved),
        }
    }

    /// Direct Connect does not show the parent to us, which confirms a refusal, unless our own earlier call may be
    /// behind it.
    pub(crate) fn not_shown(&self, world: &mut World, worker: usize) {
        match &world.workers[worker] {
            Some(Attempt {
                claim,
                next: Next::Look(Why::Refused),
            }) if !claim.unanswered => self.settle(world, worker, Outcome::Rejected),
            Some(_) | None => go(world, worker, Next::LeaveUnresolved),
        }
    }

    /// A given VLAN is a final no, a chosen one is chosen anew, but not after a call without an answer.
    fn vlan_occupied(&self, world: &mut World, worker: usize, claim: &Claim) {
        if self.may_move(claim) {
            go(world, worker, Next::MoveToOtherVlan);
        } else {
            self.settle(world, worker, Outcome::Rejected);
        }
    }

    fn move_vlan(&self, world: &mut World, worker: usize, from: Vlan) {
        let to = VLANS - 1 - from;
        if world.is_occupied(to) {
            return self.settle(world, worker, Outcome::Rejected);
        }
        if !self.write(world, worker, |record| {
            record.phase = Phase::Calling;
            record.call_started = Age::NEW;
            record.vlan = to;
        }) {
            return;
        }
        if self.safeguards.notes_are_compared {
            world.late_note = None;
        }
        if let Some(attempt) = &mut world.workers[worker] {
            attempt.claim.vlan = to;
            attempt.claim.call_started = Age::NEW;
        }
        go(world, worker, Next::Call);
    }

    fn leave(&self, world: &mut World, worker: usize, phase: Phase) {
        if self.write(world, worker, |record| {
            record.phase = phase;
            record.leased = false;
            record.unanswered |= phase == Phase::Unresolved;
        }) {
            world.end(worker);
        }
    }

    fn record(&self, world: &mut World, worker: usize, outcome: Outcome) {
        if self.write(world, worker, |record| {
            record.phase = Phase::Final(outcome);
            record.leased = false;
        }) {
            let published = world.events.contains(&outcome) && !self.safeguards.record_first;
            go(
                world,
                worker,
                if published {
                    Next::Mark(outcome)
                } else {
                    Next::Publish(outcome)
                },
            );
        }
    }

    pub(crate) fn settle(&self, world: &mut World, worker: usize, outcome: Outcome) {
        go(world, worker, self.first_to_settle(outcome));
    }

    fn first_to_settle(&self, outcome: Outcome) -> Next {
        if self.safeguards.record_first {
            Next::Record(outcome)
        } else {
            Next::Publish(outcome)
        }
    }

    /// A write on the record, fenced by token and state. An attempt that lost its token answers with what the winner
    /// made of it.
    fn write(&self, world: &mut World, worker: usize, change: impl FnOnce(&mut Record)) -> bool {
        let owns = world.workers[worker]
            .as_ref()
            .is_some_and(|attempt| attempt.claim.owns);
        let Some(record) = &mut world.record else {
            return false;
        };
        if record.is_open() && (owns || !self.safeguards.fencing) {
            change(record);
            return true;
        }
        match record.outcome() {
            Some(outcome) => self.replay(world, worker, outcome),
            None => world.end(worker),
        }
        false
    }
}

pub(crate) fn go(world: &mut World, worker: usize, next: Next) {
    if let Some(attempt) = &mut world.workers[worker] {
        attempt.next = next;
    }
}

fn sight(world: &World, vlan: Vlan) -> Sight {
    match (world.ours[vlan] > 0, world.foreign[vlan]) {
        (true, _) => Sight::Ours,
        (false, true) => Sight::Foreign,
        (false, false) => Sight::Absent,
    }
}
