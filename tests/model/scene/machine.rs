//! What can happen in a scene: somebody's next request is answered, or something goes wrong.

use stateright::{Model, Property};
use transitions::{Name, State};

use super::Scene;
use super::adopting::blank;
use super::end::ends;
use super::items::Record;
use super::ordering::{MADE, make};
use super::placing::{Claim, FOREIGN, PLACED};
use super::request::{Answer, Request};
use super::world::{
    ACTORS, Actor, At, BOTH_EVENTS, COUNTED, Connection, ENDED, KEPT, MOVED_ONCE, ONE_CONNECTION,
    ONE_FACT, ONE_LEASE, ONE_RECORD, Role, STAYS, TOLD_FIRST, Then, VLAN_KEPT, World,
};

/// Whatever can happen in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    /// Somebody begins, or the next request is answered as it should be.
    Step(usize),
    Kill(usize),
    /// The request takes effect, and its answer is lost: it is repeated.
    LoseAnswer(usize),
    /// It is on the wire, and its sender is gone.
    LeaveLate(usize),
    /// It takes effect and is answered, and its repetition lands later.
    Repeat(usize),
    LandLate,
    LoseLate,
    /// A call has no answer: it took effect, or is on the wire, or was refused.
    CallUnheard(usize),
    LeaveCall(usize),
    Refuse(usize),
    /// Direct Connect repeats the call that it has carried out, and refuses the repetition.
    RefuseRepetition(usize),
    LandCall,
    LoseCall,
    /// The settle time of all calls is over.
    Settle,
    Delete,
    MoveByHand,
    /// Somebody else's connection comes to the first place.
    Occupy,
    /// The first parent has no more room than is sold.
    Fill,
    /// What an order by place is chosen by cannot be read.
    Unread(usize),
}

impl Role {
    pub(crate) const fn key(self) -> u8 {
        match self {
            Self::Adopt { key, .. }
            | Self::Forget { key }
            | Self::Order { key, .. }
            | Self::Release { key }
            | Self::Move { key, .. }
            | Self::Follow { key }
            | Self::Finish { key }
            | Self::ResolveAdopted { key, .. }
            | Self::ResolveRejected { key } => key,
            Self::Note { .. } | Self::Place => 0,
        }
    }
}

impl Model for Scene {
    type State = World;
    type Action = Happening;

    fn init_states(&self) -> Vec<World> {
        let mut worlds = (self.begins)();
        worlds.iter_mut().for_each(World::tidy);
        worlds
    }

    fn actions(&self, world: &World, happenings: &mut Vec<Happening>) {
        for one in 0..ACTORS {
            let Some(actor) = world.actors[one] else {
                continue;
            };
            happenings.push(Happening::Step(one));
            match actor.at {
                At::Idle => continue,
                At::Send(_, _) => {
                    happenings.extend([Happening::LoseAnswer(one), Happening::LeaveLate(one)]);
                    if world.is_placed {
                        happenings.extend([Happening::Repeat(one), Happening::Unread(one)]);
                    }
                }
                At::PlacedCall(_) => happenings.extend([
                    Happening::CallUnheard(one),
                    Happening::LeaveCall(one),
                    Happening::Refuse(one),
                    Happening::RefuseRepetition(one),
                ]),
                At::Call(_) => {
                    happenings.extend([Happening::CallUnheard(one), Happening::LeaveCall(one)]);
                }
                At::Associate(seen) if self.sends(seen) => happenings.extend([
                    Happening::CallUnheard(one),
                    Happening::LeaveCall(one),
                    Happening::Refuse(one),
                ]),
                _ => {}
            }
            happenings.push(Happening::Kill(one));
        }
        happenings.extend([
            Happening::LandLate,
            Happening::LoseLate,
            Happening::LandCall,
            Happening::LoseCall,
            Happening::Settle,
            Happening::Delete,
            Happening::MoveByHand,
        ]);
        if world.is_placed {
            happenings.extend([Happening::Occupy, Happening::Fill]);
        }
    }

