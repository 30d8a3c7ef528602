//! An order on one of the places, in short: the machine of an order has it at length.

use transitions::{LeaseWrite, Name, PolicyWrite, State};

use super::Scene;
use super::adopting::blank;
use super::request::{Answer, OnLease, Request};
use super::world::{At, Connection, ONE_CONNECTION, Then, World};

/// The connection that the order's call makes.
pub(crate) const MADE: u8 = 1;

impl Scene {
    /// A delivery, or the sweeper: reads the record.
    pub(crate) fn order(&self, world: &World, (key, at): (u8, u8)) -> At {
        let Some(record) = world.record(key) else {
            let claim = Request {
                key,
                at,
                fresh: world.fresh(),
                ..blank(Name::Claim)
            };
            let lease = OnLease {
                at,
                write: LeaseWrite::Take,
                connection: None,
                counted: true,
            };
            let parent = world.parent_of(at);
            let claim = claim.with(lease).counting(parent, PolicyWrite::Sell, 1);
            return At::Send(claim, Then::Claimed);
        };
        match record.state {
            State::Calling | State::Unresolved => {
                let take = Request {
                    fresh: world.fresh(),
                    ..Request::on(Name::TakeOver, key, &record)
                };
                At::Send(take, Then::ReconcileOn)
            }
            State::Allocated | State::Rejected if !record.published => At::Publish(record.token),
            State::Allocated | State::Rejected | State::Quarantined | State::Waiting => At::Idle,
        }
    }

    pub(crate) fn claimed(&self, key: u8, request: &Request, answer: Answer) -> At {
        match answer {
            Answer::Done => At::Call(request.fresh),
            Answer::Record => At::Read,
            // The VLAN is taken.
            Answer::Lease => {
                let no = Request {
                    key,
                    at: request.at,
                    fresh: request.fresh,
                    ..blank(Name::RejectUnclaimed)
                };
                At::Send(no, Then::Tell)
            }
        }
    }

    /// The call is answered as it should be.
    pub(crate) fn call(&self, world: &mut World, (key, token): (u8, u8)) -> At {
        let Some(at) = world.record(key).map(|record| record.at) else {
            return At::Idle;
        };
        let lands = make(world, MADE, at);
        match lands {
            true => self.record_allocated(world, (key, token), MADE),
            // Refused: the VLAN is taken.
            false => At::Reconcile { token, open: false },
        }
    }

    fn record_allocated(&self, world: &World, (key, token): (u8, u8), id: u8) -> At {
        let Some(record) = world.record(key) else {
            return At::Idle;
        };
        let request = Request {
            token,
            outcome: Some(id),
            ..Request::on(Name::RecordAllocated, key, &record)
        };
        At::Send(request, Then::Tell)
    }

    /// A look at the place: its own connection, somebody else's, or nothing.
    pub(crate) fn reconcile(&self, world: &World, (key, token): (u8, u8), open: bool) -> At {
        let Some(record) = world.record(key) else {
            return At::Idle;
        };
        // Shown elsewhere, it was moved: that is for a person.
        let is_away = match world.connection(MADE) {
            Connection::Living(at) => at != record.at,
            Connection::Deleted(_) | Connection::Nowhere => false,
        };
        let open = is_away || (open && !record.settled);
        match world.living_at(record.at) {
            Some(MADE) if world.owner_of(MADE).is_none_or(|owner| owner == key) => {
                self.record_allocated(world, (key, token), MADE)
            }
            Some(_) if !open => {
                let request = Request {
                    token,
                    ..Request::on(Name::RecordRejected, key, &record)
                };
                At::Send(request.free(world, record.at), Then::Tell)
            }
            None if !open => At::Call(token),
            Some(_) | None => {
                let request = Request {
                    token,
                    ..Request::on(Name::LeaveUnresolved, key, &record)
                };
                At::Send(request, Then::End)
            }
        }
    }
}

/// A call lands.
pub(crate) fn make(world: &mut World, id: u8, at: u8) -> bool {
    let is_free = world.living_at(at).is_none();
    let is_first = world.connection(id) == Connection::Nowhere;
    // On another parent the VLAN of an order's first connection is free.
    if is_free && !is_first && world.is_placed {
        world.broken = Some(ONE_CONNECTION);
    }
    if is_free && is_first {
        world.connections[usize::from(id)] = Connection::Living(at);
    }
    is_free && is_first
}
