//! What one attempt does: claim, call, look, record, publish, mark. Each step is one request to AWS, and whatever is
//! concluded from its answer.

use crate::given::Protocol;
use crate::world::{
    Age, Attempt, Claim, Id, Next, Outcome, Phase, Record, Sight, VLANS, Vlan, Why, World,
};

impl Protocol {
    /// A delivery reaches an idle worker: it claims the key, takes it over, or answers with what there is.
    pub(crate) fn claim(&self, world: &mut World, worker: usize) {
        let Some(record) = &mut world.record else {
            return self.choose(world, worker, false);
        };
        if record.phase == Phase::Parked {
            return self.choose(world, worker, true);
        }
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

    /// A VLAN is chosen by a look, and claimed by a write after it. A given one needs no look.
    fn choose(&self, world: &mut World, worker: usize, parked: bool) {
        if !self.scenario.automatic {
            return self.claim_first(world, worker, Some(0));
        }
        // Of a parent that has just joined a LAG nobody has noted yet that it did.
        let is_free = |vlan: &Vlan| world.sight(*vlan, Id::Parent) == Sight::Absent;
        let vlan = (0..VLANS).find(is_free);
        world.workers[worker] = Some(Attempt {
            claim: Claim::NONE,
            next: Next::Claim { vlan, parked },
        });
    }

    fn claim_first(&self, world: &mut World, worker: usize, free: Option<Vlan>) {
        let claim = Claim {
            owns: true,
            vlan: free.unwrap_or_default(),
            call_started: Age::NEW,
            unanswered: false,
        };
        for other in world.workers.iter_mut().flatten() {
            other.claim.owns = false;
        }
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
        world.workers[worker] = Some(Attempt {
            claim: Claim::NONE,
            next: Next::Publish(outcome),
        });
    }

    /// The attempt's next request takes effect and is answered.
    pub(crate) fn step(&self, world: &mut World, worker: usize) {
        let Some(Attempt { claim, next }) = world.workers[worker].clone() else {
            return;
        };
        match next {
            Next::Claim { vlan, .. } => self.claim_first(world, worker, vlan),
            Next::Call if claim.call_started.in_send_window() => go(world, worker, Next::Await),
            Next::Call => self.note_start(world, worker, Next::Call),
            // Answers come from Direct Connect.
            Next::Await => {}
            Next::Look(_) => self.look(world, worker, world.sight(claim.vlan, self.first_id())),
            Next::LookAround { why, here, settled } => {
                let sight = self.look_around(world, claim.vlan, why, here);
                go(
                    world,
                    worker,
                    Next::Decide {
                        why,
                        sight,
                        settled,
                    },
                );
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
                why: Why::Refused { passing },
                sight,
                ..
            } => self.go_by_refusal(world, worker, &claim, sight, passing),
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
            Sight::Absent | Sight::InTransition | Sight::Ours => {
                self.note_start(world, worker, Next::Call);
            }
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

    /// Which id is looked at first.
    fn first_id(&self) -> Id {
        if self.safeguards.lag_comes_last {
            Id::Parent
        } else {
            Id::Lag
        }
    }

    /// The first look has shown `seen`. A second one is taken where the next step would go by what is missing.
    pub(crate) fn look(&self, world: &mut World, worker: usize, seen: Sight) {
        let Some(Attempt {
            claim,
            next: Next::Look(why),
        }) = &world.workers[worker]
        else {
            return;
        };
        let (why, settled) = (*why, claim.call_started.is_settled());
        let here = self.recognized(seen);
        let is_conclusive = match why {
            Why::TookOver => here == Sight::Ours || (!settled && self.safeguards.settle_wait),
            Why::NoAnswer => true,
            Why::Refused { .. } => here != Sight::Absent,
        };
        // Where the parent neither joins a LAG nor changes, there is nothing else to see.
        let is_all = !(self.scenario.joins || self.scenario.transitions);
        let next = if is_conclusive || is_all {
            let sight = here;
            Next::Decide {
                why,
                sight,
                settled,
            }
        } else {
            Next::LookAround { why, here, settled }
        };
        go(world, worker, next);
    }

    fn look_around(&self, world: &World, vlan: Vlan, why: Why, here: Sight) -> Sight {
        let other = if self.safeguards.lag_comes_last {
            Id::Lag
        } else {
            Id::Parent
        };
        let there = if self.safeguards.both_ids {
            self.recognized(world.sight(vlan, other))
        } else {
            Sight::Absent
        };
        match (here, there) {
            (Sight::Ours, _) | (_, Sight::Ours) => Sight::Ours,
            (Sight::Foreign, _) | (_, Sight::Foreign) => Sight::Foreign,
            (_, _) if matches!(why, Why::Refused { .. }) && world.in_transition => {
                Sight::InTransition
            }
            (_, _) => Sight::Absent,
        }
    }

    /// Somebody else's connection may look as asked. Then another key's record tells that it is not ours.
    fn recognized(&self, seen: Sight) -> Sight {
        match seen {
            Sight::Foreign if !self.safeguards.twins_are_told => Sight::Ours,
            seen => seen,
        }
    }

    /// Direct Connect said no to this attempt's call.
    pub(crate) fn refused(&self, world: &mut World, worker: usize, passing: bool) {
        if self.safeguards.look_before_refusal {
            go(world, worker, Next::Look(Why::Refused { passing }));
        } else {
            self.settle(world, worker, Outcome::Rejected);
        }
    }

    /// Direct Connect said no, and this is what it shows.
    fn go_by_refusal(
        &self,
        world: &mut World,
        worker: usize,
        claim: &Claim,
        sight: Sight,
        passing: bool,
    ) {
        match sight {
            // An earlier call has landed after all.
            Sight::Ours if claim.unanswered => {
                self.settle(world, worker, Outcome::Allocated(claim.vlan));
            }
            // This very call may have made it, and Direct Connect refused its own repetition: what is chosen was free, and what
            // is given is not confirmed so soon.
            Sight::Ours
                if self.safeguards.refusal_settles
                    && (self.scenario.automatic || !world.confirmed) =>
            {
                go(world, worker, Next::LeaveUnresolved);
            }
            Sight::Ours | Sight::Foreign => self.vlan_occupied(world, worker, claim),
            Sight::InTransition if self.safeguards.transition_waits => {
                go(world, worker, Next::LeaveWaiting);
            }
            Sight::InTransition | Sight::Absent => {
                world.rejected_in_transition |= passing;
                self.settle(world, worker, Outcome::Rejected);
            }
        }
    }

    /// Direct Connect does not show the parent's connections to us. Those of a LAG's member may be under the LAG's id.
    pub(crate) fn not_shown(&self, world: &mut World, worker: usize) {
        if world.joined {
            self.look(world, worker, Sight::Absent);
        } else {
            go(world, worker, Next::LeaveUnresolved);
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

/// The order is set aside, so that the sweeper goes on with it. A key that has a record keeps it.
pub(crate) fn park(world: &mut World) {
    world.record.get_or_insert(Record {
        phase: Phase::Parked,
        vlan: 0,
        leased: false,
        call_started: Age::SETTLED,
        unanswered: false,
        marked: false,
    });
}