    fn next_state(&self, world: &World, happening: Happening) -> Option<World> {
        if world.broken.is_some() {
            return None;
        }
        let mut next = *world;
        self.happen(&mut next, happening);
        next.tidy();
        (next != *world).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always(ONE_RECORD, |_, world: &World| world.has_one_record_each()),
            Property::always(ONE_LEASE, |_, world: &World| world.leases_are_right()),
            Property::always(COUNTED, |_, world: &World| world.counts_are_right()),
            Property::always(VLAN_KEPT, |_, world: &World| {
                world.broken != Some(VLAN_KEPT) && world.keeps_vlans()
            }),
            Property::always(STAYS, |_, world: &World| world.stays()),
            Property::always(ENDED, |scene: &Self, world: &World| {
                world.broken.is_some() || !is_quiet(world) || ends(scene, world)
            }),
        ];
        all.extend([
            Property::always(ONE_CONNECTION, |_, world: &World| {
                world.broken != Some(ONE_CONNECTION)
            }),
            Property::always(KEPT, |_, world: &World| world.broken != Some(KEPT)),
            Property::always(TOLD_FIRST, |_, world: &World| {
                world.broken != Some(TOLD_FIRST)
            }),
            Property::always(BOTH_EVENTS, |_, world: &World| {
                world.broken != Some(BOTH_EVENTS)
            }),
            Property::always(ONE_FACT, |_, world: &World| world.broken != Some(ONE_FACT)),
            Property::always(MOVED_ONCE, |_, world: &World| {
                world.broken != Some(MOVED_ONCE)
            }),
        ]);
        all
    }
}

/// Nobody is at work and nothing is on the wire. From anywhere it can come to that without anything else being done.
fn is_quiet(world: &World) -> bool {
    let is_idle = |actor: &Actor| actor.at == At::Idle;
    let on_wire = world.call.is_some() || world.association.is_some();
    world.actors.iter().flatten().all(is_idle) && world.late.is_none() && !on_wire
}

impl Scene {
    pub(crate) fn happen(&self, world: &mut World, happening: Happening) {
        match happening {
            Happening::Step(one) => self.step(world, one),
            Happening::Kill(one) => world.put(one, At::Idle),
            Happening::LoseAnswer(one) => {
                if let Some(request) = world.sent(one).filter(|_| world.may.be_lost) {
                    world.may.be_lost = false;
                    self.commit(world, &request);
                }
            }
            Happening::LeaveLate(one) => {
                if let Some(request) = world.sent(one).filter(|_| world.may.be_late) {
                    world.may.be_late = false;
                    world.late = Some(request);
                    world.put(one, At::Idle);
                }
            }
            Happening::Repeat(one) => {
                let sent = world.sent(one).filter(|request| request.key == PLACED);
                if let Some(request) = sent.filter(|_| world.may.be_late) {
                    world.may.be_late = false;
                    world.late = Some(request);
                    self.step(world, one);
                }
            }
            Happening::LandLate => {
                if let Some(request) = world.late.take() {
                    self.commit(world, &request);
                }
            }
            Happening::LoseLate => world.late = None,
            Happening::CallUnheard(one) => self.call_unheard(world, one, true),
            Happening::LeaveCall(one) => {
                if world.may.stay_on_wire {
                    world.may.stay_on_wire = false;
                    self.call_unheard(world, one, false);
                }
            }
            Happening::Refuse(one) => {
                let next = match world.actors[one].map(|actor| actor.at) {
                    Some(At::Associate(seen)) => self.associated(seen, true),
                    Some(At::PlacedCall(claim)) => At::PlacedLook {
                        claim,
                        was_refused: true,
                    },
                    _ => return,
                };
                world.put(one, next);
            }
            Happening::RefuseRepetition(one) => {
                let actor = world.actors[one].filter(|_| world.may.be_repeated);
                if let Some(At::PlacedCall(claim)) = actor.map(|actor| actor.at) {
                    world.may.be_repeated = false;
                    make(world, PLACED, claim.at);
                    let next = At::PlacedLook {
                        claim,
                        was_refused: true,
                    };
                    world.put(one, next);
                }
            }
            Happening::LandCall => {
                if let Some((id, at)) = world.call.take() {
                    make(world, id, at);
                }
                if let Some(to) = world.association.take() {
                    world.arrive_as_asked(0, to);
                }
            }
            Happening::LoseCall => (world.call, world.association) = (None, None),
            Happening::Settle => {
                // Requests settle, and a call is sent within its window.
                let calls =
                    |at: At| matches!(at, At::Call(_) | At::PlacedCall(_) | At::Associate(_));
                let is_open = world.call.is_some() || world.association.is_some();
                if !is_open && !world.actors.iter().flatten().any(|actor| calls(actor.at)) {
                    Self::settle(world);
                }
            }
            Happening::Delete => {
                if world.may.delete {
                    world.may.delete = false;
                    world.delete(0);
                }
            }
            Happening::MoveByHand => {
                if world.may.move_by_hand {
                    world.move_by_hand();
                }
            }
            Happening::Occupy => {
                if world.may.occupy && world.living_at(0).is_none() {
                    world.may.occupy = false;
                    world.connections[usize::from(FOREIGN)] = Connection::Living(0);
                }
            }
            Happening::Fill => {
                if world.may.fill {
                    world.may.fill = false;
                    world.policies[0].limit = world.policies[0].sold;
                }
            }
            Happening::Unread(one) => {
                let actor = world.actors[one].filter(|_| world.may.be_unread);
                if let Some(At::Send(request, Then::PlacedClaimed { .. })) =
                    actor.map(|actor| actor.at)
                {
                    world.may.be_unread = false;
                    world.put(one, self.park(&request));
                }
            }
        }
    }

