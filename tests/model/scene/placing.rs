//! An order by place, after `shared/allocation/src/placing.rs` and `allocate.rs`: the two places are one VLAN on two parents, both of
//! which will do. The first is the better one; the other is taken where the first has no room, has given the VLAN away, or refuses.

use transitions::{LeaseWrite, Name, PolicyWrite, State};

use super::Scene;
use super::adopting::blank;
use super::items::{Item, Record};
use super::ordering::make;
use super::request::{Answer, OnLease, Request};
use super::world::{At, Connection, Then, World};

/// The key of the order by place, and the connection that its call makes.
pub(crate) const PLACED: u8 = 0;
/// A connection that somebody makes by hand.
pub(crate) const FOREIGN: u8 = 2;

/// What an attempt knows of what it has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Claim {
    pub(crate) token: u8,
    pub(crate) at: u8,
    /// The start of its call, as it is on the record.
    pub(crate) start: u8,
    /// Whether an earlier call has no answer.
    pub(crate) unanswered: bool,
    /// The parents that this attempt does not try any more.
    pub(crate) passed: Passed,
}

/// By place, whether it is passed over.
pub(crate) type Passed = [bool; 2];

impl Scene {
    /// A delivery, or the sweeper: reads the record.
    pub(crate) fn place(&self, world: &World) -> At {
        let Some(record) = world.record(PLACED) else {
            return claim_next(world, None, [false; 2]);
        };
        match record.state {
            State::Waiting if !record.has_vlan => claim_next(world, Some(record), [false; 2]),
            State::Calling | State::Unresolved => {
                let take = Request {
                    fresh: world.fresh(),
                    ..Request::on(Name::TakeOver, PLACED, &record)
                };
                At::Send(take, Then::PlacedTaken)
            }
            State::Allocated | State::Rejected if !record.published => At::Publish(record.token),
            State::Allocated | State::Rejected | State::Quarantined | State::Waiting => At::Idle,
        }
    }

    /// What it would choose by cannot be read: it is set aside, unless it is already.
    pub(crate) fn park(&self, request: &Request) -> At {
        match request.name {
            Name::Claim => At::Send(
                Request {
                    key: PLACED,
                    fresh: request.fresh,
                    ..blank(Name::SetAside)
                },
                Then::End,
            ),
            _ => At::Idle,
        }
    }

    /// The claim was let through, or the key is another's by now, or the parent does not take the order: the next one is tried.
    pub(crate) fn placed_claimed(
        &self,
        world: &World,
        request: &Request,
        (parked, passed): (Option<u8>, Passed),
        answer: Answer,
    ) -> At {
        match answer {
            Answer::Done => At::PlacedCall(Claim {
                token: request.fresh,
                at: request.at,
                start: request.now,
                unanswered: false,
                passed,
            }),
            Answer::Record => At::Read,
            Answer::Lease => {
                let mut passed = passed;
                passed[usize::from(request.at)] = true;
                let parked = parked.map(|token| Record {
                    token,
                    start: request.start,
                    ..Record::BLANK
                });
                claim_next(world, parked, passed)
            }
        }
    }

    pub(crate) fn placed_taken(&self, request: &Request, answer: Answer) -> At {
        match answer {
            Answer::Done => At::PlacedLook {
                claim: Claim {
                    token: request.fresh,
                    at: request.at,
                    start: request.start,
                    unanswered: true,
                    passed: [false; 2],
                },
                was_refused: false,
            },
            Answer::Record | Answer::Lease => At::Read,
        }
    }

    /// The call is answered as it should be.
    pub(crate) fn placed_call(&self, world: &mut World, claim: Claim) -> At {
        match make(world, PLACED, claim.at) {
            true => self.placed_allocated(claim),
            false => At::PlacedLook {
                claim,
                was_refused: true,
            },
        }
    }

    fn placed_allocated(&self, claim: Claim) -> At {
        let request = Request {
            outcome: Some(PLACED),
            ..owned(Name::RecordAllocated, claim)
        };
        At::Send(request, Then::Tell)
    }

