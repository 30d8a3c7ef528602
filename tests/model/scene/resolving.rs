//! Ending a quarantine after a person has looked, after `shared/allocation/src/resolve.rs`.

use transitions::{LeaseWrite, Name, PolicyWrite, State};

use super::Scene;
use super::adopting::over;
use super::items::Record;
use super::request::{Answer, OnLease, Request};
use super::world::{At, Connection, Role, Then, World};

impl Scene {
    /// Reads the record.
    pub(crate) fn resolve(&self, world: &World, role: Role) -> At {
        let Some(record) = world.record(role.key()) else {
            return At::Idle;
        };
        match record.state {
            State::Quarantined => At::Check(record),
            State::Allocated | State::Rejected => decided(role, &record),
            State::Calling | State::Unresolved | State::Waiting => At::Idle,
        }
    }

    /// Looks at the parent.
    pub(crate) fn check(&self, world: &World, role: Role, seen: Record) -> At {
        let Role::ResolveAdopted { connection, .. } = role else {
            return self.reject(world, role.key(), &seen);
        };
        match world.connection(connection) {
            Connection::Living(place) => At::Settle { seen, place },
            Connection::Deleted(_) | Connection::Nowhere => At::Idle,
        }
    }

    /// Asks whose record has the connection, and writes.
    pub(crate) fn take(&self, world: &World, role: Role, seen: Record, place: u8) -> At {
        let Role::ResolveAdopted { key, connection } = role else {
            return At::Idle;
        };
        let holder = world.lease(place).and_then(|lease| lease.holder);
        let owner = world
            .owner_of(connection)
            .filter(|owner| Some(*owner) == holder);
        if self.flow.owners_are_asked && owner.is_some_and(|owner| owner != key) {
            return At::Idle;
        }
        let decision = |name| Request {
            fresh: world.fresh(),
            outcome: Some(connection),
            at: place,
            ..Request::on(name, key, &seen)
        };
        if place == seen.at {
            let counted = world.lease(place).is_some_and(|lease| lease.counted);
            let keep = OnLease {
                at: place,
                write: match counted {
                    true => LeaseWrite::KeepCounted,
                    false => LeaseWrite::KeepUncounted,
                },
                connection: Some(connection),
                counted,
            };
            return At::Send(decision(Name::ResolveAdopted).with(keep), Then::Resolved);
        }
        if self.flow.adoptions_settle && !seen.settled {
            return At::Idle;
        }
        let there = world.lease(place);
        let Some(write) = over(connection, there) else {
            return At::Idle;
        };
        let own = world.lease(seen.at).is_some_and(|lease| lease.counted);
        let was_counted = write == LeaseWrite::MoveInOverCounted;
        let take = OnLease {
            at: place,
            write,
            connection: Some(connection),
            counted: own || was_counted,
        };
        let (end, is_left) = end_of_lease(world, seen.at, self.flow.adoptions_look);
        let request = decision(Name::ResolveAdoptedElsewhere).with(take).with(end);
        let more = i8::from(own || was_counted) + i8::from(own && is_left)
            - i8::from(own)
            - i8::from(was_counted);
        let parent = world.parent_of(place);
        let request = match more {
            0 => request,
            more => request.counting(parent, PolicyWrite::Count, more),
        };
        At::Send(request, Then::Resolved)
    }

    /// Nothing of it may land any more; then what is shown on the VLAN keeps it.
    fn reject(&self, world: &World, key: u8, seen: &Record) -> At {
        if self.flow.rejections_settle && !seen.settled {
            return At::Idle;
        }
        let request = Request {
            fresh: world.fresh(),
            ..Request::on(Name::ResolveRejected, key, seen)
        };
        let (end, is_left) = end_of_lease(world, seen.at, self.flow.rejections_look);
        let request = match is_left {
            true => request.with(end),
            false => request.free(world, seen.at),
        };
        At::Send(request, Then::Resolved)
    }

    pub(crate) fn resolved(
        &self,
        world: &World,
        role: Role,
        request: &Request,
        answer: Answer,
    ) -> At {
        match (answer, world.record(role.key())) {
            (Answer::Done, _) => At::Publish(request.fresh),
            (Answer::Record, Some(found)) => decided(role, &found),
            // Whether it is counted has changed, or somebody has the VLAN: looked at anew.
            (Answer::Lease, _) => At::Read,
            (Answer::Record, None) => At::Idle,
        }
    }
}

/// The order's lease ends, or is left to what is shown on its VLAN, if that is looked at; and whether it is left.
fn end_of_lease(world: &World, at: u8, looks: bool) -> (OnLease, bool) {
    let own = world.lease(at).is_some_and(|lease| lease.counted);
    let shown = world.living_at(at).filter(|_| looks);
    let write = match (shown, own) {
        (Some(_), true) => LeaseWrite::LeaveCounted,
        (Some(_), false) => LeaseWrite::LeaveUncounted,
        (None, true) => LeaseWrite::FreeCounted,
        (None, false) => LeaseWrite::FreeUncounted,
    };
    let end = OnLease {
        at,
        write,
        connection: shown,
        counted: own && shown.is_some(),
    };
    (end, shown.is_some())
}

/// Somebody has decided. Whoever decided the same tells it.
fn decided(role: Role, record: &Record) -> At {
    let is_same = match role {
        Role::ResolveAdopted { connection, .. } => record.connection() == Some(connection),
        Role::ResolveRejected { .. } => record.state == State::Rejected,
        _ => false,
    };
    match is_same && !record.published {
        true => At::Publish(record.token),
        false => At::Idle,
    }
}