    /// Whether the next step sends the request to move the connection.
    fn sends(&self, seen: Record) -> bool {
        let is_late = seen.life().moving.is_some_and(|moving| moving.settled);
        !is_late || !self.flow.late_calls_are_noted
    }

    /// The call takes effect, or stays on the wire; nobody hears of it.
    fn call_unheard(&self, world: &mut World, one: usize, lands: bool) {
        let Some(actor) = world.actors[one] else {
            return;
        };
        let next = match actor.at {
            At::Call(token) => {
                if let Some(at) = world.record(actor.role.key()).map(|record| record.at) {
                    match lands {
                        true => drop(make(world, MADE, at)),
                        false => world.call = Some((MADE, at)),
                    }
                }
                At::Reconcile { token, open: true }
            }
            At::PlacedCall(claim) => {
                match lands {
                    true => drop(make(world, PLACED, claim.at)),
                    false => world.call = Some((PLACED, claim.at)),
                }
                At::PlacedLook {
                    claim: Claim {
                        unanswered: true,
                        ..claim
                    },
                    was_refused: false,
                }
            }
            At::Associate(seen) => {
                if let Some(moving) = seen.life().moving {
                    match lands {
                        true => drop(self.associate(world, actor.role.key(), seen)),
                        false => world.association = Some(moving.to),
                    }
                }
                self.associated(seen, false)
            }
            at => at,
        };
        world.put(one, next);
    }

    pub(crate) fn step(&self, world: &mut World, one: usize) {
        let Some(actor) = world.actors[one] else {
            return;
        };
        let next = match actor.at {
            At::Idle => {
                if actor.runs == 0 {
                    return;
                }
                let next = self.begin(world, actor.role);
                if next == At::Idle {
                    return;
                }
                if let Some(actor) = &mut world.actors[one] {
                    actor.runs -= 1;
                }
                next
            }
            At::Read => self.begin(world, actor.role),
            at => self.go_on(world, actor.role, at),
        };
        let comes_back = match actor.role {
            // An attempt that lost its record ends; two that came back for ever would call for ever.
            Role::Follow { .. } | Role::Finish { .. } | Role::Note { .. } | Role::Place => false,
            Role::Adopt { .. }
            | Role::Forget { .. }
            | Role::Order { .. }
            | Role::Release { .. }
            | Role::Move { .. }
            | Role::ResolveAdopted { .. }
            | Role::ResolveRejected { .. } => true,
        };
        world.put(
            one,
            match next {
                At::Read if !comes_back => At::Idle,
                next => next,
            },
        );
    }

    pub(crate) fn begin(&self, world: &World, role: Role) -> At {
        match role {
            Role::Adopt { .. } => self.survey(world),
            Role::Forget { key } => self.forget(world, key),
            Role::Order { key, at } => self.order(world, (key, at)),
            Role::Place => self.place(world),
            Role::Release { key } => self.release(world, key),
            Role::Move { key, to } => self.mover(world, (key, to)),
            Role::Follow { key } => At::LookAtSecond {
                first: self.look_at(world, key, 0),
            },
            Role::Finish { key } => self.finish(world, key),
            Role::Note { at } => At::Noted {
                shown: world.living_at(at),
            },
            Role::ResolveAdopted { .. } | Role::ResolveRejected { .. } => self.resolve(world, role),
        }
    }