    /// A look at the parent after a refusal, or after a call that may have taken effect.
    pub(crate) fn placed_look(&self, world: &World, claim: Claim, was_refused: bool) -> At {
        let shown = world.living_at(claim.at);
        let is_own = shown == Some(PLACED);
        let leave = At::Send(owned(Name::LeaveUnresolved, claim), Then::End);
        let reject = || {
            let request = owned(Name::RecordRejected, claim);
            At::Send(request.free(world, claim.at), Then::Tell)
        };
        if was_refused {
            return match is_own {
                true if claim.unanswered => self.placed_allocated(claim),
                // Direct Connect may have repeated the one call, and refused the repetition.
                true if self.flow.refusals_beside_own_wait => leave,
                _ if claim.unanswered => reject(),
                _ => pass_over(world, claim),
            };
        }
        let record = world.record(PLACED);
        let record = record.filter(|record| record.token == claim.token);
        let is_settled = record.is_some_and(|record| record.settled);
        match shown {
            Some(_) if is_own => self.placed_allocated(claim),
            Some(_) | None if !is_settled && self.flow.unanswered_keep_their_parent => leave,
            Some(_) | None if !is_settled => pass_over(world, claim),
            Some(_) => reject(),
            None => {
                let now = claim.start + 1;
                let begin = Request {
                    now,
                    ..owned(Name::BeginCall, claim)
                };
                let claim = Claim {
                    start: now,
                    ..claim
                };
                At::Send(begin, Then::PlacedBegun(claim))
            }
        }
    }

    /// The order is set aside: reads it, to claim it on the next parent.
    pub(crate) fn passed_over(&self, world: &World, token: u8, passed: Passed) -> At {
        let record = world.record(PLACED);
        let parked = record.filter(|record| {
            record.state == State::Waiting && !record.has_vlan && record.token == token
        });
        match parked {
            Some(parked) => claim_next(world, Some(parked), passed),
            None => At::Idle,
        }
    }
}

fn owned(name: Name, claim: Claim) -> Request {
    Request {
        key: PLACED,
        token: claim.token,
        at: claim.at,
        start: claim.start,
        ..blank(name)
    }
}

fn pass_over(world: &World, claim: Claim) -> At {
    let mut passed = claim.passed;
    passed[usize::from(claim.at)] = true;
    let request = owned(Name::PassOver, claim).free(world, claim.at);
    At::Send(request, Then::PassedOver(passed))
}

/// Claims key, parent and VLAN together on the best parent that is left; without any, the order is rejected.
fn claim_next(world: &World, parked: Option<Record>, passed: Passed) -> At {
    let request = |anew, set_aside| Request {
        key: PLACED,
        token: parked.map_or(0, |parked| parked.token),
        start: parked.map_or(0, |parked| parked.start),
        now: parked.map_or(0, |parked| parked.start + 1),
        fresh: world.fresh(),
        ..blank(if parked.is_some() { set_aside } else { anew })
    };
    let Some(at) = (0..2).find(|at| !passed[usize::from(*at)]) else {
        let no = request(Name::RejectUnclaimed, Name::RejectSetAside);
        return At::Send(no, Then::PlacedRejected);
    };
    let claim = Request {
        at,
        ..request(Name::Claim, Name::ClaimSetAside)
    };
    let lease = OnLease {
        at,
        write: LeaseWrite::Take,
        connection: None,
        counted: true,
    };
    let claim = claim.with(lease).counting(at, PolicyWrite::Sell, 1);
    let parked = parked.map(|parked| parked.token);
    At::Send(claim, Then::PlacedClaimed { parked, passed })
}

impl World {
    /// Where a call of the order by place may land, or has landed, there the order is.
    pub(crate) fn stays(&self) -> bool {
        if !self.is_placed {
            return true;
        }
        let on_wire = self.call.filter(|(id, _)| *id == PLACED).map(|(_, at)| at);
        let living = match self.connection(PLACED) {
            Connection::Living(at) => Some(at),
            Connection::Deleted(_) | Connection::Nowhere => None,
        };
        [on_wire, living].into_iter().flatten().all(|at| {
            let is_leased = self.lease(at).and_then(|lease| lease.holder) == Some(PLACED);
            let is_there = |record: Record| {
                record.has_vlan && record.at == at && record.state != State::Rejected
            };
            is_leased && self.record(PLACED).is_some_and(is_there)
        })
    }
}
