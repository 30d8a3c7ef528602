//! What one attempt does: claim, call, look, record, publish, mark. Each step is one request to AWS, and whatever is
//! concluded from its answer.

use transitions::{Given, Name, State};

use crate::given::Protocol;
use crate::world::{Age, Attempt, Claim, Id, Next, Outcome, Sight, VLANS, Vlan, Why, World};
use crate::writing::{Value, brought_with, taking_over};

impl Protocol {
    /// A delivery reaches an idle worker: it claims the key, goes to take it over, or answers with what there is.
    pub(crate) fn claim(&self, world: &mut World, worker: usize) {
        // A given VLAN needs no look: the refused write tells what there is.
        if !self.scenario.automatic && self.claim_first(world, worker, Some(0), false) {
            return;
        }
        let Some(record) = &world.record else {
            return self.choose(world, worker, false);
        };
        if record.is_parked() {
            return self.choose(world, worker, true);
        }
        if let Some(outcome) = record.outcome() {
            return self.replay(world, worker, outcome);
        }
        if !self.may(taking_over(record.state), record) {
            return;
        }
        let claim = Claim {
            owns: true,
            vlan: record.vlan.unwrap_or_default(),
            call_started: record.call_started,
            knows_start: true,
            unanswered: record.unanswered,
        };
        let next = Next::TakeOver(record.state);
        world.workers[worker] = Some(Attempt { claim, next });
    }

    /// Takes over what was read, or goes by what is there instead.
    fn take_over(&self, world: &mut World, worker: usize, seen: State) {
        let name = taking_over(seen);
        let more = [(Given::SeenState, Value::State(seen))];
        if !self.write_own(world, worker, name, &more) {
            world.workers[worker] = None;
            return self.claim(world, worker);
        }
        let must_look = name == Name::TakeOver;
        if let Some(attempt) = &mut world.workers[worker] {
            attempt.claim.unanswered |= must_look;
        }
        let next = if must_look {
            Next::Look(Why::TookOver)
        } else {
            Next::Call
        };
        go(world, worker, next);
    }

    /// A VLAN is chosen by a look, and claimed by a write after it.
    fn choose(&self, world: &mut World, worker: usize, parked: bool) {
        // Of a parent that has just joined a LAG nobody has noted yet that it did.
        let is_free = |vlan: &Vlan| world.sight(*vlan, Id::Parent) == Sight::Absent;
        let vlan = (0..VLANS).find(is_free);
        let claim = Claim {
            owns: parked,
            ..Claim::NONE
        };
        world.workers[worker] = Some(Attempt {
            claim,
            next: Next::Claim { vlan, parked },
        });
    }

    /// Claims the key with its VLAN, or rejects the order if there is none. Tells whether that was let through.
    fn claim_first(
        &self,
        world: &mut World,
        worker: usize,
        free: Option<Vlan>,
        parked: bool,
    ) -> bool {
        let name = match (free, parked) {
            (Some(_), false) => Name::Claim,
            (Some(_), true) => Name::ClaimSetAside,
            (None, false) => Name::RejectUnclaimed,
            (None, true) => Name::RejectSetAside,
        };
        let mut more = vec![(Given::Outcome, Value::Outcome(Outcome::Rejected))];
        more.extend(free.map(|vlan| (Given::Vlan, Value::Vlan(vlan))));
        if !self.write_own(world, worker, name, &more) {
            return false;
        }
        let claim = Claim {
            owns: true,
            vlan: free.unwrap_or_default(),
            call_started: Age::NEW,
            knows_start: true,
            unanswered: false,
        };
        let next = match free {
            Some(_) => Next::Call,
            None => Next::Publish(Outcome::Rejected),
        };
        world.workers[worker] = Some(Attempt { claim, next });
        true
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
            Next::Claim { vlan, parked } => {
                if !self.claim_first(world, worker, vlan, parked) {
                    world.workers[worker] = None;
                    self.claim(world, worker);
                }
            }
            Next::TakeOver(seen) => self.take_over(world, worker, seen),
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
            Next::LeaveUnresolved => self.leave(world, worker, Name::LeaveUnresolved),
            Next::LeaveWaiting => self.leave(world, worker, Name::LeaveWaiting),
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
                let name = match outcome {
                    Outcome::Allocated(_) => Name::MarkAllocated,
                    Outcome::Rejected => Name::MarkRejected,
                };
                // Whoever publishes an outcome has recorded or read it, and nobody gives a record that has one another token.
                let mut brought = brought_with(&claim, world.record.as_ref());
                brought.push((Given::Token, Value::Token));
                self.write(world, name, &brought);
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
        if !settled && self.safeguards.settle_wait {
            return go(world, worker, Next::LeaveUnresolved);
        }
        // From here on the last call counts as never made, but not so surely that another VLAN would do.
        match sight {
            Sight::Foreign => self.settle(world, worker, Outcome::Rejected),
            Sight::Absent | Sight::InTransition | Sight::Ours => {
                let stays = self.safeguards.same_vlan || !self.scenario.automatic;
                let next = if stays {
                    Next::Call
                } else {
                    Next::MoveToOtherVlan
                };
                self.note_start(world, worker, next);
            }
        }
    }

    /// Whether the order may go to another VLAN.
    fn may_move(&self, claim: &Claim) -> bool {
        self.scenario.automatic && !(claim.unanswered && self.safeguards.unanswered_stays)
    }

    fn note_start(&self, world: &mut World, worker: usize, next: Next) {
        if self.fenced(world, worker, Name::BeginCall, &[]) {
            go(world, worker, next);
        }
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
        let more = [(Given::Vlan, Value::Vlan(to))];
        if !self.fenced(world, worker, Name::SwitchVlan, &more) {
            return;
        }
        if let Some(attempt) = &mut world.workers[worker] {
            attempt.claim.vlan = to;
        }
        go(world, worker, Next::Call);
    }

    fn leave(&self, world: &mut World, worker: usize, name: Name) {
        if self.fenced(world, worker, name, &[]) {
            world.end(worker);
        }
    }

    fn record(&self, world: &mut World, worker: usize, outcome: Outcome) {
        let name = match outcome {
            Outcome::Allocated(_) => Name::RecordAllocated,
            Outcome::Rejected => Name::RecordRejected,
        };
        let more = [(Given::Outcome, Value::Outcome(outcome))];
        if self.fenced(world, worker, name, &more) {
            let published = world.events.contains(&outcome) && !self.safeguards.record_first;
            let next = if published {
                Next::Mark(outcome)
            } else {
                Next::Publish(outcome)
            };
            go(world, worker, next);
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

    /// A write of an attempt. One that lost its token answers with what the winner made of it.
    fn fenced(
        &self,
        world: &mut World,
        worker: usize,
        name: Name,
        more: &[(Given, Value)],
    ) -> bool {
        if self.write_own(world, worker, name, more) {
            return true;
        }
        let outcome = world.record.as_ref().and_then(|record| record.outcome());
        match outcome {
            Some(outcome) => self.replay(world, worker, outcome),
            None => world.end(worker),
        }
        false
    }

    /// The order is set aside, so that the sweeper goes on with it. A key that has a record keeps it.
    pub(crate) fn park(&self, world: &mut World, worker: usize) {
        let brought = brought_with(&Claim::NONE, world.record.as_ref());
        self.write(world, Name::SetAside, &brought);
        world.end(worker);
    }
}

pub(crate) fn go(world: &mut World, worker: usize, next: Next) {
    if let Some(attempt) = &mut world.workers[worker] {
        attempt.next = next;
    }
}