    fn go_on(&self, world: &mut World, role: Role, at: At) -> At {
        let key = role.key();
        let place = role.place();
        match at {
            At::Idle | At::Read => At::Idle,
            At::Send(request, then) => {
                let answer = self.commit(world, &request);
                self.answered(world, role, &request, then, answer)
            }
            At::Publish(token) => {
                world.tell(token, 0);
                At::Send(mark(world, key, token), Then::End)
            }
            At::PublishOwed(seen) => self.publish_owed(world, key, seen),
            At::Look { before } => self.look_to_adopt(world, place, before),
            At::ReadElsewhere { before, shown } => At::Judge {
                before,
                after: world.lease(1 - place),
                shown,
            },
            At::Judge {
                before,
                after,
                shown,
            } => self.judge(world, (key, place), (before, after), shown),
            At::AskHolder { shown } => self.ask_holder(world, (key, place), shown),
            At::Call(token) => self.call(world, (key, token)),
            At::Reconcile { token, open } => self.reconcile(world, (key, token), open),
            At::PlacedCall(claim) => self.placed_call(world, claim),
            At::PlacedLook { claim, was_refused } => self.placed_look(world, claim, was_refused),
            At::PassedOver { token, passed } => self.passed_over(world, token, passed),
            At::LookAround(seen) => self.look_around(world, (key, place), seen),
            At::Associate(seen) => self.associate(world, key, seen),
            At::Whereabouts {
                seen,
                asked,
                had_no_effect,
            } => {
                let asks = !asked
                    && matches!(role, Role::Move { to, .. }
                    if seen.life().moving.is_some_and(|moving| moving.to == to));
                self.end_move(world, (key, asks), seen, had_no_effect)
            }
            At::Delete(seen) => self.delete(world, seen),
            At::LookForDeleted(seen) => self.look_for_deleted(world, key, seen),
            At::LookAtSecond { first } => match (first, self.look_at(world, key, 1)) {
                (Some(deleted), None) => At::Sort { place: 0, deleted },
                (None, Some(deleted)) => At::Sort { place: 1, deleted },
                // Nowhere, or it moved between the looks.
                (None, None) | (Some(_), Some(_)) => At::Idle,
            },
            At::Sort { place, deleted } => self.sort(world, key, place, deleted),
            At::Confirm { place } => match self.look_at(world, key, place) {
                Some(false) => At::Seen {
                    place,
                    deleted: false,
                },
                Some(true) | None => At::Idle,
            },
            At::Seen { place, deleted } => self.follow(world, key, place, deleted),
            At::Noted { shown } => self.note(world, place, shown),
            At::Check(seen) => self.check(world, role, seen),
            At::Settle { seen, place } => self.take(world, role, seen, place),
        }
    }

    fn answered(
        &self,
        world: &mut World,
        role: Role,
        request: &Request,
        then: Then,
        answer: Answer,
    ) -> At {
        let key = role.key();
        let place = role.place();
        let is_done = answer == Answer::Done;
        match then {
            Then::End => At::Idle,
            Then::Tell if is_done => At::Publish(request.fresh.max(request.token)),
            Then::Tell => At::Read,
            Then::Adopted { shown } => self.adopted(world, key, request, shown, answer),
            Then::AdoptNow { shown } => self.adopt_now(world, (key, place), shown),
            Then::Claimed => self.claimed(key, request, answer),
            Then::PlacedClaimed { parked, passed } => {
                self.placed_claimed(world, request, (parked, passed), answer)
            }
            Then::PlacedTaken => self.placed_taken(request, answer),
            Then::PlacedBegun(claim) if is_done => At::PlacedCall(claim),
            Then::PlacedRejected if is_done => At::Publish(request.fresh),
            Then::PassedOver(passed) if is_done => At::PassedOver {
                token: request.token,
                passed,
            },
            Then::PlacedBegun(_) | Then::PlacedRejected | Then::PassedOver(_) => At::Read,
            Then::ReconcileOn if is_done => At::Reconcile {
                token: request.fresh,
                open: true,
            },
            Then::ReconcileOn => At::Read,
            Then::Begun => self.begun(world, key, answer),
            Then::Moved(seen) => self.moved(world, key, seen, answer),
            Then::Amended(seen, amend) => self.written(world, key, (seen, amend), answer),
            Then::Resolved => self.resolved(world, role, request, answer),
        }
    }
}

/// That the first event of the record of that token is out. Who publishes knows the outcome, which does not change.
fn mark(world: &World, key: u8, token: u8) -> Request {
    let is_rejected = world
        .record(key)
        .is_some_and(|record| record.state == State::Rejected && record.token == token);
    Request {
        key,
        token,
        ..blank(match is_rejected {
            true => Name::MarkRejected,
            false => Name::MarkAllocated,
        })
    }
}

impl Role {
    fn place(self) -> u8 {
        match self {
            Self::Adopt { home, .. } => home,
            Self::Order { at, .. } | Self::Note { at } => at,
            Self::Move { to, .. } => to,
            Self::Forget { .. }
            | Self::Place
            | Self::Release { .. }
            | Self::Follow { .. }
            | Self::Finish { .. }
            | Self::ResolveAdopted { .. }
            | Self::ResolveRejected { .. } => 0,
        }
    }
}

impl World {
    fn put(&mut self, one: usize, at: At) {
        if let Some(actor) = &mut self.actors[one] {
            actor.at = at;
        }
    }

    /// Somebody associates what an order made, or what was there before.
    fn move_by_hand(&mut self) {
        for id in [MADE, 0] {
            if let Connection::Living(at) = self.connection(id) {
                self.may.move_by_hand = false;
                self.moved_by_hand = true;
                self.arrive(id, 1 - at);
                return;
            }
        }
    }

    fn sent(&self, one: usize) -> Option<Request> {
        self.actors[one].and_then(|actor| actor.at.sent())
    }
}
